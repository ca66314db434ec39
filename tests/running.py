"""A whole scene-art, running: the sandbox, a real bot with the extension loaded, and a Redis to publish on."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

import discord
import pytest
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from PIL import Image

from bot import Host
from cogs.scene_art.connection import RedisClient
from cogs.scene_art.engine import open_docket
from sandbox import Channel, Message, Sandbox, wait_until

PATIENCE_SECONDS = 20.0
DEFAULTS = {"SCENE_ART_COOLDOWN_SECONDS": "0", "SCENE_ART_FALLBACK_SECONDS": "30"}


class Running:
    """What a test holds in its hands. `settings` are environment variables."""

    def __init__(self, sandbox: Sandbox, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sandbox = sandbox
        self.redis_url = redis_url
        self._monkeypatch = monkeypatch
        self._stack = AsyncExitStack()
        self.bots: list[Host] = []
        self.redis: RedisClient
        self.guild = sandbox.discord.add_guild("The Lantern Guild")
        self.channel = self.add_channel("story")

    def add_channel(self, name: str) -> Channel:
        return self.sandbox.discord.add_text_channel(self.guild, name)

    def configure(self, settings: Mapping[str, str]) -> None:
        gemini = {"GEMINI_API_KEY": self.sandbox.gemini.key, "GOOGLE_GEMINI_BASE_URL": self.sandbox.gemini.base_url}
        for name, value in {"REDIS_URL": self.redis_url, **gemini, **DEFAULTS, **settings}.items():
            self._monkeypatch.setenv(name, value)

    async def open_redis(self) -> None:
        """The game's own connection; also to the in-process server."""
        _, self.redis = await self._stack.enter_async_context(open_docket(self.redis_url, "the-game"))

    async def start_bot(self) -> Host:
        """Start one more bot process's worth of scene-art, and wait until it listens."""
        bot = Host(api_base=self.sandbox.discord.api_base)
        await self._stack.enter_async_context(bot)
        task = asyncio.create_task(bot.start(self.sandbox.discord.token), name="bot under test")
        self._stack.push_async_callback(_close, bot, task)
        await wait_until(lambda: task.done() or is_listening(bot), timeout=PATIENCE_SECONDS)
        if task.done():
            task.result()
        self.bots.append(bot)
        return bot

    async def publish(self, channel: str, **fields: Any) -> None:
        """An event as raw JSON, as any game would publish it."""
        event = {"channel_id": str(self.channel.id), "ts": time.time(), **fields}
        await self.redis.publish(channel, json.dumps(event))

    async def request(self, narrative: str, **fields: Any) -> None:
        await self.publish("game:art:request", narrative=narrative, **fields)

    async def turn(self, narrative: str, **fields: Any) -> None:
        await self.publish("game:turn:complete", narrative=narrative, **fields)

    async def write_state(self, key: str, value: object) -> None:
        pipe = self.redis.pipeline()
        pipe.set(key, value if isinstance(value, str) else json.dumps(value))
        await pipe.execute()

    def pictures(self, channel: Channel | None = None) -> list[Message]:
        return [m for m in self.sandbox.discord.messages(channel or self.channel) if m.attachments]

    async def wait_for_pictures(self, count: int, channel: Channel | None = None) -> list[Message]:
        await wait_until(lambda: len(self.pictures(channel)) >= count, timeout=PATIENCE_SECONDS)
        return self.pictures(channel)

    async def everything_is_quiet(self) -> None:
        """Waits until a picture published last of all has come: what was published before it was acted on."""
        other = self.add_channel("afterwards")
        await self.request("The end.", channel_id=str(other.id))
        await self.wait_for_pictures(1, other)

    async def aclose(self) -> None:
        await self._stack.aclose()


def is_listening(bot: commands.AutoShardedBot) -> bool:
    cog = bot.get_cog("SceneArt")
    return bot.is_ready() and bool(getattr(cog, "is_listening", False))


async def _close(bot: Host, task: asyncio.Task[None]) -> None:
    await bot.close()
    await asyncio.gather(task, return_exceptions=True)


def png(colour: str, size: tuple[int, int] = (64, 96), form: str = "PNG") -> bytes:
    """A small picture in one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, form)
    return buffer.getvalue()


@contextlib.asynccontextmanager
async def running(redis_url: str, monkeypatch: pytest.MonkeyPatch, **settings: str) -> AsyncIterator[Running]:
    """Sandbox, Redis and one listening bot; discord.py's two addresses are put back afterwards."""
    monkeypatch.setattr(discord.http.Route, "BASE", discord.http.Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    # discord.py waits this long for one more server before it is ready; its default is 2 s.
    async with Sandbox() as sandbox:
        house = Running(sandbox, redis_url, monkeypatch)
        house.configure({"SCENE_ART_TRUSTED_HOSTS": "127.0.0.1", **settings})
        try:
            await house.open_redis()
            await house.start_bot()
            yield house
        finally:
            await house.aclose()
