"""Names that strangers type: what is one, whose it is, and in which scenes it counts."""

from __future__ import annotations

from typing import Any

import pytest

from cogs.scene_art.domain.characters import Character, Look
from cogs.scene_art.store.characters import CharacterRepository
from sandbox import Channel, User
from tests.stage import Stage, ended, open_stage, portrait

pytestmark = pytest.mark.asyncio(loop_scope="module")

TEAL = ("teal.png", portrait("teal"))
NO_NAMES = [
    "the",
    "In",
    "was",
    "of the",
    "\uff54\uff48\uff45",
    "Die",
    "avec",
    "para",
    "jest",
    "これ",
    "x",
    "7",
    "The Child",
    "All Are Kids",
]


@pytest.fixture
def channel(stage: Stage) -> Channel:
    """One in a server of its own: a server has one book."""
    discord = stage.sandbox.discord
    return discord.add_text_channel(discord.add_guild("Another guild"), "story")


async def references(stage: Stage, channel: Channel, story: str, **fields: Any) -> set[str]:
    """The names whose pictures a scene's painter was given."""
    await stage.shown(channel, story, **fields)
    scene = next(scene for scene in await stage.scenes(channel) if scene["narrative"] == story)
    return {reference["name"] for reference in scene["brief"]["references"] if reference["arrived"]}


@pytest.mark.parametrize("name", NO_NAMES)
async def test_no_way_takes_a_name_that_stories_use_for_nobody(
    stage: Stage, channel: Channel, mira: User, guard: User, name: str
) -> None:
    discord = stage.sandbox.discord
    await stage.shown(channel)
    await stage.typed(channel, guard, "cast add", name="Mirabel", picture=TEAL)
    form = await discord.run_message_command(
        discord.say(channel, mira, "My coat!", files=[TEAL]), mira, "Use as look of…"
    )
    for said in (
        await stage.typed(channel, mira, "cast add", name=name, picture=TEAL),
        await stage.typed(channel, guard, "cast rename", name="Mirabel", new_name=name),
        await stage.typed(channel, mira, "cast hide", name=name),
        await stage.typed(channel, guard, "place pin", name=name),
        await stage.typed(channel, mira, "draw", text="A gate.", cast=f"Mirabel, {name}"),
        await ended(await discord.submit_modal(form, {"name": name})),
    ):
        assert any(why in said for why in ("be a name", "common word", "reads like a sentence")), said
    assert "No places are pinned yet" in await stage.typed(channel, mira, "place list")


async def test_the_game_may_call_somebody_by_a_common_word(
    stage: Stage, channel: Channel, mira: User, tom: User
) -> None:
    await stage.remember(f"game:character:{mira.id}", {"name": "Will"})
    assert "common word" in await stage.typed(channel, tom, "cast add", name="Will", picture=TEAL)
    assert "Look added." in await stage.typed(channel, mira, "cast add", name="Will", picture=TEAL)
    assert "Names: Will." in await stage.typed(channel, mira, "cast hide", name="Will")
    assert "common word" not in await stage.typed(channel, mira, "draw", text="He waits.", cast="Will")


async def test_what_every_scene_uses_is_for_moderators(stage: Stage, channel: Channel, mira: User, guard: User) -> None:
    await stage.shown(channel)
    await stage.typed(channel, guard, "place pin", name="Hall of Orr")
    for command, options in (
        ("place pin", {"name": "Gate of Ash"}),
        ("place unpin", {"name": "Hall of Orr"}),
        ("cast add", {"name": "Mirabel", "picture": TEAL, "everywhere": True}),
    ):
        assert "Only moderators can do that" in await stage.typed(channel, mira, command, **options)
    assert await stage.typed(channel, mira, "place list") == "Pinned places: Hall of Orr."


@pytest.mark.asyncio(loop_scope="function")
async def test_the_operator_may_let_members_pin() -> None:
    async with open_stage(members_pin=True) as stage:
        channel, mira = stage.channel(), stage.sandbox.discord.add_user("Mira")
        await stage.shown(channel)
        assert "Pinned." in await stage.typed(channel, mira, "place pin", name="Gate of Ash")
        said = await stage.typed(channel, mira, "cast add", name="Mirabel", picture=TEAL, everywhere=True)
        assert "in every game on this server" in said
        assert "in every game on this server" in await stage.typed(channel, mira, "cast add", name="Orr", picture=TEAL)
        assert "Unpinned." in await stage.typed(channel, mira, "place unpin", name="Gate of Ash")


