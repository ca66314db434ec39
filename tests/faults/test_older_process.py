"""A process that works on our docket without our tasks, and broken entries while it does: told once, nothing lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from docket import Docket, Worker

from cogs.scene_art.jobs.engine import SCHEMA_VERSION
from sandbox import wait_until
from tests.faults.support import QUEUE, ROUNDS_SECONDS, STREAM, TIMEOUT_SECONDS, World, until
from tests.faults.test_stream import GARBAGE

OURS = f"scene_art-v{SCHEMA_VERSION}"
FALLBACK_SECONDS = 3.0
LATE_AT_MOST_SECONDS = 5.0
TAKEN_OUT = "cannot be read and is taken out"


async def test_what_it_takes_away_from_a_living_bot_is_found_again(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Jobs of now and alarms of later: docket drops both with nothing but a warning in the other process."""
    asked = [world.channel(f"asked-{number}") for number in range(6)]
    told = [world.channel(f"told-{number}") for number in range(6)]
    await world.bot(fallback_seconds=FALLBACK_SECONDS)
    await world.one_more(world.channel("another"))  # it is at work
    async with an_older_process(world):
        for channel in asked:
            await world.request(channel, "The lantern falls.")
        for channel in told:
            await world.turn(channel, "The lantern rises.")
        await wait_until(lambda: dropped(caplog) >= 3, timeout=TIMEOUT_SECONDS)

    for channel in asked + told:
        await world.pictures(channel, within=ROUNDS_SECONDS)
    await world.one_more(asked[0])
    await world.one_more(told[0])
    assert [len(world.posts(channel)) for channel in asked + told] == [2, 1, 1, 1, 1, 1] * 2
    assert (world.paid("The lantern falls."), world.paid("The lantern rises.")) == (len(asked), len(told))


async def test_the_operator_reads_one_line_for_each_broken_entry(world: World) -> None:
    bots = await world.some_bots(2)
    for entry in GARBAGE:
        await world.redis.xadd(STREAM, entry)

    async def gone() -> bool:
        return not await world.redis.xlen(STREAM)

    await until(gone)
    await world.one_more(world.channel())
    lines = [line for bot in bots for line in bot.lines if TAKEN_OUT in line]
    assert len(lines) == len(GARBAGE)
    assert not any("Traceback" in bot.text for bot in bots)


async def test_a_flood_of_broken_entries_holds_nobody_up(world: World) -> None:
    channels = [world.channel(f"story-{number}") for number in range(10)]
    await world.some_bots(2)
    for channel in channels:
        pipe = world.redis.pipeline()
        for entry in GARBAGE * 5:
            pipe.xadd(STREAM, entry)
        await pipe.execute()
        await world.request(channel, "The lantern falls.")

    for channel in channels:
        await world.pictures(channel)
    await world.one_more(channels[0])
    assert [len(world.posts(channel)) for channel in channels] == [2] + [1] * 9
    assert world.paid("The lantern falls.") == len(channels)


@pytest.mark.parametrize("fields", [{}, GARBAGE[0], GARBAGE[2], GARBAGE[3]], ids=["none", "odd", "empty", "no pickle"])
async def test_broken_alarms_hold_up_none_of_ours(world: World, fields: dict[Any, Any]) -> None:
    """What is due later lies in another place than what is due now, and docket moves it there by a script."""
    channel = world.channel()
    bot = await world.bot(fallback_seconds=FALLBACK_SECONDS)
    await world.one_more(world.channel("another"))  # it is at work
    if fields:
        await world.redis.hset(f"{OURS}:nobody", mapping=fields)
    await world.redis.zadd(QUEUE, {"nobody": 1.0, "stream": 1.0})  # the second one is the name of docket's stream
    await world.turn(channel, "The lantern falls.")

    await world.pictures(channel, within=FALLBACK_SECONDS + LATE_AT_MOST_SECONDS)
    await world.one_more(channel)
    assert len(world.posts(channel)) == 2
    assert world.paid("The lantern falls.") == 1
    assert bot.text.count("'stream'") == 1
    assert bot.text.count("scheduler loop") == 0


@asynccontextmanager
async def an_older_process(world: World) -> AsyncIterator[None]:
    """A worker on our docket that knows none of its tasks."""
    async with (
        Docket(name=OURS, url=world.server.url) as docket,
        Worker(docket, schedule_automatic_tasks=False) as worker,
    ):
        working = asyncio.create_task(worker.run_forever(), name="an older process")
        try:
            yield
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)


def dropped(caplog: pytest.LogCaptureFixture) -> int:
    """Count the jobs that the older process has dropped."""
    return caplog.text.count("received - dropping")
