"""Money: reserved before, settled after, shared by all processes, counted in whole millionths."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cogs.scene_art.domain.pricing import Payer
from cogs.scene_art.errors import BudgetSpentError
from cogs.scene_art.image_models import PICTURE_TOKENS, Price
from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.settings import Settings
from cogs.scene_art.store.budget import LIFETIME_MARGIN_SECONDS, Budget, Reservation
from cogs.scene_art.store.connection import RedisClient
from cogs.scene_art.store.reservations import Outcome
from sandbox import wait_until
from tests.clock import Clock
from tests.redis_server import RedisServer, as_port, client_of
from tests.stage import memory_url

PRICE = Price(1.5, 30)
PICTURE = (1_200, PICTURE_TOKENS)
COST = 0.0354
MIDNIGHT = 1_800_057_600.0  # a day of UTC begins


@pytest.fixture
async def client(any_redis_url: str) -> AsyncIterator[RedisClient]:
    async with open_docket(any_redis_url, "scene_art") as (_, opened):
        yield opened


@pytest.fixture
def watch() -> Clock:
    return Clock(MIDNIGHT)


async def reserve(
    budget: Budget, guild: str | None = "7", tokens: tuple[int, int] = PICTURE, most: float | None = None
) -> Reservation:
    return await budget.reserve("a-scene", Payer("11", guild, server_most=most), PRICE, tokens)


async def paint(budget: Budget, guild: str | None = "7") -> float:
    async with await reserve(budget, guild) as reservation:
        return await reservation.settle(PICTURE, Outcome.PAINTED)


async def money(budget: Budget, guild: str | None = "7") -> tuple[float, float, float]:
    """Spent by the server, by all, and reserved for the server's requests."""
    books = await budget.today(guild)
    return books.server, books.all, books.reserved


async def outcomes(budget: Budget) -> dict[str, tuple[int, int]]:
    """Read the outcomes of the server's requests: (number, millionths) each."""
    found = (await budget.today("7")).outcomes
    return {outcome.value: (count, round(amount * 1e6)) for outcome, (count, amount) in found.items()}


async def test_without_a_budget_nothing_is_refused(client: RedisClient) -> None:
    budget = Budget(client, Settings())
    async with await reserve(budget, tokens=(0, 10**9)) as reservation:
        await reservation.settle((0, 10**9), Outcome.PAINTED)
    assert await paint(budget) == pytest.approx(COST)


async def test_a_server_that_spent_its_day_waits_for_the_next_one(client: RedisClient, watch: Clock) -> None:
    budget = Budget(client, Settings(budget_guild_day=0.08), watch)
    for _ in range(2):
        assert await paint(budget) == pytest.approx(COST)
    with pytest.raises(BudgetSpentError) as error:
        await reserve(budget)
    assert error.value.detail == (
        "This server's picture budget for today has too little left: $0.071 of $0.08 is used or reserved, and this"
        " picture needs about $0.035. It resets at 00:00 UTC."
    )
    assert "$" not in error.value.sentence, "the sums are for the operator and the server's moderators"
    await paint(budget, "8")
    await paint(budget, None)
    watch.now += 24 * 3600
    await paint(budget)


async def test_a_servers_own_budget_holds_beside_the_operators(client: RedisClient) -> None:
    budget = Budget(client, Settings(budget_guild_day=1))
    await paint(budget)
    with pytest.raises(BudgetSpentError, match=r"This server's picture budget .* of \$0\.05 "):
        await reserve(budget, most=0.05)
    await paint(budget)


async def test_of_sixteen_at_once_in_four_processes_only_two_have_the_money(client: RedisClient) -> None:
    processes = [Budget(client, Settings(budget_day=0.1)) for _ in range(4)]
    asked = [reserve(process, str(number)) for process in processes for number in range(4)]

    answers = await asyncio.gather(*asked, return_exceptions=True)

    passed = [answer for answer in answers if isinstance(answer, Reservation)]
    assert len(passed) == 2
    assert sum(isinstance(answer, BudgetSpentError) for answer in answers) == 14
    await passed[0].give_back()
    await paint(processes[3])
    with pytest.raises(BudgetSpentError, match="Today's picture budget"):
        await reserve(processes[0])


