"""The network between bot and Redis is slow, or swallows what is sent."""

from __future__ import annotations

import time
from tests.faults.support import LATE_SECONDS, World, until


async def test_a_way_that_is_silently_lost_is_found_out(world: World) -> None:
    """A firewall forgets a connection: neither side is told, and nothing arrives any more."""
    channel, other = world.channel(), world.channel("other")
    proxy = await world.proxy()
    await world.bot(redis_url=proxy.redis_url)
    await world.one_more(channel)
    proxy.swallow()
    t = time.monotonic()
    assert await world.our_request(channel, "The lantern falls.")
    await world.heard_by(2, within=LATE_SECONDS)
    print("HEARD again", time.monotonic() - t)
    await world.pictures(channel, 2, within=LATE_SECONDS)
    print("picture", time.monotonic() - t)
    await world.one_more(other)
    assert world.paid("The lantern falls.") == 1


async def test_a_slow_way_to_redis_only_costs_time(world: World) -> None:
    channel = world.channel()
    person = world.sandbox.discord.add_user("Mira")
    proxy = await world.proxy()
    proxy.delay = 0.2
    await world.bot(redis_url=proxy.redis_url)
    t = time.monotonic()
    assert await world.our_request(channel, "The lantern falls.", turn_id="t-1")
    assert await world.our_turn(channel, "The lantern falls.", turn_id="t-1")
    await world.pictures(channel)
    print("picture", time.monotonic() - t)
    await world.ended(channel, "The lantern falls.")
    answer = await world.sandbox.discord.run_command(channel, person, "scene-art rerender")
    print("ack", answer.acknowledged_after)
    await world.pictures(channel, 2)
    await answer.wait_for(lambda a: a.content and not a.content.endswith("…"), timeout=30)
    print(answer.content)
    await world.quiet()
    assert len(world.posts(channel)) == 2
    assert world.paid() == 2
