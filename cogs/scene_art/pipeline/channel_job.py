"""The job of a channel: works on its plan, alone, and draws at most one scene."""

from __future__ import annotations

import logging

from ..domain.channel_plan import Start, WakeAt
from ..domain.scene import Scene, SceneState, UnitOfWork
from ..jobs.scheduler import Scheduler
from ..store.inbox import ChannelRecord
from ..store.lock import Lock, Locks
from ..store.records import is_channel_id
from ..store.scenes import SceneRepository
from ..store.timeouts import retry
from .inbox_reader import InboxReader
from .progress import begun
from .publisher import Publisher
from .render_job import SceneRuns

log = logging.getLogger(__name__)


class ChannelJob:
    """Begins by reading what the store knows, so that running it once too often costs nothing."""

    def __init__(
        self,
        *,
        inbox_reader: InboxReader,
        repository: SceneRepository,
        locks: Locks,
        runs: SceneRuns,
        publisher: Publisher,
        scheduler: Scheduler,
    ) -> None:
        self._inbox_reader = inbox_reader
        self._repository = repository
        self._locks = locks
        self._runs = runs
        self._publisher = publisher
        self._scheduler = scheduler
        self._running: set[str] = set()
        """The channels that this process works on."""

    async def run(self, channel_id: str) -> None:
        """Take the inbox in, draw at most one scene, and see that the next one is not forgotten.

        Raises:
            TransientError: Redis is away; run it again.
        """
        if not is_channel_id(channel_id):  # docket's keys may have been written by anybody
            log.error("A job that names no channel is passed over")
            return
        if channel_id in self._running:
            # In a flood, each of many runs would otherwise read megabytes of the inbox only to find the lock taken.
            await self._scheduler.turned_away(self._locks.of(channel_id), channel_id)
            return
        self._running.add(channel_id)
        try:
            await self._run(channel_id)
        finally:
            self._running.discard(channel_id)

    async def _run(self, channel_id: str) -> None:
        lock = self._locks.of(channel_id)
        record = await self._inbox_reader.open(channel_id, lock)
        if lock.lost:
            await self._scheduler.turned_away(lock, channel_id)
            return
        async with self._scheduler.alone(lock, channel_id):
            if record.ask_again_in is not None:
                await self._scheduler.wake(channel_id, at=self._scheduler.now() + record.ask_again_in)
            elif record.is_nobodys:
                await self._inbox_reader.discard(record)
                await self._schedule(record, WakeAt(None), lock)
            else:
                await self._work_on(record, lock)

    async def _work_on(self, record: ChannelRecord, lock: Lock) -> None:
        scenes = await self._inbox_reader.take(record)
        step = await self._next_step(record, scenes)
        if record.has_more or isinstance(step, WakeAt):  # what is drawn next is decided when all is known
            await self._inbox_reader.commit_changes(record, scenes)
            await self._schedule(record, step, lock)
            return
        scene = self._runs.unwritten.get(step.scene_id)
        if scene is None:
            scene = await self._start(record, step, scenes)
            if scene is not None:
                scene = await self._runs.draw(scene, lambda: self._last_news(step.scene_id, record, lock))
        written = await retry(lambda: self._end(record, step.scene_id, scene, lock))
        await self._runs.close(step.scene_id, scene, written=written)

    async def _next_step(self, record: ChannelRecord, scenes: UnitOfWork) -> Start | WakeAt:
        """Ask the plan for its next step; a scene that waits for a channel which is open again goes on at once."""
        step = await self._inbox_reader.next_step(record)
        begun_one = record.plan.begun
        if record.has_more or isinstance(step, Start) or begun_one is None:
            return step
        scenes.update_known(await self._repository.scenes(record.channel_id, [begun_one.scene_id]))
        waiting = scenes.get(begun_one.scene_id)
        return Start(begun_one.scene_id) if waiting is not None and self._publisher.may_go_on(waiting) else step

    async def _start(self, record: ChannelRecord, step: Start, scenes: UnitOfWork) -> Scene | None:
        """Note in the store that the scene is begun, before anything is paid. None: its record is gone."""
        now = self._scheduler.now()
        wanted = [sid for sid in (step.scene_id, *step.skipped) if sid not in scenes]
        scenes.update_known(await self._repository.scenes(record.channel_id, wanted))
        record.plan.start(step, now)
        self._inbox_reader.skip(step.skipped, scenes, "overtaken", "a newer scene was drawn instead")
        scene = scenes.get(step.scene_id)
        if scene is not None and not scene.state.finished:
            scene = scenes[step.scene_id] = begun(scene, now)
        await self._inbox_reader.commit(record, scenes)
        return scene

    async def _last_news(self, scene_id: str, record: ChannelRecord, lock: Lock) -> Scene | None:
        """Read the scene as the store has it now: its turn may have told meanwhile where to reply to. None: no news."""
        if not await self._inbox_reader.reopen(record, lock):
            return None
        if lock.lost:
            return await self._repository.scene(record.channel_id, scene_id)
        scenes = await self._inbox_reader.take(record)
        await self._inbox_reader.commit_changes(record, scenes)
        return scenes.get(scene_id) or await self._repository.scene(record.channel_id, scene_id)

    async def _end(self, record: ChannelRecord, scene_id: str, scene: Scene | None, lock: Lock) -> bool:
        """Write down how the scene ended, and look whether something else is waiting. False: it is another run's."""
        await self._inbox_reader.reopen(record, lock)
        record.is_written = False  # whatever fails from here on, the next try begins with the store
        if lock.lost:
            # The plan is that other run's alone. What this one posted, it finds by the nonce or in the channel.
            log.debug("scene %s: left to the run that works on the channel now", scene_id)
            return False
        scenes = await self._inbox_reader.take(record)
        if scene is not None and scene.resume_at is not None:
            record.plan.put_off(scene_id, scene.resume_at)
        else:
            record.plan.settle(scene_id, posted=scene is not None and scene.state is SceneState.POSTED)
        if scene is not None:
            scenes.rewrite(scene)
        await self._inbox_reader.commit(record, scenes)
        await self._repository.note_end(record.channel_id)
        await self._schedule(record, await self._inbox_reader.next_step(record), lock)
        return True

    async def _schedule(self, record: ChannelRecord, step: Start | WakeAt, lock: Lock) -> None:
        """See that the job runs again when there is something to do."""
        if isinstance(step, Start) or record.has_more:
            lock.again = True  # woken now, it would find the lock taken
        elif step.when is not None:
            await self._scheduler.wake(record.channel_id, at=step.when)
        else:
            await self._scheduler.mark_done(record.channel_id)
