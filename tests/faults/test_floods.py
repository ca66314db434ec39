"""Floods on a real Redis: in one channel, over thousands of channels that are none, of long texts. The bot lives."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from sandbox import Channel, wait_until
from tests.faults.support import REQUEST_CHANNEL, STREAM, TURN_CHANNEL, World, until
from tests.stage import BotProcess

EVENTS = 20_000
STRANGERS = 5_000
LOOKS_ALLOWED = 60
"""Twenty at once and one a second."""
GROWTH_MIB = 25
"""Most memory that a process may gain until the peak of a flood."""
AFTER_SECONDS = 45.0
LINES = 15


async def test_a_flood_in_one_channel_costs_the_others_nothing(world: World) -> None:
    flooded, other = world.channel("flooded"), world.channel("other")
    bot = await world.bot(cooldown_seconds=30)
    await world.one_more(world.channel("first"))
    before = rss(bot)

    await flood(world, (turn(flooded.id, number) for number in range(EVENTS)))
    took = await next_picture(world, other)

    report(bot, before, took)
    assert peak(bot) - before < GROWTH_MIB
    assert len(lines(bot, "is flooded")) < LINES
    assert await world.redis.llen(f"scene_art:{{{flooded.id}}}:mailbox") <= 500
    assert len(await world.scenes(flooded)) < 1_000


async def test_channels_that_are_none_leave_nothing_behind_and_are_seldom_asked_for(world: World) -> None:
    other = world.channel("other")
    bot = await world.bot()
    await world.one_more(other)
    before = rss(bot)

    await flood(world, (turn(10**17 + number % STRANGERS, number) for number in range(EVENTS)))
    took = await next_picture(world, other)

    report(bot, before, took)
    assert peak(bot) - before < GROWTH_MIB
    assert looks(world) < LOOKS_ALLOWED
    assert len(lines(bot, "too many channels are unknown")) < LINES
    assert await world.redis.keys("scene_art:{1000*}:scene*") == []
    assert await world.redis.keys("scene_art:{1000*}:plan") == []
    assert await without_end(world) == []


async def test_a_flood_of_the_longest_texts_is_bounded_in_bytes(world: World) -> None:
    flooded, other = world.channel("flooded"), world.channel("other")
    bot = await world.bot()
    await world.one_more(other)
    before = rss(bot)

    await flood(world, (turn(flooded.id, number, "\U0001f409" * 8_000, urls=20) for number in range(600)), 10)
    took = await next_picture(world, other)

    report(bot, before, took)
    assert lines(bot, "is flooded")
    assert peak(bot) - before < 2 * GROWTH_MIB


async def test_what_an_unknown_channel_waits_for_is_gone_when_discord_has_spoken(world: World) -> None:
    bot = await world.bot()
    await flood(world, (turn(10**17 + number, number) for number in range(40)))

    async def forgotten() -> bool:
        return not await world.redis.keys("*1000000*") and not await world.redis.xlen(STREAM)

    await wait_until(lambda: len(lines(bot, "Dropped an event")) == 40, timeout=90)
    await until(forgotten, within=90)
    assert looks(world) == 40
    assert world.paid() == 0


def turn(channel_id: int, number: int, narrative: str = "The tide rises.", urls: int = 0) -> str:
    """A turn that is drawn when nothing else comes for it."""
    addresses = [f"https://pictures.example/{number}/{'x' * 1_000}.png" for _ in range(urls)]
    fields = {"channel_id": str(channel_id), "narrative": narrative, "turn_id": f"t-{number}"}
    return json.dumps(fields | {"character_urls": addresses}, ensure_ascii=False)


async def flood(world: World, events: Iterable[str], at_once: int = 1_000) -> None:
    """Publish all of them, as fast as Redis takes them."""
    pipe = world.redis.pipeline(transaction=False)
    for number, event in enumerate(events, start=1):
        pipe.publish(TURN_CHANNEL, event)
        if number % at_once == 0:
            await pipe.execute()
    await pipe.execute()


async def next_picture(world: World, channel: Channel) -> float:
    """An ordinary request right after the flood is drawn; the seconds until its picture stands there."""
    began, count = time.monotonic(), len(world.posts(channel))
    event = json.dumps({"channel_id": str(channel.id), "narrative": "An ordinary turn.", "ts": time.time()})
    while len(world.posts(channel)) == count:
        # The server may have cut the reader off; what pub/sub said meanwhile is gone, and the same bytes are one event.
        await world.redis.publish(REQUEST_CHANNEL, event)
        await asyncio.sleep(0.25)
        assert time.monotonic() - began < AFTER_SECONDS
    return time.monotonic() - began


def looks(world: World) -> int:
    """Count the requests to Discord for a channel."""
    path = "/channels/1000"
    return sum(r.method == "GET" and r.path.startswith(path) for r in world.sandbox.discord.requests)


def lines(bot: BotProcess, words: str) -> list[str]:
    """List the bot's log lines with these words."""
    return [line for line in bot.lines if words in line]


def rss(bot: BotProcess, field: str = "VmRSS") -> float:
    """The memory of the bot's own process in MiB."""
    status = Path(f"/proc/{bot.process.pid}/status").read_text()
    return int(status.partition(f"{field}:")[2].split()[0]) / 1024


def peak(bot: BotProcess) -> float:
    """The most that it ever had."""
    return rss(bot, "VmHWM")


async def without_end(world: World) -> list[object]:
    """scene-art's keys of channels that would stay for ever."""
    keys = await world.redis.keys("scene_art:{*")
    return [key for key in keys if await world.redis.ttl(key) == -1]


def report(bot: BotProcess, before: float, took: float) -> None:
    """For those who measure."""
    print(f"before {before:.0f} MiB, peak {peak(bot):.0f}, after {rss(bot):.0f}; next picture after {took:.2f} s")  # noqa: T201


pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from Linux's /proc")