async def test_the_total_does_not_begin_anew(client: RedisClient, watch: Clock) -> None:
    budget = Budget(client, Settings(budget_total=0.05), watch)
    await paint(budget)
    watch.now += 40 * 24 * 3600
    with pytest.raises(BudgetSpentError, match=r"^The picture budget has too little left"):
        await reserve(budget)


async def test_a_budget_of_nothing_allows_nothing(client: RedisClient) -> None:
    with pytest.raises(BudgetSpentError):
        await reserve(Budget(client, Settings(budget_day=0)))


async def test_what_was_set_aside_is_spent_unless_it_ends_otherwise(client: RedisClient) -> None:
    budget = Budget(client, Settings())
    async with await reserve(budget):
        assert await money(budget) == pytest.approx((0, 0, COST))
    assert await money(budget) == pytest.approx((COST, COST, 0))
    assert await outcomes(budget) == {"lost": (1, 35_400)}


async def test_a_request_that_is_broken_off_is_spent(client: RedisClient) -> None:
    budget = Budget(client, Settings())
    entered = asyncio.Event()

    async def hang() -> None:
        async with await reserve(budget):
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hang())
    await entered.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await money(budget) == pytest.approx((COST, COST, 0))


async def test_a_channels_own_budget_counts_what_that_channel_spent(client: RedisClient, watch: Clock) -> None:
    budget = Budget(client, Settings(), watch)
    await budget.reserve("s", Payer("11", "7"), PRICE, PICTURE)
    own = Payer("12", "7", channel_most=0.05)

    await budget.check(own, PRICE, PICTURE)
    reservation = await budget.reserve("s", own, PRICE, PICTURE)
    with pytest.raises(BudgetSpentError, match="This channel's picture budget"):
        await budget.check(own, PRICE, PICTURE)
    await reservation.settle(PICTURE, Outcome.PAINTED)

    with pytest.raises(BudgetSpentError, match="This channel's picture budget"):
        await budget.reserve("s", own, PRICE, PICTURE)
    with pytest.raises(BudgetSpentError, match="This server's picture budget"):
        await budget.reserve("s", Payer("13", "7", channel_most=1, server_most=0.06), PRICE, PICTURE)
    assert await money(budget) == pytest.approx((COST, COST, COST)), "asking reserves nothing"


async def test_what_a_dead_process_reserved_is_spent_after_a_time(client: RedisClient, watch: Clock) -> None:
    operator = Settings(budget_day=0.06)
    await reserve(Budget(client, operator, watch))
    budget = Budget(client, operator, watch)
    watch.now += operator.paint_timeout_seconds
    assert await money(budget) == pytest.approx((0, 0, COST)), "it may still be under way"

    watch.now += LIFETIME_MARGIN_SECONDS + 1

    with pytest.raises(BudgetSpentError):
        await reserve(budget)
    assert await money(budget) == pytest.approx((COST, COST, 0))


async def test_what_expired_belongs_to_the_day_on_which_it_was_asked(client: RedisClient, watch: Clock) -> None:
    watch.now = MIDNIGHT - 1
    budget = Budget(client, Settings(budget_total=0.06), watch)
    await reserve(budget)
    watch.now = MIDNIGHT + 3600
    assert await money(budget) == pytest.approx((0, 0, 0))
    with pytest.raises(BudgetSpentError, match="The picture budget"):
        await reserve(budget)
    watch.now = MIDNIGHT - 1
    assert await money(budget) == pytest.approx((COST, COST, 0))


