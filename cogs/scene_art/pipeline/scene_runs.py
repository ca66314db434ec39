"""Draws scenes and sees to what follows from their ends, each once, also where Redis is away meanwhile."""

from __future__ import annotations

from contextlib import suppress

from cachetools import LRUCache

from ..discord_io.captions import is_late
from ..discord_io.poster import Poster
from ..domain.scene import Scene, SceneState, Source
from ..errors import SceneArtError, TransientError
from ..host.announcer import Announcer
from ..store.channel_settings import ChannelSettingsReader
from ..store.uploads import Uploads
from .publisher import Publisher
from .render_job import Latest, Renderer

UNWRITTEN = 1_000


class SceneRuns:
    """One per process. All that it holds beyond the store is what Redis could not be told yet."""

    def __init__(
        self,
        renderer: Renderer,
        *,
        uploads: Uploads,
        announcer: Announcer,
        poster: Poster,
        publisher: Publisher,
        channel_settings: ChannelSettingsReader,
    ) -> None:
        self._renderer = renderer
        self._uploads = uploads
        self._announcer = announcer
        self._poster = poster
        self._publisher = publisher
        self._channel_settings = channel_settings
        self.unwritten: LRUCache[str, Scene] = LRUCache(UNWRITTEN)
        """Scenes by id that this process has drawn to their end while Redis was away: they must not be drawn again."""

    async def draw(self, scene: Scene, latest: Latest) -> Scene:
        """Draw `scene` to its end, or until it is put off. Its end is announced by `close`.

        Where it ended in another process meanwhile, that one announces it.
        """
        read: list[Scene | None] = [scene]

        async def look() -> Scene | None:
            read.append(await latest())
            return read[-1]

        ended = await self._renderer.draw(scene, look)
        if ended.state.finished:
            with suppress(TransientError):
                await self._uploads.keep_as_long_as(ended)
            if not any(ended is one for one in read):
                self._announcer.note(ended)
        self.unwritten[ended.id] = ended
        return ended

    async def close(self, scene_id: str, scene: Scene | None, *, written: bool) -> None:
        """Announce how a scene ended that was written down; nothing where it was left to another run.

        That one finds out, and announces it.
        """
        self.unwritten.pop(scene_id, None)
        if not written:
            self._announcer.forget(scene_id)
            return
        self._announcer.release(scene_id)
        if scene is not None:
            await self._notify(scene)

    async def _notify(self, scene: Scene) -> None:
        """Tell how `scene` ended, if it has no picture and somebody is to know. Never fails: it is a nicety."""
        if scene.source is Source.PERSON:
            # Whoever asked can no longer be told by the line that they watched.
            if scene.state.finished and scene.state is not SceneState.POSTED and is_late(scene):
                await self._poster.notify(scene, mention=True)
        elif (
            scene.state in {SceneState.REFUSED, SceneState.FAILED}
            and (await self._channel_settings.of(scene.channel_id, scene.guild_id)).notices
        ):
            with suppress(SceneArtError):  # where pictures may not be shown, nobody waits for one
                await self._publisher.check_audience(scene)
                await self._publisher.check_wanted(scene)
                await self._poster.notify(scene)
