"""A theatre in which everything can be killed: a durable Redis, a sandbox, and bots as processes of their own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from redis.asyncio import Redis

from cogs.scene_art import publish_art_request, publish_turn_complete
from sandbox import Channel, Message, Sandbox, wait_until
from sandbox.gemini import GeminiRequest
from sandbox.gemini_answers import Answer, picture
from tests.redis_server import RedisServer, find_redis_server
from tests.stage import BotProcess, as_event, environment, portrait, python

LEASE_SECONDS = 30.0
TAKEN_UP_SECONDS = 60.0
"""Within this another process goes on with what a killed one left: a lease, at most 1.31 times, and some work."""
SOON_SECONDS = 20.0
PICTURE = portrait("teal", (320, 180))


class World:
    """What a fault test holds in its hands."""

    def __init__(self, sandbox: Sandbox, redis: RedisServer, stack: AsyncExitStack) -> None:
        self.sandbox = sandbox
        self.redis = redis
        self.guild = sandbox.discord.add_guild("The Lantern Guild")
        self._stack = stack

    def channel(self, name: str = "story") -> Channel:
        """A channel of its own."""
        return self.sandbox.discord.add_text_channel(self.guild, name)

    async def start_bot(self, *, redis_url: str = "", listening: bool = True, **settings: object) -> BotProcess:
        """`bot.py` as an operator runs it; `settings` are scene-art's, without their prefix, in lower case."""
        connected = len(self.sandbox.discord.gateway.connected)
        before = await self.listeners() if listening else 0
        environ = environment(self.sandbox, redis_url or self.redis.url, **settings)
        bot = await self._stack.enter_async_context(python("bot.py", environ=environ))
        await self.sandbox.discord.wait_for_bot(connected + 1, timeout=SOON_SECONDS)
        if listening:
            await self.until(self.listeners, lambda count: count > before)
        return bot

    async def kill(self, bot: BotProcess) -> None:
        """kill -9; its helper process leaves by itself."""
        bot.process.kill()
        await bot.ended()

    def stop(self, bot: BotProcess) -> None:
        """SIGSTOP: it stands still and does not know it."""
        bot.process.send_signal(signal.SIGSTOP)

    def go_on(self, bot: BotProcess) -> None:
        """SIGCONT."""
        bot.process.send_signal(signal.SIGCONT)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Redis]:
        """A connection of the game's."""
        client: Redis = Redis.from_url(self.redis.url)
        try:
            yield client
        finally:
            await client.aclose()

    async def listeners(self) -> int:
        """How many processes would hear a request that is published now; 0 while Redis is away."""
        with contextlib.suppress(Exception):
            async with self.client() as client:
                return int((await client.pubsub_numsub("game:art:request"))[0][1])
        return 0

    async def request(self, channel: Channel, narrative: str, **fields: object) -> None:
        """A plain PUBLISH of `game:art:request`, as a game in any language sends it."""
        async with self.client() as client:
            await client.publish("game:art:request", as_event(channel, narrative, fields))

    async def turn(self, channel: Channel, narrative: str, **fields: object) -> None:
        """The same of `game:turn:complete`."""
        async with self.client() as client:
            await client.publish("game:turn:complete", as_event(channel, narrative, fields))

    async def request_by_publisher(self, channel: Channel, narrative: str, **fields: Any) -> bool:
        """With our own publisher, which is heard also when nobody listens."""
        async with self.client() as client:
            return await publish_art_request(client, channel_id=channel.id, narrative=narrative, **fields)

    async def turn_by_publisher(self, channel: Channel, narrative: str, **fields: Any) -> bool:
        """The same of a turn."""
        async with self.client() as client:
            return await publish_turn_complete(client, channel_id=channel.id, narrative=narrative, **fields)

    def posts(self, channel: Channel) -> list[Message]:
        """The pictures that stand in the channel."""
        return [message for message in self.sandbox.discord.messages(channel) if message.attachments]

    async def pictures(self, channel: Channel, count: int = 1, seconds: float = TAKEN_UP_SECONDS) -> list[Message]:
        """Wait until that many pictures stand in the channel."""
        await wait_until(lambda: len(self.posts(channel)) >= count, timeout=seconds)
        return self.posts(channel)

    def asked(self, marker: str) -> list[GeminiRequest]:
        """Gemini's requests whose prompt contains `marker`: each is paid unless a test scripted an error for it."""
        return [request for request in self.sandbox.gemini.requests if marker in "\n".join(request.texts)]

    async def until_asked(self, marker: str, count: int = 1, seconds: float = TAKEN_UP_SECONDS) -> None:
        """Wait until Gemini was asked for `marker` so often."""
        await wait_until(lambda: len(self.asked(marker)) >= count, timeout=seconds)

    async def scenes(self, channel: Channel) -> list[dict[str, Any]]:
        """The ledger's records of the channel, oldest first."""
        async with self.client() as client:
            ids: list[Any] = await client.lrange(f"scene_art:{{{channel.id}}}:scenes", 0, -1)
            found = [await client.get(f"scene_art:{{{channel.id}}}:scene:{raw.decode()}") for raw in ids]
        return [json.loads(raw) for raw in found if raw]

    async def until_state(self, channel: Channel, *states: str, seconds: float = TAKEN_UP_SECONDS) -> dict[str, Any]:
        """Wait until the channel's newest scene is in one of `states`; its record."""
        scenes = await self.until(
            lambda: self.scenes(channel), lambda found: bool(found) and found[-1]["state"] in states, seconds
        )
        newest: dict[str, Any] = scenes[-1]
        return newest

    async def until(
        self, look: Callable[[], Any], enough: Callable[[Any], bool], seconds: float = TAKEN_UP_SECONDS
    ) -> Any:
        """Await `look()` again and again until it is `enough`; what was seen."""
        end = time.monotonic() + seconds
        while not enough(seen := await look()):
            assert time.monotonic() < end, f"still {seen}"
            await asyncio.sleep(0.05)
        return seen

    async def still_works(self, channel: Channel) -> None:
        """One more turn of the channel is drawn."""
        before = len(self.posts(channel))
        await self.request(channel, "Once more, as if nothing had happened.")
        await self.pictures(channel, before + 1)


def slow(seconds: float) -> Answer:
    """A picture that takes so long."""
    return picture(PICTURE, delay=seconds)


@asynccontextmanager
async def open_world() -> AsyncIterator[World]:
    """A sandbox and a durable Redis; bots are started by the test, and everything is ended afterwards."""
    binary = find_redis_server()
    assert binary is not None
    async with AsyncExitStack() as stack:
        redis = RedisServer(binary, durable=True)
        stack.callback(redis.close)
        stack.callback(redis.thaw)
        redis.start()
        sandbox = await stack.enter_async_context(Sandbox())
        sandbox.gemini.default = picture(PICTURE)
        yield World(sandbox, redis, stack)
