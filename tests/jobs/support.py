"""An engine whose jobs write down what happened, for tests of waking and working."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from cogs.scene_art.jobs.engine import Engine, RunChannel, RunScene, open_docket
from cogs.scene_art.store.health import ConnectionHealth


class Jobs:
    """Real jobs that write down what happened; a test says what each of them does."""

    def __init__(self) -> None:
        self.began: list[tuple[str, float]] = []
        self.ended: list[str] = []
        self.running: Counter[str] = Counter()
        self.most_at_once: Counter[str] = Counter()
        self._work: Callable[[str], Awaitable[Any]] = lambda _: asyncio.sleep(0)

    def does(self, work: Callable[[str], Awaitable[Any]]) -> None:
        self._work = work

    async def run_channel(self, channel_id: str) -> None:
        self.began.append((channel_id, time.time()))
        self.running[channel_id] += 1
        self.most_at_once[channel_id] = max(self.most_at_once[channel_id], self.running[channel_id])
        self.most_at_once["all"] = max(self.most_at_once["all"], self.running.total())
        try:
            await self._work(channel_id)
        finally:
            self.running[channel_id] -= 1
        self.ended.append(channel_id)

    @property
    def runs(self) -> tuple[RunChannel, RunScene]:
        """As `Engine.running` takes them."""
        return self.run_channel, self.run_scene

    async def run_scene(self, channel_id: str, scene_id: str) -> None:
        await self.run_channel(f"{channel_id}/{scene_id}")


@asynccontextmanager
async def engine_on(url: str, server_of: Callable[[str], str] = lambda channel_id: channel_id) -> AsyncIterator[Engine]:
    """An engine on that Redis with connections of its own, as another process would have it."""
    async with open_docket(url, "scene_art") as (docket, _):
        yield Engine(
            docket,
            concurrency=8,
            job_limit=timedelta(seconds=30),
            health=ConnectionHealth(),
            server_of=server_of,
        )
