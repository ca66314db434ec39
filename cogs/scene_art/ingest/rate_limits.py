"""Rate limits of events, for each channel and in all, and the log lines for dropped ones."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from cachetools import LRUCache

from ..domain.token_bucket import Bucket, Rate

log = logging.getLogger(__name__)

KIB, MIB = 1024, 1024 * 1024
CHANNELS_WATCHED = 4_096
REPORT_EVERY_SECONDS = 10.0
"""The least time between two log lines for dropped messages, after the first few: a flood must not fill a disk."""

Clock = Callable[[], float]


@dataclass(frozen=True)
class Limits:
    """The limits of a `RateLimiter`. Bytes are the memory of a kept event."""

    channel_events: Rate = Rate(200, 5)
    channel_bytes: Rate = Rate(4 * MIB, 64 * KIB)
    server_events: Rate = Rate(1_000, 100)
    server_bytes: Rate = Rate(16 * MIB, 2 * MIB)
    """Half of what all together may have: a server with many channels leaves as much to the others."""
    events: Rate = Rate(2_000, 200)
    bytes: Rate = Rate(32 * MIB, 4 * MIB)
    message_bytes: Rate = Rate(32 * MIB, 8 * MIB)
    """Limit of unread messages, since reading a large one takes some milliseconds."""
    unknown_channels: Rate = Rate(200, 20)
    """Limit of events for channels that this process does not know, so that invented ids cost the others nothing."""


LIVE = Limits()
CATCHING_UP = Limits(channel_events=Rate(500, 5))
"""Limits by the times of publication. The publishers' stream holds about 1,000 events of all channels."""


class RateLimiter:
    """Accepts or refuses every event. Takes little time, and memory for the last `CHANNELS_WATCHED` channels alone."""

    def __init__(
        self,
        limits: Limits = LIVE,
        clock: Clock = time.monotonic,
        *,
        knows: Callable[[str], bool] = lambda _: True,
        server_of: Callable[[str], str] = lambda channel_id: channel_id,
    ) -> None:
        """`knows` tells whether a channel is one of the bot's, by its id, and `server_of` names its server."""
        self._knows = knows
        self._server_of = server_of
        self._limits = limits
        self._clock = clock
        now = clock()
        self._events, self._bytes = Bucket(limits.events, now), Bucket(limits.bytes, now)
        self._messages = Bucket(limits.message_bytes, now)
        self._unknown_channels = Bucket(limits.unknown_channels, now)
        self._channels: LRUCache[str, tuple[Bucket, Bucket]] = LRUCache(CHANNELS_WATCHED)
        self._servers: LRUCache[str, tuple[Bucket, Bucket]] = LRUCache(CHANNELS_WATCHED)

    def catching_up(self, clock: Clock) -> RateLimiter:
        """Make the limiter of events that are read later than they were published."""
        return RateLimiter(CATCHING_UP, clock, knows=self._knows, server_of=self._server_of)

    def allow_bytes(self, size: int) -> bool:
        """Accept a message of `size` bytes for reading. While large ones are refused, small ones may still fit."""
        fits = self._messages.has(size, self._limits.message_bytes, self._clock())
        if fits:
            self._messages.take(size)
        return fits

    def refusal(self, channel_id: str, weight: int, *, at: float | None = None) -> str:
        """Return the reason to refuse an event of `weight` bytes at `at` (default: now); empty to accept and count it.

        A refused event counts against nobody.
        """
        now = self._clock() if at is None else at
        limits, server_id = self._limits, self._server_of(channel_id)
        events, kept = _found(self._channels, channel_id, (limits.channel_events, limits.channel_bytes), now)
        of_server, kept_of_server = _found(self._servers, server_id, (limits.server_events, limits.server_bytes), now)
        unknown = (self._unknown_channels, 1.0, limits.unknown_channels, "too many channels are unknown")
        asked: tuple[tuple[Bucket, float, Rate, str], ...] = (
            (events, 1.0, limits.channel_events, f"channel {channel_id} is flooded"),
            (kept, float(weight), limits.channel_bytes, f"channel {channel_id} is flooded with long texts"),
            *(() if self._knows(channel_id) else (unknown,)),
            (of_server, 1.0, limits.server_events, f"server {server_id} is flooded"),
            (kept_of_server, float(weight), limits.server_bytes, f"server {server_id} is flooded with long texts"),
            (self._events, 1.0, limits.events, "too many events in all"),
            (self._bytes, float(weight), limits.bytes, "too many long texts in all"),
        )
        for bucket, tokens, rate, why in asked:
            if not bucket.has(tokens, rate, now):
                return why
        for bucket, tokens, _, _ in asked:
            bucket.take(tokens)
        return ""


def _found(
    known: LRUCache[str, tuple[Bucket, Bucket]], whose: str, rates: tuple[Rate, Rate], now: float
) -> tuple[Bucket, Bucket]:
    buckets = known.get(whose)
    if buckets is None:
        buckets = known[whose] = Bucket(rates[0], now), Bucket(rates[1], now)
    return buckets


class ThrottledLog:
    """A log line each for the first `free_lines` dropped messages, then one per ten seconds with a count."""

    def __init__(self, what: str, free_lines: int, clock: Clock = time.monotonic) -> None:
        """`what` begins each line, such as `Dropped a message`."""
        self._what = what
        self._free_lines = free_lines
        self._clock = clock
        self._lines = 0
        self._quiet_until = clock()
        self._silent = 0
        self.total = 0

    def warn(self, where: str, why: str, count: int = 1) -> None:
        """Count `count` dropped messages, and log a line if it is time to."""
        self.total += count
        now = self._clock()
        if self._lines >= self._free_lines and now < self._quiet_until:
            self._silent += count
            return
        if now >= self._quiet_until + REPORT_EVERY_SECONDS:
            self._lines = 0
        self._lines += 1
        self._quiet_until = now + REPORT_EVERY_SECONDS
        log.warning(
            "%s %s: %s (%d dropped so far, %d of them unreported)", self._what, where, why, self.total, self._silent
        )
