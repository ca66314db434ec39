"""One run works on a channel at a time, whatever becomes of the others."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

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


@pytest.mark.parametrize("again", [Lock.take, Lock.renew])
async def test_one_whose_time_is_over_is_had_again_where_nobody_took_it(
    client: RedisClient, again: Callable[[Lock], Awaitable[None]]
) -> None:
    lock = Lock(client, KEY)
    assert await has(lock)
    pipe = client.pipeline()
    pipe.delete(KEY)  # it stood still for too long, or Redis came back empty
    await pipe.execute()

    await again(lock)

    assert not lock.lost
    assert not await has(Lock(client, KEY))


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


Step = Callable[[], Awaitable[None]]


class BetweenExchanges:
    """A client whose run stands still before its `frozen`-th exchange with Redis, while `meanwhile` happens."""

    def __init__(self, client: RedisClient, frozen: int, meanwhile: Step) -> None:
        self._client = client
        self._frozen = frozen
        self._meanwhile = meanwhile
        self.exchanges = 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        return self._counted(found) if inspect.iscoroutinefunction(found) or name == "evalsha" else found

    def pipeline(self, **options: Any) -> Any:
        pipe = self._client.pipeline(**options)
        pipe.execute = self._counted(pipe.execute)  # type: ignore[method-assign, assignment]
        return pipe

    def _counted(self, send: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def sent(*args: Any, **options: Any) -> Any:
            self.exchanges += 1
            if self.exchanges == self._frozen:
                await self._meanwhile()
            return await send(*args, **options)

        return sent


async def taken_over(client: RedisClient, other: Lock) -> None:
    pipe = client.pipeline()
    pipe.delete(KEY)  # the time to live of the frozen run is over
    await pipe.execute()
    assert await has(other)


@pytest.mark.parametrize("frozen", [1, 2])
async def test_a_run_frozen_anywhere_in_its_release_leaves_anothers_claim_alone(
    client: RedisClient, frozen: int
) -> None:
    other = Lock(client, KEY)
    stands_still = BetweenExchanges(client, 0, lambda: taken_over(client, other))
    lock = Lock(cast("RedisClient", stands_still), KEY)
    assert await has(lock)
    stands_still._frozen = stands_still.exchanges + frozen

    await lock.release()

    if stands_still.exchanges >= stands_still._frozen:
        assert not await has(Lock(client, KEY)), "it is still the other run's"


async def test_a_run_frozen_in_its_renewal_does_not_prolong_anothers_claim(client: RedisClient) -> None:
    async def left_behind() -> None:
        pipe = client.pipeline()
        pipe.set(KEY, b"another run's", ex=5)
        await pipe.execute()

    for frozen in (1, 2):
        stands_still = BetweenExchanges(client, 0, left_behind)
        lock = Lock(cast("RedisClient", stands_still), KEY)
        assert await has(lock)
        stands_still._frozen = stands_still.exchanges + frozen

        await lock.renew()

        pipe = client.pipeline()
        pipe.ttl(KEY)
        pipe.delete(KEY)
        [left, _] = await pipe.execute()
        if stands_still.exchanges >= stands_still._frozen:
            assert left <= 5


async def test_who_releases_it_learns_that_another_was_turned_away_meanwhile(client: RedisClient) -> None:
    first, second = Lock(client, KEY), Lock(client, KEY)
    assert await has(first)
    async with first.kept():
        assert not await has(second)
        assert module.LOCK_SECONDS - 2 < await second.leave_word() < module.LOCK_SECONDS + 1
    assert first.again

    third = Lock(client, KEY)
    assert await has(third)
    async with third.kept():
        pass
    assert not third.again, "one was told already"


async def test_who_comes_too_late_to_leave_word_is_told_that_it_is_free(client: RedisClient) -> None:
    first, second, third = (Lock(client, KEY) for _ in range(3))
    assert await has(first)
    async with first.kept():
        assert not await has(second)
    assert await second.leave_word() == 0

    assert await has(third)
    async with third.kept():
        pass
    assert not third.again, "nobody waits for it"


async def test_one_that_was_overtaken_takes_no_word_that_was_left_for_the_other(client: RedisClient) -> None:
    stale, other, third = (Lock(client, KEY) for _ in range(3))
    assert await has(stale)
    await taken_over(client, other)
    await third.leave_word()

    await stale.release()
    await other.release()

    assert (stale.again, other.again) == (False, True)


@pytest.mark.parametrize("seconds", [None, module.LOCK_SECONDS + 3600], ids=["none", "an hour"])
async def test_a_claim_that_outlives_a_clock_set_back_ends_like_any_other(
    client: RedisClient, seconds: int | None
) -> None:
    pipe = client.pipeline()
    pipe.set(KEY, b"a dead run's", ex=seconds)
    await pipe.execute()
    lock = Lock(client, KEY)
    assert not await has(lock)

    assert module.LOCK_SECONDS <= await lock.leave_word() < module.LOCK_SECONDS + 1

    pipe = client.pipeline()
    pipe.ttl(KEY)
    [left] = await pipe.execute()
    assert 0 < left <= module.LOCK_SECONDS
