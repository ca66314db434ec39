"""Waiting for Discord's answers without ever cancelling a request.

discord.py 2.7 clears an event for all requests of the bot when one meets the global rate limit, and sets it again in
that request, after its pause. Were the request cancelled meanwhile, every later one of the host's bot would wait for
ever. So the request is left to end by itself, and only we stop waiting.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Requests:
    """Requests that are under way; those that nobody waits for any more among them."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    async def answer(self, request: Coroutine[Any, Any, T], seconds: float) -> T:
        """What `request` comes to. When the caller is cancelled, it goes on all the same.

        Raises:
            TimeoutError: it has not ended after `seconds`.
        """
        task = asyncio.ensure_future(request)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        await asyncio.wait({task}, timeout=seconds)
        if not task.done():
            raise TimeoutError
        return task.result()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # nobody may be there to take it any more
