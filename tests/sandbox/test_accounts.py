"""Whom the page's visitor can be, and which language they speak: what a real bot is told of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import discord
import pytest
from discord import app_commands
from discord.ext import commands

from sandbox import Channel, Sandbox, wait_until
from tests.sandbox.tab import Tab, opened

pytestmark = pytest.mark.usefixtures("talker")


@pytest.fixture
async def talker(bot: commands.Bot) -> list[discord.Interaction[Any]]:
    """A bot that notes who asks; `/ban` is for moderators."""
    heard: list[discord.Interaction[Any]] = []

    @app_commands.command(name="whisper", description="Whisper")
    async def whisper(interaction: discord.Interaction) -> None:
        heard.append(interaction)
        await interaction.response.send_message(f"psst, {interaction.user.display_name}", ephemeral=True)

    @app_commands.command(name="ban", description="Ban somebody")
    @app_commands.default_permissions(manage_messages=True)
    async def ban(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("banned")

    bot.tree.add_command(whisper)
    bot.tree.add_command(ban)
    await bot.tree.sync()
    return heard


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as opening:
        yield opening


async def seated(stack: AsyncExitStack, sandbox: Sandbox, query: str = "") -> Tab:
    """A tab of its own, as a browser opens it."""
    tab = await stack.enter_async_context(opened(sandbox, query))
    await tab.read("snapshot")
    return tab


@pytest.mark.parametrize("who", ["player", "other-player", "moderator"])
async def test_a_moderator_has_the_permissions_and_the_others_have_not(
    sandbox: Sandbox, channel: Channel, talker: list[discord.Interaction[Any]], stack: AsyncExitStack, who: str
) -> None:
    tab = await seated(stack, sandbox)
    await tab.wish(do="be", who=who, locale="en-US")
    place = str(channel.id)
    assert "error" not in await tab.wish(do="command", channel=place, text="/whisper")

    [told] = talker
    assert isinstance(told.user, discord.Member)
    assert told.permissions.send_messages
    assert told.permissions.manage_messages is (who == "moderator")
    assert told.user.guild_permissions.manage_messages is (who == "moderator"), "by the roles that the bot knows"
    refused = (await tab.wish(do="command", channel=place, text="/ban")).get("error", "")
    assert refused.startswith("There is no command “/ban” for you here") is (who != "moderator")


async def test_the_bot_is_told_the_language_of_the_person_and_of_the_server(
    bot: commands.Bot,
    sandbox: Sandbox,
    channel: Channel,
    talker: list[discord.Interaction[Any]],
    stack: AsyncExitStack,
) -> None:
    tab = await seated(stack, sandbox)
    await tab.wish(do="be", who="player", locale="ja")
    await tab.wish(do="command", channel=str(channel.id), text="/whisper")

    assert (talker[0].locale, talker[0].guild_locale) == (discord.Locale.japanese, discord.Locale.japanese)
    await wait_until(lambda: bot.guilds[0].preferred_locale is discord.Locale.japanese)
    assert bot.get_channel(channel.id) is not None


async def test_two_tabs_are_two_people_and_keep_their_secrets(
    sandbox: Sandbox, channel: Channel, stack: AsyncExitStack
) -> None:
    robin, kim = await seated(stack, sandbox), await seated(stack, sandbox, "?who=other-player&locale=de")
    await kim.wish(do="command", channel=str(channel.id), text="/whisper")
    await kim.wish(do="say", channel=str(channel.id), text="Good evening")

    said = (await robin.read("message"))["message"]
    assert (said["content"], said["author"]["global_name"]) == ("Good evening", "Kim")
    whispered = [news["message"]["content"] for news in kim.news if news["type"] == "message"]
    assert whispered[0] == "psst, Kim"


async def test_a_lost_connection_keeps_the_seat_and_nonsense_gets_the_first_one(
    sandbox: Sandbox, stack: AsyncExitStack
) -> None:
    kept = (await seated(stack, sandbox, "?who=moderator&locale=de")).news[-1]
    assert (kept["account"], kept["visitor"]["global_name"], kept["locale"]) == ("moderator", "Morgan", "de")
    fresh = (await seated(stack, sandbox, "?who=queen&locale=xx")).news[-1]
    assert (fresh["account"], fresh["locale"]) == ("player", "en-US")


@pytest.mark.parametrize("person", [{"who": "queen", "locale": "de"}, {"who": "player", "locale": "xx"}, {}])
async def test_nobody_else_can_be_chosen(sandbox: Sandbox, stack: AsyncExitStack, person: dict[str, str]) -> None:
    tab = await seated(stack, sandbox)
    assert "does not exist" in (await tab.wish(do="be", **person))["error"]


async def test_in_a_server_that_comes_later_the_moderator_is_one_too(sandbox: Sandbox, stack: AsyncExitStack) -> None:
    tab = await seated(stack, sandbox, "?who=moderator")
    later = sandbox.discord.add_text_channel(sandbox.discord.add_guild("Later"), "hall")
    assert "error" not in await tab.wish(do="command", channel=str(later.id), text="/ban")
