"""Servers, direct messages and roles that the operator chose: nobody gets around them by a place of their own."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from cogs.scene_art.domain.scene import Scene, SceneState, Source
from sandbox import Channel, Guild, Permission, User, wait_until
from sandbox.messages import Draft, post
from tests.stage import TIMEOUT_SECONDS, Stage, answered, ended, is_listening, open_stage, portrait, running_bot
from tests.stores import Stores

HERE = "The bot owner hasn't turned pictures on in this server. Only the bot owner can do that."
ALONE = "The bot owner has turned pictures off in direct messages. Ask in a server."
ROLE = "You need a certain role to ask for pictures. Ask the bot owner which one."


@asynccontextmanager
async def operated(redis_url: str = "", *, named: bool = True, **settings: Any) -> AsyncIterator[Stage]:
    """A stage whose operator names its own server in `SCENE_ART_GUILDS`, if `named`."""
    async with open_stage(redis_url, bots=0, listening=False, **settings) as stage:
        if named:
            stage.patch.setenv("SCENE_ART_GUILDS", f"{stage.guild.id}, 5")
        async with running_bot(stage.sandbox) as bot:
            stage.bots.append(bot)
            await wait_until(lambda: is_listening(bot), timeout=TIMEOUT_SECONDS)
            yield stage


def invited(stage: Stage) -> tuple[Guild, Channel, User]:
    """A stranger's own server, into which they invited the bot."""
    discord = stage.sandbox.discord
    stranger = discord.add_user("Stranger", permissions=int(Permission.ADMINISTRATOR | Permission.MANAGE_MESSAGES))
    guild = discord.add_guild("A server of my own")
    return guild, discord.add_text_channel(guild, "mine"), stranger


COMMANDS: dict[str, dict[str, Any]] = {
    "draw": {"text": "A fox far away."},
    "rerender": {},
    "cancel": {},
    "history": {},
    "recap": {},
    "status": {},
    "style": {},
    "settings": {},
    "cast show": {},
    "cast add": {"name": "Zoe", "picture": ("a.png", portrait("red"))},
    "cast rename": {"name": "Zoe", "new_name": "Ann"},
    "cast remove": {"name": "Zoe"},
    "place list": {},
    "place pin": {"name": "Vael"},
}


async def test_in_a_server_that_the_operator_did_not_name_there_is_nothing_for_its_own_administrator() -> None:
    async with operated() as stage:
        _, mine, stranger = invited(stage)
        discord = stage.sandbox.discord
        told = {name: await stage.typed(mine, stranger, name, **given) for name, given in COMMANDS.items()}
        status = told.pop("status")
        assert told == dict.fromkeys(told, HERE)
        assert "in total" not in status
        assert "gemini-" not in status
        for path, given in (("block", {"user": stranger}), ("unblock", {})):
            assert await ended(await discord.run_command(mine, stranger, f"scene-art-mod {path}", given)) == HERE

        assert (await stage.typed(stage.channel(), stranger, "draw", text="A fox nearby.")).startswith("Here's your")
        assert stage.asked_now("A fox far away.") == []


BUTTONS = ("rerender", "change", "vary", "why", "kept", "cancel")


async def test_no_button_and_no_menu_does_anything_in_a_server_that_the_operator_did_not_name() -> None:
    async with operated() as stage:
        _, mine, stranger = invited(stage)
        discord = stage.sandbox.discord
        for name in BUTTONS:
            assert await pressed(stage, mine, stranger, f"scene_art:{name}:{'0' * 16}") == HERE
        for form_id in ("page:newer:0:0", "cast:on:1", "scope:server"):
            assert await pressed(stage, mine, stranger, f"scene_art:{form_id}") == HERE
        said = discord.say(mine, stranger, "A fox far away.", files=[("a.png", portrait("red"))])
        for menu in ("Illustrate", "Use as look of…"):
            answer = await discord.run_message_command(said, stranger, menu)
            await answer.wait_for(lambda a: a.texts or a.modal)
            assert (answer.modal, answer.texts) == (None, [HERE])
        assert stage.sandbox.gemini.requests == []


async def pressed(stage: Stage, place: Channel, person: User, custom_id: str) -> str:
    """Press a button with this id under a message of the bot's; the sentence that follows."""
    discord = stage.sandbox.discord
    rows = [{"type": 1, "components": [{"type": 2, "style": 2, "label": "Press", "custom_id": custom_id}]}]
    message = post(discord.world, place, discord.world.bot, Draft({"content": "Old", "components": rows}))
    answer = await discord.press(message, custom_id, person)
    await answer.wait_for(lambda a: a.texts)
    return answer.texts[-1]


