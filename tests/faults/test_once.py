"""Many processes, many copies, many updates, wrong clocks: one turn, one picture, one paid call."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from sandbox import wait_until
from tests.faults.support import LATE_SECONDS, REQUEST_CHANNEL, TURN_CHANNEL, World
from tests.stage import as_event

SHIFTED_CLOCK = str(Path(__file__).with_name("shifted_clock.py"))
FALLBACK_SECONDS = 6.0


async def test_the_same_event_to_three_processes_a_hundred_times(world: World) -> None:
    asked, told = world.channel("asked"), world.channel("told")
    await world.some_bots(3, fallback_seconds=2)
    request, turn = as_event(asked, "The lantern falls.", {}), as_event(told, "The lantern rises.", {})
    for _ in range(100):
        assert await world.redis.publish(REQUEST_CHANNEL, request) == 3
        assert await world.redis.publish(TURN_CHANNEL, turn) == 3

    for channel in (asked, told):
        await world.pictures(channel)
    for channel in (asked, told):
        await world.one_more(channel)
        assert len(world.posts(channel)) == 2
    assert (world.paid("The lantern falls."), world.paid("The lantern rises.")) == (1, 1)


async def test_the_same_turn_again_after_its_picture(world: World) -> None:
    channel = world.channel()
    await world.some_bots(2)
    await world.turn(channel, "The lantern falls.", turn_id="t-1")
    await world.request(channel, "The lantern falls.", turn_id="t-1")
    await world.pictures(channel)
    await world.ended(channel, "The lantern falls.")

    await world.turn(channel, "The lantern falls.", turn_id="t-1")
    await world.request(channel, "The lantern falls, told again.", turn_id="t-1")
    await world.our_request(channel, "The lantern falls.", turn_id="t-1")
    await world.our_turn(channel, "The lantern falls.", turn_id="t-1")
    await world.one_more(channel)
    assert len(world.posts(channel)) == 2
    assert world.paid("The lantern falls") == 1


async def test_twenty_updates_of_a_channel_within_a_second(world: World) -> None:
    """The first is drawn at once, the newest when the cooldown ends; every other one has its reason."""
    channel = world.channel()
    world.easel.next_take(0.5, 0.5, 0.5)
    await world.some_bots(2, cooldown_seconds=3)
    began = time.monotonic()
    for number in range(20):
        await world.request(channel, f"Update {number:02} is told.", turn_id=f"t-{number}")
    assert time.monotonic() - began < 1

    await wait_until(lambda: any("Update 19" in story for story in world.stories(channel)), timeout=LATE_SECONDS)
    await world.quiet(5)
    scenes = [await world.ended(channel, f"Update {number:02} is told.") for number in range(20)]
    posted = [scene for scene in scenes if scene["state"] == "posted"]
    assert all(
        scene["state"] == "posted" or (scene["state"], bool(scene["reason"])) == ("skipped", True) for scene in scenes
    )
    assert scenes[19] in posted
    assert len(world.posts(channel)) == len(posted) == world.paid() <= 3
    assert world.stories(channel) == sorted(world.stories(channel))


@pytest.mark.parametrize("shift", [600, -600])
async def test_a_clock_ten_minutes_off_makes_no_picture_early_late_or_twice(world: World, shift: int) -> None:
    channels = [world.channel(f"story-{number}") for number in range(3)]
    await asyncio.gather(
        world.bot(fallback_seconds=FALLBACK_SECONDS),
        world.bot(SHIFTED_CLOCK, str(shift), fallback_seconds=FALLBACK_SECONDS),
    )
    await world.sandbox.discord.wait_for_bot(2)
    await world.heard_by(2)
    began = time.monotonic()
    for channel in channels:
        await world.turn(channel, "The lantern falls.")

    await wait_until(lambda: world.paid() > 0, timeout=4 * FALLBACK_SECONDS)
    assert time.monotonic() - began > FALLBACK_SECONDS - 1
    for channel in channels:
        await world.pictures(channel, within=2 * FALLBACK_SECONDS)
    for channel in channels:
        await world.one_more(channel)
        assert len(world.posts(channel)) == 2
    assert world.paid("The lantern falls.") == 3
