"""The game's events arrive soon after every fault, and are drawn in order."""

from __future__ import annotations

import json
import time

import pytest

from tests.faults.support import LATE_SECONDS, TURN_CHANNEL, World, an_outage

SOON_SECONDS = 1.0
"""By then a lost subscription is there again."""
REFUSING_SECONDS = 20.0
BIG = json.dumps({"channel_id": "1", "narrative": "x" * 30_000, "art": False})
MOST_BIG_ONES = 2_000


async def test_cut_off_it_listens_again_within_a_second(world: World) -> None:
    """A plain PUBLISH is heard then; what was published before that is gone, as pub/sub has it."""
    channels = [world.channel(f"story-{number}") for number in range(5)]
    await world.bot()
    for channel in channels:
        await world.command("CLIENT", "KILL", "TYPE", "pubsub")
        cut = time.monotonic()
        await world.heard_by(1)
        print(f"a new subscription after {time.monotonic() - cut:.2f} s")  # noqa: T201  # for those who measure
        await an_outage(max(0.0, cut + SOON_SECONDS - time.monotonic()))
        assert time.monotonic() - cut < SOON_SECONDS + 0.5
        assert await world.request(channel, "The lantern falls.") == 1

    for channel in channels:
        await world.pictures(channel, within=LATE_SECONDS)
    await world.quiet()
    assert [len(world.posts(channel)) for channel in channels] == [1] * 5
    assert world.paid() == 5
    assert world.bots[0].text.count("Redis does not serve scene-art") == 5


async def test_a_bot_that_lags_behind_a_flood_is_cut_off_and_hears_what_comes_after_it(world: World) -> None:
    """Redis disconnects a reader whose backlog grows too long; a host bot's own work can block its loop for long."""
    during, after = world.channel("during"), world.channel("after")
    world.server.configure("client-output-buffer-limit", "pubsub 32k 8k 1")
    bot = await world.bot()
    world.freeze(bot)
    sent = 0
    while await world.redis.publish(TURN_CHANNEL, BIG):
        sent += 1
        assert sent < MOST_BIG_ONES, "nobody was cut off"
    assert await world.our_request(during, "The lantern falls.")
    world.thaw(bot)

    await world.heard_by(1)
    assert await world.request(after, "The lantern rises.") == 1
    await world.pictures(during)
    await world.pictures(after)
    await world.one_more(during)
    assert [world.paid(story) for story in ("The lantern falls.", "The lantern rises.")] == [1, 1]
    assert len(world.posts(after)) == 1
    assert sum("Redis does not serve scene-art" in line for line in bot.lines) == 1


@pytest.mark.parametrize("fault", ["full", "read-only"])
async def test_what_is_heard_while_redis_refuses_is_drawn_in_the_order_of_the_turns(world: World, fault: str) -> None:
    one, other = world.channel("one"), world.channel("other")
    await world.bot()
    await refuse(world, fault)
    for number in range(4):
        for channel in (one, other):
            assert await world.request(channel, f"Turn {number} is told.", turn_id=f"t-{number}") == 1
        await an_outage(REFUSING_SECONDS / 4)
    await allow(world, fault)

    for channel in (one, other):
        await world.ended(channel, "Turn 3 is told.", within=LATE_SECONDS)
    await world.quiet()
    for channel in (one, other):
        states = [scene["state"] for scene in await world.scenes(channel)]
        assert len(states) == 4
        assert set(states) <= {"posted", "skipped"}
        told = [story.partition("Turn ")[2][:1] for story in world.stories(channel)]
        assert told == sorted(set(told))
        assert told[-1] == "3"
    assert world.paid() == len(world.posts(one)) + len(world.posts(other))
    await world.one_more(one)


async def refuse(world: World, fault: str) -> None:
    """Let Redis refuse every write."""
    if fault == "full":
        world.server.configure("maxmemory", "1")
    else:
        await world.command("REPLICAOF", "127.0.0.1", "9")


async def allow(world: World, fault: str) -> None:
    """Let Redis be as it was."""
    if fault == "full":
        world.server.configure("maxmemory", "0")
    else:
        await world.command("REPLICAOF", "NO", "ONE")
