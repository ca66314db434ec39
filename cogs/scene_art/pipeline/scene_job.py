"""The job of a scene that a person asked for: draws it, alone, and writes down how it ended."""

from __future__ import annotations

import logging
from contextlib import suppress

from ..domain.scene import Scene
from ..errors import TransientError
from ..jobs.scheduler import Scheduler
from ..store.lock import Lock, Locks
from ..store.queue import Queue
from ..store.records import is_channel_id, is_scene_id
from ..store.scenes import SceneRepository
from ..store.timeouts import retry
from .progress import begun
from .publisher import Publisher
from .render_job import SceneRuns

log = logging.getLogger(__name__)

EARLY_SECONDS = 0.5
"""An alarm may ring this much before its time."""


class SceneJob:
    """Begins by reading what the store knows, so that running it once too often costs nothing."""

    def __init__(
        self,
        *,
        repository: SceneRepository,
        queue: Queue,
        locks: Locks,
        runs: SceneRuns,
        publisher: Publisher,
        scheduler: Scheduler,
    ) -> None:
        self._repository = repository
        self._queue = queue
        self._locks = locks
        self._runs = runs
        self._publisher = publisher
        self._scheduler = scheduler

    async def run(self, channel_id: str, scene_id: str) -> None:
        """Draw the scene, unless another run is at it.

        Raises:
            TransientError: Redis is away; run it again.
        """
        if not (is_channel_id(channel_id) and is_scene_id(scene_id)):
            log.error("A job that names no scene is passed over")
            return
        lock = self._locks.of(channel_id, scene_id)
        await lock.take()
        if lock.lost:
            await self._scheduler.turned_away(lock, channel_id, scene_id)
            return
        async with self._scheduler.alone(lock, channel_id, scene_id):
            await self._run_alone(channel_id, scene_id, lock)

    async def _run_alone(self, channel_id: str, scene_id: str, lock: Lock) -> None:
        ended = self._runs.unwritten.get(scene_id)
        if ended is None:
            scene = await self._repository.scene(channel_id, scene_id)
            if scene is None or scene.state.finished:
                await self._scheduler.mark_done(channel_id, scene_id)
                return
            if await self._waits(scene):
                await self._scheduler.wake(channel_id, scene_id, scene.resume_at)
                return
            ended = await self._draw(scene)
        written = await retry(lambda: self._end(ended, lock))
        await self._runs.close(scene_id, ended, written=written)

    async def _waits(self, scene: Scene) -> bool:
        """Tell whether the scene was put off to a time that has not come, and nothing has changed since."""
        if scene.resume_at is None or scene.resume_at <= self._scheduler.now() + EARLY_SECONDS:
            return False
        return not (self._publisher.may_go_on(scene) or await self._repository.is_cancelled(scene))

    async def _draw(self, scene: Scene) -> Scene:
        scene = begun(scene, self._scheduler.now())
        await self._repository.save(scene)
        with suppress(TransientError):
            await self._queue.leave(scene)
        return await self._runs.draw(scene, lambda: self._repository.scene(scene.channel_id, scene.id))

    async def _end(self, scene: Scene, lock: Lock) -> bool:
        """Write down how the scene ended, or until when it was put off. False: it is another run's now."""
        await lock.take()
        if lock.lost:
            return False
        await self._repository.save(scene)
        if scene.resume_at is not None:
            await self._scheduler.wake(scene.channel_id, scene.id, scene.resume_at)
        else:
            await self._scheduler.mark_done(scene.channel_id, scene.id)
            await self._repository.note_end(scene.channel_id)
        return True
