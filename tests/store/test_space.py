"""Space: exact under races, fair when it is full, and never more than its caps."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.store.connection import RedisClient
from cogs.scene_art.store.space import LEAST_BYTES, Cap, Caps, Entry, Refusal, Rules, Space, counted_size
from tests.redis_server import RedisServer, as_port, client_of
from tests.stage import memory_url

MEGA = 1024 * 1024
DAYS = 24 * 3600.0
CAPS = Caps(user=4 * MEGA, server=8 * MEGA, total=12 * MEGA)


class Shop:
    """A space on a clock of its own, and what was thrown out for others."""

    def __init__(self, client: RedisClient, caps: Caps = CAPS, rules: Rules | None = None) -> None:
        self.now, self.evicted, self._number = 1_800_000_000.0, list[Entry](), 0
        self.space = Space(client, ("scene_art", "references"), caps, rules or Rules(), lambda: self.now)

    async def add(self, user: int, server: int = 1, size: int = MEGA) -> Entry | Refusal:
        self._number += 1
        entry = Entry(str(user), str(server), "cast", f"{self._number:016x}", counted_size(size))
        return await self.space.reserve(entry, self.evict) or entry

    async def evict(self, entry: Entry) -> None:
        self.evicted.append(entry)

    async def fill(self, user: int, server: int, count: int) -> list[Entry]:
        added = [await self.add(user, server) for _ in range(count)]
        entries = [entry for entry in added if isinstance(entry, Entry)]
        assert len(entries) == count
        return entries


@pytest.fixture
async def client(any_redis_url: str) -> AsyncIterator[RedisClient]:
    async with open_docket(any_redis_url, "scene_art") as (_, opened):
        yield opened


@pytest.fixture
def shop(client: RedisClient) -> Shop:
    return Shop(client)


async def test_a_person_is_counted_over_all_servers(shop: Shop) -> None:
    for server in range(1, 5):
        await shop.add(7, server)

    assert await shop.add(7, 5) == Refusal(Cap.USER, 4 * MEGA)
    assert isinstance(await shop.add(8, 5), Entry)


async def test_a_server_is_counted_over_all_its_people(shop: Shop) -> None:
    for user in (1, 2):
        await shop.fill(user, 1, 4)

    assert await shop.add(3, 1) == Refusal(Cap.SERVER, 8 * MEGA)
    assert shop.evicted == []


async def test_the_longest_unused_make_room_and_what_was_used_meanwhile_stays(shop: Shop) -> None:
    first, second, *_ = await shop.fill(1, 1, 4)
    shop.now += 60
    await shop.fill(2, 2, 4)
    await shop.fill(3, 3, 4)
    shop.now += 3 * DAYS
    await shop.space.change(used=[first])
    shop.now += DAYS

    assert isinstance(await shop.add(4, 4), Entry)
    assert shop.evicted == [second]
    assert (await shop.space.usage("1", "1")).user == 3 * MEGA


async def test_nothing_that_was_used_within_a_day_makes_room(shop: Shop) -> None:
    for user in (1, 2, 3):
        await shop.fill(user, user, 4)
    shop.now += DAYS

    assert await shop.add(4, 4) == Refusal(Cap.TOTAL, 12 * MEGA)
    assert shop.evicted == []


async def test_whoever_holds_more_than_an_even_share_makes_room_from_their_own(client: RedisClient) -> None:
    shop = Shop(client, Caps(user=12 * MEGA, server=12 * MEGA, total=12 * MEGA))
    await shop.fill(1, 1, 2)
    shop.now += 60
    mine = await shop.fill(2, 2, 10)
    shop.now += 3 * DAYS

    assert isinstance(await shop.add(2, 2), Entry)
    assert shop.evicted == [mine[0]], "not the other's, although it is older"


async def test_a_flood_from_many_accounts_takes_nothing_from_those_within_their_share(shop: Shop) -> None:
    await shop.fill(1, 1, 1)
    shop.now += 30 * DAYS
    for user in range(10, 60):
        for _ in range(4):
            await shop.add(user, user)
    shop.now += 3 * DAYS
    for user in range(60, 120):
        for _ in range(4):
            await shop.add(user, user)

    assert not [gone for gone in shop.evicted if gone.user_id == "1"]
    usage = await shop.space.usage("1", "1")
    assert usage.user == MEGA
    assert usage.total <= CAPS.total


async def test_sixty_at_once_from_two_processes_fill_exactly_the_cap(redis_url: str) -> None:
    async with client_of(redis_url) as one, client_of(redis_url) as other:
        shops = [Shop(as_port(client)) for client in (one, other)]
        shops[1]._number = 1_000
        results = await asyncio.gather(*(shops[number % 2].add(7, number, 300_000) for number in range(60)))
        usage = await shops[0].space.usage("7", "1")

    taken = [result for result in results if isinstance(result, Entry)]
    assert len(taken) == CAPS.user // 300_000
    assert usage.user == len(taken) * 300_000 == usage.total


async def test_what_is_as_old_as_its_own_time_to_live_counts_no_more(shop: Shop) -> None:
    await shop.fill(1, 1, 4)
    shop.now += 401 * DAYS

    await shop.fill(1, 1, 4)
    assert (await shop.space.usage("1", "1")).total == 4 * MEGA


async def test_a_key_that_somebody_deleted_takes_nothing_of_the_count_of_people_and_servers(
    client: RedisClient, shop: Shop
) -> None:
    await shop.fill(1, 1, 4)
    pipe = client.pipeline()
    pipe.delete("scene_art:{references}:people")
    await pipe.execute()

    assert await shop.add(1, 2) == Refusal(Cap.USER, 4 * MEGA)
    assert (await shop.space.usage("1", "1")).total == 4 * MEGA


async def test_small_pictures_count_for_their_records(shop: Shop) -> None:
    await shop.add(1, 1, size=1)
    assert (await shop.space.usage("1", "1")).user == LEAST_BYTES


async def test_every_key_ends_by_itself_and_goes_with_the_last_entry(redis_server: RedisServer, redis_url: str) -> None:
    async with client_of(redis_url) as client:
        shop = Shop(as_port(client))
        added = await shop.fill(1, 1, 2)
        assert redis_server.keys_without_end() == set()
        await shop.space.change(removed=added)
        assert await client.keys() == []


async def test_where_the_own_oldest_make_room_a_person_is_refused_only_while_all_is_new(client: RedisClient) -> None:
    shop = Shop(client, rules=Rules(idle_seconds=900, rolls=True))
    first, *_ = await shop.fill(1, 1, 4)
    assert await shop.add(1, 1) == Refusal(Cap.USER, 4 * MEGA)
    shop.now += 901

    assert isinstance(await shop.add(1, 2), Entry)
    assert shop.evicted == [first]


STEPS = st.lists(st.tuples(st.integers(1, 6), st.integers(1, 3), st.integers(1, 3), st.integers(0, 40)), max_size=40)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_no_order_of_additions_exceeds_a_cap_or_takes_what_was_used_lately(
    steps: list[tuple[int, int, int, int]],
) -> None:
    asyncio.run(_play(steps))


async def _play(steps: list[tuple[int, int, int, int]]) -> None:
    async with open_docket(memory_url(), "scene_art") as (_, client):
        shop = Shop(client)
        kept: dict[Entry, float] = {}
        for user, server, megabytes, hours in steps:
            shop.now += hours * 3600
            known = dict(kept)
            added = await shop.add(user, server, megabytes * MEGA)
            for gone in shop.evicted:
                assert shop.now - known[gone] >= DAYS
                kept.pop(gone, None)
            shop.evicted.clear()
            if isinstance(added, Entry):
                kept[added] = shop.now
            assert _most(kept, lambda one: one.user_id) <= CAPS.user
            assert _most(kept, lambda one: one.server) <= CAPS.server
            assert _most(kept, lambda _: "") == (await shop.space.usage("1", "1")).total <= CAPS.total


def _most(kept: dict[Entry, float], key: Callable[[Entry], str]) -> int:
    sums: Counter[str] = Counter()
    for entry in kept:
        sums[key(entry)] += entry.size
    return max(sums.values(), default=0)
