"""Draws scenes and sees to what follows from their ends, each once, also where Redis is away meanwhile."""

from __future__ import annotations

from contextlib import suppress

from cachetools import LRUCache

from ..domain.scene import Scene
from ..errors import TransientError
from ..host.announcer import Announcer
from ..store.uploads import Uploads
from .notices import Notices
from .render_job import Latest, Renderer

UNWRITTEN = 1_000


class SceneRuns:
    """One per process. All that it holds beyond the store is what Redis could not be told yet."""

    def __init__(self, renderer: Renderer, uploads: Uploads, announcer: Announcer, notices: Notices) -> None:
        self._renderer = renderer
        self._uploads = uploads
        self._announcer = announcer
        self._notices = notices
        self._unwritten: LRUCache[str, Scene] = LRUCache(UNWRITTEN)
        """Scenes that have ended while Redis was away: they must not be drawn again."""

    def unwritten(self, scene_id: str) -> Scene | None:
        """Find a scene that this process has drawn and nobody has written down yet."""
        return self._unwritten.get(scene_id)

    async def draw(self, scene: Scene, latest: Latest) -> Scene:
        """Draw `scene` to its end, or until it is put off. Its end is announced by `close`.

        Where it ended in another process meanwhile, that one announces it.
        """
        read = [scene]

        async def look() -> Scene | None:
            news = await latest()
            read.extend([news] if news is not None else [])
            return news

        ended = await self._renderer.draw(scene, look)
        if ended.state.finished:
            with suppress(TransientError):
                await self._uploads.keep_as_long_as(ended)
            if not any(ended is one for one in read):
                self._announcer.note(ended)
        self._unwritten[ended.id] = ended
        return ended

    async def close(self, scene_id: str, scene: Scene | None, *, written: bool) -> None:
        """Announce how a scene ended that was written down; nothing where it was left to another run.

        That one finds out, and announces it.
        """
        self._unwritten.pop(scene_id, None)
        if not written:
            self._announcer.forget(scene_id)
            return
        self._announcer.release(scene_id)
        if scene is not None:
            await self._notices.tell(scene)
