"""Where docket's own lines go: scene-art has a line for each scene and for each loss, so that docket's are for DEBUG.

docket's loggers are the host's as well, which may have a docket of its own. So no level and no handler is touched:
a filter lowers what docket says of our jobs, and passes everything else on as it is.
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
"""All that docket writes to beside what each task gets as its own; a filter sees the lines of its one logger alone."""

_ours: ContextVar[bool] = ContextVar("scene_art_docket", default=False)


@contextmanager
def docket_at_work() -> Iterator[None]:
    """What docket says within, and in the tasks that it starts there, is about our jobs."""
    token = _ours.set(True)
    try:
        yield
    finally:
        _ours.reset(token)


@contextmanager
def docket_outside() -> Iterator[None]:
    """The opposite, for what is called from one of our jobs: a host's game state may use a docket of its own."""
    token = _ours.set(False)
    try:
        yield
    finally:
        _ours.reset(token)


@contextmanager
def lowered_to_debug() -> Iterator[None]:
    """Meanwhile docket's lines about our jobs are lines for DEBUG. What is a fault stays an error."""
    lower = _Lower()
    for name in LOGGERS:
        logging.getLogger(name).addFilter(lower)
    try:
        yield
    finally:
        for name in LOGGERS:
            logging.getLogger(name).removeFilter(lower)


class _Lower(logging.Filter):
    """Takes the traces of Redis's troubles away, too: redis-py's frames hold the password, and crash reporters show it.

    Such a trace says no more than its last line.
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
        """Tell whether nobody else says so. `ConnectionHealth` tells of a Redis that is away."""
        if not isinstance(problem, (RedisError, ConnectionError)):
            return True
        if not is_refusal(problem) or record.getMessage() in self._refusals:
            return False
        self._refusals.add(record.getMessage())
        return True