async def test_what_is_reserved_since_yesterday_takes_nothing_of_today(client: RedisClient, watch: Clock) -> None:
    watch.now = MIDNIGHT - 1
    operator = Settings(budget_day=0.06, budget_guild_day=0.06)
    budget = Budget(client, operator, watch)
    late = await reserve(budget)
    watch.now = MIDNIGHT + 1
    await paint(budget)
    await late.settle(PICTURE, Outcome.PAINTED)
    assert await money(budget) == pytest.approx((COST, COST, 0))


async def test_an_answer_that_comes_after_all_puts_the_sums_right_and_counts_once(
    client: RedisClient, watch: Clock
) -> None:
    budget = Budget(client, Settings(), watch)
    reservation = await reserve(budget)
    watch.now += 3600
    assert await money(budget) == pytest.approx((COST, COST, 0))

    async with reservation:
        await reservation.settle((1_200, 0), Outcome.REFUSED)

    assert await money(budget) == pytest.approx((0.0018, 0.0018, 0))
    assert await outcomes(budget) == {"refused": (1, 1_800)}


async def test_a_settlement_that_is_sent_twice_counts_once(client: RedisClient) -> None:
    budget = Budget(client, Settings())
    reservation = await reserve(budget)
    for _ in range(2):
        await budget.settle(reservation._held, 35_400, Outcome.PAINTED)
    assert await money(budget) == pytest.approx((COST, COST, 0))


async def test_sums_of_the_version_before_count(client: RedisClient, watch: Clock) -> None:
    pipe = client.pipeline()
    for field in ("7", "all"):
        pipe.hset("scene_art:{spent}:20270116", field, "50000")
    pipe.hset("scene_art:{spent}:total", "all", "50000")
    await pipe.execute()
    with pytest.raises(BudgetSpentError, match=r"\$0\.05 of \$0\.06"):
        await reserve(Budget(client, Settings(budget_guild_day=0.06), watch))
    with pytest.raises(BudgetSpentError, match=r"^The picture budget"):
        await reserve(Budget(client, Settings(budget_total=0.06), watch))


async def test_sums_and_reservations_that_cannot_be_stop_nothing(
    client: RedisClient, watch: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    pipe = client.pipeline()
    for name in ("20270116", "total"):
        pipe.hset(f"scene_art:{{spent}}:{name}", "all", "nan")
    pipe.hset("scene_art:{spent}:reserved", "odd", "x")
    pipe.hset("scene_art:{spent}:reserved", "far", "900000000000000 20270116 999999999999 7")
    await pipe.execute()
    budget = Budget(client, Settings(budget_total=0.08), watch)
    await budget.today("7")
    assert await paint(budget) == pytest.approx(COST)
    assert await money(budget) == pytest.approx((COST, COST, 0))
    assert "are no reservations and are removed" in caplog.text


async def test_prices_come_from_the_settings(client: RedisClient) -> None:
    operator = Settings(prices="gemini-nano-banana-2.1=2/60")  # type: ignore[arg-type]
    assert operator.price("gemini-nano-banana-2.1") == Price(2, 60)
    assert operator.price("gemini-3-pro-image") == Price(2, 120)
    assert operator.price("an-unknown-model") == Price(1.5, 30)


async def test_no_sum_stays_for_ever(redis_server: RedisServer, redis_url: str) -> None:
    async with client_of(redis_url) as client:
        await paint(Budget(as_port(client), Settings()))
        await reserve(Budget(as_port(client), Settings()))
    assert redis_server.keys_without_end() == set()


async def test_what_redis_could_not_be_told_is_told_later(redis_server: RedisServer) -> None:
    own = RedisServer(redis_server.binary, durable=True)
    own.start()
    try:
        async with client_of(own.url) as client:
            budget = Budget(as_port(client), Settings(budget_day=0.08))
            async with await reserve(budget) as reservation:
                own.stop()
                await reservation.settle((0, 0), Outcome.REFUSED)
            waiting = asyncio.create_task(reserve(budget))
            await asyncio.sleep(0)
            assert not waiting.done(), "nothing is begun while Redis is away"
            own.start()
            await (await waiting).settle(PICTURE, Outcome.PAINTED)
            await wait_until(lambda: not budget._owed)
            assert await money(Budget(as_port(client), Settings())) == pytest.approx((COST, COST, 0))
    finally:
        own.close()


LIMIT = 100_000
AMOUNTS = st.sampled_from([0, 1, 10_000, 33_333, 50_000, 50_001, LIMIT, LIMIT + 1])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("reserve"), AMOUNTS),
        st.tuples(st.sampled_from(["give_back", "spend", "forget", "twice"]), st.integers(0, 5)),
        st.tuples(st.just("settle"), st.integers(0, 5), AMOUNTS),
        st.tuples(st.just("wait"), st.integers(1, 500)),
    ),
    max_size=30,
)
ONE = Price(0, 1)
"""A millionth of a dollar a token, so that tokens are the money."""


