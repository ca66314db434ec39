"""One time for all processes."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.store.clock import SharedClock
from cogs.scene_art.store.connection import RedisClient
from tests.redis_server import RedisServer, as_port, client_of

HERE = 1_800_000_000.0


class Server:
    """A Redis whose clock is so many seconds ahead of ours."""

    def __init__(self, ahead: float) -> None:
        self.ahead = ahead

    async def time(self) -> tuple[int, int]:
        seconds, fraction = divmod(HERE + self.ahead, 1)
        return int(seconds), int(fraction * 1_000_000)


def as_client(server: Any) -> RedisClient:
    return cast("RedisClient", server)


@pytest.mark.parametrize("ahead", [600.0, -600.0, 1.5])
async def test_a_clock_that_is_off_is_set_by_redis(ahead: float) -> None:
    clock = SharedClock(lambda: HERE)
    await clock.measure(as_client(Server(ahead)))
    assert clock.now() == pytest.approx(HERE + ahead, abs=0.001)
    assert clock.to_local(clock.now()) == pytest.approx(HERE, abs=0.001)


async def test_a_busy_moment_does_not_set_the_clock() -> None:
    clock = SharedClock(lambda: HERE)
    await clock.measure(as_client(Server(0.9)))
    assert clock.offset == 0


class FarServer:
    """Its clock is ours; each answer takes so many seconds, all of them on the way back."""

    def __init__(self, *ways: float) -> None:
        self.here = HERE
        self._ways = iter(ways)

    async def time(self) -> tuple[int, int]:
        told = self.here
        self.here += next(self._ways)
        return int(told), int(told % 1 * 1_000_000)


@pytest.mark.parametrize("ways", [(4, 4, 4), (8, 0.01), (5, 8, 3)])
async def test_a_slow_answer_does_not_set_the_clock(ways: tuple[float, ...]) -> None:
    server = FarServer(*ways)
    clock = SharedClock(lambda: server.here)
    await clock.measure(as_client(server))
    assert clock.offset == 0


async def test_the_quickest_of_some_slow_answers_counts() -> None:
    server = FarServer(8, 0.4, 6)
    clock = SharedClock(lambda: server.here - 600)
    await clock.measure(as_client(server))
    assert clock.offset == pytest.approx(600, abs=0.21)


@pytest.mark.parametrize("answer", [None, (), ("soon", "later")])
async def test_an_odd_answer_leaves_the_clock_alone(answer: object) -> None:
    class Odd:
        async def time(self) -> object:
            return answer

    clock = SharedClock(lambda: HERE)
    await clock.measure(as_client(Odd()))
    assert clock.now() == HERE


async def test_a_user_who_may_not_ask_for_the_time_goes_by_this_machine(
    redis_url: str, redis_server: RedisServer
) -> None:
    url = redis_server.set_user("timeless", "~*", "&*", "+@all", "-time")
    async with client_of(url) as client:
        clock = SharedClock(lambda: HERE)
        await clock.measure(as_port(client))
        assert clock.now() == HERE


async def test_a_clock_that_is_put_right_again_is_noticed() -> None:
    clock = SharedClock(lambda: HERE)
    await clock.measure(as_client(Server(600)))
    await clock.measure(as_client(Server(0)))
    assert clock.offset == 0


async def test_a_real_redis_and_this_machine_agree(redis_url: str) -> None:
    async with client_of(redis_url) as client:
        clock = SharedClock(lambda: asyncio.get_running_loop().time())
        await clock.measure(as_port(client))
        assert clock.offset > 1_000_000_000, "the loop's clock began at the machine's start"


async def test_a_redis_that_does_not_tell_its_time_leaves_the_clock_alone() -> None:
    async with open_docket("memory://clock", "scene_art") as (_, client):
        clock = SharedClock(lambda: HERE)
        await clock.measure(client)
        assert clock.now() == HERE
