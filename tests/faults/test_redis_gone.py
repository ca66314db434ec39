"""Redis is killed and comes back with its data, or stands still: nothing is lost and nothing is done twice."""

from __future__ import annotations

import asyncio

import pytest

from tests.faults.support import LATE_SECONDS, POSTS, World, an_outage

DOWN_SECONDS = 5.0
FROZEN_SECONDS = 30.0
ANSWER_SECONDS = 3.0
"""Discord's limit for the first answer to an interaction."""


async def test_killed_while_idle(world: World) -> None:
    channel = world.channel()
    await world.bot()
    await world.request(channel, "The lantern falls.")
    await world.ended(channel, "The lantern falls.")
    await world.quiet()
    await world.redis_crashes(DOWN_SECONDS)
    await world.heard_by(1)
    await world.one_more(channel)


async def test_killed_in_the_moment_in_which_a_scene_ends(world: World) -> None:
    """What docket could not sign off then holds the channel up until its lease is over."""
    channel = world.channel()
    await world.bot()
    await world.request(channel, "The lantern falls.")
    await world.pictures(channel)
    await world.redis_crashes(DOWN_SECONDS)
    await world.heard_by(1)
    await world.one_more(channel, within=LATE_SECONDS)
    assert len(world.posts(channel)) == 2
    assert world.paid("The lantern falls.") == 1


async def test_killed_while_a_turn_waits(world: World) -> None:
    channel = world.channel()
    await world.bot(fallback_seconds=8)
    await world.turn(channel, "The lantern falls.")
    await world.noted(channel)
    await world.quiet()
    await world.redis_crashes(DOWN_SECONDS)

    await world.pictures(channel)
    await world.heard_by(1)
    await world.one_more(channel)
    assert len(world.posts(channel)) == 2
    assert world.paid("The lantern falls.") == 1


async def test_killed_while_scenes_queue_behind_a_render(world: World) -> None:
    channel = world.channel()
    world.easel.next_take(8)
    await world.bot()
    await world.request(channel, "The lantern falls.", turn_id="t-1")
    await world.painting("The lantern falls.")
    await world.request(channel, "The lantern rises.", turn_id="t-2")
    await world.in_the_inbox(channel)
    await world.redis_crashes(3)

    await world.pictures(channel, 2, within=LATE_SECONDS)
    await world.heard_by(1)
    await world.one_more(channel)
    assert ["falls" in story for story in world.stories(channel)] == [True, False, False]
    assert (world.paid("The lantern falls."), world.paid("The lantern rises.")) == (1, 1)


@pytest.mark.parametrize("seconds", [2, 8])
async def test_killed_while_gemini_paints(world: World, seconds: float) -> None:
    """The picture is there while Redis is away, or after it is back."""
    channel = world.channel()
    world.easel.next_take(seconds)
    await world.bot()
    await world.request(channel, "The lantern falls.")
    await world.painting()
    await world.redis_crashes(DOWN_SECONDS)

    await world.pictures(channel)
    await world.ended(channel, "The lantern falls.", within=LATE_SECONDS)
    await world.heard_by(1)
    await world.one_more(channel, within=LATE_SECONDS)
    assert len(world.posts(channel)) == 2
    assert world.paid("The lantern falls.") == 1


async def test_killed_while_the_picture_is_posted(world: World) -> None:
    channel = world.channel()
    world.sandbox.discord.fail_next("POST", POSTS, 0, delay=2)  # stored at once, answered while Redis is away
    await world.bot()
    await world.request(channel, "The lantern falls.")
    await world.posting()
    await world.redis_crashes(DOWN_SECONDS)

    scene = await world.ended(channel, "The lantern falls.", within=LATE_SECONDS)
    await world.heard_by(1)
    await world.one_more(channel, within=LATE_SECONDS)
    assert scene["state"] == "posted"
    assert len(world.posts(channel)) == 2
    assert world.paid("The lantern falls.") == 1


async def test_killed_while_the_picture_is_posted_and_the_bot_dies_with_it(world: World) -> None:
    channel = world.channel()
    world.sandbox.discord.settings.nonce_seconds = 1
    world.sandbox.discord.fail_next("POST", POSTS, after_storing=True, hang=True)
    bot = await world.bot()
    await world.request(channel, "The lantern falls.")
    await world.pictures(channel)
    world.server.kill()
    await world.kill(bot)
    await world.redis_returns()

    await world.bot()
    await world.ended(channel, "The lantern falls.", within=LATE_SECONDS)
    await world.one_more(channel)
    assert len(world.posts(channel)) == 2
    assert world.paid("The lantern falls.") == 1


async def test_frozen_the_bot_answers_people_in_time_and_every_picture_comes(world: World) -> None:
    painting, waiting = world.channel("painting"), world.channel("waiting")
    person = world.sandbox.discord.add_user("Mira")
    await world.bot(fallback_seconds=5)
    await world.request(waiting, "The first lantern.", turn_id="t-0")
    [shown] = await world.pictures(waiting)

    world.easel.next_take(4)
    await world.request(painting, "The lantern falls.")
    await world.painting("The lantern falls.")
    await world.turn(waiting, "The lantern waits.", turn_id="t-1")
    await world.noted(waiting, "The lantern waits.")

    world.server.freeze()
    answers = []
    for _ in range(3):
        answers.append(await world.sandbox.discord.run_command(waiting, person, "scene-art rerender"))
        answers.append(await world.sandbox.discord.press(shown, shown.buttons[0].custom_id, person))
        await an_outage(FROZEN_SECONDS / 3)
    world.server.thaw()

    assert [answer.failed for answer in answers] == [False] * 6
    assert max(answer.acknowledged_after or 99.0 for answer in answers) < ANSWER_SECONDS
    for channel, story in ((painting, "The lantern falls."), (waiting, "The lantern waits.")):
        scene = await world.ended(channel, story, within=LATE_SECONDS)
        assert scene["state"] == "posted"
        assert world.paid(story) == 1
    assert len(world.posts(painting)) == 1
    await world.heard_by(1, within=LATE_SECONDS)
    await asyncio.gather(*(world.request(channel, "One more for each.") for channel in (painting, waiting)))
    await world.pictures(painting, 2)
