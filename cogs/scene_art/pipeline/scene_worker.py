"""Leads a scene from the inbox to its post: the jobs that the engine wakes.

`run_channel_job` works on the plan of one channel, alone; `run_scene_job` draws a scene that a person asked for. Both
start by reading what the store knows, so that waking them once too often costs nothing.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from cachetools import LRUCache

from ..discord_io.captions import is_late
from ..discord_io.channels import Channels
from ..discord_io.poster import Poster
from ..domain.channel_plan import Start, WakeAt
from ..domain.events import Heard
from ..domain.preferences import ChannelSettings
from ..domain.scene import Scene, SceneState
from ..domain.unit_of_work import UnitOfWork
from ..errors import SceneArtError, TransientError
from ..host.announcer import Announcer
from ..store.channel_settings import ChannelSettingsReader
from ..store.due_list import DueList
from ..store.inbox import ChannelRecord, Inbox
from ..store.lock import Lock, Locks
from ..store.queue import Queue
from ..store.records import is_channel_id, is_scene_id
from ..store.scenes import SceneRepository
from ..store.timeouts import retry
from .inbox_reader import InboxReader
from .progress import begun
from .render_job import Latest, Renderer

log = logging.getLogger(__name__)

ROUND_SECONDS = 20.0
LONG_OPEN_SECONDS = 45.0
"""Longer than a lease: by then another process has what a dead one left."""
UNWRITTEN = 1_000
BUSY_SECONDS = 5.0
"""After this it is tried again where another run is at work."""
EARLY_SECONDS = 0.5
"""An alarm may ring this much before its time."""


class Waker(Protocol):
    """Wakes channels and scenes, for the scene worker."""

    async def wake_channel(self, channel_id: str, at: float | None = None) -> None: ...
    async def wake_scene(self, channel_id: str, scene_id: str, at: float | None = None) -> None: ...


class SceneWorker:
    """One per process. All that it holds beyond the store is what Redis could not be told yet."""

    def __init__(
        self,
        *,
        repository: SceneRepository,
        inbox: Inbox,
        due_list: DueList,
        locks: Locks,
        channel_settings: ChannelSettingsReader,
        queue: Queue,
        inbox_reader: InboxReader,
        renderer: Renderer,
        channels: Channels,
        poster: Poster,
        announcer: Announcer,
        waker: Waker,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._repository = repository
        self._inbox = inbox
        self._due_list = due_list
        self._locks = locks
        self._channel_settings = channel_settings
        self._queue = queue
        self._renderer = renderer
        self._channels = channels
        self._poster = poster
        self._announcer = announcer
        self._now = now
        self._inbox_reader = inbox_reader
        self._waker = waker
        self._unwritten: LRUCache[str, Scene] = LRUCache(UNWRITTEN)
        """Scenes that have ended while Redis was away: they must not be drawn again."""

    async def deliver(self, channel_id: str, heard: Sequence[Heard]) -> None:
        """Put events into the channel's inbox and wake its job.

        Raises:
            TransientError: Redis is away; deliver again later. Delivering twice does no harm.
        """
        await asyncio.gather(
            self._inbox.enqueue(channel_id, heard),
            self._due_list.mark_due(channel_id, self._now()),
        )
        await self._waker.wake_channel(channel_id)

    async def reconcile(self) -> None:
        """Wake again what has been open for long, until cancelled.

        The engine's jobs can be lost: to a Redis that restarts without its last seconds, or to a process of another
        version that does not know them. What is in the store is not.
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
        for work_item in await self._due_list.long_open(now - age):
            await self._due_list.mark_due(work_item, now)
            await self._wake_work_item(work_item)

    async def _wake_work_item(self, work_item: str) -> None:
        channel_id, _, scene_id = work_item.partition("/")
        if scene_id:
            await self._waker.wake_scene(channel_id, scene_id)
        else:
            await self._waker.wake_channel(channel_id)

    async def reopen(self, guild_id: int) -> None:
        """The bot's permissions in a server changed: go on with what may wait for them there."""
        self._channels.reopen(guild_id)
        for work_item in await self._due_list.long_open(self._now()):
            if self._channels.is_in(guild_id, work_item.partition("/")[0]):
                await self._wake_work_item(work_item)

    async def run_channel_job(self, channel_id: str) -> None:
        """Take the mail in, draw at most one scene, and see that the next one is not forgotten."""
        if not is_channel_id(channel_id):  # what stands in docket's keys may be anybody's
            log.error("A job that names no channel is passed over")
            return
        lock = self._locks.of(channel_id)
        record = await self._inbox_reader.open(channel_id, lock)
        if lock.lost:
            await self._waker.wake_channel(channel_id, self._now() + BUSY_SECONDS)
            return
        async with lock.kept():
            if record.ask_again_in is not None:
                await self._waker.wake_channel(channel_id, self._now() + record.ask_again_in)
            elif record.is_nobodys:
                await self._leave_alone(record)
            else:
                await self._work_on(record, lock)

    async def _leave_alone(self, record: ChannelRecord) -> None:
        """The bot is not in this channel: nothing stays of its mail."""
        await self._inbox.discard(record)
        if record.has_more:
            await self._waker.wake_channel(record.channel_id)
        else:
            await self._due_list.mark_done(record.channel_id)

    async def _work_on(self, record: ChannelRecord, lock: Lock) -> None:
        now, channel_id = self._now(), record.channel_id
        scenes = await self._inbox_reader.take(record)
        if record.has_more:  # what is drawn next is decided when all is known
            await self._commit(record, scenes)
            await self._waker.wake_channel(channel_id)
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
                scene = await self._draw(scene, lambda: self._last_news(step.scene_id, record, lock))
        written = await retry(lambda: self._end(channel_id, step.scene_id, scene, lock))
        self._close(step.scene_id, written=written)
        await self._tell_why(scene)

    async def _draw(self, scene: Scene, latest: Latest) -> Scene:
        """The scene at its end, or put off. It is announced later, unless it ended in another process meanwhile."""
        read = [scene]

        async def look() -> Scene | None:
            news = await latest()
            read.extend([news] if news is not None else [])
            return news

        ended = await self._renderer.draw(scene, look)
        if ended.state.finished and not any(ended is one for one in read):
            self._announcer.note(ended)
        self._unwritten[ended.id] = ended
        return ended

    def _close(self, scene_id: str, *, written: bool) -> None:
        """Announce how a scene ended; not where it was left to another run, which finds out and announces it."""
        self._unwritten.pop(scene_id, None)
        if written:
            self._announcer.release(scene_id)
        else:
            self._announcer.forget(scene_id)

    async def _commit(self, record: ChannelRecord, scenes: UnitOfWork) -> None:
        with self._announcer.writing(scenes):
            await self._inbox_reader.commit(record, scenes)

    async def _end(self, channel_id: str, scene_id: str, scene: Scene | None, lock: Lock) -> bool:
        record = await self._inbox_reader.open(channel_id, lock)
        if lock.lost:
            # The plan is that other run's alone. What this one posted, it finds by the nonce or in the channel.
            log.debug("scene %s: left to the run that works on the channel now", scene_id)
            return False
        await self._settle(record, scene_id, scene)
        return True

    async def _next_step(self, record: ChannelRecord, scenes: UnitOfWork, now: float) -> Start | WakeAt:
        """The plan's next step; a scene that waits for a channel which was opened again goes on at once."""
        step = record.plan.next_step(now, (await self._channel_settings_of(record)).cooldown)
        begun_one = record.plan.begun
        if isinstance(step, Start) or begun_one is None:
            return step
        scenes.update_known(await self._repository.scenes(record.channel_id, [begun_one.scene_id]))
        waiting = scenes.get(begun_one.scene_id)
        return Start(begun_one.scene_id) if waiting is not None and self._may_be_posted_now(waiting) else step

    def _may_be_posted_now(self, scene: Scene) -> bool:
        """Whether it waited for a channel that may have been opened again."""
        return scene.has_picture and scene.closed and self._channels.seems_open(scene.channel_id)

    async def _set_alarm(self, channel_id: str, step: WakeAt) -> None:
        if step.when is not None:
            await self._waker.wake_channel(channel_id, step.when)
        else:
            await self._due_list.mark_done(channel_id)

    async def _channel_settings_of(self, record: ChannelRecord) -> ChannelSettings:
        return await self._channel_settings.of(record.channel_id, record.plan.home or None)

    async def _start(self, record: ChannelRecord, step: Start, scenes: UnitOfWork, now: float) -> Scene | None:
        """Note in the store that the scene is begun, before anything is paid. None: its record is gone."""
        wanted = [sid for sid in (step.scene_id, *step.skipped) if sid not in scenes]
        scenes.update_known(await self._repository.scenes(record.channel_id, wanted))
        record.plan.start(step, now)
        self._inbox_reader.skip(step.skipped, scenes, "overtaken", "a newer scene was drawn instead")
        scene = scenes.get(step.scene_id)
        if scene is not None and not scene.state.finished:
            scene = scenes[step.scene_id] = begun(scene, now)
        with self._announcer.writing(scenes):
            await self._inbox.commit(record, scenes.changed, scenes.added)
        return scene

    async def _settle(self, record: ChannelRecord, scene_id: str, scene: Scene | None) -> None:
        """Note how it ended, and look at once whether something else is waiting."""
        channel_id = record.channel_id
        scenes = await self._inbox_reader.take(record)
        if scene is not None and scene.resume_at is not None:
            record.plan.put_off(scene_id, scene.resume_at)
        else:
            record.plan.settle(scene_id, posted=scene is not None and scene.state is SceneState.POSTED)
        if scene is not None:
            scenes.rewrite(scene)
        with self._announcer.writing(scenes):
            await self._inbox.commit(record, scenes.changed, scenes.added)
        await self._repository.forget_surplus(channel_id)
        step = record.plan.next_step(self._now(), (await self._channel_settings_of(record)).cooldown)
        if isinstance(step, Start) or record.has_more:
            await self._waker.wake_channel(channel_id)
        else:
            await self._set_alarm(channel_id, step)

    async def _last_news(self, scene_id: str, begun_with: ChannelRecord, lock: Lock) -> Scene | None:
        """The scene as the store has it now: while it was painted, its turn may have told where to reply to."""
        record = await self._inbox_reader.open(begun_with.channel_id, lock)
        if lock.lost:
            return await self._repository.scene(record.channel_id, scene_id)
        scenes = await self._inbox_reader.take(record)
        await self._commit(record, scenes)
        return scenes.get(scene_id) or await self._repository.scene(record.channel_id, scene_id)

    async def run_scene_job(self, channel_id: str, scene_id: str) -> None:
        """Draw a scene that a person asked for."""
        if not (is_channel_id(channel_id) and is_scene_id(scene_id)):
            log.error("A job that names no scene is passed over")
            return
        lock = self._locks.of(channel_id, scene_id)
        await lock.take()
        if lock.lost:
            await self._waker.wake_scene(channel_id, scene_id, self._now() + BUSY_SECONDS)
            return
        async with lock.kept():
            await self._work_for_person(channel_id, scene_id, lock)

    async def _work_for_person(self, channel_id: str, scene_id: str, lock: Lock) -> None:
        ended = self._unwritten.get(scene_id)
        if ended is None:
            scene = await self._repository.scene(channel_id, scene_id)
            if scene is None or scene.state.finished:
                await self._due_list.mark_done(f"{channel_id}/{scene_id}")
                return
            now = self._now()
            waits = scene.resume_at is not None and scene.resume_at > now + EARLY_SECONDS
            if waits and not self._may_be_posted_now(scene) and not await self._repository.is_cancelled(scene):
                await self._waker.wake_scene(scene.channel_id, scene.id, scene.resume_at)
                return
            scene = begun(scene, now)
            await self._repository.save(scene)
            with suppress(TransientError):
                await self._queue.leave(scene)
            ended = await self._draw(scene, lambda: self._repository.scene(channel_id, scene_id))
        written = await retry(lambda: self._finish(ended, lock))
        self._close(scene_id, written=written)

    async def _finish(self, scene: Scene, lock: Lock) -> bool:
        await lock.take()
        if lock.lost:
            return False
        await self._repository.save(scene)
        if scene.resume_at is not None:
            await self._waker.wake_scene(scene.channel_id, scene.id, scene.resume_at)
        else:
            await self._due_list.mark_done(f"{scene.channel_id}/{scene.id}")
            await self._repository.forget_surplus(scene.channel_id)
            await self._tell_late(scene)
        return True

    async def _tell_late(self, scene: Scene) -> None:
        """Whoever asked can no longer be told by the line that they watched."""
        if scene.state is not SceneState.POSTED and is_late(scene):
            await self._poster.notify(scene, mention=True)

    async def _tell_why(self, scene: Scene | None) -> None:
        """Where it is wished, an automatic picture that cannot be had is not passed over in silence."""
        missing = {SceneState.REFUSED, SceneState.FAILED}
        if scene is None or scene.state not in missing:
            return
        if not (await self._channel_settings.of(scene.channel_id, scene.guild_id)).notices:
            return
        with suppress(SceneArtError):  # where pictures may not be shown, nobody waits for one
            await self._channels.check_audience(scene)
            await self._renderer.check_wanted(scene)
            await self._poster.notify(scene)
