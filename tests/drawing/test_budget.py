"""Money: looked at before, counted after, shared by all processes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cogs.scene_art.drawing.budget import Budget
from cogs.scene_art.errors import BudgetSpentError
from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.painters.models import PICTURE_TOKENS, Price
from cogs.scene_art.settings import Settings
from cogs.scene_art.storage.connection import RedisClient
from cogs.scene_art.storage.health import ConnectionHealth
from tests.redis_server import RedisServer, as_port, client_of

PRICE = Price(1.5, 30)
PICTURE = (1_200, PICTURE_TOKENS)  # $0.0354
MIDNIGHT = 1_800_057_600.0  # a day of UTC begins


class Watch:
    """A clock that the test moves."""

    now = MIDNIGHT

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def client(any_redis_url: str) -> AsyncIterator[RedisClient]:
    async with open_docket(any_redis_url, "scene_art") as (_, opened):
        yield opened


async def test_without_a_budget_nothing_is_refused(client: RedisClient) -> None:
    budget = Budget(client, Settings(), health=ConnectionHealth())
    await budget.count("7", PRICE, (0, 10**9))
    await budget.check("7")


async def test_a_server_that_spent_its_day_waits_for_the_next_one(client: RedisClient) -> None:
    watch = Watch()
    budget = Budget(client, Settings(budget_guild_day=0.05), watch, health=ConnectionHealth())
    for _ in range(2):
        await budget.check("7")
        assert await budget.count("7", PRICE, PICTURE) == pytest.approx(0.0354)
    with pytest.raises(BudgetSpentError) as error:
        await budget.check("7")
    assert error.value.sentence == (
        "This server's budget for pictures today is spent ($0.071 of $0.05). It goes on at 00:00 UTC."
    )
    await budget.check("8")
    await budget.check(None)
    watch.now += 24 * 3600
    await budget.check("7")


async def test_the_days_budget_is_that_of_all_servers_and_processes(client: RedisClient) -> None:
    settings = Settings(budget_day=0.05)
    await Budget(client, settings, health=ConnectionHealth()).count("7", PRICE, PICTURE)
    await Budget(client, settings, health=ConnectionHealth()).count(None, PRICE, PICTURE)
    with pytest.raises(BudgetSpentError, match=r"Today's budget"):
        await Budget(client, settings, health=ConnectionHealth()).check("8")


async def test_the_total_does_not_begin_anew(client: RedisClient) -> None:
    watch = Watch()
    budget = Budget(client, Settings(budget_total=0.03), watch, health=ConnectionHealth())
    await budget.count("7", PRICE, PICTURE)
    watch.now += 40 * 24 * 3600
    with pytest.raises(BudgetSpentError, match=r"The budget for pictures is spent"):
        await budget.check("7")


async def test_a_budget_of_nothing_allows_nothing(client: RedisClient) -> None:
    with pytest.raises(BudgetSpentError):
        await Budget(client, Settings(budget_day=0), health=ConnectionHealth()).check("7")


async def test_prices_come_from_the_settings(client: RedisClient) -> None:
    settings = Settings(prices="gemini-nano-banana-2.1=2/60")  # type: ignore[arg-type]
    assert settings.price("gemini-nano-banana-2.1") == Price(2, 60)
    assert settings.price("gemini-3-pro-image") == Price(2, 120)
    assert settings.price("an-unknown-model") == Price(1.5, 30)


async def test_no_sum_stays_for_ever(redis_server: RedisServer, redis_url: str) -> None:
    async with client_of(redis_url) as client:
        await Budget(as_port(client), Settings(), health=ConnectionHealth()).count("7", PRICE, PICTURE)
    assert redis_server.keys_without_end() == set()


async def test_what_redis_could_not_be_told_is_told_later(redis_server: RedisServer) -> None:
    own = RedisServer(redis_server.binary)
    own.start()
    try:
        async with client_of(own.url) as client:
            budget = Budget(as_port(client), Settings(budget_day=0.06), health=ConnectionHealth())
            own.stop()
            await budget.count("7", PRICE, PICTURE)
            await budget.check("7")
            own.start()
            await budget.count("7", PRICE, PICTURE)
            with pytest.raises(BudgetSpentError, match=r"\$0\.071 of \$0\.06"):
                await Budget(as_port(client), Settings(budget_day=0.06), health=ConnectionHealth()).check("7")
    finally:
        own.close()
