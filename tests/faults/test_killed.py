"""A bot that is killed: what it had begun is ended by the next one, once, and what was paid is not paid again."""

from __future__ import annotations

import pytest

from tests.faults.support import LATE_SECONDS, POSTS, REDELIVERY_SECONDS, World, until

A_CRASHING_SCENE_IS_GIVEN_UP_AFTER = 6


async def test_before_the_claim_the_next_process_draws_it_at_once(world: World) -> None:
    """A bot hears as soon as the extension is loaded, and works as soon as it is connected to Discord."""
    channel = world.channel()
    world.sandbox.discord.fail_next("PUT", r"/commands$", hang=True)
    bot = await world.bot(connecting=False)
    await world.request(channel, "The lantern falls.")
    await world.queued()
    await world.kill(bot)
    assert world.paid() == 0

    await world.bot()
    await world.pictures(channel)
    await world.one_more(channel)
    assert world.paid("The lantern falls.") == 1


async def test_before_it_could_queue_what_it_heard(world: World) -> None:
    """What lies in the inbox is found, though nobody was told of it."""
    channel = world.channel()
    world.sandbox.discord.fail_next("PUT", r"/commands$", hang=True)
    bot = await world.bot(connecting=False)
    await world.request(channel, "The lantern falls.")
    await world.in_the_inbox(channel)
    await world.kill(bot)

    await world.bot()
    await world.pictures(channel, within=LATE_SECONDS)
    await world.one_more(channel)
    assert len(world.posts(channel)) == 2
    assert world.paid("The lantern falls.") == 1


async def test_while_gemini_paints_one_call_is_lost_and_the_picture_comes(world: World) -> None:
    channel = world.channel()
    world.easel.next_take(90)
    bot = await world.bot()
    await world.request(channel, "The lantern falls.")
    await world.painting("The lantern falls.")
    await world.kill(bot)

    await world.bot()
    await world.pictures(channel, within=LATE_SECONDS)
    await world.one_more(channel)

    assert len(world.posts(channel)) == 2
    assert world.paid("The lantern falls.") == 2


async def test_what_is_heard_after_the_kill_does_not_hold_the_scene_up(world: World) -> None:
    """docket would take the new wake-up for the dead process's job, and have it wait for two minutes."""
    channel = world.channel()
    world.easel.next_take(90)
    bot = await world.bot()
    await world.request(channel, "The lantern falls.")
    await world.painting("The lantern falls.")
    await world.kill(bot)

    await world.some_bots(2)
    await world.request(channel, "The lantern is found.")
    await world.pictures(channel, 2, within=REDELIVERY_SECONDS + 10)
    assert len(world.posts(channel)) == 2
    assert world.paid() == 3


async def test_after_painting_the_kept_picture_is_posted(world: World) -> None:
    channel = world.channel()
    world.sandbox.discord.fail_next("POST", POSTS, 503, delay=90)  # received, not stored
    bot = await world.bot()
    await world.request(channel, "The lantern falls.")
    await world.posting()
    await world.kill(bot)
    assert world.posts(channel) == []

    await world.bot()
    await world.pictures(channel, within=LATE_SECONDS)
    await world.one_more(channel)

    assert len(world.posts(channel)) == 2
    assert world.paid("The lantern falls.") == 1


@pytest.mark.parametrize("nonce_seconds", [300, 1])
async def test_after_discord_stored_the_message_it_is_not_posted_again(world: World, nonce_seconds: int) -> None:
    """Discord remembers a nonce for some minutes; a process may stay away for longer."""
    channel = world.channel()
    world.sandbox.discord.settings.nonce_seconds = nonce_seconds
    world.sandbox.discord.fail_next("POST", POSTS, after_storing=True, hang=True)
    bot = await world.bot()
    await world.request(channel, "The lantern falls.")
    [first] = await world.pictures(channel)
    await world.kill(bot)

    await world.bot()
    scene = await world.ended(channel, "The lantern falls.", within=LATE_SECONDS)
    await world.one_more(channel)

    assert scene["state"] == "posted"
    assert scene["message_id"] == str(first.id)
    assert len(world.posts(channel)) == 2
    assert world.paid("The lantern falls.") == 1


async def test_a_scene_that_kills_its_process_each_time_is_given_up(world: World) -> None:
    channel = world.channel()
    world.easel.always_takes("The cursed mirror.", 90)
    bot = await world.bot()
    await world.request(channel, "The cursed mirror.", turn_id="t-1")
    await world.painting("The cursed mirror.")
    await world.request(channel, "The calm after it.", turn_id="t-2")
    await world.in_the_inbox(channel)

    for kills in range(1, A_CRASHING_SCENE_IS_GIVEN_UP_AFTER + 1):
        await world.kill(bot)
        bot = await world.bot()

        async def painted_again_or_given_up(calls: int = kills + 1) -> bool:
            return world.paid("The cursed mirror.") >= calls or bool(world.posts(channel))

        await until(painted_again_or_given_up, within=LATE_SECONDS)
        if world.posts(channel):
            break

    scene = await world.ended(channel, "The cursed mirror.")
    assert scene["state"] == "failed"
    assert scene["reason"]
    assert world.paid("The cursed mirror.") <= A_CRASHING_SCENE_IS_GIVEN_UP_AFTER
    assert ["calm" in story for story in world.stories(channel)] == [True]
    await world.one_more(channel)
