"""A queue with bounds in number and in bytes, for events that wait for Redis. The oldest are dropped first."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from ..domain.events import Heard


class BoundedQueue:
    """Events in the order in which they are to be delivered."""

    def __init__(self, limit: int, limit_bytes: int) -> None:
        self._limit = limit
        self._limit_bytes = limit_bytes
        self._items: deque[Heard] = deque()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._items)

    def add(self, item: Heard) -> list[Heard]:
        """Put one in at the end; what had to be given up for it."""
        self._items.append(item)
        self.bytes += item[1].weight
        return self._surplus()

    def put_back(self, items: Iterable[Heard]) -> list[Heard]:
        """Put what could not be delivered in front of everything, by its time; what had to be given up for it."""
        returned = sorted(items, key=lambda item: item[0])
        self._items.extendleft(reversed(returned))
        self.bytes += sum(event.weight for _, event in returned)
        return self._surplus()

    def take(self, most: int, most_bytes: int) -> list[Heard]:
        """The oldest ones, taken out: one at least, if there is any."""
        taken: list[Heard] = []
        room = most_bytes
        while self._items and len(taken) < most and (not taken or self._items[0][1].weight <= room):
            taken.append(self._pop())
            room -= taken[-1][1].weight
        return taken

    def remove(self, event_id: str) -> bool:
        """Take one out by its identity. Whether it was there."""
        found = next((item for item in self._items if item[1].event_id == event_id), None)
        if found is None:
            return False
        self._items.remove(found)
        self.bytes -= found[1].weight
        return True

    def not_ahead(self, now: float) -> None:
        """Have no event heard later than `now` (unix seconds): they were noted by a clock that may be wrong."""
        self._items = deque((min(heard_at, now), event) for heard_at, event in self._items)

    def _surplus(self) -> list[Heard]:
        given_up = []
        while len(self._items) > self._limit or self.bytes > self._limit_bytes:
            given_up.append(self._pop())
        return given_up

    def _pop(self) -> Heard:
        item = self._items.popleft()
        self.bytes -= item[1].weight
        return item
