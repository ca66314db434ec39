"""Announces every scene to the host: once when it is queued, once at its end, in the process that did the work."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cachetools import LRUCache

from .. import faults
from ..domain.scene import Scene, SceneState, UnitOfWork
from .status import SceneStatus, ended_status, queued_status

log = logging.getLogger(__name__)

QUEUED, POSTED, FAILED = "scene_art_queued", "scene_art_posted", "scene_art_failed"
REMEMBERED = 5_000
"""Announcements that this process remembers, so that repeated work is not announced again."""

Dispatch = Callable[[str, SceneStatus], object]
Key = tuple[str, bool]
"""A scene's id, and True for its end."""


class Announcer:
    """Announces scenes once Redis has their records, so that it stays true after any crash. One per extension."""

    def __init__(
        self, dispatch: Dispatch = lambda *_: None, on_end: Callable[[SceneStatus], None] = lambda _: None
    ) -> None:
        """`dispatch` is the host's. `on_end` is called at each end in this process, too."""
        self._dispatch = dispatch
        self._on_end = on_end
        self._noted: LRUCache[Key, SceneStatus] = LRUCache(REMEMBERED)
        self._told: LRUCache[Key, None] = LRUCache(REMEMBERED)

    def note(self, scene: Scene) -> None:
        """Keep the end of `scene` for `release`."""
        self._note((scene.id, True), ended_status(scene))

    def release(self, scene_id: str) -> None:
        """Announce the end that was noted, since it is written down now."""
        self._tell((scene_id, True))

    def forget(self, scene_id: str) -> None:
        """Drop the end that was noted, since another process ends the scene."""
        self._noted.pop((scene_id, True), None)

    def queued(self, scene: Scene) -> None:
        """Announce a new scene."""
        self._note((scene.id, False), queued_status(scene))
        self._tell((scene.id, False))

    def ended(self, scene: Scene) -> None:
        """Announce the end of `scene`."""
        self.note(scene)
        self.release(scene.id)

    @contextmanager
    def writing(self, scenes: UnitOfWork) -> Iterator[None]:
        """Announce the new and the skipped scenes after the block, which writes them down, unless it fails.

        Every other end is announced where a scene's run ends.
        """
        queued = {(scene_id, False): queued_status(scenes[scene_id]) for scene_id in scenes.added}
        skipped = {(one.id, True): ended_status(one) for one in scenes.changed if one.state is SceneState.SKIPPED}
        for key, status in (queued | skipped).items():
            self._note(key, status)
        yield
        for key in (*queued, *skipped):
            self._tell(key)

    def _note(self, key: Key, status: SceneStatus) -> None:
        if key not in self._told:
            self._noted[key] = status

    def _tell(self, key: Key) -> None:
        status = self._noted.pop(key, None)
        if status is None:
            return
        self._told[key] = None
        if key[1]:
            self._on_end(status)
        name = QUEUED if not key[1] else POSTED if status.state == "posted" else FAILED
        try:
            self._dispatch(name, status)
        except Exception as exc:  # noqa: BLE001  # the host may have a dispatch of its own
            log.error("The host's dispatch of %s failed: %s", name, faults.summary(exc))  # noqa: TRY400
