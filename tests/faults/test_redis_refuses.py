"""Redis answers, but not as it should: it is full, read-only, emptied, or does not allow what is needed."""

from __future__ import annotations

import pytest

from sandbox import Channel, wait_until
from tests.faults.support import LATE_SECONDS, TIMEOUT_SECONDS, World, an_outage

REFUSING_SECONDS = 8.0
PAINTING_SECONDS = 4.0


async def test_full(world: World) -> None:
    """Out of memory with maxmemory-policy noeviction: reading and publishing go on, writing is refused."""
    begun, heard = world.channel("begun"), world.channel("heard")
    world.easel.next_take(3)
    await world.bot()
    await world.request(begun, "The lantern falls.")
    await world.painting()
    world.server.configure("maxmemory", "1")
    assert await world.request(heard, "The lantern rises.") == 1
    await an_outage(REFUSING_SECONDS)
    world.server.configure("maxmemory", "0")

    await every_picture_came_once(world, begun, heard)


async def test_read_only(world: World) -> None:
    """A replica after a failover: every write is refused until the game's operator has mended it."""
    begun, heard = world.channel("begun"), world.channel("heard")
    world.easel.next_take(3)
    await world.bot()
    await world.request(begun, "The lantern falls.")
    await world.painting()
    await world.command("REPLICAOF", "127.0.0.1", "9")
    await world.request(heard, "The lantern rises.")
    await an_outage(REFUSING_SECONDS)
    await world.command("REPLICAOF", "NO", "ONE")

    await every_picture_came_once(world, begun, heard)


async def every_picture_came_once(world: World, begun: Channel, heard: Channel) -> None:
    for channel, story in ((begun, "The lantern falls."), (heard, "The lantern rises.")):
        await world.pictures(channel, within=LATE_SECONDS)
        scene = await world.ended(channel, story, within=LATE_SECONDS)
        assert scene["state"] == "posted"
        assert world.paid(story) == 1
    for channel in (begun, heard):
        await world.one_more(channel)
        assert len(world.posts(channel)) == 2


async def test_emptied_while_idle(world: World) -> None:
    channel = world.channel()
    await world.bot()
    await world.request(channel, "The lantern falls.")
    await world.pictures(channel)
    await world.ended(channel, "The lantern falls.")
    await world.redis.flushall()

    await world.one_more(channel)
    await world.one_more(channel)


async def test_emptied_while_gemini_paints(world: World) -> None:
    channel, other = world.channel(), world.channel("other")
    world.easel.next_take(PAINTING_SECONDS)
    await world.bot()
    await world.request(channel, "The lantern falls.")
    await world.painting()
    await world.redis.flushall()
    await world.one_more(other)

    await world.request(channel, "And the story goes on.")
    await wait_until(lambda: any("goes on" in story for story in world.stories(channel)), timeout=LATE_SECONDS)
    await world.calm(PAINTING_SECONDS)
    assert sum("falls" in story for story in world.stories(channel)) <= 1
    assert world.paid("The lantern falls.") == 1


@pytest.mark.parametrize(
    "rules",
    [
        ("~*", "&*", "+@all", "-psubscribe"),
        ("~*", "resetchannels", "&game:*", "+@all"),  # docket's own channel is missing
    ],
)
async def test_an_acl_that_would_hang_the_worker_is_told_and_can_be_mended(
    world: World, rules: tuple[str, ...]
) -> None:
    channel = world.channel()
    bot = await world.bot(redis_url=world.server.set_user("art", *rules))
    await wait_until(lambda: "ACL" in bot.text, timeout=TIMEOUT_SECONDS)
    [line] = [line for line in bot.lines if "ACL" in line]
    assert "psubscribe" in line.lower() or "cancel" in line
    await world.request(channel, "The lantern falls.")
    await world.quiet()
    assert world.posts(channel) == []

    world.server.set_user("art", "~*", "&*", "+@all")
    await world.pictures(channel)
    await world.one_more(channel)
    assert world.paid("The lantern falls.") == 1
