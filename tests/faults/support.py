"""A world of real processes for one test: a sandbox, a Redis that keeps its data, and bots that can be hurt.

Every world has its own ports, Redis and folders, so that many tests may run at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import signal
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from cogs.scene_art import publish_art_request, publish_turn_complete
from cogs.scene_art.jobs.engine import SCHEMA_VERSION
from sandbox import Channel, Guild, Message, Sandbox, gemini_answers, wait_until
from sandbox.gemini import GeminiRequest
from sandbox.gemini_answers import Answer
from tests.redis_server import RedisServer
from tests.stage import BotProcess, as_event, environment, portrait, python

LEASE_SECONDS = 30.0
"""After so long without a sign of life a job goes to another process."""
REDELIVERY_SECONDS = 45.0
"""By then it has gone: docket looks for abandoned jobs at 1.0 to 1.31 times the lease."""
TIMEOUT_SECONDS = 25.0
"""For what needs no lease to run out, on a busy machine; a bot's start takes some seconds of it."""
ROUNDS_SECONDS = 150.0 + TIMEOUT_SECONDS
"""By then a bot has looked for what is open and was forgotten, such as a job that docket lost half-way."""
LATE_SECONDS = REDELIVERY_SECONDS + TIMEOUT_SECONDS
"""For what needs a lease to run out first."""
QUIET_SECONDS = 2.0
"""So long the world is watched when nothing must happen."""

POSTS = r"^/channels/\d+/messages$"
"""The path of a post, for `fail_next("POST", POSTS, ...)`."""

REQUEST_CHANNEL = "game:art:request"
TURN_CHANNEL = "game:turn:complete"
STREAM = f"scene_art-v{SCHEMA_VERSION}:stream"
"""docket's key of the due jobs."""
QUEUE = f"scene_art-v{SCHEMA_VERSION}:queue"
"""docket's key of the jobs that are due later."""


class Easel:
    """The pretended Gemini's default: a small picture for every request, counted, as slow as a test wishes.

    Answers that a test scripts (refusals, 429, 503) come before it and are not counted: they cost nothing.
    """

    def __init__(self) -> None:
        self.paid: list[GeminiRequest] = []
        """The requests that were answered with a picture, or were cut off while it was painted."""
        self._delays: deque[float] = deque()
        self._rules: list[tuple[str, float]] = []

    def next_take(self, *seconds: float) -> None:
        """The next pictures take so long, one after the other; those after them take no time."""
        self._delays.extend(seconds)

    def always_takes(self, marker: str, seconds: float) -> None:
        """Every picture whose prompt contains `marker` takes so long."""
        self._rules.append((marker, seconds))

    def answer(self, request: GeminiRequest) -> Answer:
        """Answer a request with a picture, after its delay."""
        self.paid.append(request)
        prompt = "\n".join(request.texts)
        ruled = [seconds for marker, seconds in self._rules if marker in prompt]
        delay = ruled[0] if ruled else self._delays.popleft() if self._delays else 0.0
        return gemini_answers.picture(portrait("steelblue", (320, 180)), delay=delay)

    def paid_for(self, marker: str) -> int:
        """Count the paid pictures whose prompt contains `marker`."""
        return sum(marker in "\n".join(request.texts) for request in self.paid)


