"""Draws one scene to its end, from the stage that a crash or a pause left it at, and sees to what follows from it.

waiting → painting → posting → posted, or refused, or failed. A picture that was painted is kept in the store
until it is posted, so that it is never paid for again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

from cachetools import LRUCache

from .. import faults
from ..discord_io.captions import is_late
from ..discord_io.poster import Poster
from ..domain.painting import Painting
from ..domain.scene import Scene, SceneState, Source
from ..domain.scene_log import remark, remarks_kept, tell_end
from ..errors import CancelledError, ChannelClosedError, QuotaError, RefusedError, SceneArtError, TransientError
from ..host.announcer import Announcer
from ..i18n import gettext
from ..store.channel_settings import ChannelSettingsReader
from ..store.scenes import SceneRepository
from ..store.timeouts import RedisFullError, retry
from ..store.uploads import Uploads
from .illustrate import Pipeline
from .late_answers import LateAnswers
from .progress import FULL_SECONDS, RenderProgress, cancelled_sentence
from .publisher import Publisher

log = logging.getLogger(__name__)

STARTS_ALLOWED = 4
"""A scene whose process died this often is given up: it may be what kills it."""
CANCEL_LOOK_SECONDS = 0.5
PERSON_WAITS_SECONDS = 600.0
"""Somebody who asked is told when to come back, if a free key is farther away than this."""
DISCORD_PAUSE_SECONDS, LONGEST_DISCORD_PAUSE_SECONDS = 10.0, 300.0
CLOSED_PAUSE_SECONDS, LONGEST_CLOSED_PAUSE_SECONDS = 60.0, 3600.0
UNWRITTEN = 1_000

Latest = Callable[[], Awaitable[Scene | None]]
"""Reads the scene as the store has it now."""


class Renderer:
    """One per process; holds nothing that the store does not know."""

    def __init__(
        self,
        *,
        repository: SceneRepository,
        pipeline: Pipeline,
        publisher: Publisher,
        late_answers: LateAnswers,
        keep_pictures: timedelta,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`keep_pictures` is the longest that a scene is put off; `now` tells unix seconds."""
        self._repository = repository
        self._pipeline = pipeline
        self._publisher = publisher
        self._late_answers = late_answers
        self._keep_seconds = keep_pictures.total_seconds()
        self._now = now

    async def draw(self, scene: Scene, latest: Latest) -> Scene:
        """`scene` at its end (posted, refused, failed), or put off (`resume_at`). Raises nothing but cancellation."""
        if scene.state.finished:
            return scene
        with remarks_kept():
            scene = await self._draw(RenderProgress(scene, self._repository, self._now), latest)
            if scene.state.finished:
                tell_end(scene)
            return scene

    async def _draw(self, work: RenderProgress, latest: Latest) -> Scene:
        scene = work.scene
        try:
            if scene.starts > STARTS_ALLOWED:
                raise SceneArtError(f"given up: its process died {scene.starts - 1} times")  # noqa: TRY301
            return await self._drawn(work, latest)
        except asyncio.CancelledError:
            await work.revert()
            raise
        except SceneArtError as exc:
            return self._put_off(work, exc) or self._failed(work, exc)
        except Exception as exc:  # noqa: BLE001  # every scene gets an end
            return self._failed(work, SceneArtError(f"a fault of scene-art's own ({faults.summary(exc)})"))

    async def _drawn(self, work: RenderProgress, latest: Latest) -> Scene:
        look_first = work.scene.state is SceneState.POSTING
        work.change(guild_id=self._publisher.guild_of(work.scene))
        await self._publisher.check(work.scene)
        kept = await self._publisher.kept(work.scene)
        if kept is None:
            painting = await self._painted_if_wanted(work)
            news = await self._news(work.scene, latest)
            if news is not None and news.state.finished:
                remark(news.id, "another process has ended it meanwhile")
                return news
            kept = painting, painting.data
            await work.keep(*kept, news)
        return await self._shown(work, *kept, look_first=look_first)

    async def _news(self, scene: Scene, latest: Latest) -> Scene | None:
        """The scene as it is known now. A Redis that is full can still be read, and the picture was paid for."""
        try:
            return await retry(latest, full_seconds=FULL_SECONDS)
        except RedisFullError:
            return await retry(lambda: self._repository.scene(scene.channel_id, scene.id))

    async def _painted_if_wanted(self, work: RenderProgress) -> Painting:
        """The picture, unless somebody cancels it first. A request that has left is awaited in the background then."""
        # A scene that was heard just now could hardly be cancelled, and the request looks again before it leaves.
        if self._now() - work.scene.heard_at > CANCEL_LOOK_SECONDS and await self._is_cancelled(work.scene):
            raise CancelledError("somebody cancelled it")
        limit = self._publisher.upload_limit(work.scene)
        painting = asyncio.ensure_future(self._pipeline.paint(work, limit))
        try:
            while not (await asyncio.wait({painting}, timeout=CANCEL_LOOK_SECONDS))[0]:
                if await self._is_cancelled(work.scene) and not painting.done():
                    if work.is_asking:
                        self._late_answers.expect(work, painting)
                    raise CancelledError("somebody cancelled it")
            return painting.result()
        finally:
            if not work.is_left:
                painting.cancel()
                await asyncio.gather(painting, return_exceptions=True)

    async def _is_cancelled(self, scene: Scene) -> bool:
        """Tell whether somebody has cancelled `scene`; False while Redis is away."""
        with suppress(TransientError):
            return await self._repository.is_cancelled(scene)
        return False

    async def _shown(self, work: RenderProgress, painting: Painting, picture: bytes, *, look_first: bool) -> Scene:
        await self._publisher.check_audience(work.scene)
        if work.scene.state is not SceneState.POSTING:
            await work.begin_posting()
        posted = await self._publisher.publish(work.scene, painting, picture, look_first=look_first)
        return work.ended(SceneState.POSTED, message_id=posted.message_id, attachment_url=posted.attachment_url)

    def _put_off(self, work: RenderProgress, exc: SceneArtError) -> Scene | None:
        """The scene, to be gone on with later; None when waiting would not help, or for too long."""
        scene = work.scene
        seconds = _pause(scene, exc)
        if seconds is None:
            return None
        until = self._now() + seconds
        if scene.source is Source.PERSON and not scene.has_picture and seconds > PERSON_WAITS_SECONDS:
            exc.sentence = gettext("The painter is at its rate limit. Try again {when}.", when=f"<t:{int(until)}:R>")
            return None
        if until - (scene.painted_at or scene.heard_at) > self._keep_seconds:
            return None
        # A key that rests and a channel that is closed have lines of their own.
        is_news = scene.put_offs == 0 and not isinstance(exc, (QuotaError, ChannelClosedError))
        level = logging.WARNING if is_news else logging.DEBUG
        log.log(level, "scene %s: put off for %.0f s: %s", scene.id, seconds, exc.detail)
        return work.put_off(until, exc)

    def _failed(self, work: RenderProgress, exc: SceneArtError) -> Scene:
        if isinstance(exc, CancelledError):
            state, sentence = SceneState.CANCELLED, cancelled_sentence(work.scene)
        else:
            state = SceneState.REFUSED if isinstance(exc, RefusedError) else SceneState.FAILED
            sentence = exc.sentence
        return work.ended(state, reason=exc.detail, code=exc.code, sentence=sentence)


def _pause(scene: Scene, exc: SceneArtError) -> float | None:
    """Seconds after which it is worth going on; None: never."""
    if isinstance(exc, QuotaError):
        return exc.retry_after
    if not scene.has_picture:
        return None
    if isinstance(exc, ChannelClosedError):
        return min(CLOSED_PAUSE_SECONDS * 2.0**scene.put_offs, LONGEST_CLOSED_PAUSE_SECONDS)
    if isinstance(exc, TransientError):
        return min(DISCORD_PAUSE_SECONDS * 2.0**scene.put_offs, LONGEST_DISCORD_PAUSE_SECONDS)
    return None


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
        """Announce how a scene ended that was written down. Where it was left to another run, that one announces it."""
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
