"""Takes the traces from what docket tells of Redis's troubles: redis-py's frames hold the password.

Crash reporters show what the frames held, and such a trace says no more than its last line.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import RedisError

LOGGERS = tuple(
    f"docket.{module}"
    for module in ("worker", "strikelist", "_cancellation", "_redelivery", "_redis", "dependencies._concurrency")
)
"""Those that show traces."""


@contextmanager
def without_traces() -> Iterator[None]:
    """Meanwhile docket's loggers name the kind of a trouble with Redis, on the same line."""
    cut = _Cut()
    for name in LOGGERS:
        logging.getLogger(name).addFilter(cut)
    try:
        yield
    finally:
        for name in LOGGERS:
            logging.getLogger(name).removeFilter(cut)


class _Cut(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        problem = record.exc_info[1] if record.exc_info else None
        if isinstance(problem, (RedisError, OSError)):
            record.msg, record.args = "%s (%s)", (record.getMessage(), type(problem).__name__)
            record.exc_info = record.exc_text = None
        return True