class World:
    """One sandbox, one durable Redis, and the bot processes that a test starts."""

    def __init__(self, sandbox: Sandbox, server: RedisServer, stack: AsyncExitStack) -> None:
        self.sandbox = sandbox
        self.server = server
        self.easel = Easel()
        self.sandbox.gemini.default = self.easel.answer
        self.guild: Guild = sandbox.discord.add_guild("The Lantern Guild")
        self.redis: Redis = Redis.from_url(server.url)
        """The game's own connection; it finds the server again after a restart."""
        self.bots: list[BotProcess] = []
        """All that were started, the dead ones included."""
        self.scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="scene-art-faults-"))
        """The parent of the bots' temporary folders; killed bots do not always remove theirs."""
        self._stack = stack

    # What is there

    def channel(self, name: str = "story") -> Channel:
        """A channel of its own."""
        return self.sandbox.discord.add_text_channel(self.guild, name)

    def posts(self, channel: Channel) -> list[Message]:
        """The pictures that stand in the channel, the oldest first."""
        return [message for message in self.sandbox.discord.messages(channel) if message.attachments]

    def stories(self, channel: Channel) -> list[str]:
        """The alt texts of those pictures, which tell the scenes."""
        return [message.attachments[0].description or "" for message in self.posts(channel)]

    async def pictures(self, channel: Channel, count: int = 1, *, within: float = TIMEOUT_SECONDS) -> list[Message]:
        """Wait until that many pictures stand in the channel."""
        await wait_until(lambda: len(self.posts(channel)) >= count, timeout=within)
        return self.posts(channel)

    def paid(self, marker: str = "") -> int:
        """Count the paid calls for scenes whose text contains `marker`."""
        return self.easel.paid_for(marker)

    async def painting(self, marker: str = "", calls: int = 1, *, within: float = TIMEOUT_SECONDS) -> None:
        """Wait until Gemini was asked so often for a scene whose text contains `marker`."""
        await wait_until(lambda: self.paid(marker) >= calls, timeout=within)

    async def posting(self, count: int = 1, *, within: float = TIMEOUT_SECONDS) -> None:
        """Wait until Discord has received so many posts, whatever became of them."""
        await wait_until(lambda: self.post_requests() >= count, timeout=within)

    def post_requests(self) -> int:
        """Count the attempts to post so far."""
        requests = self.sandbox.discord.requests
        return sum(r.method == "POST" and re.search(POSTS, r.path) is not None for r in requests)

    async def scenes(self, channel: Channel) -> list[dict[str, Any]]:
        """The store's records of the channel, oldest first."""
        prefix = f"scene_art:{{{channel.id}}}"
        ids = [as_text(raw) for raw in await self.redis.lrange(f"{prefix}:scenes", 0, -1)]
        found = [await self.redis.get(f"{prefix}:scene:{scene_id}") for scene_id in ids]
        return [json.loads(raw) for raw in found if raw]

    async def scene(self, channel: Channel, narrative: str) -> dict[str, Any]:
        """The record of the scene with that text; empty when there is none."""
        found = [scene for scene in await self.scenes(channel) if narrative in scene["narrative"]]
        return found[0] if found else {}

    async def ended(self, channel: Channel, narrative: str, *, within: float = TIMEOUT_SECONDS) -> dict[str, Any]:
        """Wait until the scene with that text is posted or has a reason why not; its record."""

        async def finished() -> bool:
            scene = await self.scene(channel, narrative)
            return bool(scene) and scene["state"] in {"posted", "skipped", "refused", "failed"}

        await until(finished, within=within)
        return await self.scene(channel, narrative)

    async def ended_all(self, channel: Channel, *, within: float = TIMEOUT_SECONDS) -> None:
        """Wait until every scene of the channel has its end."""

        async def finished() -> bool:
            return all(s["state"] in {"posted", "skipped", "refused", "failed"} for s in await self.scenes(channel))

        await until(finished, within=within)

    async def noted(self, channel: Channel, narrative: str = "") -> None:
        """Wait until the store has a scene with that text."""

        async def known() -> bool:
            return bool(await self.scene(channel, narrative))

        await until(known)

    async def in_the_inbox(self, channel: Channel) -> None:
        """Wait until an event lies in the channel's inbox, safe from the death of the bot that heard it."""

        async def delivered() -> bool:
            return bool(await self.redis.llen(f"scene_art:{{{channel.id}}}:mailbox"))

        await until(delivered)

    async def queued(self) -> None:
        """Wait until a job lies in docket's stream."""

        async def waiting() -> bool:
            return bool(await self.redis.xlen(STREAM))

        await until(waiting)

    # What the game does

    async def request(self, channel: Channel, narrative: str, **fields: object) -> int:
        """`game:art:request` as a plain PUBLISH; how many heard it."""
        return int(await self.redis.publish(REQUEST_CHANNEL, as_event(channel, narrative, fields)))

    async def turn(self, channel: Channel, narrative: str, **fields: object) -> int:
        """`game:turn:complete` as a plain PUBLISH; how many heard it."""
        return int(await self.redis.publish(TURN_CHANNEL, as_event(channel, narrative, fields)))

    async def our_request(self, channel: Channel, narrative: str, **fields: Any) -> bool:
        """`game:art:request` through our publisher."""
        return await publish_art_request(self.redis, channel_id=channel.id, narrative=narrative, **fields)

    async def our_turn(self, channel: Channel, narrative: str, **fields: Any) -> bool:
        """`game:turn:complete` through our publisher."""
        return await publish_turn_complete(self.redis, channel_id=channel.id, narrative=narrative, **fields)

    async def one_more(self, channel: Channel, *, within: float = TIMEOUT_SECONDS) -> None:
        """The channel is still usable: one more turn is drawn, once."""
        before = len(self.posts(channel))
        await self.request(channel, "And the story goes on.")
        await self.pictures(channel, before + 1, within=within)
        await self.quiet()
        assert len(self.posts(channel)) == before + 1

    async def quiet(self, seconds: float = QUIET_SECONDS) -> None:
        """Watch for a while that no post and no paid call comes."""
        before = (self.post_requests(), self.paid())
        with contextlib.suppress(TimeoutError):
            await wait_until(lambda: (self.post_requests(), self.paid()) != before, timeout=seconds)
        assert (self.post_requests(), self.paid()) == before, "something was still under way"

    async def command(self, *words: str) -> object:
        """Any command to Redis, as an operator types it."""
        execute: Callable[..., Awaitable[object]] = self.redis.execute_command
        return await execute(*words)

    async def calm(self, seconds: float = QUIET_SECONDS, *, within: float = TIMEOUT_SECONDS) -> None:
        """Wait until no post and no paid call has come for so long."""
        async with asyncio.timeout(within):
            while True:
                with contextlib.suppress(AssertionError):
                    return await self.quiet(seconds)

    async def redis_crashes(self, seconds: float) -> None:
        """kill -9 for Redis, and its return with all its data."""
        self.server.kill()
        await an_outage(seconds)
        await self.redis_returns()

    async def redis_returns(self) -> None:
        """Start the killed Redis again."""
        self.server.start()
        await self.redis.connection_pool.disconnect()  # the game's own connections broke, too

    # The processes

    async def bot(self, *script: str, **how: Any) -> BotProcess:
        """Start a bot process; see `some_bots`."""
        return (await self.some_bots(1, *script, **how))[0]

    async def some_bots(
        self,
        count: int,
        *script: str,
        redis_url: str = "",
        connecting: bool = True,
        hearing: bool = True,
        **settings: object,
    ) -> list[BotProcess]:
        """Start several bot processes at once and wait until they are connected to Discord and listen to Redis.

        `connecting` and `hearing` tell what to wait for. `script` runs in place of bot.py; `settings` are scene-art's,
        without their prefix, in lower case.
        """
        connected = len(self.sandbox.discord.gateway.connected) if connecting else -count
        listeners = await self._listeners() if hearing else 0
        environ = environment(self.sandbox, redis_url or self.server.url, **settings) | {"TMPDIR": self.scratch}
        arguments = script or ("bot.py",)
        started = [await self._stack.enter_async_context(python(*arguments, environ=environ)) for _ in range(count)]
        self.bots += started
        await self.sandbox.discord.wait_for_bot(connected + count, timeout=TIMEOUT_SECONDS)
        if hearing:
            await self.heard_by(listeners + count)
        return started

    async def heard_by(self, count: int, *, within: float = TIMEOUT_SECONDS) -> None:
        """Wait until that many subscriptions hear the game."""

        async def enough() -> bool:
            return await self._listeners() >= count

        await until(enough, within=within)

    async def _listeners(self) -> int:
        [(_, count)] = await self.redis.pubsub_numsub(TURN_CHANNEL)
        return int(count)

    async def kill(self, bot: BotProcess) -> None:
        """kill -9, and wait until Discord has noticed."""
        connected = len(self.sandbox.discord.gateway.connected)
        bot.process.kill()
        await bot.ended()
        gone = max(0, connected - 1)
        await wait_until(lambda: len(self.sandbox.discord.gateway.connected) <= gone, timeout=TIMEOUT_SECONDS)

    def freeze(self, bot: BotProcess) -> None:
        """SIGSTOP: it keeps everything and does nothing. The world lets it go on at its end."""
        bot.process.send_signal(signal.SIGSTOP)
        self._stack.callback(self.thaw, bot)

    def thaw(self, bot: BotProcess) -> None:
        """SIGCONT; idempotent."""
        if bot.process.returncode is None:
            bot.process.send_signal(signal.SIGCONT)

    def ask_to_stop(self, bot: BotProcess) -> None:
        """SIGTERM, as a service manager sends it."""
        bot.process.send_signal(signal.SIGTERM)

    async def proxy(self) -> CuttingProxy:
        """A proxy in front of Redis, closed at the world's end."""
        return await self._stack.enter_async_context(CuttingProxy(self.server.port).open())


