"""A sandbox, and a real discord.py bot that talks to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import discord
import pytest
import yarl
from discord.ext import commands
from discord.gateway import DiscordWebSocket

from sandbox import Channel, Sandbox, User, wait_until


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
