"""Characters and their looks: whose they are, how many there may be, and that nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from cogs.scene_art.domain.characters import LOOK_BYTES, MOST_LOOKS, Character, channel_game
from cogs.scene_art.domain.ownership import NO_GAME, Ownership
from cogs.scene_art.domain.painting import Depicted
from cogs.scene_art.domain.permissions import Requester
from cogs.scene_art.errors import CannotDoError, TransientError
from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.store import character_book as cast_room
from cogs.scene_art.store import characters as cast_shelf
from cogs.scene_art.store.character_book import CharacterBook, Prepared
from cogs.scene_art.store.characters import CharacterRepository
from cogs.scene_art.store.connection import RedisClient
from tests.redis_server import RedisServer, as_port, client_of
from tests.stage import portrait

SERVER, GAME = "8", "Lanterns of Vael"
MIRA, TOM = Requester("1001", SERVER), Requester("1002", SERVER)
MODERATOR = Requester("2", SERVER, is_moderator=True)
PICTURE = Prepared(portrait("teal"), "image/png", 64, 96)


@pytest.fixture
async def client(any_redis_url: str) -> AsyncIterator[RedisClient]:
    async with open_docket(any_redis_url, "scene_art") as (_, opened):
        yield opened


@pytest.fixture
def book(client: RedisClient) -> CharacterBook:
    return CharacterBook(client, "scene_art")


async def names_in(book: CharacterBook, game: str, server: str = SERVER) -> list[str]:
    return [character.name for character in (await book.cast(server, game)).characters]


async def put(client: RedisClient, key: str, value: bytes) -> None:
    pipe = client.pipeline()
    pipe.set(key, value)
    await pipe.execute()


async def test_a_character_is_found_however_its_name_is_written(book: CharacterBook) -> None:
    added = await book.add_look(SERVER, GAME, " Mira ", PICTURE, by=MIRA, label="in armour")

    found = (await book.cast(SERVER, GAME.upper())).find("MIRA")
    assert found == added
    assert found is not None
    assert (found.name, found.owner_id, found.game) == ("Mira", "1001", GAME)
    look = found.look
    assert look is not None
    assert (look.label, look.added_by, look.size) == ("in armour", "1001", len(PICTURE.data))
    assert await book.picture(SERVER, look) == PICTURE.data
    assert (await book.cast("9", GAME)).find("Mira") is None


async def test_every_game_has_the_characters_of_the_server_and_its_own_come_first(book: CharacterBook) -> None:
    own = await book.add_look(SERVER, GAME, "Mira", PICTURE, by=MIRA)
    everywhere = await book.add_look(SERVER, "", "Mira", PICTURE, by=MIRA)
    await book.add_look(SERVER, "", "Orr", PICTURE, by=MIRA)

    assert (await book.cast(SERVER, GAME)).find("mira") == own
    assert (await book.cast(SERVER, "Another")).find("mira") == everywhere
    assert await names_in(book, GAME) == ["Mira", "Orr"]


async def test_nobody_takes_the_place_of_somebody_elses_character_of_every_game(book: CharacterBook) -> None:
    everywhere = await book.add_look(SERVER, "", "Mira", PICTURE, by=MIRA)
    own = await book.add_look(SERVER, GAME, "Tomas", PICTURE, by=TOM)

    with pytest.raises(CannotDoError, match="Mira belongs to <@1001>"):
        await book.add_look(SERVER, GAME, "Mira", PICTURE, by=TOM)
    with pytest.raises(CannotDoError, match="already a character called Mira"):
        await book.rename(SERVER, own.id, "mira", by=TOM)

    more = await book.add_look(SERVER, GAME, "Mira", PICTURE, by=MIRA)
    assert (more.id, more.game, len(more.looks)) == (everywhere.id, "", 2)


async def test_whose_name_it_is_by_the_game_makes_an_entry_their_own_by_any_change(book: CharacterBook) -> None:
    game = Ownership([("MIRA", "1001")])
    for change in ("add", "choose", "remove look", "rename"):
        entry = await book.add_look(SERVER, GAME, "Mira", PICTURE, by=TOM)
        entry = await book.add_look(SERVER, GAME, "Mira", PICTURE, by=TOM)
        look = entry.looks[0].id
        with pytest.raises(CannotDoError, match="Mira belongs to <@1001>"):
            await book.choose(SERVER, entry.id, look, by=TOM, ownership=game)
        changes: dict[str, Any] = {
            "add": lambda: book.add_look(SERVER, GAME, "mira", PICTURE, by=MIRA, ownership=game),
            "choose": lambda: book.choose(SERVER, entry.id, look, by=MIRA, ownership=game),  # noqa: B023
            "remove look": lambda: book.remove_look(SERVER, entry.id, look, by=MIRA, ownership=game),  # noqa: B023
            "rename": lambda: book.rename(SERVER, entry.id, "Mirabel", by=MIRA, ownership=game),  # noqa: B023
        }
        assert (await changes[change]()).owner_id == "1001", change
        await book.remove(SERVER, entry.id, by=MIRA, ownership=game)


async def test_of_a_strangers_entry_only_what_a_moderator_confirmed_is_used_for_a_player(book: CharacterBook) -> None:
    game = Ownership([("Mira", "1001")])
    await book.add_look(SERVER, GAME, "Mira", PICTURE, by=TOM, label="his")
    assert (await book.cast(SERVER, GAME)).look_of("Mira", game) is None
    confirmed = await book.add_look(SERVER, GAME, "Mira", PICTURE, by=MODERATOR, label="hers")
    entry = await book.add_look(SERVER, GAME, "Mira", PICTURE, by=TOM, label="his")

    assert (await book.cast(SERVER, GAME)).look_of("MIRA", game) == (confirmed.look, confirmed.owner_id)
    assert (await book.cast(SERVER, GAME)).look_of("Mira", NO_GAME) == (entry.look, entry.owner_id)
    await book.rename(SERVER, entry.id, "Mirabel", by=TOM)
    renamed = Ownership([("Mirabel", "1001")])
    assert (await book.cast(SERVER, GAME)).look_of("Mirabel", renamed) is None, "it was confirmed for another name"


async def test_entries_whose_pictures_show_large_casts_are_read_again(book: CharacterBook) -> None:
    shows = Depicted(names=("\U0001f98a" * 80,) * 64, user_ids=("9" * 20,) * 64, story="\U0001f98a" * 3_000)
    for _ in range(MOST_LOOKS):
        added = await book.add_look(SERVER, GAME, "Mira", replace(PICTURE, shows=shows), by=MIRA)
    assert (await book.cast(SERVER, GAME)).find("Mira") == added
    assert added.looks[0].shows is not None
    assert len(added.looks[0].shows.names) > 10


async def test_the_last_look_is_used_until_another_one_is_chosen(book: CharacterBook) -> None:
    for label in ("first", "second", "third"):
        character = await book.add_look(SERVER, GAME, "Mira", PICTURE, by=MIRA, label=label)
    assert character.look is character.looks[2]

    chosen = await book.choose(SERVER, character.id, character.looks[0].id, by=MIRA)
    assert chosen.look is not None
    assert chosen.look.label == "first"

    left = await book.remove_look(SERVER, character.id, character.looks[0].id, by=MIRA)
    assert left is not None
    assert left.look is not None
    assert left.look.label == "third"
    assert await book.picture(SERVER, character.looks[0]) is None


async def test_with_the_last_look_the_character_goes(book: CharacterBook) -> None:
    character = await book.add_look(SERVER, GAME, "Mira", PICTURE, by=MIRA)
    assert await book.remove_look(SERVER, character.id, character.looks[0].id, by=MIRA) is None
    assert await names_in(book, GAME) == []


async def test_only_the_owner_and_moderators_change_a_character(book: CharacterBook) -> None:
    character = await book.add_look(SERVER, GAME, "Mira", PICTURE, by=MIRA)
    look_id = character.looks[0].id
    changes: list[Any] = [
        book.add_look(SERVER, GAME, "mira", PICTURE, by=TOM),
        book.rename(SERVER, character.id, "Tom", by=TOM),
        book.choose(SERVER, character.id, look_id, by=TOM),
        book.remove_look(SERVER, character.id, look_id, by=TOM),
        book.remove(SERVER, character.id, by=TOM),
    ]
    for change in changes:
        with pytest.raises(CannotDoError, match="Mira belongs to <@1001>"):
            await change
    assert (await book.cast(SERVER, GAME)).characters == [character]

    given = await book.add_look(SERVER, GAME, "Mira", PICTURE, by=MODERATOR, owner_id="1002")
    assert given.owner_id == "1002"
    await book.rename(SERVER, character.id, "Mirabel", by=TOM)
    await book.remove(SERVER, character.id, by=MODERATOR)
    assert await names_in(book, GAME) == []


async def test_a_new_name_must_be_free_and_may_be_the_same_in_another_case(book: CharacterBook) -> None:
    mira = await book.add_look(SERVER, GAME, "Mira", PICTURE, by=MIRA)
    await book.add_look(SERVER, GAME, "Tom", PICTURE, by=MIRA)

    with pytest.raises(CannotDoError, match="already a character called Tom"):
        await book.rename(SERVER, mira.id, "TOM", by=MIRA)
    await book.rename(SERVER, mira.id, "MIRA", by=MIRA)
    assert await names_in(book, GAME) == ["MIRA", "Tom"]


async def test_what_is_gone_is_told(book: CharacterBook) -> None:
    character = await book.add_look(SERVER, GAME, "Mira", PICTURE, by=MIRA)
    with pytest.raises(CannotDoError, match="already removed this look"):
        await book.choose(SERVER, character.id, "0" * 16, by=MIRA)
    await book.remove(SERVER, character.id, by=MIRA)
    with pytest.raises(CannotDoError, match="already removed it"):
        await book.rename(SERVER, character.id, "Mirabel", by=MIRA)


async def test_of_two_who_add_the_same_name_at_once_nothing_is_lost(redis_url: str) -> None:
    async with client_of(redis_url) as one, client_of(redis_url) as other:
        books = [CharacterBook(as_port(client), "scene_art") for client in (one, other)]
        await asyncio.gather(
            *(
                books[number % 2].add_look(SERVER, GAME, "Mira", PICTURE, by=MIRA, label=str(number))
                for number in range(6)
            )
        )
        [character] = (await books[0].cast(SERVER, GAME)).characters
    assert sorted(look.label for look in character.looks) == list("012345")


async def test_of_two_strangers_one_owns_the_name_and_the_other_is_told(redis_url: str) -> None:
    async with client_of(redis_url) as one, client_of(redis_url) as other:
        books = [CharacterBook(as_port(client), "scene_art") for client in (one, other)]
        results = await asyncio.gather(
            *(book.add_look(SERVER, GAME, "Mira", PICTURE, by=by) for book, by in zip(books, (MIRA, TOM), strict=True)),
            return_exceptions=True,
        )
        [character] = (await books[0].cast(SERVER, GAME)).characters
    assert len(character.looks) == 1
    assert sum(isinstance(result, CannotDoError) for result in results) == 1


async def test_who_waits_too_long_for_others_is_told(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cast_shelf, "PATIENT_SECONDS", 0.1)
    async with client_of(redis_url) as client:
        book = CharacterBook(as_port(client), "scene_art")
        async with book._repository.changing(SERVER):
            with pytest.raises(TransientError) as told:
                await book.add_look(SERVER, GAME, "Mira", PICTURE, by=MIRA)
        await book.add_look(SERVER, GAME, "Mira", PICTURE, by=MIRA)
    assert "Someone else is changing the cast" in told.value.sentence


async def test_the_book_takes_only_so_much(book: CharacterBook, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(name: str, by: Requester = MIRA) -> str:
        with pytest.raises(CannotDoError) as told:
            await book.add_look(SERVER, GAME, name, PICTURE, by=by)
        return told.value.sentence

    for _ in range(MOST_LOOKS):
        await book.add_look(SERVER, GAME, "Mira", PICTURE, by=MIRA)
    assert "Mira already has 8 pictures" in await refused("Mira")

    monkeypatch.setattr(cast_room, "MOST_OF_ONE", 1)
    assert "You already have 1 entries" in await refused("Orr")
    await book.add_look(SERVER, GAME, "Orr", PICTURE, by=MODERATOR)

    monkeypatch.setattr(cast_room, "MOST_CHARACTERS", 2)
    assert "This game already has 2 entries" in await refused("Ann", TOM)


async def test_a_broken_record_costs_itself_and_one_line(
    client: RedisClient, book: CharacterBook, caplog: pytest.LogCaptureFixture
) -> None:
    mira = await book.add_look(SERVER, GAME, "Mira", PICTURE, by=MIRA)
    await book.add_look(SERVER, GAME, "Tom", PICTURE, by=MIRA)
    await put(client, f"scene_art:{{8}}:character:{mira.id}", b'{"id": "<@everyone>"}')

    assert await names_in(book, GAME) == ["Tom"]
    assert caplog.messages == [f"The record of character {mira.id} does not fit this version and is passed over"]


async def test_entries_that_fit_nowhere_stop_nothing(client: RedisClient, book: CharacterBook) -> None:
    character = await book.add_look(SERVER, GAME, "Mira", PICTURE, by=MIRA)
    pipe = client.pipeline()
    pipe.zadd("scene_art:{8}:cast", {"../../etc": 1.0, "every/x": 2.0})
    await pipe.execute()
    await put(client, f"scene_art:{{8}}:look:{character.looks[0].id}", b"x" * (LOOK_BYTES + 1))

    assert await names_in(book, GAME) == ["Mira"]
    assert await book.picture(SERVER, character.looks[0]) is None


async def test_every_key_ends_by_itself_and_use_puts_that_off(redis_server: RedisServer, redis_url: str) -> None:
    async with client_of(redis_url) as client:
        book = CharacterBook(as_port(client), "scene_art")
        character = await book.add_look(SERVER, GAME, "Mira", PICTURE, by=MIRA)
        assert redis_server.keys_without_end() == set()
        keys = await client.keys()
        for key in keys:
            await client.expire(key, 50)

        await book.cast(SERVER, GAME)

        assert len(keys) == 7, "the list, the character and the look, and what is counted of them"
        assert {await client.ttl(key) > 50 for key in keys} == {True}
        await book.remove(SERVER, character.id, by=MIRA)
        assert await client.keys() == []


async def test_entries_of_earlier_versions_whose_names_look_the_same_are_both_kept(
    client: RedisClient, book: CharacterBook
) -> None:
    repository = CharacterRepository(client, "scene_art")
    for number, name in enumerate(["Mira", "Мira"]):  # noqa: RUF001
        old = Character(id=f"{number:016x}", name=name, game=GAME, owner_id="1001", added_at=number)
        await repository.write(SERVER, old)

    cast = await book.cast(SERVER, GAME)
    assert [one.name for one in cast.characters] == ["Mira", "Мira"]  # noqa: RUF001
    assert [found.id[-1] for name in ("MIRA", "МIRA", "Míra") if (found := cast.find(name))] == ["0", "1", "0"]  # noqa: RUF001
    with pytest.raises(CannotDoError, match="belongs to <@1001>"):
        await book.add_look(SERVER, GAME, "Mirа", PICTURE, by=TOM)  # noqa: RUF001


async def test_a_character_of_a_channel_is_found_in_it_whatever_is_played(book: CharacterBook) -> None:
    own = await book.add_look(SERVER, channel_game("42"), "Mira", PICTURE, by=MIRA, channel_id="42")
    assert (await book.cast(SERVER, GAME, "42")).find("Mira") == own
    assert (await book.cast(SERVER, GAME, "43")).find("Mira") is None
    assert (await book.cast(SERVER, GAME)).find("Mira") is None
    with pytest.raises(CannotDoError, match="belongs to <@1001>"):
        await book.add_look(SERVER, GAME, "Mira", PICTURE, by=TOM, channel_id="42")
