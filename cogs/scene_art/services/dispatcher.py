"""Hands the scenes that people ask for to the workers, follows them and calls them back. No Discord type."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from ..domain.scene import Scene, SceneState, Source
from ..domain.scene_log import tell_end
from ..errors import CannotDoError, TransientError
from ..host.announcer import Announcer
from ..i18n import gettext
from ..jobs.scheduler import Scheduler
from ..store.queue import Queue
from ..store.scenes import SceneRepository

FOLLOW_EVERY_SECONDS = 0.2


class SceneDispatcher:
    """Every method may raise `TransientError` when Redis is away."""

    def __init__(
        self,
        *,
        repository: SceneRepository,
        queue: Queue,
        scheduler: Scheduler,
        announcer: Announcer,
    ) -> None:
        self._repository = repository
        self._queue = queue
        self._scheduler = scheduler
        self._announcer = announcer

    def now(self) -> float:
        """Tell unix seconds, by the clock that all processes share."""
        return self._scheduler.now()

    async def add(self, scene: Scene) -> None:
        """Write a new scene down. Nobody draws it before `start`."""
        await self._repository.add(scene)
        self._announcer.queued(scene)

    async def start(self, scene: Scene) -> None:
        """Have an added scene drawn.

        Raises:
            TransientError: nobody will draw it; it has failed.
        """
        await self._scheduler.mark_due(scene.channel_id, scene.id)
        await self._queue.enter(scene)
        try:
            await self._scheduler.wake(scene.channel_id, scene.id)
        except TransientError as exc:
            await self._fail(scene, exc)
            raise

    async def _fail(self, scene: Scene, exc: TransientError) -> None:
        """End a scene that must not count as one that is being drawn."""
        failed = scene.moved(
            SceneState.FAILED, reason=exc.detail, code=exc.code, sentence=exc.sentence, finished_at=self.now()
        )
        with contextlib.suppress(TransientError):
            await self._repository.save(failed)
        tell_end(failed)
        self._announcer.ended(failed)

    async def cancel(self, scene: Scene) -> Scene:
        """Have `scene` not drawn; return it as it stood when nothing of it could leave any more.

        Raises:
            CannotDoError: its picture is there already.
        """
        _check_unpainted(scene)
        # Asked before it is looked at again: a request that is not seen to have left by then never leaves.
        await self._repository.ask_to_cancel(scene)
        scene = await self._repository.scene(scene.channel_id, scene.id) or scene
        _check_unpainted(scene)
        await self._queue.leave(scene)
        if scene.source is Source.PERSON:  # one that waits for a free key, say, is not to wait for that
            await self._scheduler.wake(scene.channel_id, scene.id)
        return scene

    async def cancel_if_possible(self, channel_id: str, scene_id: str) -> bool:
        """Have a scene not drawn, for the operator's own code. False: it has ended, or is about to be posted."""
        scene = await self._repository.scene(channel_id, scene_id)
        if scene is None or scene.state.finished:
            return False
        try:
            await self.cancel(scene)
        except CannotDoError:
            return False
        return True

    async def position(self, scene: Scene) -> int:
        """Tell the place in the queue of a scene that nobody has begun; 1 is the next."""
        return await self._queue.position(scene)

    async def follow(self, scene: Scene) -> AsyncIterator[Scene]:
        """Yield the scene as it stands, several times a second, until it is finished. Survives outages of Redis."""
        now: Scene | None = scene
        while now is not None and not now.state.finished:
            await asyncio.sleep(FOLLOW_EVERY_SECONDS)
            with contextlib.suppress(TransientError):
                now = await self._repository.scene(scene.channel_id, scene.id)
            if now is not None:
                yield now


def _check_unpainted(scene: Scene) -> None:
    if scene.has_picture:
        raise CannotDoError(
            gettext("Too late to cancel: the picture is about to be posted. Press Delete once it's there.")
        )
