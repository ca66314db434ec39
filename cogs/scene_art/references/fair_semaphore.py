"""Fair turns: a limit of concurrent ones in all, and a limit for each group."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Ticket:
    """A place in the queues of one or several groups. It is served once."""

    def __init__(self) -> None:
        self.served: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Resolves when its turn has come, to the group that it counts for."""
        self.groups: set[str] = set()


class FairSemaphore:
    """Hands out `at_once` turns, at most `per_group` of them to one group at a time.

    The group with the fewest turns is served first, so that a group with many requests delays only itself. Belongs to
    one event loop.
    """

    def __init__(self, at_once: int, per_group: int) -> None:
        self._at_once = at_once
        self._per_group = per_group
        self._taken: Counter[str] = Counter()
        self._queues: OrderedDict[str, deque[Ticket]] = OrderedDict()

    def ask(self, group: str) -> Ticket:
        """Take a place at the end of the group's queue. Give it back with `end`, served or not."""
        ticket = Ticket()
        self.join(ticket, group)
        return ticket

    @asynccontextmanager
    async def turn(self, group: str) -> AsyncIterator[None]:
        """Wait for a turn of `group`, and hold it within the `with` block."""
        ticket = self.ask(group)
        try:
            await ticket.served
            yield
        finally:
            self.end(ticket)

    def join(self, ticket: Ticket, group: str) -> None:
        """Let `ticket` wait in the queue of `group` as well. Does nothing when it was served already."""
        if ticket.served.done() or group in ticket.groups:
            return
        ticket.groups.add(group)
        self._queues.setdefault(group, deque()).append(ticket)
        self._serve()

    def end(self, ticket: Ticket) -> None:
        """End a turn, or give up waiting for it. Call it once."""
        if not ticket.served.cancel() and not ticket.served.cancelled():
            # Leaves no group without a turn behind.
            self._taken -= Counter([ticket.served.result()])
        self._serve()

    def _serve(self) -> None:
        while self._taken.total() < self._at_once and (found := self._next()) is not None:
            ticket, group = found
            self._taken[group] += 1
            ticket.served.set_result(group)

    def _next(self) -> tuple[Ticket, str] | None:
        """Take the first ticket of the group with the fewest turns; of equal groups, of the one served longest ago."""
        for name, queue in list(self._queues.items()):
            while queue and queue[0].served.done():
                queue.popleft()
            if not queue:
                del self._queues[name]
        group = min(self._queues, key=self._taken.__getitem__, default=None)
        if group is None or self._taken[group] >= self._per_group:
            return None
        self._queues.move_to_end(group)
        return self._queues[group].popleft(), group
