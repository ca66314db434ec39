"""How long Redis is waited for, and how its troubles are told."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any, TypeVar

from redis.exceptions import NoScriptError, OutOfMemoryError, RedisError

from ..errors import TransientError
from ..speech import say

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 5.0
"""For one exchange with Redis: a frozen server accepts a command and never answers."""
INSIST_SECONDS = 600.0
AWAY_PAUSE_SECONDS = 1.0
SILENT_SECONDS = 30.0
"""A connection on which nothing was answered for so long is given up: a firewall that forgets one tells nobody."""

T = TypeVar("T")


class RedisFullError(TransientError):
    """Redis's memory is used up: it takes nothing more."""


@contextmanager
def noticing_cancellation() -> Iterator[None]:
    """Raises the cancellation that an exchange with Redis kept to itself.

    redis-py sends through `asyncio.wait_for`, which in Python 3.11 forgets a cancellation that comes just when its
    work is done. A task that is ended only once would then go on for ever.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task is not None else 0
    try:
        yield
    except asyncio.CancelledError:
        raise
    except BaseException:
        _raise_new_cancellation(task, before)
        raise
    _raise_new_cancellation(task, before)


def _raise_new_cancellation(task: asyncio.Task[Any] | None, before: int) -> None:
    if task is not None and task.cancelling() > before:
        raise asyncio.CancelledError


@asynccontextmanager
async def within_patience(seconds: float = PATIENCE_SECONDS) -> AsyncIterator[None]:
    """Bounds an exchange with Redis and translates what can go wrong in it.

    Raises:
        TransientError: Redis is away, frozen, or refused the command.
    """
    try:
        with noticing_cancellation():
            async with asyncio.timeout(seconds):
                yield
    except (RedisError, OSError, TimeoutError) as exc:
        kind = RedisFullError if "OOM" in str(exc) or isinstance(exc, OutOfMemoryError) else TransientError
        raise kind(
            f"Redis: {type(exc).__name__}",
            sentence=say("My notebook (Redis) is out of reach just now. Please try again in a minute."),
        ) from None


async def insist(
    action: Callable[[], Awaitable[T]], seconds: float = INSIST_SECONDS, *, full_seconds: float = INSIST_SECONDS
) -> T:
    """The result of `action`, which is repeated while Redis is away, for `seconds` at most.

    While its memory is full, for `full_seconds`: that seldom passes by itself.

    What is already paid for must not be lost to a Redis that restarts.

    Raises:
        TransientError: it was away for longer.
    """
    began = time.monotonic()
    pause = 0.1
    while True:
        try:
            return await action()
        except TransientError as exc:
            patience = min(seconds, full_seconds) if isinstance(exc, RedisFullError) else seconds
            if time.monotonic() >= began + patience:
                raise
        await asyncio.sleep(pause)
        pause = min(pause * 2, 5.0)


class WaitingClient:
    """The Redis client it was given, of which some commands are repeated until Redis answers them.

    docket's worker ends its loop at the first error of one of these, and then takes nothing up until all its running
    jobs have ended: every channel would wait for the longest render.
    """

    WAITING = frozenset({"evalsha", "set", "xautoclaim", "xclaim", "xreadgroup"})

    def __init__(self, client: Any) -> None:
        self._client = client
        self._failing: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        command = getattr(self._client, name)
        return partial(self._repeat, name, command) if name in self.WAITING else command

    async def _repeat(self, which: str, command: Callable[..., Awaitable[Any]], /, *args: Any, **options: Any) -> Any:
        while True:
            try:
                with noticing_cancellation():
                    async with asyncio.timeout(SILENT_SECONDS):
                        answer = await command(*args, **options)
            except (RedisError, TimeoutError) as exc:
                if isinstance(exc, NoScriptError) or "NOGROUP" in str(exc):
                    raise  # docket loads the script or makes the group, and asks again
                self._failed(which, type(exc).__name__)
            else:
                self._served(which)
                return answer
            await asyncio.sleep(AWAY_PAUSE_SECONDS)

    def _failed(self, name: str, trouble: str) -> None:
        if not self._failing:
            log.warning("Redis does not serve the worker (%s); jobs are taken up when it does", trouble)
        self._failing.add(name)

    def _served(self, name: str) -> None:
        if name in self._failing:
            self._failing.discard(name)
            if not self._failing:
                log.info("Redis serves the worker again")