@asynccontextmanager
async def open_world(binary: str) -> AsyncIterator[World]:
    """A world with no bot in it yet; `binary` is the redis-server."""
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(Sandbox())
        server = RedisServer(binary, durable=True)
        stack.callback(server.close)
        server.start()
        world = World(sandbox, server, stack)
        stack.push_async_callback(world.redis.aclose)
        try:
            yield world
        finally:
            tell_what_the_bots_said(world)


def tell_what_the_bots_said(world: World) -> None:
    """pytest shows it in the report of a failed test."""
    for number, bot in enumerate(world.bots, 1):
        print(f"--- bot {number}, exit code {bot.process.returncode}", *bot.lines, sep="\n")  # noqa: T201


def as_text(raw: bytes | str) -> str:
    """Decode an answer of Redis."""
    return raw.decode() if isinstance(raw, bytes) else raw


async def an_outage(seconds: float) -> None:
    """So long it lasts. Not a wait for something to happen: the length is what is tested."""
    await asyncio.sleep(seconds)


async def until(predicate: Callable[[], Awaitable[object]], *, within: float = TIMEOUT_SECONDS) -> None:
    """`wait_until` for what must be asked of Redis, which may be away meanwhile."""
    async with asyncio.timeout(within):
        while True:
            with contextlib.suppress(RedisError, OSError):
                if await predicate():
                    return
            await asyncio.sleep(0.05)


