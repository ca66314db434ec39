"""The way between bot and Redis breaks again and again, or nobody listens: what our publishers sent still arrives."""

from __future__ import annotations

import asyncio

from cogs.scene_art.store.connection import open_subscription
from tests.faults.support import LATE_SECONDS, ROUNDS_SECONDS, TURN_CHANNEL, World
from tests.redis_server import as_port

ROUGH_SECONDS = 10.0


async def test_every_connection_is_reset_five_times_a_second(world: World) -> None:
    proxy = await world.proxy()
    channels = [world.channel(f"story-{number}") for number in range(4)]
    await world.bot(redis_url=proxy.redis_url)
    async with asyncio.TaskGroup() as group:
        group.create_task(proxy.cut_for(ROUGH_SECONDS, every=0.2))
        for turn in range(3):
            for channel in channels:
                assert await world.our_request(channel, f"Turn {turn} is told.", turn_id=f"{channel.id}-{turn}")
            await asyncio.sleep(ROUGH_SECONDS / 4)
    assert proxy.cuts > 20

    for channel in channels:
        for turn in range(3):
            scene = await world.ended(channel, f"Turn {turn} is told.", within=ROUNDS_SECONDS)
            assert scene["state"] in {"posted", "skipped"}
        assert "Turn 2" in world.stories(channel)[-1]
        assert len(world.stories(channel)) == len(set(world.stories(channel)))
    assert world.paid() == sum(len(world.posts(channel)) for channel in channels)
    await world.one_more(channels[0])


async def test_the_subscription_is_cut_just_when_an_event_is_published(world: World) -> None:
    channels = [world.channel(f"story-{number}") for number in range(6)]
    await world.bot()
    for channel in channels:
        await world.heard_by(1)
        await world.command("CLIENT", "KILL", "TYPE", "pubsub")
        assert await world.our_turn(channel, "The lantern falls.")

    for channel in channels:
        await world.pictures(channel, within=LATE_SECONDS)
    await world.one_more(channels[0])
    assert [len(world.posts(channel)) for channel in channels] == [2, 1, 1, 1, 1, 1]
    assert world.paid("The lantern falls.") == len(channels)


async def test_what_is_published_while_no_bot_runs_is_drawn_on_its_return_once(world: World) -> None:
    early, later, asked = world.channel("early"), world.channel("later"), world.channel("asked")
    assert await world.our_turn(early, "Before any bot.")
    bot = await world.bot()
    await world.pictures(early)
    await world.kill(bot)
    assert await world.our_turn(later, "While it was away.", turn_id="t-1")
    assert await world.our_request(later, "While it was away.", turn_id="t-1")
    assert await world.our_request(asked, "Asked meanwhile.")

    await world.some_bots(2)
    await world.pictures(later)
    await world.pictures(asked)
    await world.one_more(early, within=LATE_SECONDS)

    assert [len(world.posts(channel)) for channel in (early, later, asked)] == [2, 1, 1]
    assert [world.paid(story) for story in ("Before any bot.", "While it was away.", "Asked meanwhile.")] == [1, 1, 1]


async def test_what_was_drawn_is_not_drawn_again_by_the_next_start(world: World) -> None:
    channel = world.channel()
    bot = await world.bot()
    assert await world.our_request(channel, "The lantern falls.")
    await world.pictures(channel)
    await world.ended(channel, "The lantern falls.")
    world.ask_to_stop(bot)
    await bot.ended()

    await world.some_bots(2)
    await world.one_more(channel)
    assert len(world.posts(channel)) == 2


async def test_our_publishers_are_heard_by_plain_subscribers_too(world: World) -> None:
    """Other listeners of the game's channels know nothing of what scene-art keeps beside them."""
    subscription = open_subscription(as_port(world.redis))
    try:
        await subscription.subscribe(TURN_CHANNEL)
        assert await world.our_turn(world.channel(), "The lantern falls.")
        async with asyncio.timeout(5):
            while (message := await subscription.get_message(ignore_subscribe_messages=True, timeout=1)) is None:
                pass
        assert b"The lantern falls." in message["data"]
    finally:
        await subscription.aclose()