class SceneRepository:
    """A model of the budget, computed in the plainest way."""

    def __init__(self) -> None:
        self.open: list[tuple[Reservation, int, float]] = []
        self.spent = 0
        self.surprises = 0

    @property
    def reserved(self) -> int:
        return sum(amount for _, amount, _ in self.open)

    def expire(self, now: float) -> None:
        dead = [one for one in self.open if one[2] <= now]
        self.open = [one for one in self.open if one[2] > now]
        self.spent += sum(amount for _, amount, _ in dead)


async def take(step: Any, budget: Budget, watch: Clock, books: SceneRepository) -> None:
    """One step, in the real books and in the plain ones."""
    name, number, *rest = step
    if name == "wait":
        watch.now += number
    elif name == "reserve":
        await take_money(number, budget, books)
    elif books.open and name != "forget":  # whose process is killed, that one nobody ends
        reservation, amount, _ = books.open.pop(number % len(books.open))
        paid = rest[0] if rest else 0 if name == "give_back" else amount
        await end(name, reservation, paid)
        books.spent += paid
        books.surprises += max(0, paid - amount)


async def take_money(amount: int, budget: Budget, books: SceneRepository) -> None:
    fits = books.spent + books.reserved + amount <= LIMIT
    try:
        reservation = await budget.reserve("s", Payer("11", "7"), ONE, (0, amount))
    except BudgetSpentError:
        assert not fits
    else:
        assert fits
        books.open.append((reservation, amount, reservation._held.expires))


async def end(name: str, reservation: Reservation, paid: int) -> None:
    if name == "give_back":
        await reservation.give_back()
    elif name == "settle":
        await reservation.settle((0, paid), Outcome.PAINTED)
    else:
        await reservation.spend()
    if name == "twice":  # the connection was lost behind the command, and redis-py sent it again
        await reservation._budget.settle(reservation._held, paid, Outcome.LOST)


@pytest.fixture(scope="module")
def loop_of_its_own() -> Any:
    with asyncio.Runner() as runner:
        yield runner


@given(steps=STEPS)
@settings(max_examples=150)
def test_the_books_are_right_whatever_comes_in_whatever_order(steps: list[Any], loop_of_its_own: Any) -> None:
    async def play() -> None:
        watch, books = Clock(MIDNIGHT), SceneRepository()
        operator = Settings(budget_total=LIMIT / 1e6, paint_timeout_seconds=1)
        async with open_docket(memory_url(), "scene_art") as (_, client):
            budget = Budget(client, operator, watch)
            for step in steps:
                books.expire(watch.now)
                await take(step, budget, watch, books)
                books.expire(watch.now)
                found = await budget.today("7")
                assert round(found.all * 1e6) == books.spent
                assert round(found.reserved * 1e6) == books.reserved
                assert books.spent + books.reserved <= LIMIT + books.surprises

    loop_of_its_own.run(play())