class CuttingProxy:
    """A TCP proxy on loopback that hurts its connections when told."""

    def __init__(self, port: int) -> None:
        self._behind = port
        self._writers: set[asyncio.StreamWriter] = set()
        self._swallowed: set[asyncio.StreamWriter] = set()
        self.port = 0
        self.delay = 0.0
        """So many seconds everything takes longer, in each direction."""
        self.cuts = 0
        """Number of connections cut so far."""

    @property
    def redis_url(self) -> str:
        """Database 0 of the Redis behind it."""
        return f"redis://127.0.0.1:{self.port}/0"

    @asynccontextmanager
    async def open(self) -> AsyncIterator[CuttingProxy]:
        """Listen; cut everything at the end."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = int(server.sockets[0].getsockname()[1])
        try:
            yield self
        finally:
            server.close()
            self.cut()
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", self._behind)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, behind_writer}
        self._writers |= ends
        try:
            await asyncio.gather(self._pump(reader, behind_writer), self._pump(behind_reader, writer))
        finally:
            self._writers -= ends
            self._swallowed -= ends
            for end in ends:
                end.transport.abort()

    def cut(self) -> None:
        """Reset every connection of now."""
        self.cuts += len(self._writers) // 2
        for writer in self._writers:
            writer.transport.abort()

    def swallow(self) -> None:
        """From now on nothing passes through the connections of now, and neither side is told; new ones work."""
        self._swallowed |= self._writers

    async def cut_for(self, seconds: float, *, every: float) -> None:
        """Reset every connection, again and again."""
        end = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < end:
            self.cut()
            await asyncio.sleep(every)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                if self.delay:
                    await asyncio.sleep(self.delay)
                if writer not in self._swallowed:
                    writer.write(data)
                    await writer.drain()
        writer.transport.abort()
