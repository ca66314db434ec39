"""Requests to Discord with a time limit, given up without harm to the host's bot.

discord.py 2.7 clears an event for all requests of the bot when one meets the global rate limit, and sets it again in
that request, after its pause. If that request were cancelled meanwhile, every later one of the host's bot would wait
for ever. One that merely hangs must be cancelled, though: the next ones to the same channel wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import aiohttp
import discord

T = TypeVar("T")
TROUBLES = (discord.HTTPException, aiohttp.ClientError, OSError)
"""The errors of a request that Discord refuses, or that does not reach it in time."""


class Requests:
    """The requests under way, including those that nobody waits for any more."""

    def __init__(self, bot: discord.Client) -> None:
        self._bot = bot
        self._tasks: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    async def answer(self, request: Coroutine[Any, Any, T], seconds: float) -> T:
        """Await `request` and return its result. Gives it up when the caller is cancelled.

        Raises:
            TimeoutError: it has not ended after `seconds`, and is given up.
        """
        task = asyncio.ensure_future(request)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        try:
            await asyncio.wait({task}, timeout=seconds)
        finally:
            if not task.done() and not self._is_globally_limited():
                task.cancel()
        if not task.done():
            raise TimeoutError
        return task.result()

    def _is_globally_limited(self) -> bool:
        # There is no public attribute for it; a release without this one may have fixed the problem.
        over = getattr(self._bot.http, "_global_over", None)
        return isinstance(over, asyncio.Event) and not over.is_set()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # nobody may await it any more
