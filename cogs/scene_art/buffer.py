"""What was heard and is not delivered yet, bounded."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from .events import ArtRequest, TurnComplete

Heard = tuple[float, ArtRequest | TurnComplete]
"""An event, and when it was heard, in unix seconds."""

LONGEST = 2_000
MOST_CHARACTERS = 16_000_000


class EventBuffer:
    """The oldest events are given up when there are too many, or when they are too large together."""

    def __init__(self) -> None:
        self._events: deque[Heard] = deque()
        self._characters = 0

    def __len__(self) -> int:
        return len(self._events)

    def append(self, heard: Heard) -> list[Heard]:
        """Take `heard` in; what had to be given up for it."""
        self._events.append(heard)
        self._characters += heard[1].size
        return self._given_up()

    def take_all(self) -> list[Heard]:
        """Everything, oldest first; the buffer is empty then."""
        taken, self._events, self._characters = list(self._events), deque(), 0
        return taken

    def put_back(self, items: Iterable[Heard]) -> list[Heard]:
        """Put what could not be delivered before what came meanwhile; what had to be given up for it."""
        before = sorted(items, key=lambda item: item[0])
        self._events.extendleft(reversed(before))
        self._characters += sum(event.size for _, event in before)
        return self._given_up()

    def _given_up(self) -> list[Heard]:
        gone: list[Heard] = []
        while len(self._events) > LONGEST or self._characters > MOST_CHARACTERS:
            gone.append(self._events.popleft())
            self._characters -= gone[-1][1].size
        return gone
