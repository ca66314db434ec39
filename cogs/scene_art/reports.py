"""Log lines about what comes in floods: a flood must not fill a disk."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

EVERY_SECONDS = 10.0
"""The least time between two lines, after the first few."""


class Reports:
    """A line for each of the first few, then one per ten seconds with a count."""

    def __init__(self, free_lines: int, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds. After `EVERY_SECONDS` of silence the first few are free again."""
        self._free_lines = free_lines
        self._clock = clock
        self._lines = 0
        self._quiet_until = 0.0
        self._silent = 0
        self.total = 0

    def warn(self, what: str) -> None:
        """Say `what`, with how many there were so far, unless it was said just now."""
        self.total += 1
        now = self._clock()
        if self._lines >= self._free_lines and now < self._quiet_until:
            self._silent += 1
            return
        if now >= self._quiet_until + EVERY_SECONDS:
            self._lines = 0
        self._lines += 1
        self._quiet_until = now + EVERY_SECONDS
        log.warning("%s (%d so far, %d of them unreported)", what, self.total, self._silent)
