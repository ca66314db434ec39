"""Leads a scene from the mailbox to its post: the jobs that the engine wakes.

`on_channel` works on the plan of one channel, alone; `on_scene` draws a scene that a person asked for. Both start
by reading what the ledger knows, so that waking them once too often costs nothing.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from ..discord_io.captions import is_late
from ..discord_io.channel_lookup import bound
from ..discord_io.channels import Channels
from ..discord_io.poster import Poster
from ..domain.channel_plan import Start, WakeAt
from ..domain.events import ArtRequest, TurnComplete
from ..domain.preferences import ChannelSettings
from ..domain.scene import Scene, SceneState
from ..domain.unit_of_work import WorkSet
from ..errors import SceneArtError, TransientError
from ..host.announcer import Announcer
from ..store.channel_settings import Customs
from ..store.lock import Claim
from ..store.queue import Queue
from ..store.records import is_channel_id, is_scene_id
from ..store.scenes import ChannelRecord, Ledger
from ..store.timeouts import insist
from .inbox_reader import Intake
from .progress import begun
from .render_job import Drawer, Latest

log = logging.getLogger(__name__)

ROUND_SECONDS = 20.0
LONG_OPEN_SECONDS = 45.0
"""Longer than a lease: by then another process has what a dead one left."""
UNWRITTEN = 1_000
BUSY_SECONDS = 5.0
"""After this it is tried again where another run is at work."""
EARLY_SECONDS = 0.5
"""An alarm may ring this much before its time."""


class AlarmClock(Protocol):
    """What the conductor needs of the engine."""

    async def wake_channel(self, channel_id: str, at: float | None = None) -> None: ...
    async def wake_scene(self, channel_id: str, scene_id: str, at: float | None = None) -> None: ...


class Conductor:
    """One per process. All that it holds beyond the ledger is what Redis could not be told yet."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        customs: Customs,
        queue: Queue,
        intake: Intake,
        drawer: Drawer,
        channels: Channels,
        poster: Poster,
        announcer: Announcer,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._ledger = ledger
        self._customs = customs
        self._queue = queue
        self._drawer = drawer
        self._channels = channels
        self._poster = poster
        self._announcer = announcer
        self._now = now
        self._intake = intake
        self._alarm: AlarmClock | None = None
        self._unwritten: OrderedDict[str, Scene] = OrderedDict()
        """Scenes that have ended while Redis was away: they must not be drawn again."""

    def connect(self, alarm: AlarmClock) -> None:
        """Give the conductor its alarm clock: the engine, which in turn needs the conductor's jobs."""
        self._alarm = alarm

    async def deliver(self, channel_id: str, heard: Sequence[tuple[float, ArtRequest | TurnComplete]]) -> None:
        """Put events into the channel's mailbox and wake its job.

        Raises:
            TransientError: Redis is away; deliver again later. Delivering twice does no harm.
        """
        await asyncio.gather(
            self._ledger.drop_in(channel_id, heard),
            self._ledger.note_open(channel_id, self._now()),
        )
        await self._wake(channel_id)

    async def make_rounds(self) -> None:
        """Wake again what has been open for long, until cancelled.

        The engine's jobs can be lost: to a Redis that restarts without its last seconds, or to a process of another
        version that does not know them. What is in the ledger is not.
        """
        # The first one looks at everything: the process before this one may have died between hearing and waking.
        age = 0.0
        while True:
            try:
                await self.make_round(age)
            except TransientError as exc:
                log.debug("The round is put off: %s", exc.detail)
            age = LONG_OPEN_SECONDS
            await asyncio.sleep(ROUND_SECONDS)

    async def make_round(self, age: float = LONG_OPEN_SECONDS) -> None:
        """One look at what has been open for that many seconds."""
        now = self._now()
        for errand in await self._ledger.long_open(now - age):
            await self._ledger.note_open(errand, now)
            await self._wake_errand(errand)

    async def _wake_errand(self, errand: str) -> None:
        channel_id, _, scene_id = errand.partition("/")
        if scene_id:
            await self._clock.wake_scene(channel_id, scene_id)
        else:
            await self._wake(channel_id)

    @property
    def _clock(self) -> AlarmClock:
        if self._alarm is None:
            raise TransientError("the engine is not connected")
        return self._alarm

    async def _wake(self, channel_id: str, at: float | None = None) -> None:
        await self._clock.wake_channel(channel_id, at)

    async def reopen(self, guild_id: int) -> None:
        """The bot's permissions in a server changed: go on with what may wait for them there."""
        self._channels.reopen(guild_id)
        for errand in await self._ledger.long_open(self._now()):
            if self._channels.is_in(guild_id, errand.partition("/")[0]):
                await self._wake_errand(errand)

    async def on_channel(self, channel_id: str) -> None:
        """Take the mail in, draw at most one scene, and see that the next one is not forgotten."""
        if not is_channel_id(channel_id):  # what stands in docket's keys may be anybody's
            log.error("A job that names no channel is passed over")
            return
        claim = self._ledger.claim(channel_id)
        record = await self._intake.open(channel_id, claim)
        if claim.lost:
            await self._wake(channel_id, self._now() + BUSY_SECONDS)
            return
        async with claim.kept():
            if record.ask_again_in is not None:
                await self._wake(channel_id, self._now() + record.ask_again_in)
            elif record.is_nobodys:
                await self._leave_alone(record)
            else:
                await self._work_on(record, claim)

    async def _leave_alone(self, record: ChannelRecord) -> None:
        """The bot is not in this channel: nothing stays of its mail."""
        await self._ledger.throw_away(record)
        if record.has_more:
            await self._wake(record.channel_id)
        else:
            await self._ledger.note_done(record.channel_id)

    async def _work_on(self, record: ChannelRecord, claim: Claim) -> None:
        now, channel_id = self._now(), record.channel_id
        scenes = await self._intake.take(record)
        if record.has_more:  # what is drawn next is decided when all is known
            await self._commit(record, scenes)
            await self._wake(channel_id)
            return
        step = await self._next_step(record, scenes, now)
        if isinstance(step, WakeAt):
            await self._commit(record, scenes)
            await self._set_alarm(channel_id, step)
            return
        scene = self._unwritten.get(step.scene_id)
        if scene is None:
            scene = await self._start(record, step, scenes, now)
            if scene is not None:
                scene = await self._draw(scene, lambda: self._last_news(step.scene_id, record, claim))
        written = await insist(lambda: self._end(channel_id, step.scene_id, scene, claim))
        self._close(step.scene_id, written=written)
        await self._tell_why(scene)

    async def _draw(self, scene: Scene, latest: Latest) -> Scene:
        """The scene at its end, or put off. It is announced later, unless it ended in another process meanwhile."""
        read = [scene]

        async def look() -> Scene | None:
            news = await latest()
            read.extend([news] if news is not None else [])
            return news

        ended = await self._drawer.draw(scene, look)
        if ended.state.finished and not any(ended is one for one in read):
            self._announcer.note(ended)
        self._unwritten[ended.id] = ended
        bound(self._unwritten, UNWRITTEN)
        return ended

    def _close(self, scene_id: str, *, written: bool) -> None:
        """Announce how a scene ended; not where it was left to another run, which finds out and announces it."""
        self._unwritten.pop(scene_id, None)
        if written:
            self._announcer.release(scene_id)
        else:
            self._announcer.forget(scene_id)

    async def _commit(self, record: ChannelRecord, scenes: WorkSet) -> None:
        with self._announcer.writing(scenes):
            await self._intake.commit(record, scenes)

    async def _end(self, channel_id: str, scene_id: str, scene: Scene | None, claim: Claim) -> bool:
        record = await self._intake.open(channel_id, claim)
        if claim.lost:
            # The plan is that other run's alone. What this one posted, it finds by the nonce or in the channel.
            log.debug("scene %s: left to the run that works on the channel now", scene_id)
            return False
        await self._settle(record, scene_id, scene)
        return True

    async def _next_step(self, record: ChannelRecord, scenes: WorkSet, now: float) -> Start | WakeAt:
        """The plan's next step; a scene that waits for a channel which was opened again goes on at once."""
        step = record.plan.next_step(now, (await self._customs_of(record)).cooldown)
        begun_one = record.plan.begun
        if isinstance(step, Start) or begun_one is None:
            return step
        scenes.update_known(await self._ledger.scenes(record.channel_id, [begun_one.scene_id]))
        waiting = scenes.get(begun_one.scene_id)
        return Start(begun_one.scene_id) if waiting is not None and self._may_be_posted_now(waiting) else step

    def _may_be_posted_now(self, scene: Scene) -> bool:
        """Whether it waited for a channel that may have been opened again."""
        return scene.has_picture and scene.closed and self._channels.seems_open(scene.channel_id)

    async def _set_alarm(self, channel_id: str, step: WakeAt) -> None:
        if step.when is not None:
            await self._wake(channel_id, step.when)
        else:
            await self._ledger.note_done(channel_id)

    async def _customs_of(self, record: ChannelRecord) -> ChannelSettings:
        return await self._customs.of(record.channel_id, record.plan.home or None)

    async def _start(self, record: ChannelRecord, step: Start, scenes: WorkSet, now: float) -> Scene | None:
        """Note in the ledger that the scene is begun, before anything is paid. None: its record is gone."""
        wanted = [sid for sid in (step.scene_id, *step.skipped) if sid not in scenes]
        scenes.update_known(await self._ledger.scenes(record.channel_id, wanted))
        record.plan.start(step, now)
        self._intake.skip(step.skipped, scenes, "overtaken", "a newer scene was drawn instead")
        scene = scenes.get(step.scene_id)
        if scene is not None and not scene.state.finished:
            scene = scenes[step.scene_id] = begun(scene, now)
        with self._announcer.writing(scenes):
            await self._ledger.commit(record, scenes.changed, scenes.added)
        return scene

    async def _settle(self, record: ChannelRecord, scene_id: str, scene: Scene | None) -> None:
        """Note how it ended, and look at once whether something else is waiting."""
        channel_id = record.channel_id
        scenes = await self._intake.take(record)
        if scene is not None and scene.resume_at is not None:
            record.plan.put_off(scene_id, scene.resume_at)
        else:
            record.plan.settle(scene_id, posted=scene is not None and scene.state is SceneState.POSTED)
        if scene is not None:
            scenes.rewrite(scene)
        with self._announcer.writing(scenes):
            await self._ledger.commit(record, scenes.changed, scenes.added)
        await self._ledger.forget_surplus(channel_id)
        step = record.plan.next_step(self._now(), (await self._customs_of(record)).cooldown)
        if isinstance(step, Start) or record.has_more:
            await self._wake(channel_id)
        else:
            await self._set_alarm(channel_id, step)

    async def _last_news(self, scene_id: str, begun_with: ChannelRecord, claim: Claim) -> Scene | None:
        """The scene as the ledger has it now: while it was painted, its turn may have told where to reply to."""
        record = await self._intake.open(begun_with.channel_id, claim)
        if claim.lost:
            return await self._ledger.scene(record.channel_id, scene_id)
        scenes = await self._intake.take(record)
        await self._commit(record, scenes)
        return scenes.get(scene_id) or await self._ledger.scene(record.channel_id, scene_id)

    async def on_scene(self, channel_id: str, scene_id: str) -> None:
        """Draw a scene that a person asked for."""
        if not (is_channel_id(channel_id) and is_scene_id(scene_id)):
            log.error("A job that names no scene is passed over")
            return
        claim = self._ledger.claim(channel_id, scene_id)
        await claim.take()
        if claim.lost:
            await self._clock.wake_scene(channel_id, scene_id, self._now() + BUSY_SECONDS)
            return
        async with claim.kept():
            await self._work_for_person(channel_id, scene_id, claim)

    async def _work_for_person(self, channel_id: str, scene_id: str, claim: Claim) -> None:
        ended = self._unwritten.get(scene_id)
        if ended is None:
            scene = await self._ledger.scene(channel_id, scene_id)
            if scene is None or scene.state.finished:
                await self._ledger.note_done(f"{channel_id}/{scene_id}")
                return
            now = self._now()
            waits = scene.resume_at is not None and scene.resume_at > now + EARLY_SECONDS
            if waits and not self._may_be_posted_now(scene) and not await self._ledger.is_cancelled(scene):
                await self._clock.wake_scene(scene.channel_id, scene.id, scene.resume_at)
                return
            scene = begun(scene, now)
            await self._ledger.save(scene)
            with suppress(TransientError):
                await self._queue.leave(scene)
            ended = await self._draw(scene, lambda: self._ledger.scene(channel_id, scene_id))
        written = await insist(lambda: self._finish(ended, claim))
        self._close(scene_id, written=written)

    async def _finish(self, scene: Scene, claim: Claim) -> bool:
        await claim.take()
        if claim.lost:
            return False
        await self._ledger.save(scene)
        if scene.resume_at is not None:
            await self._clock.wake_scene(scene.channel_id, scene.id, scene.resume_at)
        else:
            await self._ledger.note_done(f"{scene.channel_id}/{scene.id}")
            await self._ledger.forget_surplus(scene.channel_id)
            await self._tell_late(scene)
        return True

    async def _tell_late(self, scene: Scene) -> None:
        """Whoever asked can no longer be told by the line that they watched."""
        if scene.state is not SceneState.POSTED and is_late(scene) and not scene.by_answer:
            await self._poster.notify(scene, mention=True)

    async def _tell_why(self, scene: Scene | None) -> None:
        """Where it is wished, an automatic picture that cannot be had is not passed over in silence."""
        missing = {SceneState.REFUSED, SceneState.FAILED}
        if scene is None or scene.state not in missing:
            return
        if not (await self._customs.of(scene.channel_id, scene.guild_id)).notices:
            return
        with suppress(SceneArtError):  # where pictures may not be shown, nobody waits for one
            await self._channels.check_audience(scene)
            await self._drawer.check_wanted(scene)
            await self._poster.notify(scene)
