"""docket's log lines: lowered to DEBUG, since scene-art itself logs every scene and every loss of Redis.

docket's loggers are the host's as well, which may have a docket of its own. So no level and no handler is changed:
a filter lowers the lines about our jobs, and passes everything else on as it is.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from redis.exceptions import RedisError

from ..store.connection import is_refusal

LOGGERS = tuple(
    f"docket.{module}"
    for module in (
        "_redelivery",
        "_redis",
        "_redis_credentials",
        "_redis_sentinel",
        "_result_store",
        "dependencies",
        "docket",
        "execution",
        "strikelist",
        "worker",
    )
)
"""All of docket's loggers except those of single tasks. A filter sees the lines of its own logger alone."""

_ours: ContextVar[bool] = ContextVar("scene_art_docket", default=False)


@contextmanager
def docket_lines(*, ours: bool) -> Iterator[None]:
    """Mark docket's lines as ours, or not, within the block and in the tasks that are started there.

    A host's code in our jobs may use a docket of its own.
    """
    token = _ours.set(ours)
    try:
        yield
    finally:
        _ours.reset(token)


@contextmanager
def lowered_to_debug() -> Iterator[None]:
    """Lower docket's lines about our jobs to DEBUG within the block. Faults stay errors."""
    lower = _Lower()
    for name in LOGGERS:
        logging.getLogger(name).addFilter(lower)
    try:
        yield
    finally:
        for name in LOGGERS:
            logging.getLogger(name).removeFilter(lower)


class _Lower(logging.Filter):
    """The filter. It also removes the tracebacks of Redis's errors, which say no more than their last line.

    redis-py's frames hold the password, and crash reporters show them.
    """

    def __init__(self) -> None:
        super().__init__()
        self._refusals: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        if not _ours.get():
            return True
        problem = record.exc_info[1] if record.exc_info else None
        if isinstance(problem, (RedisError, OSError)):
            record.msg, record.args = "%s (%s)", (record.getMessage(), type(problem).__name__)
            record.exc_info = record.exc_text = None
        if record.levelno >= logging.ERROR and self._is_news(record, problem):
            return True
        record.levelno, record.levelname = logging.DEBUG, logging.getLevelName(logging.DEBUG)
        return logging.getLogger(record.name).isEnabledFor(logging.DEBUG)

    def _is_news(self, record: logging.LogRecord, problem: BaseException | None) -> bool:
        """Tell whether nothing else logs the problem. `ConnectionHealth` logs a Redis that is away."""
        if not isinstance(problem, (RedisError, ConnectionError)):
            return True
        if not is_refusal(problem) or record.getMessage() in self._refusals:
            return False
        self._refusals.add(record.getMessage())
        return True
