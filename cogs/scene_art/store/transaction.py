"""One transaction of several stores: each adds its commands to a pipeline, and all of them happen or none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from .connection import RedisClient, RedisPipeline
from .reading import sound_pipeline
from .timeouts import TIMEOUT_SECONDS, within_timeout


@asynccontextmanager
async def transaction(client: RedisClient, seconds: float = TIMEOUT_SECONDS) -> AsyncIterator[RedisPipeline]:
    """Collect writes of one channel, and send them at the end of the `with` block. Their answers are not told.

    Raises:
        TransientError: Redis is away, frozen, or refused a command; it may have taken all of it or none.
    """
    pipe = sound_pipeline(client)
    yield pipe
    async with within_timeout(seconds):
        await pipe.execute()
