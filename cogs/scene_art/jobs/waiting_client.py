"""The Redis client that docket's worker gets: some of its commands are repeated until Redis answers them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from redis.exceptions import NoScriptError, RedisError

from ..store.health import ConnectionHealth
from ..store.timeouts import noticing_cancellation

AWAY_PAUSE_SECONDS = 1.0
LATE_SECONDS = 3.0
"""docket polls four times a second, so an answer that takes longer than this comes from a Redis in trouble."""
SILENT_SECONDS = 30.0
"""A connection without an answer for so long is given up, since a firewall forgets connections without notice."""


class WaitingClient:
    """A Redis client that repeats the commands in `WAITING` until Redis answers them.

    docket's worker ends its loop at the first error of one of these, and then starts no job until all its running
    jobs have ended: every channel would wait for the longest render.
    """

    WAITING = frozenset({"evalsha", "set", "xautoclaim", "xclaim", "xreadgroup"})

    def __init__(self, client: Any, health: ConnectionHealth) -> None:
        self._client = client
        self._health = health

    def __getattr__(self, name: str) -> Any:
        command = getattr(self._client, name)
        return partial(self._repeat, name, command) if name in self.WAITING else command

    async def _repeat(self, which: str, command: Callable[..., Awaitable[Any]], /, *args: Any, **options: Any) -> Any:
        part = f"worker {which}"
        try:
            while True:
                try:
                    with self._doubted_when_late(), noticing_cancellation():
                        async with asyncio.timeout(SILENT_SECONDS):
                            answer = await command(*args, **options)
                except (RedisError, TimeoutError) as exc:
                    if isinstance(exc, NoScriptError) or "NOGROUP" in str(exc):
                        raise  # docket loads the script or makes the group, and asks again
                    self._health.failed(part, exc)
                else:
                    self._health.served(part)
                    return answer
                await asyncio.sleep(AWAY_PAUSE_SECONDS)
        finally:
            self._health.withdraw(part)

    @contextmanager
    def _doubted_when_late(self) -> Iterator[None]:
        timer = asyncio.get_running_loop().call_later(LATE_SECONDS, self._health.doubt)
        try:
            yield
        finally:
            timer.cancel()
