"""The scenes that one run of a channel job works on."""

from __future__ import annotations

from .scene import Scene


class UnitOfWork(dict[str, Scene]):
    """Scenes by id. Remembers the new ones and the changed ones."""

    def __init__(self, known: dict[str, Scene]) -> None:
        super().__init__(known)
        self._read: dict[str, Scene | None] = dict(known)

    def update_known(self, more: dict[str, Scene]) -> None:
        """Add scenes as they were read."""
        self.update(more)
        self._read |= more

    def rewrite(self, scene: Scene) -> None:
        """Put in the new state of a scene that is in the store already."""
        self[scene.id] = scene
        self._read.setdefault(scene.id, None)

    @property
    def changed(self) -> list[Scene]:
        """The new scenes, and those that differ from what was read."""
        return [scene for scene_id, scene in self.items() if self._read.get(scene_id) is not scene]

    @property
    def added(self) -> list[str]:
        """The ids of the new scenes, which are not listed in their channel yet."""
        return [scene_id for scene_id in self if scene_id not in self._read]
