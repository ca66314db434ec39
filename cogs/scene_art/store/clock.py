"""One time for all processes: Redis's. Clocks that are minutes apart would plan one turn at two times."""

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
"""What is not farther apart is taken for the same: a busy moment must not set the clock."""
READINGS = 3
QUICK_SECONDS = 0.1
"""An answer that took less than twice this is exact enough; else the quickest of the readings counts."""


class SharedClock:
    """Redis's clock, told from this machine's and the difference between the two."""

    def __init__(self, local: Callable[[], float] = time.time) -> None:
        self._local = local
        self.offset = 0.0
        """Seconds that Redis is ahead of this machine."""

    def now(self) -> float:
        """Unix seconds by Redis's clock."""
        return self._local() + self.offset

    def to_local(self, when: float) -> float:
        """The same moment by this machine's clock."""
        return when - self.offset

    async def measure(self, client: RedisClient) -> None:
        """Compare the clocks. A Redis that does not tell its time leaves everything as it is. Never raises."""
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
    """Unix seconds of the server; None when it does not tell: it is away, or in-process, or forbids the question."""
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
