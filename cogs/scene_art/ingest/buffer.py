"""Events on their way from whoever takes them in to the inboxes in Redis. A slow Redis never slows the taking in."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
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


class _Lane:
    """The events of one server, and their bytes."""

    def __init__(self) -> None:
        self.items: deque[Heard] = deque()
        self.bytes = 0

    def append(self, item: Heard) -> None:
        self.items.append(item)
        self.bytes += item[1].weight

    def appendleft(self, item: Heard) -> None:
        self.items.appendleft(item)
        self.bytes += item[1].weight

    def popleft(self) -> Heard:
        item = self.items.popleft()
        self.bytes -= item[1].weight
        return item

    def remove(self, event_id: str) -> Heard | None:
        found = next((item for item in self.items if item[1].event_id == event_id), None)
        if found is not None:
            self.items.remove(found)
            self.bytes -= found[1].weight
        return found


class EventBuffer:
    """Events in the order of their delivery, bounded in number and in bytes; of each server in turn.

    What is too much is given up, the oldest of the server with the most, with a log line and a count.
    """

    def __init__(
        self,
        given_up: Callable[[GameEvent], None] = lambda _: None,
        server_of: Callable[[str], str] = lambda channel_id: channel_id,
    ) -> None:
        """`given_up` is told of every event that is lost for want of room; it must not raise.

        `server_of` names a channel's server.
        """
        self._lanes: OrderedDict[str, _Lane] = OrderedDict()
        self._waiting = 0
        self.bytes = 0
        self._given_up = given_up
        self._server_of = server_of
        self._in_delivery = 0
        self._carrying = asyncio.Semaphore(CARRIED_AT_ONCE)
        self._news = asyncio.Event()
        self.shed = ThrottledLog("Shed an event on", 1)

    def __len__(self) -> int:
        """Count the events that are not in Redis yet."""
        return self._waiting + self._in_delivery

    def _lane_of(self, event: GameEvent) -> _Lane:
        self._waiting += 1
        self.bytes += event.weight
        return self._lanes.setdefault(self._server_of(event.channel_id), _Lane())

    def _left(self, server: str, item: Heard) -> Heard:
        """Note that `item` has left its lane."""
        self._waiting -= 1
        self.bytes -= item[1].weight
        if not self._lanes[server].items:
            del self._lanes[server]
        return item

    def add(self, event: GameEvent, heard_at: float) -> None:
        """Take in an event that was heard at `heard_at` (unix seconds)."""
        self._lane_of(event).append((heard_at, event))
        self._drop_surplus()
        self._news.set()

    def put_back(self, items: Iterable[Heard]) -> None:
        """Put what could not be delivered in front of everything, by its time."""
        for item in sorted(items, key=lambda item: item[0], reverse=True):
            self._lane_of(item[1]).appendleft(item)
        self._drop_surplus()

    def take(self, most: int, most_bytes: int) -> list[Heard]:
        """Take the oldest ones of each server out in turn: one at least, if there is any."""
        taken: list[Heard] = []
        room = most_bytes
        while self._lanes and len(taken) < most:
            server, lane = next(iter(self._lanes.items()))
            if taken and lane.items[0][1].weight > room:
                break
            self._lanes.move_to_end(server)
            taken.append(self._pop(server))
            room -= taken[-1][1].weight
        return taken

    def withdraw(self, event_id: str) -> bool:
        """Take an event out again. Whether it was still here, and nobody will ever see it."""
        for server, lane in self._lanes.items():
            if (found := lane.remove(event_id)) is not None:
                self._left(server, found)
                return True
        return False

    def not_ahead(self, now: float) -> None:
        """Have no event heard later than `now` (unix seconds): they were noted by a clock that may be wrong."""
        for lane in self._lanes.values():
            lane.items = deque((min(heard_at, now), event) for heard_at, event in lane.items)

    def _drop_surplus(self) -> None:
        while (server := self._with_the_most()) is not None:
            _, event = self._pop(server)
            self.shed.warn(channel_of(event), "the buffer is full; the oldest event was given up")
            self._given_up(event)

    def _with_the_most(self) -> str | None:
        """Name the server that has the most of what is too much; None where nothing is."""
        if self._waiting > BUFFER_LIMIT:
            return max(self._lanes, key=lambda server: len(self._lanes[server].items))
        if self.bytes > BUFFER_BYTES:
            return max(self._lanes, key=lambda server: self._lanes[server].bytes)
        return None

    def _pop(self, server: str) -> Heard:
        return self._left(server, self._lanes[server].popleft())

    async def carry(self, deliver: Deliver, delay: Delay) -> None:
        """Deliver what is taken in, until cancelled. Nothing is given up while Redis is away; `delay` tells of it."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._lanes:
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
