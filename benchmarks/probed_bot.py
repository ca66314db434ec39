"""bot.py with a second extension beside scene-art: one that measures how long the event loop keeps others waiting.

Run by `delivery.py`. `LAG_FILE` names the file that gets one line per sample at the end: monotonic seconds, lag in
milliseconds.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from discord.ext import commands

import bot

EVERY_SECONDS = 0.002


class LagProbe(commands.Cog):
    """Wants to be woken every 2 ms and notes how late it was."""

    def __init__(self) -> None:
        self._samples: list[tuple[float, float]] = []

    async def cog_load(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._measure(), name="lag probe")

    async def cog_unload(self) -> None:
        """Write down what was measured."""
        self._task.cancel()
        lines = (f"{at:.6f} {lag * 1000:.4f}\n" for at, lag in self._samples)
        Path(os.environ["LAG_FILE"]).write_text("".join(lines), encoding="ascii")  # noqa: ASYNC240  # the bot ends

    async def _measure(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            wanted = loop.time() + EVERY_SECONDS
            await asyncio.sleep(EVERY_SECONDS)
            self._samples.append((time.monotonic(), max(0.0, loop.time() - wanted)))


class ProbedHost(bot.Host):
    """The host of bot.py, and the probe."""

    async def setup_hook(self) -> None:
        """Both extensions."""
        await super().setup_hook()
        await self.add_cog(LagProbe())


if __name__ == "__main__":
    bot.Host = ProbedHost  # type: ignore[misc]
    sys.exit(bot.main())
