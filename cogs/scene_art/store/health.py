"""Health of the connection to Redis: one log line for a loss and one for the return, whichever parts notice it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from redis.exceptions import AuthenticationError, AuthorizationError

from ..errors import TransientError
from .connection import RedisClient, is_refusal
from .timeouts import within_timeout

log = logging.getLogger(__name__)

PROBE_PAUSE_SECONDS = 1.0
LASTING_SECONDS = 10.0
"""A problem that delays some work for so long gets a log line of its own, unless the loss of Redis was logged."""


class ConnectionHealth:
    """The health of the connection, from the reports of every part that always needs Redis."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failing: set[str] = set()
        self._refusals: set[str] = set()
        self._lost_at: float | None = None
        self._doubted = asyncio.Event()

    @property
    def lost(self) -> bool:
        """True: a loss was logged, and no return since."""
        return self._lost_at is not None

    def failed(self, part: str, exc: BaseException) -> None:
        """Note that Redis did not serve `part`, which retries and calls `served` or `withdraw` later."""
        why = exc.detail if isinstance(exc, TransientError) else type(exc).__name__
        refused = isinstance(exc, (AuthenticationError, AuthorizationError)) or is_refusal(exc)
        self._failing.add(part)
        # A server that came back with another password will not serve us by itself.
        if not self.lost or (refused and not self._refusals):
            log.warning("Redis does not serve scene-art (%s): events and pictures wait until it does", why)
        if refused:
            self._refusals.add(why)
        if self._lost_at is None:
            self._lost_at = self._clock()

    def served(self, part: str) -> None:
        """Note that Redis serves `part`. The return is logged once it serves every part that has failed."""
        self._failing.discard(part)
        if self._lost_at is None or self._failing:
            return
        log.info("Redis serves scene-art again, after %.1f s", self._clock() - self._lost_at)
        self._lost_at = None
        self._refusals.clear()

    def withdraw(self, part: str) -> None:
        """Forget `part`, which has ended. Logs nothing."""
        self._failing.discard(part)

    def doubt(self) -> None:
        """Have `watch` probe Redis: a request got no answer, which may be a problem of that request alone."""
        self._doubted.set()

    async def watch(self, client: RedisClient, key: str) -> None:
        """Read `key` whenever `doubt` was called, until Redis answers. Runs until cancelled."""
        while True:
            await self._doubted.wait()
            self._doubted.clear()
            try:
                async with within_timeout():
                    await client.get(key)
            except TransientError as exc:
                self.failed("probe", exc)
                self.doubt()
                await asyncio.sleep(PROBE_PAUSE_SECONDS)
            else:
                self.served("probe")


class Delay:
    """A piece of work under retry: one log line when it takes long, and one when it goes on."""

    def __init__(self, health: ConnectionHealth, what: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._health = health
        self._what = what
        self._clock = clock
        self._since: float | None = None
        self._told = False

    def failed(self, exc: TransientError) -> None:
        """Note a failed attempt."""
        self._health.doubt()
        log.debug("%s: put off: %s", self._what, exc.detail)
        self._since = self._clock() if self._since is None else self._since
        if self._told or self._health.lost or self._clock() - self._since < LASTING_SECONDS:
            return
        self._told = True
        log.warning("%s: cannot go on and is retried: %s", self._what, exc.detail)

    def over(self) -> None:
        """Note that the work succeeded."""
        if self._told:
            log.info("%s: goes on", self._what)
        self._since, self._told = None, False
