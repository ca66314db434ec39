"""Deploys: bots that are asked to stop while they draw, in company, again and again, or impatiently."""

from __future__ import annotations

import time
from typing import Any

import pytest

from cogs.scene_art.pipeline.render_job import STARTS_ALLOWED
from tests.faults.app import REDO
from tests.faults.support import LATE_SECONDS, LEASE_SECONDS, POSTS, World, an_outage

GRACE_SECONDS = 20.0
"""A stopping bot may take so long, its goodbyes to Discord and the helper process included."""
AT_ONCE_SECONDS = 10.0
"""Far less than a lease."""


async def test_another_process_takes_a_long_render_over_at_once(world: World) -> None:
    channel = world.channel()
    world.easel.next_take(90)
    bot = await world.bot()
    await world.request(channel, "The lantern falls.")
    await world.painting()
    await world.bot()
    world.ask_to_stop(bot)
    assert await bot.ended(GRACE_SECONDS) == 0

    await world.pictures(channel, within=AT_ONCE_SECONDS)
    await world.one_more(channel)
    assert len(world.posts(channel)) == 2
    assert world.paid("The lantern falls.") == 2


async def test_many_deploys_are_no_reason_to_give_a_scene_up(world: World) -> None:
    """Only a process that dies may have died of the scene."""
    channel, stops = world.channel(), STARTS_ALLOWED + 1
    world.easel.next_take(*[90] * stops)
    for calls in range(1, stops + 1):
        bot = await world.bot()
        if calls == 1:
            await world.request(channel, "The lantern falls.")
        await world.painting(calls=calls)
        world.ask_to_stop(bot)
        assert await bot.ended(GRACE_SECONDS) == 0

    await world.bot()
    await world.pictures(channel)
    await world.one_more(channel)
    assert len(world.posts(channel)) == 2
    assert world.paid("The lantern falls.") == stops + 1


@pytest.mark.parametrize("grace", [0.2, 3.0])
async def test_a_bot_that_is_killed_in_its_grace_leaves_the_scene_to_the_lease(world: World, grace: float) -> None:
    """As an impatient service manager does."""
    channel = world.channel()
    world.easel.next_take(90)
    bot = await world.bot()
    await world.request(channel, "The lantern falls.")
    await world.painting()
    world.ask_to_stop(bot)
    await an_outage(grace)
    await world.kill(bot)

    await world.bot()
    await world.pictures(channel, within=LATE_SECONDS)
    await world.one_more(channel)
    assert len(world.posts(channel)) == 2
    assert world.paid("The lantern falls.") == 2


async def test_a_person_who_waits_gets_the_picture_from_the_next_process_at_once(world: World) -> None:
    channel, mira = world.channel(), world.sandbox.discord.add_user("Mira")
    bot = await world.bot()
    await world.request(channel, "The lantern falls.")
    await world.pictures(channel)
    await world.ended(channel, "The lantern falls.")
    world.easel.next_take(90)
    await world.sandbox.discord.run_command(channel, mira, REDO, {"notes": "with banners"})
    await world.painting("with banners")
    world.ask_to_stop(bot)
    assert await bot.ended(GRACE_SECONDS) == 0

    await world.bot()
    await world.pictures(channel, 2, within=AT_ONCE_SECONDS)
    await world.one_more(channel)
    assert len(world.posts(channel)) == 3
    assert world.paid("with banners") == 2


@pytest.mark.parametrize(
    "fault", [{"status": 503, "delay": 90}, {"after_storing": True, "hang": True}], ids=["not stored", "stored"]
)
async def test_a_picture_that_discord_is_slow_to_take_is_posted_once_and_paid_once(
    world: World, fault: dict[str, Any]
) -> None:
    channel = world.channel()
    world.sandbox.discord.settings.nonce_seconds = 1
    world.sandbox.discord.fail_next("POST", POSTS, **fault)
    bot = await world.bot()
    await world.request(channel, "The lantern falls.")
    await world.posting()
    world.ask_to_stop(bot)
    assert await bot.ended(GRACE_SECONDS) == 0
    stopped = time.monotonic()

    await world.bot()
    scene = await world.ended(channel, "The lantern falls.")
    assert scene["state"] == "posted"
    assert time.monotonic() - stopped < LEASE_SECONDS
    await world.one_more(channel)
    assert len(world.posts(channel)) == 2
    assert world.paid("The lantern falls.") == 1


async def test_asked_twice_it_still_leaves_in_good_order(world: World) -> None:
    channel = world.channel()
    world.easel.next_take(90)
    bot = await world.bot()
    await world.request(channel, "The lantern falls.")
    await world.painting()
    world.ask_to_stop(bot)
    await an_outage(1)
    world.ask_to_stop(bot)
    assert await bot.ended(GRACE_SECONDS) == 0

    await world.bot()
    await world.pictures(channel, within=AT_ONCE_SECONDS)
    await world.one_more(channel)
    assert len(world.posts(channel)) == 2
    assert world.paid("The lantern falls.") == 2
