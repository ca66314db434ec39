"""What the cast book and wishes tell about a scene, and that neither ever costs the picture."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from cogs.scene_art.domain.painting import CastMember, Picture
from cogs.scene_art.domain.permissions import Person
from cogs.scene_art.domain.personas import Personas
from cogs.scene_art.domain.scene import Scene, Source
from cogs.scene_art.errors import ReferenceUnavailableError, TransientError
from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.pipeline import known_characters as dressing
from cogs.scene_art.pipeline.cast import ENOUGH_CHARACTERS, UNDEPICTED, Casting
from cogs.scene_art.pipeline.known_characters import Acquaintances, Dresser
from cogs.scene_art.store.character_book import Cast, CastBook, Prepared
from cogs.scene_art.store.connection import RedisClient
from cogs.scene_art.store.opt_outs import Hidden
from cogs.scene_art.worker_process import Workshop
from tests.pipeline.test_cast import Links, Nothing, told
from tests.stage import memory_url

MOD = Person("1", "7", is_moderator=True)
LOOK = Prepared(b"a picture", "image/png", 3, 4)


class Bench:
    """A workshop that opens what it is given, except what is broken."""

    async def load_url(self, url: str, *, group: str = "") -> Picture:
        return Picture(path=Path("address"), mime="image/png", width=1, height=1)

    async def load_bytes(self, picture: bytes, *, group: str = "") -> Picture:
        if picture != LOOK.data:
            raise ReferenceUnavailableError("broken")
        return Picture(path=Path("look"), mime="image/png", width=1, height=1)


@pytest.fixture
async def client() -> AsyncIterator[RedisClient]:
    async with open_docket(memory_url(), "scene_art") as (_, opened):
        yield opened


class House:
    """A casting with a book and wishes of its own."""

    def __init__(self, client: RedisClient) -> None:
        self.client = client
        self.book, self.hidden = CastBook(client, "scene_art"), Hidden(client, "scene_art")
        workshop = cast("Workshop", Bench())
        self.casting = Casting(
            workshop=workshop,
            state=Nothing(),
            personas=Personas([], dark_names=[], crown_bearers=[]),
            links=Links({}),
            dresser=Dresser(book=self.book, hidden=self.hidden, workshop=workshop),
        )

    async def know(self, *names: str, game: str = "") -> None:
        for name in names:
            await self.book.add_look("7", game, name, LOOK, by=MOD)

    async def seen(self, story: str, **fields: Any) -> dict[str, CastMember]:
        values = {"id": "0" * 16, "channel_id": "1", "guild_id": "7", "source": Source.TURN, "narrative": story}
        members, _ = await self.casting.gather(Scene.model_validate(values | fields), [], told)
        return {member.name: member for member in members}


@pytest.fixture
def house(client: RedisClient) -> House:
    return House(client)


def source(member: CastMember) -> str:
    return str(member.picture.path) if member.picture else member.missing_because


async def test_an_events_own_picture_goes_before_the_books(house: House) -> None:
    await house.know("Mira", "Tom")
    found = await house.seen("…", character_names=["MIRA", "Tom", "Orr"], character_urls=["https://a/new"])
    assert {name: source(member) for name, member in found.items()} == {
        "MIRA": "address",
        "Tom": "look",
        "Orr": "nobody has given one",
    }


async def test_the_story_adds_characters_only_up_to_a_number(house: House) -> None:
    names = [f"Guard{chr(97 + number)}" for number in range(12)]
    await house.know(*names)
    assert list(await house.seen(" ".join(names))) == names[:ENOUGH_CHARACTERS]
    named = [f"N{number}" for number in range(ENOUGH_CHARACTERS - 1)]
    assert list(await house.seen(" ".join(names), character_names=named)) == [*named, names[0]]
    assert len(await house.seen(" ".join(names), character_names=[*named, "X", "Y"])) == 9


async def test_the_address_of_a_picture_in_the_story_names_nobody(house: House) -> None:
    await house.know("Mira")
    assert await house.seen("A gate. https://a/mira/mira.png") == {}


async def test_where_somebody_with_a_longer_name_stands_nobody_else_is_meant(house: House) -> None:
    await house.know("Mira")
    assert list(await house.seen("Mira Vael opens it.", character_names=["Mira Vael"])) == ["Mira Vael"]


async def test_another_game_has_other_characters(house: House) -> None:
    await house.know("Mira", game="Lanterns")
    assert list(await house.seen("Mira sings.", game_name="lanterns")) == ["Mira"]
    assert await house.seen("Mira sings.", game_name="Orr") == {}


async def test_who_hides_has_no_picture_whoever_names_them(house: House) -> None:
    await house.know("Mira")
    await house.hidden.hide("7", "9", ["mira"])
    for found in (
        await house.seen("…", character_names=["Mira"], character_urls=["https://a/new"]),
        await house.seen("…", character_names=["Mira"]),
        await house.seen("Then mira sings."),
    ):
        [member] = found.values()
        assert (member.silhouette, member.picture, member.missing_because) == (True, None, UNDEPICTED)


@pytest.mark.parametrize("broken", [b"no picture", None])
async def test_a_look_that_cannot_be_had_costs_itself(house: House, broken: bytes | None) -> None:
    await house.know("Mira")
    [mira] = (await house.book.cast("7", "")).characters
    pipe = house.client.pipeline()
    key = f"scene_art:{{7}}:look:{mira.looks[0].id}"
    pipe.delete(key)
    if broken:
        pipe.set(key, broken)
    await pipe.execute()
    assert source((await house.seen("Mira sings."))["Mira"]) == (
        "broken" if broken else "the look in the cast book is gone"
    )


async def test_a_book_that_is_away_costs_the_looks_and_never_the_picture(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def away(*_: object) -> Any:
        raise TransientError("Redis: ConnectionError")

    caplog.set_level("DEBUG", logger="cogs.scene_art")
    monkeypatch.setattr(dressing, "HIDDEN_SECONDS", 0.0)
    monkeypatch.setattr(CastBook, "cast", away)
    monkeypatch.setattr(Hidden, "names", away)
    assert list(await house.seen("Mira sings.", character_names=["Mira"])) == ["Mira"]
    assert [line for line in caplog.messages if "cannot be read" in line] == [
        f"scene {'0' * 16}: the cast book cannot be read: Redis: ConnectionError"
    ] * 2


async def test_a_wish_is_asked_for_until_redis_answers(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[Sequence[str] | None] = [None, ["Mira"]]

    async def names(*_: object) -> Sequence[str]:
        found = answers.pop(0)
        if found is None:
            raise TransientError("Redis: ConnectionError")
        return found

    monkeypatch.setattr(Hidden, "names", names)
    assert (await house.seen("…", character_names=["Mira"]))["Mira"].silhouette


def test_who_is_known_without_a_look_is_not_added() -> None:
    assert Acquaintances("7", Cast(), ("Mira",)).besides([], "Mira and Tom", 8) == ["Mira"]
