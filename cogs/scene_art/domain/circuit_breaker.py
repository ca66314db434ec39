"""The circuit breaker of one key and model, as a value: closed, open for a while, then half-open for one probe.

Own code, since the libraries (aiobreaker, asyncbreaker, purgatory, pybreaker) let every process probe at once, open by
a count of failures, do not lengthen the pause, and bring a Redis connection of their own that fits no cluster.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum

FIRST_PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 60.0
JITTER = 0.15
KEPT_SECONDS = 600
"""A circuit is forgotten when nothing has changed it for so long."""
MOST_FAILURES = 10**6


class Cause(StrEnum):
    """The reason for which a circuit is open."""

    QUOTA = "quota"
    """Too many requests, and no delay was named."""
    UNAVAILABLE = "unavailable"
    """The service is overloaded or broken."""
    REJECTED = "rejected"
    """The key or the model was turned away."""


@dataclass(frozen=True)
class Circuit:
    """The circuit of one key and model. Frozen: `failed` makes another one. Times are unix seconds of Redis's clock."""

    failures: int = 0
    """Failures in a row; 0 while the circuit is closed."""
    changed_at: float = 0.0
    until: float = 0.0
    """The time from which one request may probe."""
    cause: Cause = Cause.QUOTA

    def failed(self, cause: Cause, *, sent_at: float, now: float) -> Circuit:
        """Return the circuit after a failed request. A request sent before the last change changes nothing."""
        if sent_at <= self.changed_at:
            return self
        pause = min(FIRST_PAUSE_SECONDS * 2.0 ** min(self.failures, 10), LONGEST_PAUSE_SECONDS)
        pause *= random.uniform(1, 1 + JITTER)  # noqa: S311  # no secret depends on it
        return Circuit(self.failures + 1, now, now + pause, cause)

    def to_text(self) -> str:
        """Write the circuit for Redis; the inverse of `read_circuit`."""
        return f"{self.failures} {self.changed_at:.3f} {self.until:.3f} {self.cause}"


def read_circuit(raw: bytes | None, now: float) -> Circuit:
    """Read what `to_text` wrote; a closed circuit for what cannot be one."""
    try:
        failures, changed_at, until, cause = (raw or b"").decode("ascii").split()
        found = Circuit(int(failures), float(changed_at), float(until), Cause(cause))
    except ValueError:
        return Circuit()
    latest = now + LONGEST_PAUSE_SECONDS * (1 + JITTER) + 1
    is_sound = 0 <= found.failures <= MOST_FAILURES and 0 <= found.changed_at <= latest and 0 <= found.until <= latest
    return found if is_sound else Circuit()
