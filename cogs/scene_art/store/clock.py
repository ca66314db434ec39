"""The time of all processes: Redis's. With clocks that are minutes apart, one turn would be planned for two times."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from ..errors import TransientError
from .connection import RedisClient
from .timeouts import within_timeout

log = logging.getLogger(__name__)

SAME_SECONDS = 1.0
"""A smaller difference counts as none, since a busy moment must not change the clock."""
READINGS = 3
QUICK_SECONDS = 0.1
"""A reading with less doubt than this is exact enough; else the best of all readings counts."""


class SharedClock:
    """Redis's clock, computed from this machine's and the measured difference."""

    def __init__(self, local: Callable[[], float] = time.time) -> None:
        self._local = local
        self.offset = 0.0
        """Seconds by which Redis is ahead of this machine."""

    def now(self) -> float:
        """Return unix seconds by Redis's clock."""
        return self._local() + self.offset

    def to_local(self, when: float) -> float:
        """Convert unix seconds of Redis's clock to this machine's clock."""
        return when - self.offset

    async def measure(self, client: RedisClient) -> None:
        """Compare the clocks and set `offset`. Keeps it when Redis does not tell its time. Never raises."""
        readings = []
        for _ in range(READINGS):
            asked = self._local()
            told = await server_time(client)
            if told is None:
                return
            answered = self._local()
            doubt = abs(answered - asked) / 2
            readings.append((doubt, told - (asked + answered) / 2))
            if doubt < QUICK_SECONDS:
                break
        doubt, offset = min(readings)
        self.offset = offset if abs(offset) > SAME_SECONDS + doubt else 0.0


async def server_time(client: Any) -> float | None:
    """Read the server's unix seconds; None when it is away, runs in-process, or forbids the command."""
    if not hasattr(client, "time"):
        return None
    try:
        async with within_timeout():
            told = await client.time()
        if isinstance(told, dict):  # a cluster's nodes, each with its own
            told = next(iter(told.values()))
        seconds, microseconds = told
        return int(seconds) + int(microseconds) / 1_000_000
    except TransientError as exc:
        log.debug("Redis does not tell its time: %s", exc.detail)
    except (TypeError, ValueError):
        log.debug("Redis tells no time that can be read")
    return None
