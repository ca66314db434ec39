"""A host that has set up its log in one of the usual ways and knows nothing of what scene-art is made of.

`python tests/guest_bot.py basic` has called `logging.basicConfig(level=INFO)`, `discord` discord.py's own
`setup_logging()`. With `docket` behind that it has a docket of its own, whose job it runs at SIGUSR2.
At SIGUSR1 it unloads the extension and loads it again, and tells in one line what that did to the loggers.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import discord
import docket
from discord.ext import commands

EXTENSION = "cogs.scene_art"
SHAPE = "%(levelname)s|%(name)s|%(message)s"
log = logging.getLogger("guest")


class Guest(commands.AutoShardedBot):
    """Loads the extension as the README says."""

    def __init__(self) -> None:
        discord.http.Route.BASE = os.environ["DISCORD_API_BASE"]
        super().__init__(command_prefix="!", intents=discord.Intents(guilds=True), help_command=None)

    async def setup_hook(self) -> None:
        """After the login."""
        tell_loggers("before")
        await self.load_extension(EXTENSION)
        tell_loggers("loaded")

    async def load_again(self) -> None:
        """Unload and load."""
        tell_loggers("at work")
        await self.unload_extension(EXTENSION)
        tell_loggers("unloaded")
        await self.load_extension(EXTENSION)


def tell_loggers(when: str) -> None:
    """One line of JSON: every logger that exists, with its level, its handlers and its filters."""
    known = [
        logging.root,
        *(each for each in logging.root.manager.loggerDict.values() if isinstance(each, logging.Logger)),
    ]
    told = {
        each.name: [each.level, each.propagate, each.disabled, len(each.handlers), len(each.filters)] for each in known
    }
    print("LOGGERS", json.dumps({"when": when, "disable": logging.root.manager.disable, "loggers": told}))  # noqa: T201


async def greet(name: str) -> None:
    """The host's own job."""


async def ask_to_greet(own: docket.Docket) -> None:
    """Have it done."""
    await own.add(greet)("Mira")


@asynccontextmanager
async def own_docket(loop: asyncio.AbstractEventLoop) -> AsyncIterator[None]:
    """The host's own work, in the same process and on the same Redis."""
    async with docket.Docket("guest", url=os.environ["REDIS_URL"]) as own, docket.Worker(own) as worker:
        own.register(greet)
        running = asyncio.create_task(worker.run_forever())
        jobs: set[asyncio.Task[None]] = set()
        loop.add_signal_handler(signal.SIGUSR2, lambda: jobs.add(asyncio.create_task(ask_to_greet(own))))
        yield
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


@asynccontextmanager
async def nothing() -> AsyncIterator[None]:
    """A host without."""
    yield


async def main(*, with_docket: bool) -> None:
    """Until SIGTERM."""
    loop = asyncio.get_running_loop()
    bot = Guest()
    async with own_docket(loop) if with_docket else nothing(), bot:
        running = asyncio.create_task(bot.start(os.environ["DISCORD_TOKEN"]))
        loop.add_signal_handler(signal.SIGTERM, running.cancel)
        again: set[asyncio.Task[None]] = set()
        loop.add_signal_handler(signal.SIGUSR1, lambda: again.add(asyncio.create_task(bot.load_again())))
        with suppress(asyncio.CancelledError):
            await running


if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parents[1])
    if sys.argv[1] == "basic":
        logging.basicConfig(level=logging.INFO, format=SHAPE)
    else:
        discord.utils.setup_logging(formatter=logging.Formatter(SHAPE))
    asyncio.run(main(with_docket="docket" in sys.argv))
