"""One run works on a channel at a time, whatever becomes of the others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.store import lock as module
from cogs.scene_art.store.connection import RedisClient
from cogs.scene_art.store.lock import Lock
from sandbox import wait_until
from tests.redis_server import RedisServer, as_port, client_of

KEY = "scene_art:{42}:work"


@pytest.fixture
async def client(any_redis_url: str) -> AsyncIterator[RedisClient]:
    async with open_docket(any_redis_url, "scene_art") as (_, opened):
        yield opened


async def has(lock: Lock) -> bool:
    await lock.take()
    return not lock.lost


async def test_the_first_has_it_until_it_ends(client: RedisClient) -> None:
    first, second = Lock(client, KEY), Lock(client, KEY)
    assert await has(first)
    async with first.kept():
        assert not await has(second)
        assert await has(first), "taking it again is renewing it"
    assert await has(second)


async def test_the_end_of_one_that_was_overtaken_frees_nothing(client: RedisClient) -> None:
    stale, other, third = (Lock(client, KEY) for _ in range(3))
    assert await has(stale)
    async with stale.kept():
        pipe = client.pipeline()
        pipe.delete(KEY)  # its time to live is over: it stood still for too long
        await pipe.execute()
        assert await has(other)
        assert not await has(stale)
    assert not await has(third)


async def test_it_is_renewed_and_its_loss_is_noticed(client: RedisClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RENEWALS", 1500)
    lock = Lock(client, KEY)
    assert await has(lock)
    async with lock.kept():
        pipe = client.pipeline()
        pipe.set(KEY, b"another run's")
        await pipe.execute()
        await wait_until(lambda: lock.lost)


async def test_the_claim_of_a_dead_process_ends_by_itself(redis_url: str, redis_server: RedisServer) -> None:
    async with client_of(redis_url) as client:
        assert await has(Lock(as_port(client), KEY))
        assert redis_server.keys_without_end() == set()


async def test_a_cancelled_run_frees_it_at_once(client: RedisClient) -> None:
    lock = Lock(client, KEY)
    assert await has(lock)

    async def work() -> None:
        async with lock.kept():
            await asyncio.Event().wait()

    task = asyncio.create_task(work(), name="scene-art test")
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await has(Lock(client, KEY))
