"""The network between bot and Redis is slow, breaks for a moment, or swallows what is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from sandbox import wait_until
from tests.faults.support import LATE_SECONDS, TIMEOUT_SECONDS, World, an_outage

RENDER_SECONDS = 40.0
SLOW_SECONDS = 0.1
ANSWER_SECONDS = 3.0
"""Discord's limit for the first answer to an interaction."""
SILENCE_SECONDS = 30.0
"""By then a way that swallows everything is found out where the game is heard."""
LONG_SILENCE_SECONDS = 100.0
"""And everywhere else."""


async def crash(world: World) -> None:
    await world.redis_crashes(2)


async def read_only(world: World) -> None:
    await world.command("REPLICAOF", "127.0.0.1", "9")
    await an_outage(2)
    await world.command("REPLICAOF", "NO", "ONE")


async def cut(world: World) -> None:
    await world.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")


@pytest.mark.parametrize("trouble", [crash, read_only, cut])
async def test_a_long_render_holds_up_no_other_channel_after_a_short_trouble(
    world: World, trouble: Callable[[World], Awaitable[None]]
) -> None:
    painting, other = world.channel("painting"), world.channel("other")
    world.easel.always_takes("falls", RENDER_SECONDS)
    bot = await world.bot()
    await world.request(painting, "The lantern falls.")
    await world.painting()
    await trouble(world)
    await world.heard_by(1)

    await world.request(other, "The lantern rises.")
    await world.pictures(other)
    assert world.posts(painting) == []
    await world.pictures(painting, within=LATE_SECONDS)
    await world.one_more(other)
    assert len(world.posts(painting)) == 1
    assert [world.paid(story) for story in ("falls", "rises")] == [1, 1]
    assert sum("Redis does not serve scene-art" in line for line in bot.lines) <= 1


async def test_a_way_that_is_lost_without_a_word_is_found_out(world: World) -> None:
    """A firewall forgets the connections of a quiet bot: neither side is told, and nothing arrives any more."""
    missed, heard = world.channel("missed"), world.channel("heard")
    proxy = await world.proxy()
    bot = await world.bot(redis_url=proxy.redis_url)
    await world.one_more(heard)
    proxy.swallow()
    assert await world.our_request(missed, "The lantern falls.")

    await wait_until(lambda: "Redis does not serve scene-art" in bot.text, timeout=SILENCE_SECONDS)
    # Redis still counts the subscription that is lost; what was missed is read when there is another one.
    await world.pictures(missed, within=LONG_SILENCE_SECONDS)
    await world.request(heard, "The lantern rises.")
    await world.pictures(heard, 2, within=LONG_SILENCE_SECONDS)
    await world.one_more(heard)
    assert [len(world.posts(channel)) for channel in (missed, heard)] == [1, 3]
    assert [world.paid(story) for story in ("falls", "rises")] == [1, 1]


async def test_a_quiet_subscription_is_not_given_up(world: World) -> None:
    channel = world.channel()
    bot = await world.bot()
    await an_outage(SILENCE_SECONDS)
    assert await world.request(channel, "The lantern falls.") == 1
    await world.pictures(channel)
    assert "Redis does not serve scene-art" not in bot.text


async def test_a_slow_way_to_redis_costs_nothing_but_time(world: World) -> None:
    channel, person = world.channel(), world.sandbox.discord.add_user("Mira")
    proxy = await world.proxy()
    proxy.delay = SLOW_SECONDS
    await world.bot(redis_url=proxy.redis_url)
    assert await world.our_request(channel, "The lantern falls.", turn_id="t-1")
    assert await world.our_turn(channel, "The lantern falls.", turn_id="t-1")
    await world.pictures(channel)
    await world.ended(channel, "The lantern falls.")

    answer = await world.sandbox.discord.run_command(channel, person, "scene-art rerender")
    assert (answer.acknowledged_after or 99.0) < ANSWER_SECONDS
    await wait_until(lambda: answer.content.startswith("Here's your picture: "), timeout=TIMEOUT_SECONDS)
    await world.quiet()
    assert len(world.posts(channel)) == world.paid() == 2
