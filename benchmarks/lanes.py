"""How much longer a server waits while another one floods the bot: `python benchmarks/lanes.py`. Takes a minute.

One person presses recap 25 times at once, and a game publishes in 200 channels of one server with a Gemini that takes
2 s. Each time stands beside its ratio to the same without the flood; 1 is ideal.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from sandbox import Channel, wait_until
from sandbox.gemini_answers import picture
from tests.redis_server import RedisServer
from tests.stage import Stage, open_stage, portrait
from tools import redis_servers

PRESSES = 25
CHANNELS = 200
GEMINI_SECONDS = 2.0
SCENES = 4


async def seconds_of(work: Awaitable[object]) -> float:
    """Await `work`, and tell how long that took."""
    began = time.monotonic()
    await work
    return time.monotonic() - began


async def recaps(stage: Stage, elsewhere: Channel) -> None:
    """One person's recaps beside another server's."""
    channel, discord = stage.channel(), stage.sandbox.discord
    mira, tom = discord.add_user("Mira"), discord.add_user("Tom")
    for place in (channel, elsewhere):
        for number in range(SCENES):
            await stage.shown(place, f"Chapter {number} begins.")
    alone = await seconds_of(stage.typed(elsewhere, tom, "recap"))
    flood = [asyncio.create_task(stage.typed(channel, mira, "recap")) for _ in range(PRESSES)]
    await asyncio.sleep(0)
    beside = await seconds_of(stage.typed(elsewhere, tom, "recap"))
    await asyncio.gather(*flood)
    print(f"a recap beside {PRESSES} of one person in another server: {beside:.2f} s, ratio {beside / alone:.2f}")


async def turns(stage: Stage, elsewhere: Channel) -> None:
    """A turn beside a server with many channels."""
    stage.sandbox.gemini.default = picture(portrait("teal"), delay=GEMINI_SECONDS)
    alone = await seconds_of(stage.shown(elsewhere, "The gate opens."))
    flooded = [stage.channel(f"story-{number}") for number in range(CHANNELS)]
    for channel in flooded:
        await stage.request(channel, "The flood rises.")
    await wait_until(lambda: stage.asked_now("The flood rises."), timeout=30)
    beside = await seconds_of(stage.shown(elsewhere, "The gate closes."))
    drawn = sum(bool(stage.posts(channel)) for channel in flooded)
    print(f"a turn beside {CHANNELS} channels of another server: {beside:.2f} s, ratio {beside / alone:.2f}")
    print(f"  {drawn} of the {CHANNELS} were drawn meanwhile")


async def main() -> None:
    """Every figure, one after the other."""
    binary = redis_servers.find()
    if binary is None:
        sys.exit(redis_servers.NONE_HERE)
    redis = RedisServer(binary)
    redis.start()
    try:
        async with open_stage(redis.url) as stage:
            discord = stage.sandbox.discord
            elsewhere = discord.add_text_channel(discord.add_guild("The Salt Road"), "story")
            await recaps(stage, elsewhere)
            await turns(stage, elsewhere)
    finally:
        redis.close()


if __name__ == "__main__":
    asyncio.run(main())
