"""Waiting for Redis: bounded, translated, and never deaf to a cancellation."""

from __future__ import annotations

import asyncio
import random

import pytest

from cogs.scene_art.errors import TransientError
from cogs.scene_art.store.timeouts import retry, within_timeout
from tests.redis_server import client_of


async def test_a_cancellation_is_never_lost_in_an_exchange(redis_url: str) -> None:
    """Of bare exchanges with redis-py, Python 3.11 loses about every sixth that comes at a random moment."""
    dice = random.Random(7)  # noqa: S311  # moments, no secrets
    went_on = 0

    async with client_of(redis_url) as client:
        await client.ping()

        async def exchange_and_wait() -> None:
            nonlocal went_on
            async with within_timeout():
                await client.xrange("nothing", "1-0", "+", 100)
            await asyncio.sleep(0.02)
            went_on += 1

        for _ in range(1_000):
            task = asyncio.create_task(exchange_and_wait(), name="scene-art test")
            for _ in range(dice.randrange(14)):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    assert went_on == 0


async def test_a_frozen_exchange_is_bounded_and_an_error_of_ours() -> None:
    with pytest.raises(TransientError, match="TimeoutError"):
        async with within_timeout(0.01):
            await asyncio.Event().wait()


async def test_a_limit_around_it_still_ends_it() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01), within_timeout(5):
            await asyncio.Event().wait()


async def test_what_must_not_be_lost_is_insisted_on() -> None:
    tries = 0

    async def action() -> int:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise TransientError("Redis: ConnectionError")
        return tries

    assert await retry(action) == 3
    tries = -100
    with pytest.raises(TransientError):
        await retry(action, seconds=0)
