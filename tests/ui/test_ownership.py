"""Whose a character is, through Discord: the game's player is never locked out, and a stranger takes nothing over."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image

from sandbox import Channel, User
from tests.stage import Stage, open_stage, portrait

pytestmark = pytest.mark.asyncio(loop_scope="module")

MINE, THEIRS = ("mine.png", portrait("teal")), ("theirs.png", portrait("red"))
NAME = "Zoë Varga"
SPELLED = ("ZOË VARGA", "Zoe\u0308  Varga", "\uff3a\uff4f\u00eb Varga")


class Table:
    """A server with a channel in which `mira` plays the game's `NAME`, and one in which nobody plays."""

    def __init__(self, stage: Stage, mira: User, tom: User) -> None:
        self.stage, self.mira, self.tom = stage, mira, tom
        discord = stage.sandbox.discord
        guild = discord.add_guild("Another guild")
        self.channel = discord.add_text_channel(guild, "story")
        self.other = discord.add_text_channel(guild, "tavern")

    async def begin(self, game: str = "Lanterns", name: str = NAME) -> None:
        session = {"active": True, "game_name": game, "players": [str(self.mira.id), str(self.tom.id)]}
        await self.stage.remember(f"game:session:{self.channel.id}", session)
        await self.stage.remember(f"game:character:{self.mira.id}", {"name": name})

    async def run(self, person: User, command: str, channel: Channel | None = None, **options: Any) -> str:
        return await self.stage.typed(channel or self.channel, person, f"cast {command}", **options)

    async def colours(self, story: str, channel: Channel | None = None, **fields: Any) -> list[object]:
        """The colours of the references that a scene's painter was given, but for the game master's."""
        await self.stage.shown(channel or self.channel, story, **fields)
        return [colour_of(image) for image in self.stage.asked_now(story)[-1].images[1:]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    """A bot whose operator lets everybody add to every game, so that ownership alone decides."""
    async with open_stage(members_pin=True) as opened:
        yield opened


@pytest.fixture
def table(stage: Stage, mira: User, tom: User) -> Table:
    return Table(stage, mira, tom)


def colour_of(picture: bytes) -> object:
    with Image.open(io.BytesIO(picture)) as opened:
        return opened.convert("RGB").resize((1, 1)).getpixel((0, 0))


TEAL, RED = colour_of(MINE[1]), colour_of(THEIRS[1])


async def test_a_stranger_makes_no_entry_of_a_name_that_the_game_gives_to_somebody(table: Table) -> None:
    await table.begin()
    for name in (NAME, *SPELLED):
        for everywhere in (False, True):
            told = await table.run(table.tom, "add", name=name, picture=THEIRS, everywhere=everywhere)
            assert f"belongs to <@{table.mira.id}>" in told
    assert "Look added" in await table.run(table.tom, "add", name="Tomas", picture=THEIRS)
    for name in (NAME, *SPELLED):
        assert f"belongs to <@{table.mira.id}>" in await table.run(table.tom, "rename", name="Tomas", new_name=name)
    assert "Look added" in await table.run(table.mira, "add", name=NAME, picture=MINE)


async def test_a_character_of_the_same_name_in_another_game_gives_no_right_to_a_players(table: Table) -> None:
    await table.begin()
    stranger = table.stage.sandbox.discord.add_user("Nadja")
    await table.stage.remember(f"game:character:{stranger.id}", {"name": NAME.upper()})
    told = await table.run(stranger, "add", name=NAME, picture=THEIRS, owner=stranger)
    assert f"belongs to <@{table.mira.id}>" in told
    assert "someone else's character" in await table.run(stranger, "hide")
    assert "Look added" in await table.run(table.mira, "add", name=NAME, picture=MINE)
    await table.stage.typed(table.channel, stranger, "draw", text="At the well.", cast=NAME)
    assert [colour_of(image) for image in table.stage.asked_now("At the well.")[-1].images[1:]] == [TEAL]


async def test_the_form_of_a_message_makes_no_entry_of_it_either(table: Table) -> None:
    await table.begin()
    discord = table.stage.sandbox.discord
    message = discord.say(table.channel, table.tom, "Look!", files=[THEIRS])
    form = await discord.run_message_command(message, table.tom, "Use as look of…")
    answer = await discord.submit_modal(form, {"name": NAME})
    await answer.wait_for(lambda a: a.content, timeout=20)
    assert f"belongs to <@{table.mira.id}>" in answer.content


@pytest.mark.parametrize("made", ["before the session", "in another channel", "by rename elsewhere"])
async def test_a_strangers_older_entry_is_not_used_and_the_player_takes_it(
    table: Table, made: str, guard: User
) -> None:
    if made != "before the session":
        await table.begin()
    where = table.channel if made == "before the session" else table.other
    first = "Tomas" if made == "by rename elsewhere" else NAME
    await table.run(table.tom, "add", where, name=first, picture=THEIRS, everywhere=True)
    if first != NAME:
        assert "Renamed" in await table.run(table.tom, "rename", where, name=first, new_name=NAME.upper())
    await table.begin()

    assert await table.colours(f"{NAME} waits {made}.", character_names=[NAME]) == []
    assert "someone else's character" in await table.run(table.tom, "hide", name=NAME)
    refused: dict[str, dict[str, Any]] = {"use": {"look": "1"}, "remove": {}, "rename": {"new_name": "Orr"}}
    for command, options in refused.items():
        told = await table.run(table.tom, command, name=NAME, **options)
        assert f"belongs to <@{table.mira.id}>" in told, command
    assert f"<@{table.mira.id}>" in await table.run(guard, "show")

    assert "Look added" in await table.run(table.mira, "add", name=NAME, picture=MINE)
    found = await table.colours(f"{NAME} goes {made}.", character_names=[NAME])
    assert TEAL in found
    assert RED not in found
    assert "1 look left" in await table.run(table.mira, "remove", name=NAME, look="1")


async def test_the_players_own_entry_is_used_although_a_strangers_of_the_same_game_stands_before_it(
    table: Table,
) -> None:
    await table.stage.remember(f"game:session:{table.other.id}", {"game_name": "Lanterns", "players": []})
    await table.run(table.tom, "add", table.other, name=NAME, picture=THEIRS)
    await table.begin()
    assert "every game" in await table.run(table.mira, "add", name=NAME, picture=MINE, everywhere=True)
    assert await table.colours(f"{NAME} sings.") == [TEAL]


async def test_the_player_removes_a_strangers_entry_without_ever_having_had_one(table: Table) -> None:
    await table.run(table.tom, "add", name=NAME, picture=THEIRS)
    await table.begin()
    assert "Character removed" in await table.run(table.mira, "remove", name=NAME)


async def test_what_a_moderator_sets_counts_until_the_name_changes(table: Table, guard: User) -> None:
    await table.run(table.tom, "add", name="Tomas", picture=THEIRS)
    assert "uses this look" in await table.run(guard, "use", name="Tomas", look="1")
    assert "Renamed" in await table.run(table.tom, "rename", name="Tomas", new_name=NAME)
    await table.begin("")
    assert await table.colours(f"{NAME} waits.") == [], "it was confirmed for another name"

    assert "uses this look" in await table.run(guard, "use", name=NAME, look="1")
    assert RED in await table.colours(f"{NAME} looks up.")


async def test_a_strangers_wish_does_not_blacken_the_games_player(table: Table) -> None:
    assert "Names" in await table.run(table.tom, "hide", table.other, name=NAME)
    await table.begin()
    url = table.stage.sandbox.files.add("herself.png", MINE[1])
    assert await table.colours(f"{NAME} sings.", character_names=[NAME], character_urls=[url]) == [TEAL]
    assert "Names" in await table.run(table.mira, "hide", name=NAME)
    assert await table.colours(f"{NAME} whispers.", character_names=[NAME], character_urls=[url]) == []


async def test_a_picture_is_its_players_and_no_strangers_whatever_the_cast_book_says_later(table: Table) -> None:
    await table.run(table.tom, "add", table.other, name=NAME, picture=THEIRS, everywhere=True)
    await table.begin()
    message = await table.stage.shown(table.channel, f"{NAME} stands guard.", character_names=[NAME])
    await table.begin(name="Another Name")

    for label in ("Delete", "Spoiler"):
        assert "Only the person who asked" in await table.stage.pressed(message, label, table.tom)
    assert "Marked as a spoiler." in await table.stage.pressed(message, "Spoiler", table.mira)
    assert "Picture deleted." in await table.stage.pressed(message, "Delete", table.mira)


async def test_whoever_takes_a_name_up_later_has_no_say_in_earlier_pictures(table: Table) -> None:
    message = await table.stage.shown(table.channel, "Orrin stands guard.", character_names=["Orrin"])
    await table.run(table.tom, "add", name="Orrin", picture=THEIRS)
    assert "Only the person who asked" in await table.stage.pressed(message, "Delete", table.tom)


async def test_where_the_game_gives_a_name_to_nobody_the_entrys_owner_has_a_say(table: Table) -> None:
    await table.run(table.tom, "add", name="Orrin", picture=THEIRS)
    message = await table.stage.shown(table.channel, "Orrin stands guard.", character_names=["Orrin"])
    assert "Picture deleted." in await table.stage.pressed(message, "Delete", table.tom)


async def test_an_entry_of_every_game_does_not_take_the_name_of_another_persons_in_one_game(
    table: Table, guard: User
) -> None:
    await table.begin(name="Nobody")
    await table.run(table.mira, "add", name="Orrin", picture=MINE)
    assert f"belongs to <@{table.mira.id}>" in await table.run(
        table.tom, "add", table.other, name="ORRIN", picture=THEIRS, everywhere=True
    )
    await table.run(table.tom, "add", table.other, name="Tomas", picture=THEIRS, everywhere=True)
    told = await table.run(table.tom, "rename", table.other, name="Tomas", new_name="Orrin")
    assert f"belongs to <@{table.mira.id}>" in told
    assert "Renamed" in await table.run(guard, "rename", table.other, name="Tomas", new_name="Orrin")


@pytest.mark.parametrize("name", ["Mira.", "Captain Mira", "The Mira", "Miras", "Mira's", "_Mira_"])
async def test_a_players_name_with_something_around_it_is_the_players(table: Table, name: str) -> None:
    """The longest match counts in a story: a stranger's `Captain Mira` would take the place of the player's `Mira`."""
    await table.begin(name="Mira")

    assert f"belongs to <@{table.mira.id}>" in await table.run(table.tom, "add", name=name, picture=THEIRS)
    assert "someone else's character" in await table.run(table.tom, "hide", name=name)
    assert "Look added" in await table.run(table.mira, "add", name=name, picture=MINE)
