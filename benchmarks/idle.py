"""What an idle bot asks of Redis: `python benchmarks/idle.py`. Takes a minute and a half.

bot.py runs on a real redis-server while nothing is published; then Redis itself tells how often it was asked for what.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from sandbox import Sandbox
from tests.redis_server import RedisServer, client_of
from tests.stage import bot_process
from tools import redis_servers

SETTLING_SECONDS, SECONDS = 20, 60
OWN = {"info", "config|resetstat", "client|setinfo", "hello"}
"""Commands that the measuring itself sends."""


async def calls_of_idle_bot(url: str) -> dict[str, int]:
    """How often each command came within `SECONDS`."""
    async with client_of(url) as redis:
        await asyncio.sleep(SETTLING_SECONDS)
        await redis.config_resetstat()
        await asyncio.sleep(SECONDS)
        stats: dict[str, Any] = await redis.info("commandstats")
    calls = {name.removeprefix("cmdstat_"): int(told["calls"]) for name, told in stats.items()}
    return {name: count for name, count in calls.items() if name not in OWN}


async def measure(url: str) -> None:
    """Print one line for each command, and their sum."""
    async with Sandbox() as sandbox, bot_process(sandbox, url, cooldown_seconds=30, fallback_seconds=60):
        calls = await calls_of_idle_bot(url)
    for name, count in sorted(calls.items(), key=lambda item: -item[1]):
        print(f"{name:<24} {count / SECONDS:6.2f} a second")
    print(f"{'all':<24} {sum(calls.values()) / SECONDS:6.2f} a second")


def main() -> None:
    """Measure on a server of its own."""
    binary = redis_servers.find()
    if binary is None:
        sys.exit(redis_servers.NONE_HERE)
    server = RedisServer(binary)
    try:
        server.start()
        asyncio.run(measure(server.url))
    finally:
        server.close()


if __name__ == "__main__":
    main()
