"""Tells an event that was published twice from one that is heard twice."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from .events import GameEvent
from .schedule import BARE_EVENT_SECONDS

E = TypeVar("E", bound=GameEvent)

REMEMBERED_EVENTS = 5_000


def is_bare(event: GameEvent) -> bool:
    """Whether nothing in it tells it from an equal one."""
    return event.turn_id is None and event.ts is None


class Known:
    """The last events that were taken in, by their ids."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, event: GameEvent) -> bool:
        return event.event_id in self._ids

    def add(self, event: GameEvent) -> None:
        """Remember `event`; the oldest one is forgotten."""
        self._ids[event.event_id] = None
        if len(self._ids) > REMEMBERED_EVENTS:
            self._ids.popitem(last=False)


class Hearings:
    """Tells equal messages apart that carry neither `turn_id` nor `ts`.

    Every process hears every message once. So the second time that one process hears the same bytes they are a
    second event, and it is the same second event for all processes. One that begins to listen in the middle of a run
    counts less than the others; what it says has been acted on then, unless that was longer ago than the plan's memory.
    """

    REMEMBERED = 1_000

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def told_apart(self, event: E) -> E:
        """`event`, with an id of its own when it is not the first of its kind."""
        if not is_bare(event):
            return event
        now = self._clock()
        count, last = self._counts.pop(event.event_id, (0, now))
        # The plan forgets such an event after the same time, so that a process which joined later counts alike.
        count = count + 1 if now - last < BARE_EVENT_SECONDS else 1
        self._counts[event.event_id] = (count, now)
        while len(self._counts) > self.REMEMBERED:
            self._counts.popitem(last=False)
        return event if count == 1 else event.model_copy(update={"event_id": f"{event.event_id}-{count}"})
