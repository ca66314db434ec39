"""Token buckets: a burst at once, and a steady rate after it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """`burst` tokens at once, and `per_second` tokens in the long run."""

    burst: float
    per_second: float


class Bucket:
    """A token bucket, full at first."""

    __slots__ = ("_at", "_tokens")

    def __init__(self, rate: Rate, now: float) -> None:
        self._tokens = rate.burst
        self._at = now

    def has(self, tokens: float, rate: Rate, now: float) -> bool:
        """Check that so many tokens are there at `now` (seconds of any clock; one that goes back counts as stopped)."""
        passed = max(0.0, now - self._at)
        self._tokens = min(rate.burst, self._tokens + passed * rate.per_second)
        self._at = max(self._at, now)
        return self._tokens >= tokens

    def take(self, tokens: float) -> None:
        """Take so many tokens. Call `has` first."""
        self._tokens -= tokens

    def give_back(self, tokens: float, rate: Rate) -> None:
        """Undo `take`."""
        self._tokens = min(rate.burst, self._tokens + tokens)

    def seconds_until(self, tokens: float, rate: Rate) -> float:
        """Return the seconds until so many tokens are there, counted from the last call of `has`."""
        return max(0.0, tokens - self._tokens) / rate.per_second
