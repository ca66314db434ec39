"""The scenes that one look at a channel works on."""

from __future__ import annotations

from .scene import Scene


class UnitOfWork(dict[str, Scene]):
    """Scenes by id, remembering which of them are new and which were changed since they were read."""

    def __init__(self, known: dict[str, Scene]) -> None:
        super().__init__(known)
        self._read: dict[str, Scene | None] = dict(known)

    def update_known(self, more: dict[str, Scene]) -> None:
        """Add scenes as they were read."""
        self.update(more)
        self._read |= more

    def rewrite(self, scene: Scene) -> None:
        """Put in the new state of a scene that the store has already."""
        self[scene.id] = scene
        self._read.setdefault(scene.id, None)

    @property
    def changed(self) -> list[Scene]:
        """Those that differ from what was read, and the new ones."""
        return [scene for scene_id, scene in self.items() if self._read.get(scene_id) is not scene]

    @property
    def added(self) -> list[str]:
        """The ids of the new ones, which are not listed in their channel yet."""
        return [scene_id for scene_id in self if scene_id not in self._read]
