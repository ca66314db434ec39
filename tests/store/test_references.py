"""The space of reference pictures: what is counted is what is stored, whatever happened in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from cogs.scene_art.domain.permissions import Requester
from cogs.scene_art.errors import CannotDoError
from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.store.character_book import CharacterBook, Prepared
from cogs.scene_art.store.characters import CharacterRepository
from cogs.scene_art.store.connection import RedisClient
from cogs.scene_art.store.references import References, Shelf
from cogs.scene_art.store.space import Caps
from tests.redis_server import as_port, client_of
from tests.stage import photo

MEGA = 1024 * 1024
DAY = 24 * 3600.0
MIRA, TOM = Requester("1001", "8"), Requester("1002", "8")
MODERATOR = Requester("2", "8", is_moderator=True)
PICTURE = Prepared(photo(500).ljust(900_000, b"\0")[:900_000], "image/png", 500, 500)


class House:
    """Both books on a clock of their own."""

    def __init__(self, client: RedisClient, **caps: int) -> None:
        self.now = 1_800_000_000.0
        self.client = client
        whole = {"user": 2 * MEGA, "server": 4 * MEGA, "total": 6 * MEGA} | caps
        self.references = References(client, "scene_art", Caps(**whole), lambda: self.now)
        self.cast = self.book(Shelf.CAST)
        self.places = self.book(Shelf.PLACES)

    def book(self, shelf: Shelf) -> CharacterBook:
        return CharacterBook(self.client, "scene_art", lambda: self.now, references=self.references, shelf=shelf)

    async def used(self, by: Requester = MIRA, server: str = "8") -> tuple[int, int, int]:
        usage = await self.references.usage(by.user_id, server)
        return usage.user // 900_000, usage.server // 900_000, usage.total // 900_000


@pytest.fixture
async def client(any_redis_url: str) -> AsyncIterator[RedisClient]:
    async with open_docket(any_redis_url, "scene_art") as (_, opened):
        yield opened


@pytest.fixture
def house(client: RedisClient) -> House:
    return House(client)


async def delete(client: RedisClient, *keys: str) -> None:
    pipe = client.pipeline()
    pipe.delete(*keys)
    await pipe.execute()


async def test_both_books_and_all_conversations_count_for_a_person(house: House) -> None:
    await house.cast.add_look("501", "", "Orla", PICTURE, by=Requester("1001"))
    await house.places.add_look("502", "", "Mill of Orr", PICTURE, by=Requester("1001"))

    with pytest.raises(CannotDoError) as told:
        await house.cast.add_look("503", "", "Sefa", PICTURE, by=Requester("1001"))
    assert "take up 1.7 of 2 MB, over all servers and direct messages. Remove some of yours" in told.value.sentence
    assert (await house.cast.cast("503", "")).characters == []


async def test_both_books_count_for_a_server_and_moderators_are_not_exempt(house: House) -> None:
    for number in range(2):
        await house.cast.add_look("8", "", f"Guard {number}", PICTURE, by=MODERATOR)
        await house.places.add_look("8", "", f"Gate {number}", PICTURE, by=TOM)
    with pytest.raises(CannotDoError, match="Your reference pictures take up"):
        await house.cast.add_look("8", "", "Guard 3", PICTURE, by=MODERATOR)

    other = Requester("3", "8", is_moderator=True)
    with pytest.raises(CannotDoError) as told:
        await house.cast.add_look("8", "", "Guard 3", PICTURE, by=other)
    assert "The reference pictures here take up 3.4 of 4 MB." in told.value.sentence


async def test_what_is_removed_or_refused_counts_no_more(house: House) -> None:
    orla = await house.cast.add_look("8", "", "Orla", PICTURE, by=MIRA)
    two = await house.cast.add_look("8", "", "Orla", PICTURE, by=MIRA)
    await house.cast.remove_look("8", two.id, two.looks[0].id, by=MIRA)
    assert await house.used() == (1, 1, 1)

    with pytest.raises(CannotDoError, match="belongs to"):
        await house.cast.add_look("8", "", "Orla", PICTURE, by=TOM)
    await house.cast.remove("8", orla.id, by=MIRA)
    assert await house.used() == (0, 0, 0)
    assert await house.used(TOM) == (0, 0, 0)


async def test_the_longest_unused_look_goes_from_its_book_when_all_is_full(client: RedisClient) -> None:
    house = House(client, total=2 * MEGA)
    old = await house.cast.add_look("8", "", "Orla", PICTURE, by=MIRA)
    seen = await house.places.add_look("9", "", "Mill of Orr", PICTURE, by=MIRA)
    house.now += 5 * DAY
    [look] = seen.looks
    assert await house.book(Shelf.PLACES).picture("9", look) is not None
    house.now += DAY

    await house.cast.add_look("10", "", "Sefa", PICTURE, by=TOM)

    assert (await house.cast.cast("8", "")).characters == []
    assert await house.cast.picture("8", old.looks[0]) is None
    assert (await house.places.cast("9", "")).characters == [seen]


async def test_to_look_at_a_picture_is_no_use_of_it(client: RedisClient) -> None:
    house = House(client, total=2 * MEGA)
    old = await house.cast.add_look("8", "", "Orla", PICTURE, by=MIRA)
    house.now += 60
    await house.cast.add_look("8", "", "Sefa", PICTURE, by=MIRA)
    house.now += 5 * DAY
    await house.cast.picture("8", old.looks[0], is_used=False)

    await house.cast.add_look("10", "", "Tarn", PICTURE, by=TOM)
    assert [one.name for one in (await house.cast.cast("8", "")).characters] == ["Sefa"]


async def test_what_an_earlier_version_stored_is_counted_as_soon_as_it_is_read(house: House) -> None:
    earlier = House(house.client)
    await earlier.cast.add_look("8", "", "Orla", PICTURE, by=MIRA)
    await delete(
        house.client, *(f"scene_art:{{references}}:{name}" for name in ("people", "servers", "of:1001", "in:8"))
    )
    assert await house.used() == (0, 0, 0)

    await house.cast.cast("8", "")
    assert await house.used() == (1, 1, 1)


async def test_what_expired_or_was_deleted_or_never_written_is_found_at_the_cap(house: House) -> None:
    orla = await house.cast.add_look("501", "", "Orla", PICTURE, by=MIRA)
    await house.cast.add_look("502", "", "Orla", PICTURE, by=MIRA)
    await delete(house.client, f"scene_art:{{501}}:look:{orla.looks[0].id}")
    house.now += 3600

    await house.cast.add_look("503", "", "Orla", PICTURE, by=MIRA)
    assert (await house.used())[0] == 2


async def test_once_a_day_the_count_of_a_server_becomes_what_is_stored(house: House) -> None:
    orla = await house.cast.add_look("8", "", "Orla", PICTURE, by=MIRA)
    await house.places.add_look("8", "", "Mill of Orr", PICTURE, by=TOM)
    await CharacterRepository(house.client, "scene_art").remove("8", orla)  # as by a process that died at once
    await house.references.reconcile()
    assert await house.used() == (1, 2, 2), "a day is not over"
    house.now += DAY + 1

    await house.references.reconcile()
    assert await house.used() == (0, 1, 1)
    assert await house.used(TOM) == (1, 1, 1)


async def test_thirty_at_once_in_many_servers_get_exactly_what_a_person_may_have(redis_url: str) -> None:
    async with client_of(redis_url) as one, client_of(redis_url) as other:
        houses = [House(as_port(client)) for client in (one, other)]
        results = await asyncio.gather(
            *(houses[n % 2].cast.add_look(str(600 + n), "", "Orla", PICTURE, by=MIRA) for n in range(30)),
            return_exceptions=True,
        )
        stored = [key for key in await one.keys() if b":look:" in key]
        assert (await houses[0].used())[0] == 2
    assert len(stored) == 2
    assert sum(isinstance(result, CannotDoError) for result in results) == 28
