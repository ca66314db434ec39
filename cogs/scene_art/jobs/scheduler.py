"""Schedules work: noted in Redis and woken by docket, so that neither alone can lose it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Protocol

from ..errors import TransientError
from ..store.due_list import DueList
from ..store.lock import Lock

log = logging.getLogger(__name__)

ROUND_SECONDS = 20.0
LONG_OPEN_SECONDS = 45.0
"""Longer than a lease: by then another process has what a dead one left."""


class Waker(Protocol):
    """Wakes jobs, now or at a time (unix seconds): `wake_anew` also while they are at work, `guard` beside all else."""

    async def wake(self, channel_id: str, scene_id: str = "", at: float | None = None) -> None: ...
    async def wake_anew(self, channel_id: str, scene_id: str) -> None: ...
    async def guard(self, channel_id: str, scene_id: str, at: float) -> None: ...


class Scheduler:
    """Schedules work items: a channel, or a scene of it that a person asked for.

    Every method may raise `TransientError`: Redis is away.
    """

    def __init__(self, due_list: DueList, waker: Waker, now: Callable[[], float] = time.time) -> None:
        """`now` tells unix seconds, by a clock that all processes share."""
        self._due_list = due_list
        self._waker = waker
        self.now = now

    async def mark_due(self, channel_id: str, scene_id: str = "") -> None:
        """Note a work item, so that no lost wake-up forgets it."""
        await self._due_list.mark_due(_work_item(channel_id, scene_id), self.now())

    async def mark_done(self, channel_id: str, scene_id: str = "") -> None:
        """Take a work item off the list."""
        await self._due_list.mark_done(_work_item(channel_id, scene_id))

    async def wake(self, channel_id: str, scene_id: str = "", at: float | None = None) -> None:
        """Have the work item's job run now, or at `at` (unix seconds)."""
        await self._waker.wake(channel_id, scene_id, at)

    async def turned_away(self, lock: Lock, channel_id: str, scene_id: str = "") -> None:
        """See that the work item's job runs again, which found `lock` taken.

        Whoever has the lock wakes it when it is free (see `alone`); where that one is dead, it wakes when the lock
        expires.
        """
        free_in = await lock.leave_word()
        await self._waker.guard(channel_id, scene_id, self.now() + free_in)

    @asynccontextmanager
    async def alone(self, lock: Lock, channel_id: str, scene_id: str = "") -> AsyncIterator[None]:
        """Keep `lock`, which this run has, within the block, and have the job run again if `lock.again` says so then.

        Not where the block is cancelled: then another process gets the job.
        """
        try:
            async with lock.kept():
                yield
        except Exception:
            await self._once_more(lock, channel_id, scene_id)
            raise
        await self._once_more(lock, channel_id, scene_id)

    async def _once_more(self, lock: Lock, channel_id: str, scene_id: str) -> None:
        if lock.again:
            await self._waker.wake_anew(channel_id, scene_id)

    async def reconcile(self) -> None:
        """Wake again what has been due for long, until cancelled.

        docket's jobs can be lost: to a Redis that restarts without its last seconds, or to a process of another
        version that does not know them. What is on the list is not.
        """
        # The first round looks at everything: the process before this one may have died between noting and waking.
        age = 0.0
        while True:
            try:
                await self.make_round(age)
            except TransientError as exc:
                log.debug("The round is put off: %s", exc.detail)
            age = LONG_OPEN_SECONDS
            await asyncio.sleep(ROUND_SECONDS)

    async def make_round(self, age: float = LONG_OPEN_SECONDS) -> None:
        """Wake what has been due for `age` seconds."""
        for channel_id, scene_id in await self._due_since(age):
            await self.mark_due(channel_id, scene_id)
            await self.wake(channel_id, scene_id)

    async def wake_channels(self, is_wanted: Callable[[str], bool]) -> None:
        """Wake everything that is due in the channels that `is_wanted` names by their ids."""
        for channel_id, scene_id in await self._due_since(0.0):
            if is_wanted(channel_id):
                await self.wake(channel_id, scene_id)

    async def _due_since(self, age: float) -> list[tuple[str, str]]:
        found = await self._due_list.long_open(self.now() - age)
        return [(channel_id, scene_id) for channel_id, _, scene_id in (item.partition("/") for item in found)]


def _work_item(channel_id: str, scene_id: str) -> str:
    return f"{channel_id}/{scene_id}" if scene_id else channel_id
