"""A bot that is stopped, asked to stop, or loads the extension anew while it draws."""

from __future__ import annotations

import pytest

from sandbox import wait_until
from tests.faults.support import LATE_SECONDS, POSTS, TIMEOUT_SECONDS, Easel, World
from tests.stage import EXTENSION, is_listening, open_stage

GRACE_SECONDS = 20.0
"""A stopping bot may take so long, its goodbyes to Discord and the helper process included."""


@pytest.mark.parametrize("nonce_seconds", [300, 1])
async def test_stopped_past_its_lease_while_painting_it_does_not_post_again(world: World, nonce_seconds: int) -> None:
    channel = world.channel()
    world.sandbox.discord.settings.nonce_seconds = nonce_seconds
    world.easel.next_take(3)
    sleeper = await world.bot()
    await world.request(channel, "The lantern falls.")
    await world.painting("The lantern falls.")
    world.freeze(sleeper)

    await world.bot()
    await world.pictures(channel, within=LATE_SECONDS)
    world.thaw(sleeper)
    await world.one_more(channel)

    assert len(world.posts(channel)) == 2
    assert world.paid("The lantern falls.") <= 2


async def test_continued_while_the_next_scene_is_painted_it_does_not_begin_that_one_again(world: World) -> None:
    """The stale job must not sign off what another one holds by now."""
    channel = world.channel()
    world.easel.next_take(3)
    sleeper = await world.bot()
    await world.request(channel, "The lantern falls.")
    await world.painting("The lantern falls.")
    world.freeze(sleeper)
    await world.bot()
    await world.pictures(channel, within=LATE_SECONDS)
    await world.ended(channel, "The lantern falls.")

    world.easel.next_take(6)
    await world.request(channel, "The lantern rises.")
    await world.painting("The lantern rises.")
    world.thaw(sleeper)
    await world.pictures(channel, 2)
    await world.one_more(channel)

    assert len(world.posts(channel)) == 3
    assert world.paid("The lantern rises.") == 1


@pytest.mark.parametrize("nonce_seconds", [300, 1])
async def test_stopped_past_its_lease_while_posting_it_does_not_post_again(world: World, nonce_seconds: int) -> None:
    channel = world.channel()
    world.sandbox.discord.settings.nonce_seconds = nonce_seconds
    world.sandbox.discord.fail_next("POST", POSTS, after_storing=True, hang=True)
    sleeper = await world.bot()
    await world.request(channel, "The lantern falls.")
    await world.pictures(channel)
    world.freeze(sleeper)

    await world.bot()
    scene = await world.ended(channel, "The lantern falls.", within=LATE_SECONDS)
    world.thaw(sleeper)
    await world.one_more(channel, within=LATE_SECONDS)  # the sleeper still waits for Discord's answer

    assert scene["state"] == "posted"
    assert len(world.posts(channel)) == 2
    assert world.paid("The lantern falls.") == 1


async def test_asked_to_stop_a_short_render_is_finished_first(world: World) -> None:
    channel = world.channel()
    world.easel.next_take(2)
    bot = await world.bot()
    await world.request(channel, "The lantern falls.")
    await world.painting()
    world.ask_to_stop(bot)
    assert await bot.ended(GRACE_SECONDS) == 0
    assert len(world.posts(channel)) == 1

    await world.bot()
    await world.one_more(channel, within=LATE_SECONDS)

    assert len(world.posts(channel)) == 2
    assert world.paid("The lantern falls.") == 1


async def test_asked_to_stop_a_long_render_is_left_to_the_next_process(world: World) -> None:
    channel = world.channel()
    world.easel.next_take(90)
    bot = await world.bot()
    await world.request(channel, "The lantern falls.")
    await world.painting()
    world.ask_to_stop(bot)
    assert await bot.ended(GRACE_SECONDS) == 0
    assert world.posts(channel) == []

    await world.bot()
    await world.pictures(channel)  # handed back: no lease has to run out
    await world.one_more(channel)

    assert len(world.posts(channel)) == 2
    assert world.paid("The lantern falls.") == 2


@pytest.mark.parametrize(("seconds", "calls"), [(2, 1), (90, 2)])
async def test_reloaded_during_a_render_the_picture_comes_once(redis_url: str, seconds: float, calls: int) -> None:
    async with open_stage(redis_url, fallback_seconds=30) as stage:
        channel, easel = stage.channel(), Easel()
        stage.sandbox.gemini.default = easel.answer
        easel.next_take(seconds)
        await stage.request(channel, "The lantern falls.")
        await stage.asked("The lantern falls.")
        await stage.bot.reload_extension(EXTENSION)
        await wait_until(lambda: is_listening(stage.bot), timeout=TIMEOUT_SECONDS)

        await stage.picture(channel)
        await stage.settled(channel)
        await stage.request(channel, "And the story goes on.")
        await stage.pictures(channel, 2)
        await stage.settled(channel)

        assert len(stage.posts(channel)) == 2
        assert easel.paid_for("The lantern falls.") == calls
