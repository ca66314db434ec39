"""A stage with one channel on it, for tests that tell one story each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from cogs.scene_art.jobs.engine import open_docket
from sandbox import Channel, Message
from sandbox.gemini import GeminiRequest
from tests.stage import TIMEOUT_SECONDS, Stage, encoded, is_listening, open_stage, portrait, running_bot

__all__ = ["TIMEOUT_SECONDS", "Running", "at_home", "encoded", "is_listening", "portrait", "running"]


class Running:
    """A running stage: everything happens in `channel` unless another one is named."""

    def __init__(self, stage: Stage, stack: AsyncExitStack) -> None:
        self.stage = stage
        self.sandbox = stage.sandbox
        self.channel = stage.channel()
        self._channels = [self.channel]
        self._before = len(stage.sandbox.gemini.requests)
        self._stack = stack

    @property
    def requests(self) -> list[GeminiRequest]:
        """Gemini's requests since this test began."""
        return self.sandbox.gemini.requests[self._before :]

    def another_channel(self, name: str) -> Channel:
        """One more channel of this test's own."""
        channel = self.stage.channel(name)
        self._channels.append(channel)
        return channel

    async def request(self, narrative: str, **fields: Any) -> None:
        await self.stage.request(self.channel, narrative, **fields)

    async def turn(self, narrative: str, **fields: Any) -> None:
        await self.stage.turn(self.channel, narrative, **fields)

    def pictures(self, channel: Channel | None = None) -> list[Message]:
        return self.stage.posts(channel or self.channel)

    async def wait_for_pictures(self, count: int, channel: Channel | None = None) -> list[Message]:
        return await self.stage.pictures(channel or self.channel, count)

    async def everything_is_quiet(self) -> None:
        """Waits until a picture published last of all has come: what was published before it was acted on."""
        other = self.another_channel("afterwards")
        await self.stage.request(other, "The end.")
        await self.stage.pictures(other)

    async def start_another_bot(self) -> None:
        """One more process's worth of scene-art on the same Redis, until this test ends."""
        bot = await self._stack.enter_async_context(running_bot(self.sandbox))
        self.stage.bots.append(bot)
        self._stack.callback(self.stage.bots.remove, bot)

    async def nothing_is_left(self) -> None:
        """Waits until no scene of this test is open: the next test on the stage gets its own answers alone."""
        for channel in self._channels:
            if await self.stage.redis.get(f"scene_art:{{{channel.id}}}:plan"):
                await self.stage.settled(channel)
        assert not self.sandbox.gemini.pending, "an answer was scripted that nobody asked for"

    async def connect_game(self, redis_url: str) -> None:
        """A fresh connection for the game, after its Redis was away or another one took its place."""
        _, self.stage.redis = await self._stack.enter_async_context(open_docket(redis_url, "game-again"))


@asynccontextmanager
async def at_home(stage: Stage) -> AsyncIterator[Running]:
    """One test's part of a stage that many share; nothing of it is left for the next."""
    async with AsyncExitStack() as stack:
        app = Running(stage, stack)
        yield app
        await app.nothing_is_left()


@asynccontextmanager
async def running(redis_url: str, **settings: object) -> AsyncIterator[Running]:
    """`settings` are scene-art's, without their prefix, in lower case."""
    async with AsyncExitStack() as stack:
        given: dict[str, Any] = {"fallback_seconds": 30} | settings
        stage = await stack.enter_async_context(open_stage(redis_url, **given))
        yield Running(stage, stack)
