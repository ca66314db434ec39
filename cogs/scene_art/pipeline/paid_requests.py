"""The gate to the painter's service: every request that may be paid passes here.

A scene has at most `MOST_REQUESTS` requests in its whole life, whatever its callers decide. The gaps between them grow,
and none is sent while its key is cooling down. The scene's record counts them, so that neither a pause nor a restart
forgets one.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from ..domain.painting import ModelAndKey, Painting, Prompt
from ..errors import QuotaError, RequestLimitError, SceneArtError
from ..store.key_pool import KeyPool, Permit
from ..worker_process import WorkerProcesses
from .progress import RenderProgress

MOST_REQUESTS = 24
FIRST_GAP_SECONDS, GAP_GROWTH, LONGEST_GAP_SECONDS = 0.2, 1.5, 900.0
"""0.2 s after the first request, 1 s after the fifth, 8 s after the tenth, a minute after the fifteenth."""
HELD_SECONDS = 20.0
"""About the time that a picture takes. A scene that has to wait longer frees its worker and is put off."""
LOOK_SECONDS = 0.3
"""Interval at which a waiting scene checks whether another process has closed the circuit."""


def gap_after(attempts: int) -> float:
    """Return the seconds between request number `attempts` (the first is 1) and the next one; 0 before the first."""
    return min(FIRST_GAP_SECONDS * GAP_GROWTH ** min(attempts - 1, 50), LONGEST_GAP_SECONDS) if attempts else 0.0


class PaidRequests:
    """Admits and sends requests. One per process."""

    def __init__(self, workers: WorkerProcesses, keys: KeyPool, now: Callable[[], float] = time.time) -> None:
        self._workers = workers
        self._keys = keys
        self._now = now

    async def acquire_permit(
        self,
        work: RenderProgress,
        *,
        without: frozenset[str] = frozenset(),
        rejected: frozenset[ModelAndKey] = frozenset(),
    ) -> Permit:
        """Wait until the scene may send its next request. Pass the permit to `held` and to `send` at once.

        `without` and `rejected`: see `KeyPool.choose`.

        Raises:
            QuotaError: no request for the next `retry_after` seconds.
            RequestLimitError: the scene has used up its requests.
            ConfigurationError: no key is left.
        """
        if work.scene.attempts >= MOST_REQUESTS:
            raise RequestLimitError(f"the painter was asked {work.scene.attempts} times, and that is the end")
        clock = asyncio.get_running_loop().time
        deadline, again = clock() + HELD_SECONDS, False
        # Never in the future, in case the clock was put back.
        asked_at = min(work.scene.asked_at or 0.0, self._now())
        due = asked_at + gap_after(work.scene.attempts)
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

    def held(self, permit: Permit) -> AbstractAsyncContextManager[None]:
        """Keep a permit while its request is prepared, sent and settled. No other one probes that circuit meanwhile."""
        return self._keys.held(permit)

    async def send(self, permit: Permit, work: RenderProgress, prompt: Prompt, upload_limit: int) -> Painting:
        """Send the request that `permit`, which is `held`, allows. Raises the `SceneArtError` by which it fails."""
        await work.count_request()
        self._keys.check(permit)
        try:
            painting = await self._workers.paint(prompt, permit.model_and_key, upload_limit, group=work.scene.server_id)
        except SceneArtError as exc:
            await self._keys.settle(permit, exc)
            raise
        await self._keys.settle(permit, None)
        return painting