async def test_where_no_game_is_known_a_members_character_is_the_channels(
    stage: Stage, channel: Channel, mira: User, tom: User, guard: User
) -> None:
    assert channel.guild is not None
    other = stage.sandbox.discord.add_text_channel(channel.guild, "other")
    await stage.typed(channel, mira, "cast add", name="Mirabel", picture=TEAL)
    said = await stage.typed(channel, guard, "cast add", name="Orr", picture=TEAL)
    assert "in every game on this server" in said

    assert {"Mirabel", "Orr"} <= await references(stage, channel, "Mirabel meets Orr.")
    assert "Mirabel" not in await references(stage, other, "Mirabel leaves Orr.")
    assert "only this channel" in await stage.typed(channel, mira, "cast show")
    # It stays hers when the game tells its name.
    await stage.remember(f"game:session:{channel.id}", {"active": True, "game_name": "Lanterns", "players": []})
    assert "Only they and moderators" in await stage.typed(channel, tom, "cast add", name="Mirabel", picture=TEAL)
    assert "Mirabel" in await references(stage, channel, "Mirabel sings.", game_name="Lanterns")


async def test_a_picture_of_somebody_who_may_not_look_is_in_no_scene_there(
    stage: Stage, channel: Channel, mira: User, guard: User
) -> None:
    discord, guild = stage.sandbox.discord, channel.guild
    assert guild is not None
    staff = discord.add_text_channel(guild, "staff", viewers=[guard])
    await stage.shown(channel)
    await stage.typed(channel, guard, "cast add", name="Mirabel", picture=TEAL, owner=mira)
    await stage.typed(channel, guard, "cast add", name="Orr", picture=TEAL)
    await stage.typed(channel, guard, "place pin", name="Hall of Ash")

    story = "Mirabel meets Orr in the Hall of Ash"
    assert {"Mirabel", "Orr", "Hall of Ash"} <= await references(stage, channel, f"{story}, by day.")
    found = await references(stage, staff, f"{story}, by night.")
    assert {"Orr", "Hall of Ash"} <= found
    assert "Mirabel" not in found
    assert "Mirabel" in await references(stage, staff, f"{story}, at noon.", character_names=["Mirabel"])


async def test_a_disguised_name_belongs_to_whom_it_looks_like(
    stage: Stage, channel: Channel, mira: User, tom: User
) -> None:
    await stage.typed(channel, mira, "cast add", name="Mirabel", picture=TEAL)
    for name in ("Мirаbel", "M\u200birabel", "Mírabel", "ＭＩＲＡＢＥＬ", "rnirabel", "𝓜irabel"):  # noqa: RUF001
        assert "Only they and moderators" in await stage.typed(channel, tom, "cast add", name=name, picture=TEAL)
        assert "someone else's character" in await stage.typed(channel, tom, "cast hide", name=name)


async def test_an_old_entry_that_is_no_name_is_listed_and_removable_and_in_no_scene(
    stage: Stage, channel: Channel, mira: User
) -> None:
    assert channel.guild is not None
    data = portrait("red")
    look = Look(id="a" * 16, mime="image/png", size=len(data), width=64, height=96, added_at=1, added_by=str(mira.id))
    old = Character(id=look.id, name="the", owner_id=str(mira.id), looks=(look,), added_at=1)
    for namespace in ("scene_art", "scene_art:place"):
        repository = CharacterRepository(stage.redis, namespace)
        await repository.write(str(channel.guild.id), old, picture=(look, data))

    assert "the" not in await references(stage, channel, "The gate falls on the bridge.")
    assert "the" in await references(stage, channel, "The bridge falls.", character_names=["the"])
    assert "**the**" in await stage.typed(channel, mira, "cast show")
    assert "Pinned places: the." in await stage.typed(channel, mira, "place list")
    assert "Character removed." in await stage.typed(channel, mira, "cast remove", name="the")
