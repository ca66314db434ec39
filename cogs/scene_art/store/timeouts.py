"""Time limits and retries of exchanges with Redis."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TypeVar

from redis.exceptions import OutOfMemoryError, RedisError

from ..errors import TransientError
from .reachability import trouble_of

TIMEOUT_SECONDS = 5.0
"""Time limit of one exchange with Redis: a frozen server accepts a command and never answers."""
RETRY_SECONDS = 600.0

T = TypeVar("T")


class RedisFullError(TransientError):
    """Redis's memory is used up: it accepts no more writes."""


@contextmanager
def noticing_cancellation() -> Iterator[None]:
    """Raise a cancellation that was swallowed within the block.

    redis-py sends through `asyncio.wait_for`, which in Python 3.11 forgets a cancellation that comes just when its
    work is done. A task that is cancelled only once would then go on for ever.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task is not None else 0
    try:
        yield
    finally:
        if task is not None and task.cancelling() > before:
            raise asyncio.CancelledError


@asynccontextmanager
async def within_timeout(seconds: float = TIMEOUT_SECONDS) -> AsyncIterator[None]:
    """Limit the time of an exchange with Redis, and translate its errors.

    Raises:
        TransientError: Redis is away, frozen, or refused the command.
    """
    try:
        with noticing_cancellation():
            async with asyncio.timeout(seconds):
                yield
    except (RedisError, OSError, TimeoutError) as exc:
        kind = RedisFullError if "OOM" in str(exc) or isinstance(exc, OutOfMemoryError) else TransientError
        raise kind(f"Redis: {type(exc).__name__}", sentence=trouble_of(exc).sentence) from None


async def retry(
    action: Callable[[], Awaitable[T]], seconds: float = RETRY_SECONDS, *, full_seconds: float = RETRY_SECONDS
) -> T:
    """Repeat `action` while Redis is away, for `seconds` at most, and return its result.

    A paid picture must not be lost to a Redis that restarts. While its memory is full, `full_seconds` is the limit,
    since that seldom passes by itself.

    Raises:
        TransientError: Redis was away for longer.
    """
    began = time.monotonic()
    pause = 0.1
    while True:
        try:
            return await action()
        except TransientError as exc:
            longest = min(seconds, full_seconds) if isinstance(exc, RedisFullError) else seconds
            if time.monotonic() >= began + longest:
                raise
        await asyncio.sleep(pause)
        pause = min(pause * 2, 5.0)
