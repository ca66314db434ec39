"""The page's accounts, languages, and suggestions of commands and names, in a real browser."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from discord import app_commands
from discord.ext import commands

from sandbox import Channel, Sandbox, User
from sandbox.commands import register
from tests.sandbox.browsing import LAST, needs_browser, reload, see
from tools.browser import Browser

pytestmark = needs_browser

HINTS = "document.getElementById('hints').innerText"
TITLES = "[...document.querySelectorAll('#hints b')].map(b => b.innerText)"
DESCRIBED = {"description": "Something that is told in a line long enough to need two on the screen of a phone"}
SETTINGS: dict[str, Any] = {"type": 1, "name": "settings", "name_localizations": {"de": "einstellungen"}} | DESCRIBED
RECAP: dict[str, Any] = {"type": 1, "name": "recap", "description_localizations": {"de": "Rückblick"}} | DESCRIBED
WHO = {"type": 6, "name": "user", "description": "Who"}
WHERE = {"type": 7, "name": "channel", "description": "Where"}
BLOCK = {"name": "block", "description": "Block", "default_member_permissions": str(1 << 13), "options": [WHO, WHERE]}
SCENE: dict[str, Any] = {"name": "scene-art", "description": "Scenes", "options": [SETTINGS, RECAP]}
UNKNOWN = "\U0001faff"
"""Kept free for an emoji: no font has it."""


@pytest.fixture(autouse=True)
def registered(sandbox: Sandbox, channel: Channel) -> None:
    register(sandbox.discord.world, [SCENE, BLOCK], None, replace=True)


async def choose(browser: Browser, **lists: str) -> None:
    """Choose in the lists of that id, as a hand does."""
    for name, value in lists.items():
        chosen = f"document.getElementById('{name}')"
        await browser.run("document.getElementById('typing').innerText = ''")
        await browser.run(f"{chosen}.value = '{value}'; {chosen}.dispatchEvent(new Event('change'))")
        await browser.until("document.getElementById('typing').innerText.startsWith('You are ')")


async def offered(browser: Browser, typed: str) -> list[str]:
    """Type a text, and list the suggestions for it."""
    await browser.run("document.getElementById('line').value = ''")
    await browser.click("#line")
    await browser.write(typed)
    titles: list[str] = await browser.run(TITLES)
    return titles


async def test_a_command_is_found_in_the_middle_of_its_name(browser: Browser) -> None:
    assert await offered(browser, "/set") == ["/scene-art settings"]
    assert await offered(browser, "/recap") == ["/scene-art recap"]
    assert await offered(browser, "/ttin") == ["/scene-art settings"]
    assert await offered(browser, "/s") == ["/scene-art settings", "/scene-art recap"]
    assert await offered(browser, "/r") == ["/scene-art recap", "/scene-art settings"], (
        "a word that begins so comes first"
    )
    assert await offered(browser, "/zzz") == []


async def test_a_moderator_is_offered_more_and_stays_one_after_a_reload(browser: Browser) -> None:
    assert await offered(browser, "/block") == []
    await choose(browser, who="moderator")
    assert await browser.run("document.getElementById('typing').innerText") == (
        "You are Morgan, a moderator now. The bot answers in English."
    )
    assert await offered(browser, "/block") == ["/block"]
    await reload(browser)
    assert await browser.run("document.getElementById('who').value") == "moderator"
    assert await offered(browser, "/block") == ["/block"]


async def test_commands_are_called_as_discord_calls_them_in_another_language(browser: Browser) -> None:
    await choose(browser, language="de")
    assert await offered(browser, "/einst") == ["/scene-art einstellungen"]
    assert await offered(browser, "/set") == ["/scene-art einstellungen"], "the English name is known, too"
    await offered(browser, "/recap")
    assert "Rückblick" in await browser.run(HINTS)
    assert await browser.run("document.getElementById('hints').lang") == "de"


async def test_people_and_channels_are_chosen_by_name(browser: Browser) -> None:
    await choose(browser, who="moderator")
    assert (await offered(browser, "/block user:"))[:1] != []
    assert await offered(browser, "/block user:ki") == ["@Kim"]
    await browser.press("Enter")
    await browser.write("channel:")
    assert await browser.run("document.getElementById('line').value") == "/block user:@Kim channel:"
    assert await browser.run(TITLES) == ["#story"]


async def test_who_and_what_is_mentioned_is_named(
    sandbox: Sandbox, channel: Channel, mira: User, browser: Browser
) -> None:
    kim, role = sandbox.discord.account("other-player"), sandbox.discord.add_role(channel.guild, "Painters")  # type: ignore[arg-type]
    await browser.until("document.getElementById('who').options.length === 3")
    sandbox.discord.say(channel, mira, f"<@{kim.id}> <@&{role}> <#{channel.id}> <#1> </scene-art recap:5> <@1>")
    await see(browser, "@Kim @Painters #story #unknown /scene-art recap @somebody")
    await browser.click(".text button.mention")


async def test_an_emoji_that_the_machine_cannot_draw_is_drawn(
    bot: commands.Bot, sandbox: Sandbox, channel: Channel, browser: Browser
) -> None:
    class Panel(discord.ui.View):
        @discord.ui.button(label="Redo", emoji="🎲")
        async def redo(self, _: discord.Interaction, __: discord.ui.Button[Panel]) -> None:
            return

        @discord.ui.select(options=[discord.SelectOption(label=f"Red {UNKNOWN}")])
        async def colour(self, _: discord.Interaction, __: discord.ui.Select[Panel]) -> None:
            return

    place = bot.get_channel(channel.id)
    assert isinstance(place, discord.TextChannel)
    await place.send(f"Hear {UNKNOWN} this", view=Panel())
    await see(browser, "Redo")
    assert await browser.run(f"{LAST}.querySelector('.text').textContent") == "Hear  this"
    assert await browser.run(f"{LAST}.querySelector('.text svg').getAttribute('aria-label')") == UNKNOWN
    assert await browser.run(f"{LAST}.querySelector('select option:last-child').label") == "Red"
    drawn = await browser.run(f"!!{LAST}.querySelector('.button svg')")
    assert drawn is not await browser.run(f"{LAST}.querySelector('.button').textContent.includes('🎲')")


async def test_the_list_of_commands_can_be_read_on_a_phone(browser: Browser) -> None:
    await browser.resize(390, 844)
    await offered(browser, "/")
    clipped = (
        "[...document.querySelectorAll('#hints li')].filter(li => { const [name, about] = li.children;"
        " return about.getBoundingClientRect().top < name.getBoundingClientRect().bottom"
        " || name.getClientRects().length > 1 || about.scrollWidth > about.clientWidth"
        " || getComputedStyle(about).textOverflow === 'ellipsis' || li.getBoundingClientRect().height < 44; })"
    )
    assert await browser.run(f"{clipped}.map(li => li.outerHTML)") == []
    assert await browser.run("document.querySelectorAll('#hints li').length") == 2


async def test_a_newcomers_command_sends_what_it_says(
    bot: commands.Bot, sandbox: Sandbox, channel: Channel, browser: Browser
) -> None:
    @app_commands.command(name="greet", description="Greet")
    async def greet(interaction: discord.Interaction, user: discord.User, where: discord.TextChannel) -> None:
        await interaction.response.send_message(f"{user.mention}, come to {where.mention}")

    bot.tree.add_command(greet)
    await bot.tree.sync()
    await browser.click("#line")
    await browser.write("/greet user:@Kim where:#story")
    await browser.press("Escape")
    await browser.press("Enter")
    await see(browser, "@Kim, come to #story")


async def test_what_was_dismissed_does_not_come_back_with_the_person(
    bot: commands.Bot, sandbox: Sandbox, channel: Channel, browser: Browser
) -> None:
    @app_commands.command(name="whisper", description="Whisper")
    async def whisper(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("psst", ephemeral=True)

    bot.tree.add_command(whisper)
    await bot.tree.sync()
    sandbox.discord.say(channel, "S.N.E.S.", "Night falls.")
    await browser.click("#line")
    await browser.write("/whisper")
    await browser.press("Enter", times=2)
    await see(browser, "psst")
    await choose(browser, who="other-player")
    await see(browser, "Night falls.")
    await choose(browser, who="player")
    await see(browser, "psst")
    await browser.click(".dismiss")
    await choose(browser, who="moderator")
    await choose(browser, who="player")
    assert not await browser.run("document.getElementById('log').innerText.includes('psst')")
