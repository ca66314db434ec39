"""Events on their way from whoever takes them in to the inboxes in Redis. A slow Redis never slows the taking in."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from .. import faults
from ..domain.events import GameEvent, Heard, channel_of
from ..errors import TransientError
from ..store.health import Delay
from .bounded_queue import BoundedQueue
from .rate_limits import MIB, ThrottledLog

log = logging.getLogger(__name__)

Deliver = Callable[[str, Sequence[Heard]], Awaitable[None]]

BUFFER_LIMIT = 2_000
BUFFER_BYTES = 32 * MIB
CARRIED_EVENTS, CARRIED_BYTES = 200, 4 * MIB
"""So much is delivered in one go: on its way to Redis it is in memory several times."""
CARRIED_AT_ONCE = 32
"""Channels. Each delivery takes connections of its own."""
TRY_AGAIN_SECONDS = 0.25


class EventBuffer:
    """Bounded: what is too much is given up, the oldest first, with a log line and a count."""

    def __init__(self, given_up: Callable[[GameEvent], None] = lambda _: None, limit: int = BUFFER_LIMIT) -> None:
        """`given_up` is told of every event that is lost for want of room; it must not raise."""
        self._events = BoundedQueue(limit, BUFFER_BYTES)
        self._given_up = given_up
        self._in_delivery = 0
        self._carrying = asyncio.Semaphore(CARRIED_AT_ONCE)
        self._news = asyncio.Event()
        self.shed = ThrottledLog("Shed an event on", 1)

    def __len__(self) -> int:
        """Count the events that are not in Redis yet."""
        return len(self._events) + self._in_delivery

    def add(self, event: GameEvent, heard_at: float) -> None:
        """Take in an event that was heard at `heard_at` (unix seconds)."""
        self._give_up(self._events.add((heard_at, event)))
        self._news.set()

    def withdraw(self, event_id: str) -> bool:
        """Take an event out again. Whether it was still here, and nobody will ever see it."""
        return self._events.remove(event_id)

    def not_ahead(self, now: float) -> None:
        """See `BoundedQueue.not_ahead`."""
        self._events.not_ahead(now)

    def _give_up(self, surplus: Sequence[Heard]) -> None:
        for _, event in surplus:
            self.shed.warn(channel_of(event), "the buffer is full; the oldest event was given up")
            self._given_up(event)

    async def carry(self, deliver: Deliver, delay: Delay) -> None:
        """Deliver what is taken in, until cancelled. Nothing is given up while Redis is away; `delay` tells of it."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._events:
                await self._carry_batch(deliver, delay)

    async def _carry_batch(self, deliver: Deliver, delay: Delay) -> None:
        batch = self._events.take(CARRIED_EVENTS, CARRIED_BYTES)
        self._in_delivery = len(batch)
        by_channel: dict[str, list[Heard]] = {}
        for item in batch:
            by_channel.setdefault(item[1].channel_id, []).append(item)
        results = await asyncio.gather(
            *(self._carry_to(deliver, channel_id, items) for channel_id, items in by_channel.items()),
            return_exceptions=True,
        )
        self._in_delivery = 0
        problems = list(zip(by_channel.values(), results, strict=True))
        failed = [item for items, result in problems if isinstance(result, BaseException) for item in items]
        unexpected = [r for r in results if isinstance(r, BaseException) and not isinstance(r, TransientError)]
        if unexpected:
            log.error("Events could not be delivered (%s); trying again", faults.summary(unexpected[0]))
        troubles = [result for result in results if isinstance(result, TransientError)]
        if troubles:
            delay.failed(troubles[0])
        elif not failed:
            delay.over()
        if failed:
            self._give_up(self._events.put_back(failed))
            await asyncio.sleep(TRY_AGAIN_SECONDS)

    async def _carry_to(self, deliver: Deliver, channel_id: str, items: Sequence[Heard]) -> None:
        async with self._carrying:
            await deliver(channel_id, items)
