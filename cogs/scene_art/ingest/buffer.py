"""Events on their way from whoever takes them in to the inboxes in Redis. A slow Redis never slows the taking in."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence

from .. import faults
from ..domain.events import GameEvent, Heard, channel_of
from ..errors import TransientError
from ..jobs.scheduler import Scheduler
from ..store.health import Delay
from ..store.inbox import Inbox
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
    """Events in the order of their delivery, bounded in number and in bytes.

    What is too much is given up, the oldest first, with a log line and a count.
    """

    def __init__(self, given_up: Callable[[GameEvent], None] = lambda _: None) -> None:
        """`given_up` is told of every event that is lost for want of room; it must not raise."""
        self._items: deque[Heard] = deque()
        self.bytes = 0
        self._given_up = given_up
        self._in_delivery = 0
        self._carrying = asyncio.Semaphore(CARRIED_AT_ONCE)
        self._news = asyncio.Event()
        self.shed = ThrottledLog("Shed an event on", 1)

    def __len__(self) -> int:
        """Count the events that are not in Redis yet."""
        return len(self._items) + self._in_delivery

    def add(self, event: GameEvent, heard_at: float) -> None:
        """Take in an event that was heard at `heard_at` (unix seconds)."""
        self._items.append((heard_at, event))
        self.bytes += event.weight
        self._drop_surplus()
        self._news.set()

    def put_back(self, items: Iterable[Heard]) -> None:
        """Put what could not be delivered in front of everything, by its time."""
        returned = sorted(items, key=lambda item: item[0])
        self._items.extendleft(reversed(returned))
        self.bytes += sum(event.weight for _, event in returned)
        self._drop_surplus()

    def take(self, most: int, most_bytes: int) -> list[Heard]:
        """Take the oldest ones out: one at least, if there is any."""
        taken: list[Heard] = []
        room = most_bytes
        while self._items and len(taken) < most and (not taken or self._items[0][1].weight <= room):
            taken.append(self._pop())
            room -= taken[-1][1].weight
        return taken

    def withdraw(self, event_id: str) -> bool:
        """Take an event out again. Whether it was still here, and nobody will ever see it."""
        found = next((item for item in self._items if item[1].event_id == event_id), None)
        if found is None:
            return False
        self._items.remove(found)
        self.bytes -= found[1].weight
        return True

    def not_ahead(self, now: float) -> None:
        """Have no event heard later than `now` (unix seconds): they were noted by a clock that may be wrong."""
        self._items = deque((min(heard_at, now), event) for heard_at, event in self._items)

    def _drop_surplus(self) -> None:
        while len(self._items) > BUFFER_LIMIT or self.bytes > BUFFER_BYTES:
            _, event = self._pop()
            self.shed.warn(channel_of(event), "the buffer is full; the oldest event was given up")
            self._given_up(event)

    def _pop(self) -> Heard:
        item = self._items.popleft()
        self.bytes -= item[1].weight
        return item

    async def carry(self, deliver: Deliver, delay: Delay) -> None:
        """Deliver what is taken in, until cancelled. Nothing is given up while Redis is away; `delay` tells of it."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._items:
                await self._carry_batch(deliver, delay)

    async def _carry_batch(self, deliver: Deliver, delay: Delay) -> None:
        batch = self.take(CARRIED_EVENTS, CARRIED_BYTES)
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
            self.put_back(failed)
            await asyncio.sleep(TRY_AGAIN_SECONDS)

    async def _carry_to(self, deliver: Deliver, channel_id: str, items: Sequence[Heard]) -> None:
        async with self._carrying:
            await deliver(channel_id, items)


async def deliver(
    inbox: Inbox,
    scheduler: Scheduler,
    delivered: Callable[[Sequence[Heard]], None],
    channel_id: str,
    heard: Sequence[Heard],
) -> None:
    """Put events into the channel's inbox and wake its job. Delivering one twice does no harm.

    `delivered` is told of what lies in its inbox now.

    Raises:
        TransientError: Redis is away; deliver again later.
    """
    await asyncio.gather(inbox.enqueue(channel_id, heard), scheduler.mark_due(channel_id))
    await scheduler.wake(channel_id)
    delivered(heard)
