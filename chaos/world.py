"""The processes: Redis, which keeps what it was told, and bots, which are started again whenever they end."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from redis.asyncio import Redis
from redis.exceptions import RedisError

from cogs.scene_art.publish import REQUEST_CHANNEL
from sandbox import Channel, Message, Sandbox
from tests.redis_server import RedisServer, client_of
from tests.stage import BotProcess, environment, python
from tools import redis_servers

from .journal import Journal

RESTART_SECONDS = 1.0
START_SECONDS = 60.0
FALLBACK_SECONDS = 0.3


class BotSeat:
    """A place for one bot process at a time; whoever ends in it is followed by another."""

    def __init__(self, name: str, environ: Mapping[str, str], journal: Journal) -> None:
        self.name = name
        self.quit_by_itself = 0
        self._environ = environ
        self._journal = journal
        self._running: BotProcess | None = None
        self._lives: dict[str, list[str]] = {}
        self._told_to_end = False
        self._began = 0.0

    @property
    def age(self) -> float:
        """Seconds since the present process was started; 0 when there is none, or it was told to end."""
        busy = self._running is not None and not self._told_to_end
        return time.monotonic() - self._began if busy else 0.0

    def end(self, how: signal.Signals) -> bool:
        """Send the present process a signal; whether there was one."""
        running = self._running
        if running is None or running.process.returncode is not None:
            return False
        self._told_to_end = True
        running.process.send_signal(how)
        return True

    async def keep(self) -> None:
        """Have a bot running, until cancelled."""
        try:
            for run in itertools.count(1):
                await self._one_life(f"{self.name}-{run:02}")
                await asyncio.sleep(RESTART_SECONDS)
        finally:
            for name, lines in self._lives.items():
                self._journal.keep(name, lines)

    async def _one_life(self, name: str) -> None:
        self._journal.note(f"{name} is started")
        async with python("bot.py", environ=self._environ) as running:
            self._began, self._told_to_end, self._running = time.monotonic(), False, running
            try:
                code = await running.process.wait()
                self.quit_by_itself += not self._told_to_end
                self._journal.note(f"{name} ended with {code}{'' if self._told_to_end else ' BY ITSELF'}")
            finally:
                self._running = None
                self._lives[name] = running.lines


class World:
    """Everything that the run plays with."""

    def __init__(
        self, sandbox: Sandbox, server: RedisServer, redis: Redis, seats: list[BotSeat], channels: list[Channel]
    ) -> None:
        self.sandbox = sandbox
        self.server = server
        self.redis = redis
        self.seats = seats
        self.channels = channels
        self.kills: Counter[str] = Counter()

    def pictures(self, channel: Channel) -> list[Message]:
        """The posts with a picture that stand in the channel."""
        return [message for message in self.sandbox.discord.messages(channel) if message.attachments]

    async def wait_for_listeners(self) -> None:
        """Until every bot would hear an event.

        Raises:
            TimeoutError: they did not start.
        """
        async with asyncio.timeout(START_SECONDS):
            while await self._listeners() < len(self.seats):  # noqa: ASYNC110  # it is Redis that knows
                await asyncio.sleep(0.1)

    async def _listeners(self) -> int:
        with contextlib.suppress(RedisError, OSError):
            return int((await self.redis.pubsub_numsub(REQUEST_CHANNEL))[0][1])
        return 0


@asynccontextmanager
async def open_world(*, bots: int, channels: int, journal: Journal) -> AsyncIterator[World]:
    """Redis, the sandbox and the bots, all listening; everything is ended at the end."""
    binary = redis_servers.find()
    if binary is None:
        sys.exit(redis_servers.NONE_HERE)
    async with AsyncExitStack() as stack:
        server = RedisServer(binary, durable=True)
        stack.callback(server.close)
        await asyncio.to_thread(server.start)
        sandbox = await stack.enter_async_context(Sandbox())
        redis = await stack.enter_async_context(client_of(server.url))
        environ = environment(sandbox, server.url, cooldown_seconds=0, fallback_seconds=FALLBACK_SECONDS)
        seats = [BotSeat(f"bot{number}", environ, journal) for number in range(1, bots + 1)]
        guild = sandbox.discord.add_guild("chaos")
        places = [sandbox.discord.add_text_channel(guild, f"story-{number}") for number in range(1, channels + 1)]
        keepers = [asyncio.create_task(seat.keep(), name=seat.name) for seat in seats]
        stack.push_async_callback(_end, keepers)
        world = World(sandbox, server, redis, seats, places)
        await world.wait_for_listeners()
        yield world


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
