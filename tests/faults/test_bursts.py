"""Turns faster than anybody can paint, heard by several processes: the newest is drawn, every other has its reason."""

from __future__ import annotations

import time

import pytest

from sandbox import wait_until
from tests.faults.support import TIMEOUT_SECONDS, World

TURNS = 20


@pytest.mark.parametrize("requested", [False, True], ids=["turns alone", "each after its request"])
async def test_twenty_turns_within_a_second(world: World, requested: bool) -> None:
    channel = world.channel()
    await world.some_bots(3, fallback_seconds=1, cooldown_seconds=1)
    await world.one_more(world.channel())  # all of them are at work
    began = time.monotonic()
    for number in range(TURNS):
        if requested:
            await world.request(channel, story(number), turn_id=f"t-{number}")
        await world.turn(channel, story(number), turn_id=f"t-{number}")
    assert time.monotonic() - began < 1

    newest = story(TURNS - 1)
    await wait_until(lambda: any(newest in s for s in world.stories(channel)), timeout=TIMEOUT_SECONDS)
    scenes = [await world.ended(channel, story(number)) for number in range(TURNS)]
    await world.quiet()

    posted = [scene for scene in scenes if scene["state"] == "posted"]
    skipped = [scene for scene in scenes if scene["state"] == "skipped" and scene["reason"]]
    assert len(posted) + len(skipped) == TURNS == len(await world.scenes(channel))
    assert len(posted) == len(world.posts(channel)) == world.paid("Turn") <= 4
    assert world.stories(channel) == sorted(world.stories(channel))
    await world.one_more(channel)


def story(number: int) -> str:
    """The number-th turn."""
    return f"Turn {number:02} is told."
