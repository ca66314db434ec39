"""Draws one scene to its end, from the stage that a crash or a pause left it at.

waiting → painting → painted → posting → posted, or refused, or failed. A picture that was painted is kept in the ledger
until it is posted, so that it is never paid for again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from .. import faults
from ..errors import ChannelClosedError, QuotaError, RefusedError, SceneArtError, TransientError
from ..keeping.customs import Customs
from ..painters import Painting
from ..people.blocks import Blocks
from ..scene import Scene, SceneState, Source
from ..settings import Settings
from ..showing.channels import Channels
from ..showing.post import PictureTooLargeError, Posted, Poster
from ..speech import Sentence, say
from ..storage.ledger import Ledger
from ..storage.patience import insist
from ..text import cut_on_word, escaped
from ..workshop import Workshop
from .illustrate import DECLINED, Illustrator

log = logging.getLogger(__name__)

STARTS_ALLOWED = 4
"""A scene whose process died this often is given up: it may be what kills it."""
KEEP_SECONDS = 20.0
"""A picture that Redis does not take for so long is posted all the same."""
STEP_BACK_SECONDS = 1.0
PERSON_WAITS_SECONDS = 600.0
"""Somebody who asked is told when to come back, if a free key is farther away than this."""
DISCORD_PAUSE_SECONDS, LONGEST_DISCORD_PAUSE_SECONDS = 10.0, 300.0
CLOSED_PAUSE_SECONDS, LONGEST_CLOSED_PAUSE_SECONDS = 60.0, 3600.0

Latest = Callable[[], Awaitable[Scene | None]]
"""Reads the scene as the ledger has it now."""


class Drawer:
    """One per process; holds nothing that the ledger does not know."""

    def __init__(
        self,
        settings: Settings,
        *,
        ledger: Ledger,
        customs: Customs,
        illustrator: Illustrator,
        channels: Channels,
        poster: Poster,
        workshop: Workshop,
        blocks: Blocks,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._ledger = ledger
        self._customs = customs
        self._illustrator = illustrator
        self._channels = channels
        self._poster = poster
        self._workshop = workshop
        self._blocks = blocks
        self._now = now

    async def draw(self, scene: Scene, latest: Latest) -> Scene:
        """`scene` at its end (posted, refused, failed), or put off (`resume_at`). Raises nothing but cancellation."""
        if scene.state.finished:
            return scene
        work = _Work(scene, self._ledger, self._now)
        try:
            if scene.starts > STARTS_ALLOWED:
                raise SceneArtError(f"given up: its process died {scene.starts - 1} times")  # noqa: TRY301
            return await self._drawn(work, latest)
        except asyncio.CancelledError:
            await work.step_back()
            raise
        except SceneArtError as exc:
            return self._put_off(work, exc) or self._failed(work, exc)
        except Exception as exc:  # noqa: BLE001  # every scene gets an end
            log.error("scene %s: failed by a fault of scene-art's own: %s", scene.id, faults.told(exc))  # noqa: TRY400
            return self._failed(work, SceneArtError(f"a fault of scene-art's own ({type(exc).__name__})"))

    async def _drawn(self, work: _Work, latest: Latest) -> Scene:
        look_first = work.scene.state is SceneState.POSTING
        await self._channels.check(work.scene)
        work.change(guild_id=work.scene.guild_id or self._channels.guild_of(work.scene.channel_id))
        await self.check_wanted(work.scene)
        kept = await self._kept(work.scene)
        if kept is None:
            painting = await self._painted(work)
            news = await insist(latest)
            if news is not None and news.state.finished:
                log.info("scene %s: another process has ended it meanwhile: %s", news.id, news.state)
                await self._workshop.remove(painting)
                return news
            kept = painting, await self._workshop.read(painting)
            await work.keep(*kept, news)
        try:
            return await self._shown(work, *kept, look_first=look_first)
        finally:
            await self._workshop.remove(kept[0])

    async def check_wanted(self, scene: Scene) -> None:
        """Raises `ChannelBlockedError` when its channel was blocked meanwhile, and Redis can tell."""
        with contextlib.suppress(TransientError):
            await self._blocks.check(scene, self._settings.blocked_channels)

    async def _painted(self, work: _Work) -> Painting:
        work.change(state=SceneState.PAINTING)
        customs = await self._customs.of(work.scene.channel_id, work.scene.guild_id)
        draft = await self._illustrator.prepare(work.scene, customs, work.report)
        await work.report("painting")
        limit = self._channels.upload_limit(work.scene.channel_id)
        painting, brief = await self._illustrator.paint(draft, limit, work.count_another_request)
        declined = [ref.name for ref in brief.references if ref.missing_because == DECLINED]
        work.change(brief=brief, sentence=_without(declined))
        if declined:
            names = cut_on_word(", ".join(declined), 400)
            log.warning("scene %s: painted without the picture of %s", work.scene.id, names)
        return painting

    async def _kept(self, scene: Scene) -> tuple[Painting, bytes] | None:
        """The picture that was painted before."""
        if not scene.has_picture:
            return None
        picture = await insist(lambda: self._ledger.picture(scene))
        if picture is None:
            log.warning("scene %s: its picture is not kept any more, so that it is painted again", scene.id)
            return None
        nothing_yet = Painting(
            path=Path(),
            mime=scene.mime,
            width=0,
            height=0,
            painter=scene.painter,
            model=scene.model,
            usage=scene.usage,
        )
        return await self._workshop.take_up(nothing_yet, picture), picture

    async def _shown(self, work: _Work, painting: Painting, picture: bytes, *, look_first: bool) -> Scene:
        await self._channels.check_audience(work.scene)
        await work.enter(SceneState.POSTING)
        try:
            posted = await self._poster.post(work.scene, painting, picture, look_first=look_first)
        except PictureTooLargeError as exc:
            log.warning("scene %s: %s; trying a smaller one", work.scene.id, exc.detail)
            posted = await self._post_smaller(work.scene, painting)
        place = f"as message {posted.message_id}" if posted.message_id else "and deleted again"
        log.info("scene %s: posted %s in channel %s", work.scene.id, place, work.scene.channel_id)
        return work.ended(SceneState.POSTED, message_id=posted.message_id)

    async def _post_smaller(self, scene: Scene, painting: Painting) -> Posted:
        limit = min(self._channels.upload_limit(scene.channel_id), painting.size) // 2
        smaller = await self._workshop.shrink(painting, limit)
        try:
            return await self._poster.post(scene, smaller, await self._workshop.read(smaller))
        finally:
            await self._workshop.remove(smaller)

    def _put_off(self, work: _Work, exc: SceneArtError) -> Scene | None:
        """The scene, to be gone on with later; None when waiting would not help, or for too long."""
        scene = work.scene
        seconds = _pause(scene, exc)
        if seconds is None:
            return None
        until = self._now() + seconds
        if scene.source is Source.PERSON and not scene.has_picture and seconds > PERSON_WAITS_SECONDS:
            exc.sentence = say("The painter rests. Please try again {when}.", when=f"<t:{int(until)}:R>")
            return None
        if until - (scene.painted_at or scene.heard_at) > self._settings.keep_pictures_hours * 3600:
            return None
        log.warning("scene %s: put off for %.0f s: %s", scene.id, seconds, exc.detail)
        return work.put_off(until, exc)

    def _failed(self, work: _Work, exc: SceneArtError) -> Scene:
        state = SceneState.REFUSED if isinstance(exc, RefusedError) else SceneState.FAILED
        log.warning("scene %s: %s: %s", work.scene.id, state, exc.detail)
        return work.ended(state, reason=exc.detail, sentence=exc.sentence)


class _Work:
    """A scene while it is drawn, written down at every stage that must survive, or that somebody may look at."""

    def __init__(self, scene: Scene, ledger: Ledger, now: Callable[[], float]) -> None:
        self.scene = scene
        self._ledger = ledger
        self._now = now
        self._watched = scene.requested_by is not None

    def change(self, **changes: object) -> None:
        self.scene = self.scene.model_copy(update=changes)

    async def report(self, progress: str) -> None:
        """Note what is being done, for scenes that a person watches."""
        self.change(progress=progress)
        if self._watched:
            with contextlib.suppress(TransientError):
                await self._ledger.save(self.scene)

    async def count_another_request(self) -> None:
        """Count the request in the ledger, before it can be paid. The first one was counted by `begun`."""
        self.change(attempts=self.scene.attempts + 1)
        await insist(lambda: self._ledger.save(self.scene))

    async def keep(self, painting: Painting, picture: bytes, news: Scene | None) -> None:
        """Keep the picture until it is posted. `news` may know where to reply to meanwhile."""
        told = {"reply_to": news.reply_to, "guild_id": news.guild_id or self.scene.guild_id} if news else {}
        self.scene = self.scene.moved(
            SceneState.PAINTED,
            painted_at=self._now(),
            painter=painting.painter,
            model=painting.model,
            usage=painting.usage,
            mime=painting.mime,
            **told,
        )
        try:
            await insist(lambda: self._ledger.keep(self.scene, picture), KEEP_SECONDS)
        except TransientError as exc:
            log.warning("scene %s: its picture is not kept (%s), and posted at once", self.scene.id, exc.detail)

    async def enter(self, state: SceneState) -> None:
        """Note the next stage before it begins."""
        self.scene = self.scene.moved(state, progress=state.value)
        with contextlib.suppress(TransientError):
            await insist(lambda: self._ledger.save(self.scene), KEEP_SECONDS)

    async def step_back(self) -> None:
        """The process ends in good order: that does not count as a start that failed."""
        self.change(starts=max(0, self.scene.starts - 1))
        with contextlib.suppress(TransientError, TimeoutError):
            async with asyncio.timeout(STEP_BACK_SECONDS):
                await self._ledger.save(self.scene)

    def put_off(self, until: float, exc: SceneArtError) -> Scene:
        """The scene as it waits. The caller writes it down together with the channel's plan."""
        state = self.scene.state if self.scene.has_picture else SceneState.WAITING
        self.scene = self.scene.moved(
            state,
            reason=exc.detail,
            sentence=_waiting_for(exc),
            progress="",
            resume_at=until,
            starts=0,
            put_offs=self.scene.put_offs + 1,
            closed=isinstance(exc, ChannelClosedError),
        )
        return self.scene

    def ended(self, state: SceneState, **changes: object) -> Scene:
        """The scene's last state. The caller writes it down together with the channel's plan."""
        self.scene = self.scene.moved(state, finished_at=self._now(), progress="", **changes)
        return self.scene


def begun(scene: Scene, now: float) -> Scene:
    """`scene` as work on it begins. The first request is counted here: it may be paid from here on."""
    started: dict[str, object] = {
        "started_at": scene.started_at or now,
        "starts": scene.starts + 1,
        "resume_at": None,
        "closed": False,
        "reason": "",
    }
    if scene.has_picture:
        return scene.model_copy(update=started)
    return scene.moved(SceneState.PAINTING, attempts=scene.attempts + 1, sentence=Sentence(""), **started)


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


def _waiting_for(exc: SceneArtError) -> Sentence:
    """What somebody who waits is told; that it goes on by itself is said where it is shown."""
    if isinstance(exc, QuotaError):
        return say("The painter has reached its limit for the moment.")
    closed = isinstance(exc, ChannelClosedError)
    return exc.sentence if closed else say("Discord does not take the picture just now.")


def _without(names: list[str]) -> Sentence:
    if not names:
        return Sentence("")
    listed = escaped(", ".join(names), 180)
    if len(names) == 1:
        return say("The painter declined the reference picture of {name}, who is drawn from the text.", name=listed)
    return say(
        "The painter declined some of the reference pictures of {names}; all of these are drawn from the text.",
        names=listed,
    )
