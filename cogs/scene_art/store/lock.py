"""The lock on a channel or a scene: one run at a time, in all processes.

docket starts a job of a channel whenever it is woken, also while another one runs, and starts a job again that was
stopped past its lease. So every run has a token of its own in Redis, and renews its time to live as long as it runs. A
run that finds another's token leaves word that it was there; whoever releases the lock learns of it in the same step,
so that no wake-up falls between the last look of one run and the first of the next.

{namespace}:{<channel>}:work[:<id>]        the token of the run on the channel, or on a scene that a person asked for
{namespace}:{<channel>}:work[:<id>]:again  another run was turned away meanwhile
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from ..errors import TransientError
from .connection import RedisClient, RedisPipeline
from .reading import get_at_most, sound_pipeline, tagged_key
from .scripts import Script
from .timeouts import within_timeout

log = logging.getLogger(__name__)

LOCK_SECONDS = 30
"""Not longer than docket's lease: a dead process's lock must be free when another process gets its job."""
RENEWALS = 4  # in the time to live
RELEASE_SECONDS = 2.0
ROUNDING_SECONDS = 0.5
"""Redis tells a time to live to the nearest second."""
TOKEN_BYTES = 64
NO_KEY = -2
"""As Redis's TTL puts it."""

# Each compares and changes in one step: between two steps a run may be stopped until another one has the lock.
_RELEASE = Script(
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1], KEYS[2]) end return 0"
)
_RENEW = Script(
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('EXPIRE', KEYS[1], ARGV[2]) end return 0"
)
_LEAVE_WORD = Script(
    "if not redis.call('GET', KEYS[1]) then return 0 end redis.call('SET', KEYS[2], '1', 'EX', ARGV[1]) return 1"
)


class Lock:
    """One run's lock on `key`. Never changes another run's. Every method but `release` may raise `TransientError`."""

    def __init__(self, client: RedisClient, key: str, seconds: int = LOCK_SECONDS) -> None:
        """The lock expires `seconds` after its holder's last renewal."""
        self._client = client
        self._key = key
        self._again_key = f"{key}:again"
        self._seconds = seconds
        self._token = secrets.token_hex(8)
        self._had = False
        """This run had it when it looked last."""
        self._refused = False
        """It could not be taken, so that the next look is at who has it, too."""
        self.times_taken = 0
        """More than once: its time was over meanwhile, and another run may have had it."""
        self.lost = False
        """True: another run has it, and this one must not write anything any more."""
        self.again = False
        """True: the job is to be woken when the lock is free. Another run was turned away, or this one says so."""

    async def take(self, read: Callable[[RedisPipeline], object] | None = None) -> list[Any]:
        """Take the lock, unless another run has it: see `lost`.

        Return the answers to the commands that `read` adds to the same exchange. They are read while it is held.
        """
        while True:
            had, looks = self._had, self._had or self._refused
            pipe = sound_pipeline(self._client, atomic=False)
            if not had:
                pipe.set(self._key, self._token, ex=self._seconds, nx=True)
            if looks:
                get_at_most(self._client, pipe, self._key, TOKEN_BYTES)
            if read is not None:
                read(pipe)
            async with within_timeout():
                answers = await pipe.execute()
            own = (not had) + looks
            if self._note(had, looks, answers[:own]):
                return answers[own:]

    def _note(self, had: bool, looks: bool, answers: Sequence[Any]) -> bool:
        """Note what Redis answered. False: ask once more, since its time was over, or to see who has it."""
        if looks:
            holder = answers[-1]
            self._had = holder == self._token.encode()
            self.lost = not self._had and bool(holder)
        else:
            self._had = bool(answers[0])
        self._refused = not self._had and (self.lost or not had)  # maybe by this run's own attempt, its answer lost
        self.times_taken += self._had and not had
        return self._had or self.lost

    async def leave_word(self) -> float:
        """Have whoever has the lock find `again` set, if it releases it before the lock would have expired.

        Return the seconds until it is free, unless it is released before or renewed: 0 if it is free already. One that
        lasts longer than any that is taken, since Redis's clock was set back meanwhile, ends after the usual time.
        """
        async with within_timeout():
            if not await _LEAVE_WORD.run(self._client, [self._key, self._again_key], [self._seconds]):
                return 0.0
            pipe = sound_pipeline(self._client)
            pipe.ttl(self._key)
            [left] = await pipe.execute()
            if left == NO_KEY:
                return 0.0
            if not 0 <= left <= self._seconds:
                log.warning("%s: another lock would last too long and ends in %d s", self._key, self._seconds)
                pipe.expire(self._key, self._seconds)
                await pipe.execute()
                left = self._seconds
        return float(left) + ROUNDING_SECONDS

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Renew the lock within the block, and release it at the end. See `again` then."""
        keeping = asyncio.create_task(self._keep(), name=f"scene-art lock {self._key}")
        try:
            yield
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            await self.release()

    async def _keep(self) -> None:
        while not self.lost:
            await asyncio.sleep(self._seconds / RENEWALS)
            with suppress(TransientError):  # a Redis that is away serves no other run either
                await self.renew()
        log.warning("%s: another run works on it meanwhile", self._key)

    async def renew(self) -> None:
        """Reset the time to live, if this run still has the lock, or nobody has it."""
        self._had = bool(await _RENEW.run(self._client, [self._key], [self._token, self._seconds]))
        if not self._had:
            await self.take()

    async def release(self) -> None:
        """Release the lock, if this run still has it. Never fails: while Redis is away, its time to live ends it."""
        with suppress(TransientError):
            removed = await _RELEASE.run(self._client, [self._key, self._again_key], [self._token], RELEASE_SECONDS)
            self.again = self.again or removed > 1


class Locks:
    """The locks of channels and scenes."""

    def __init__(self, client: RedisClient, namespace: str) -> None:
        self._client = client
        self._namespace = namespace

    def of(self, channel_id: str, *scene_id: str) -> Lock:
        """Make a lock, not yet taken, on the channel or on one scene that a person asked for."""
        return Lock(self._client, tagged_key(self._namespace, channel_id, "work", *scene_id))
