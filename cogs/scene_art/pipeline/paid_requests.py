"""The one way to the painter's service: every request that may be paid goes through here.

Whatever is decided above, a scene has at most `MOST_REQUESTS` requests in its whole life, each at a distance from the
one before that grows, and none is sent while its key cools down. The scene's record counts them, so that neither a
pause nor a restart forgets one.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from ..domain.painting import ModelAndKey, Painting, Prompt
from ..errors import QuotaError, RequestLimitError, SceneArtError
from ..store.key_pool import KeyPool, Permit
from ..worker_process import WorkerProcesses

MOST_REQUESTS = 24
FIRST_GAP_SECONDS, GAP_GROWTH, LONGEST_GAP_SECONDS = 0.2, 1.5, 900.0
"""0.2 s after the first request, 1 s after the fifth, 8 s after the tenth, a minute after the fifteenth."""
HELD_SECONDS = 20.0
"""About as long as a picture takes. For longer a scene does not wait on a worker: it is put off."""
LOOK_SECONDS = 0.3
"""How often those who wait look whether another process has opened the circuit."""


class RequestLog(Protocol):
    """One scene's requests so far, as its record counts them."""

    @property
    def attempts(self) -> int:
        """How many there were in its whole life."""
        ...

    @property
    def asked_at(self) -> float | None:
        """When the last one was sent, in unix seconds."""
        ...

    async def count_request(self) -> None:
        """Write down that one is about to be sent."""
        ...


def gap_after(attempts: int) -> float:
    """Seconds between the request of that number and the next one."""
    return min(FIRST_GAP_SECONDS * GAP_GROWTH ** min(attempts - 1, 50), LONGEST_GAP_SECONDS) if attempts else 0.0


class PaidRequests:
    """One per process."""

    def __init__(self, workers: WorkerProcesses, keys: KeyPool, now: Callable[[], float] = time.time) -> None:
        self._workers = workers
        self._keys = keys
        self._now = now

    async def check_access(
        self,
        requests: RequestLog,
        *,
        without: frozenset[str] = frozenset(),
        rejected: frozenset[ModelAndKey] = frozenset(),
    ) -> Permit:
        """Wait until the scene may send its next request; to be `held` and given to `send` at once.

        `without` and `rejected`: see `KeyPool.choose`.

        Raises:
            QuotaError: not for the next seconds; `retry_after` says how many.
            RequestLimitError: never again.
            ConfigurationError: no key is left.
        """
        if requests.attempts >= MOST_REQUESTS:
            raise RequestLimitError(f"the painter was asked {requests.attempts} times, and that is the end")
        clock = asyncio.get_running_loop().time
        deadline, again = clock() + HELD_SECONDS, False
        due = self._due(requests)
        while True:
            wait = due - self._now()
            resting = QuotaError(f"the scene's next request is due in {wait:.1f} s", retry_after=wait)
            if wait <= 0:
                try:
                    return await self._keys.choose(without=without, rejected=rejected, again=again)
                except QuotaError as exc:
                    resting, wait = exc, exc.retry_after or LOOK_SECONDS
            again = True
            if clock() + wait > deadline:
                raise resting
            await self._keys.wait(min(wait, LOOK_SECONDS * random.uniform(0.8, 1.2)))  # noqa: S311  # no secret

    def _due(self, requests: RequestLog) -> float:
        """From when on the scene may send another one, in unix seconds."""
        # Never in the future, should the clock have been put back.
        asked_at = min(requests.asked_at or 0.0, self._now())
        return asked_at + gap_after(requests.attempts)

    def held(self, permit: Permit) -> AbstractAsyncContextManager[None]:
        """Keep a permit while its request is prepared, sent and settled: nobody else probes meanwhile."""
        return self._keys.held(permit)

    async def send(self, permit: Permit, requests: RequestLog, prompt: Prompt, upload_limit: int) -> Painting:
        """Send the request that `permit`, which is `held`, allows.

        Raises:
            SceneArtError: what became of it, if it is no picture.
        """
        await requests.count_request()
        self._keys.check(permit)
        try:
            painting = await self._workers.paint(prompt, permit.model_and_key, upload_limit)
        except SceneArtError as exc:
            await self._keys.settle(permit, exc)
            raise
        await self._keys.settle(permit, None)
        return painting
