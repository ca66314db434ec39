"""scene-art for hosts that are no `commands.Bot`: a plain `discord.Client` has no cogs and no lists of listeners.

It has `wait_for`, whose check is called with every event of a kind, at once and in order. Our check passes the event on
and never returns true, so that it stays until the waiting task is cancelled. Nothing of the host's is replaced.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import discord

from . import faults
from .cog import SceneArt

log = logging.getLogger(__name__)

Subscriber = Callable[..., Awaitable[Any]]


class Attached:
    """scene-art set up for a `discord.Client`."""

    def __init__(self, cog: SceneArt) -> None:
        self.cog = cog
        """The cog that a `commands.Bot` would find with `get_cog("SceneArt")`: it has `illustrate`."""
        self._stack = AsyncExitStack()

    async def open(self) -> None:
        """Add the commands and subscribe to events. Undoes both on failure.

        Raises:
            ConfigurationError: a command's name is taken, or there is no room for it.
        """
        async with AsyncExitStack() as stack:
            await self.cog.cog_load()
            stack.push_async_callback(self.cog.cog_unload)
            for name, listener in self.cog.get_listeners():
                hook = EventHook(self.cog.bot, name.removeprefix("on_"), listener)
                stack.push_async_callback(hook.close)
            await asyncio.sleep(0)  # a task that is cancelled before it began would leave its check with discord.py
            self._stack = stack.pop_all()

    async def close(self) -> None:
        """Undo `open`, with some seconds for pictures being painted. May be called twice."""
        await self._stack.aclose()


class EventHook:
    """Calls a listener with every event of one kind."""

    def __init__(self, client: discord.Client, event: str, listener: Subscriber) -> None:
        """`event` is a name of discord.py's without `on_`."""
        self._event = event
        self._listener: Subscriber | None = listener
        self._running: set[asyncio.Task[None]] = set()
        waiting = client.wait_for(event, check=self._hear)
        self._waiting = asyncio.create_task(waiting, name=f"scene-art {event} events")

    def _hear(self, *args: Any) -> bool:
        if self._listener is not None:
            task = asyncio.create_task(self._call(self._listener, args), name=f"scene-art on {self._event}")
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return False

    async def _call(self, listener: Subscriber, args: tuple[Any, ...]) -> None:
        try:
            await listener(*args)
        except Exception as exc:  # noqa: BLE001  # nobody awaits the task
            log.error("on_%s failed by a fault of scene-art's own: %s", self._event, faults.summary(exc))  # noqa: TRY400

    async def close(self) -> None:
        """Stop calling the listener, and cancel running calls."""
        self._listener = None  # discord.py keeps the check until the next event
        tasks = (self._waiting, *self._running)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
