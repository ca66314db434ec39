"""How much is taken in: what comes faster than any game plays is shed and counted."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, and so many a second on and on."""

    burst: float
    per_second: float


CHANNEL_EVENTS = Rate(burst=500, per_second=10)
ALL_EVENTS = Rate(burst=4_000, per_second=400)
ALL_BYTES = Rate(burst=32e6, per_second=4e6)
"""Of messages as they come. A usual one has 2 to 10 kB."""
CHANNELS_REMEMBERED = 4_096


class Bucket:
    """A token bucket."""

    def __init__(self, rate: Rate, now: float) -> None:
        self._rate = rate
        self._level = rate.burst
        self._at = now

    def take(self, amount: float, now: float) -> bool:
        """Whether there was enough; when not, nothing is taken."""
        self._level = min(self._rate.burst, self._level + max(0.0, now - self._at) * self._rate.per_second)
        self._at = now
        if amount > self._level:
            return False
        self._level -= amount
        return True


class Buckets:
    """One bucket for each of many; those that were used longest ago are forgotten, and full again."""

    def __init__(self, rate: Rate, remembered: int = CHANNELS_REMEMBERED) -> None:
        self._rate = rate
        self._remembered = remembered
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, name: str, amount: float, now: float) -> bool:
        """Whether the bucket called `name` had enough."""
        bucket = self._buckets.pop(name, None) or Bucket(self._rate, now)
        self._buckets[name] = bucket
        if len(self._buckets) > self._remembered:
            self._buckets.popitem(last=False)
        return bucket.take(amount, now)


class Floodgate:
    """What one process takes in of the game's events."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds."""
        self._clock = clock
        self._bytes = Bucket(ALL_BYTES, clock())
        self._events = Bucket(ALL_EVENTS, clock())
        self._channels = Buckets(CHANNEL_EVENTS)

    def lets_message_in(self, size: int) -> bool:
        """Whether a message of `size` bytes may be looked at, asked before it is."""
        return self._bytes.take(size, self._clock())

    def lets_event_in(self, channel_id: str) -> bool:
        """Whether an event of this channel may be acted on. A flood in one channel leaves the others their share."""
        now = self._clock()
        return self._channels.take(channel_id, 1, now) and self._events.take(1, now)