async def test_what_is_there_already_can_still_be_taken_away(redis_url: str) -> None:
    """The operator's choice is about new pictures; whoever is in an old one keeps their say."""
    async with open_stage(redis_url, painter="storyboard") as stage:
        _, mine, stranger = invited(stage)
        message = await stage.shown(mine, "A fox far away.")
        stage.patch.setenv("SCENE_ART_GUILDS", str(stage.guild.id))
        await stage.bot.reload_extension("cogs.scene_art")
        await wait_until(lambda: is_listening(stage.bot), timeout=TIMEOUT_SECONDS)

        assert await stage.pressed(message, "Rerender", stranger) == HERE
        assert (await stage.pressed(message, "Spoiler", stranger)).startswith("Marked as a spoiler.")
        assert (await stage.pressed(message, "Delete", stranger)).startswith("Picture deleted.")


async def test_an_event_for_a_server_that_the_operator_did_not_name_is_dropped_unplanned_and_unpaid(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with operated() as stage:
        _, mine, _ = invited(stage)
        thread = stage.sandbox.discord.add_thread(mine, "aside")
        for place in (mine, thread):
            await stage.request(place, "A fox far away.", turn_id="1")
            # A game may name any server; the channel's own counts.
            await stage.request(place, "A fox far away, too.", turn_id="2", guild_id=str(stage.guild.id))
            await dropped(place, caplog)
        await stage.turn(mine, "A silent fox far away.", turn_id="3")
        await stage.shown(stage.channel(), "A fox nearby.")

        assert await stage.scenes(mine) == await stage.scenes(thread) == []
        assert stage.asked_now("far away") == []
        assert stage.posts(mine) == []


async def dropped(place: Channel, log: pytest.LogCaptureFixture) -> None:
    """Wait until the log says that what came for the place is dropped."""
    await wait_until(lambda: f"channel {place.id}: the operator wants" in log.text, timeout=TIMEOUT_SECONDS)


@pytest.mark.parametrize("source", [Source.PERSON, Source.REQUEST])
async def test_what_waits_when_the_operator_closes_a_place_is_not_paid_for(redis_url: str, source: Source) -> None:
    async with operated(redis_url) as stage:
        guild, mine, stranger = invited(stage)
        place = stage.sandbox.discord.add_dm(stranger)
        for where, guild_id in ((mine, str(guild.id)), (mine, None), (mine, str(stage.guild.id)), (place, None)):
            scene = Scene(
                id=f"{time.monotonic_ns():016x}",
                channel_id=str(where.id),
                guild_id=guild_id,
                source=source,
                narrative="A fox far away.",
                heard_at=time.time(),
            )
            await Stores(stage.redis).scenes.add(scene)
            await stage.cog.app.wiring.scene_job.run(scene.channel_id, scene.id)
            found = await Stores(stage.redis).scenes.scene(scene.channel_id, scene.id)
            assert found is not None
            assert found.state in {SceneState.REFUSED, SceneState.FAILED}
            assert found.code in {"place_closed", "post"}, "or the game named another server than the channel's"
        assert stage.sandbox.gemini.requests == []


async def test_a_moderator_of_a_server_of_their_own_does_not_pass_the_operators_roles() -> None:
    async with operated(named=False, roles="30") as stage:
        _, mine, stranger = invited(stage)
        message = await stage.shown(mine, "A gate opens.")

        assert await stage.typed(mine, stranger, "draw", text="A fox far away.") == ROLE
        for label in ("Rerender", "Vary", "Change"):
            answer = await stage.sandbox.discord.press(message, message.button(label).custom_id, stranger)
            await answer.wait_for(lambda a: a.texts)
            assert answer.texts[-1] == ROLE
        assert await stage.typed(stage.sandbox.discord.add_dm(stranger), stranger, "draw", text="A fox.") == ALONE
        assert (await stage.pressed(message, "Delete", stranger)).startswith("Picture deleted."), "in their own server"
        assert len(stage.sandbox.gemini.requests) == 1


async def test_where_the_operator_says_so_moderators_need_no_role() -> None:
    async with operated(named=False, roles="30", moderators_always="true") as stage:
        _, mine, stranger = invited(stage)
        player = stage.sandbox.discord.add_user("Player")

        assert (await stage.typed(mine, stranger, "draw", text="A fox.")).startswith("Here's your picture:")
        assert await stage.typed(mine, player, "draw", text="A fox.") == ROLE
        assert await stage.typed(stage.sandbox.discord.add_dm(stranger), stranger, "draw", text="A fox.") == ALONE


async def test_direct_messages_are_closed_for_people_and_for_events_where_the_operator_limits_who_may(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with operated() as stage:
        stranger = stage.sandbox.discord.add_user("Stranger")
        place = stage.sandbox.discord.add_dm(stranger)
        for name, given in COMMANDS.items():
            assert await stage.typed(place, stranger, name, **given) == ALONE
        await stage.request(place, "A fox alone.")
        await dropped(place, caplog)
        assert await stage.scenes(place) == []
        assert stage.sandbox.gemini.requests == []


async def test_direct_messages_are_open_where_the_operator_opens_them() -> None:
    async with operated(roles="30", direct_messages="true") as stage:
        mira = stage.sandbox.discord.add_user("Mira")
        place = stage.sandbox.discord.add_dm(mira)
        assert (await stage.typed(place, mira, "draw", text="A fox alone.")).startswith("Here's your picture:")
        await stage.shown(place, "A fox asleep.")


async def test_alone_with_the_bot_somebody_moderates_nothing_and_manages_their_own() -> None:
    async with open_stage(painter="storyboard") as stage:
        discord = stage.sandbox.discord
        mira = discord.add_user("Mira")
        place = discord.add_dm(mira)
        message = await stage.shown(place, "A fox alone.", character_names=["Ann"])
        assert (await stage.pressed(message, "Spoiler", mira)).startswith("Marked as a spoiler.")
        assert (await stage.pressed(message, "Delete", mira)).startswith("Picture deleted.")
        given = {"name": "Zoe", "picture": ("a.png", portrait("red"))}
        tom = discord.add_user("Tom")
        assert "Only moderators can do that" in await stage.typed(place, mira, "cast add", **given, owner=tom)
        assert (await stage.typed(place, mira, "cast add", **given)).startswith("Look added.")
        assert (await stage.typed(place, mira, "cast remove", name="Zoe")).startswith("Character removed.")


async def test_a_refusal_for_want_of_money_tells_no_sums(redis_url: str) -> None:
    async with operated(redis_url, named=False, budget_day="0.05", notices="true") as stage:
        channel, mira = stage.channel(), stage.sandbox.discord.add_user("Mira")
        await stage.shown(channel, "The first one.")
        refused = await stage.typed(channel, mira, "draw", text="A fox.")
        assert refused == "Today's picture budget has too little left for another picture. It resets at 00:00 UTC."
        await stage.request(channel, "The second one.")
        failed = await stage.ended(channel, "failed")
        assert "$0.05 is used or reserved" in failed["reason"], "the operator's log has them"
        told = await answered(await stage.sandbox.discord.run_command(channel, mira, "scene-art status"))
        assert "too little left" in told
        assert "$0.05" not in told


@pytest.mark.parametrize(("shown", "told"), [("true", ["mira", "guard", "operator"]), ("false", ["guard", "operator"])])
async def test_why_tells_what_it_cost_where_prices_are_shown_and_else_to_whom_it_concerns(
    shown: str, told: list[str]
) -> None:
    async with operated(named=False, show_prices=shown) as stage:
        discord, channel = stage.sandbox.discord, stage.channel()
        people = {"mira": discord.add_user("Mira"), "operator": discord.world.operator}
        people["guard"] = discord.add_user("Guard", permissions=int(Permission.MANAGE_MESSAGES))
        message = await stage.shown(channel)
        texts = {name: await stage.pressed(message, "Why?", person) for name, person in people.items()}
        assert sorted(name for name, text in texts.items() if "Cost: $" in text) == sorted(told)
        assert all("Requests: 1." in text for text in texts.values())


async def test_nobody_reads_what_another_person_asked_for_and_never_got() -> None:
    async with operated(named=False) as stage:
        discord, channel = stage.sandbox.discord, stage.channel()
        mira, tom = discord.add_user("Mira"), discord.add_user("Tom")
        scene = Scene(
            id="a" * 16,
            channel_id=str(channel.id),
            guild_id=str(stage.guild.id),
            source=Source.PERSON,
            requested_by=str(mira.id),
            narrative="My secret fox.",
            state=SceneState.CANCELLED,
            heard_at=time.time(),
        )
        await Stores(stage.redis).scenes.add(scene)

        def suggested(person: User) -> Any:
            return discord.autocomplete(channel, person, "scene-art rerender", {}, "scene")

        assert [choice.value for choice in await suggested(mira)] == [scene.id]
        assert await suggested(tom) == []
        assert await pressed(stage, channel, tom, f"scene_art:why:{scene.id}") == (
            "This scene is too old: it's no longer on record."
        )
        assert "no longer on record" in await stage.typed(channel, tom, "rerender", scene="secret fox")
        assert "How this picture was made" in await pressed(stage, channel, mira, f"scene_art:why:{scene.id}")
