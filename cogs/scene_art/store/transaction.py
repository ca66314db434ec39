"""Transactions of several stores: each adds its commands to one pipeline, and all of them happen or none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from .connection import RedisClient, RedisPipeline
from .reading import sound_pipeline
from .timeouts import TIMEOUT_SECONDS, within_timeout


@asynccontextmanager
async def transaction(client: RedisClient, seconds: float = TIMEOUT_SECONDS) -> AsyncIterator[RedisPipeline]:
    """Collect writes of one channel, and send them at the end of the `with` block. Drops their answers.

    Raises:
        TransientError: Redis is away, frozen, or refused a command; it may have executed all of them or none.
    """
    pipe = sound_pipeline(client)
    yield pipe
    async with within_timeout(seconds):
        await pipe.execute()
