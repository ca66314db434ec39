"""A sandbox, a real discord.py bot that talks to it, and a real browser that looks at it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import discord
import pytest
import yarl
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket

from sandbox import Channel, Sandbox, User, wait_until
from tests.sandbox.browsing import see
from tools.browser import Browser


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as running:
        yield running


@pytest.fixture
def channel(sandbox: Sandbox) -> Channel:
    guild = sandbox.discord.add_guild("The Lantern Guild")
    return sandbox.discord.add_text_channel(guild, "story")


@pytest.fixture
def mira(sandbox: Sandbox) -> User:
    return sandbox.discord.add_user("Mira")


@pytest.fixture
def redirected(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point discord.py at the sandbox: the two addresses it starts from, and nothing else."""
    monkeypatch.setattr(discord.http.Route, "BASE", sandbox.discord.api_base)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(sandbox.discord.gateway_url))


StartBot = Callable[..., Awaitable[commands.Bot]]


@pytest.fixture
async def start_bot(sandbox: Sandbox, redirected: None) -> AsyncIterator[StartBot]:
    async with AsyncExitStack() as stack:

        async def start(**options: Any) -> commands.Bot:
            intents = options.pop("intents", discord.Intents.default())
            kind = options.pop("kind", commands.Bot)
            # discord.py waits this long for one more server before it is ready; 2 s is its default.
            options.setdefault("guild_ready_timeout", 0.1)
            bot: commands.Bot = kind(command_prefix="!", intents=intents, **options)
            await stack.enter_async_context(bot)
            connected = len(sandbox.discord.gateway.connected)
            task = asyncio.create_task(bot.start(sandbox.discord.token), name="bot under test")
            stack.push_async_callback(_finish, bot, task)
            await wait_until(lambda: task.done() or bot.is_ready(), timeout=10)
            if task.done():
                task.result()
            assert len(sandbox.discord.gateway.connected) > connected
            return bot

        yield start


async def _finish(bot: commands.Bot, task: asyncio.Task[None]) -> None:
    await bot.close()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def bot(start_bot: StartBot, channel: Channel) -> commands.Bot:
    return await start_bot()


@pytest.fixture
def place(bot: commands.Bot, channel: Channel) -> discord.TextChannel:
    found = bot.get_channel(channel.id)
    assert isinstance(found, discord.TextChannel)
    return found


@pytest.fixture
async def browser(sandbox: Sandbox, channel: Channel) -> AsyncIterator[Browser]:
    async with Browser(width=1280, height=800) as opened:
        await opened.open(sandbox.page_url)
        await opened.until("document.title.includes('story')")
        await opened.click("#welcome-close")
        yield opened
        assert opened.complaints == []


@pytest.fixture
def greeter(bot: commands.Bot) -> list[str]:
    """A bot with a command, a button, a list and a form; what it was told."""
    told: list[str] = []

    class Form(discord.ui.Modal, title="Wishes"):
        wish: discord.ui.TextInput[Form] = discord.ui.TextInput(label="Your wish", style=discord.TextStyle.paragraph)

        async def on_submit(self, interaction: discord.Interaction) -> None:
            told.append(self.wish.value)
            await interaction.response.send_message(f"Wished: {self.wish.value}")

    class Panel(discord.ui.View):
        @discord.ui.button(label="Wish")
        async def form(self, interaction: discord.Interaction, _: discord.ui.Button[Panel]) -> None:
            await interaction.response.send_modal(Form())

        @discord.ui.button(label="Count")
        async def count(self, interaction: discord.Interaction, _: discord.ui.Button[Panel]) -> None:
            told.append("count")
            await interaction.response.edit_message(content=f"Counted {told.count('count')}")

        @discord.ui.select(options=[discord.SelectOption(label="Red"), discord.SelectOption(label="Blue")])
        async def colour(self, interaction: discord.Interaction, select: discord.ui.Select[Panel]) -> None:
            told.append(select.values[0])
            await interaction.response.send_message(f"Chose {select.values[0]}", ephemeral=True)

    @app_commands.command(name="greet", description="Greet somebody")
    async def greet(interaction: discord.Interaction, name: str) -> None:
        await interaction.response.send_message(f"Good evening, {name}", view=Panel())

    @greet.autocomplete("name")
    async def names(_: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"Queen {current}", value="the-queen")]

    @app_commands.command(name="keep", description="Keep a picture")
    async def keep(interaction: discord.Interaction, picture: discord.Attachment) -> None:
        await interaction.response.send_message(f"Kept {picture.filename}, {picture.width} wide")

    bot.tree.add_command(greet)
    bot.tree.add_command(keep)
    return told


@pytest.fixture
async def panel(bot: commands.Bot, greeter: list[str], browser: Browser) -> list[str]:
    await bot.tree.sync()
    await browser.click("#line")
    await browser.write("/greet name:Mira")
    await browser.press("Escape")
    await browser.press("Enter")
    await see(browser, "Good evening, Mira")
    return greeter
