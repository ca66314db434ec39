"""A bot that is killed leaves more behind than the scene it painted: queues, alarms, people who wait, its helper."""

from __future__ import annotations

import os
import signal
import time

from sandbox import Channel, User, wait_until
from tests.faults.app import REDO
from tests.faults.support import LATE_SECONDS, LEASE_SECONDS, QUEUE, STREAM, TIMEOUT_SECONDS, World, until
from tests.stage import BotProcess

FALLBACK_SECONDS = 12.0


async def test_what_queued_behind_its_render_does_not_wait_for_the_lease(world: World) -> None:
    slow, waiting = world.channel("slow"), [world.channel(f"story-{number}") for number in range(4)]
    world.easel.next_take(90)
    bot = await world.bot(concurrency=1)
    await world.request(slow, "The slow one.")
    await world.painting("The slow one.")
    for channel in waiting:
        await world.request(channel, "Next in the queue.")
    await all_queued(world, 1 + len(waiting))
    await world.kill(bot)
    killed = time.monotonic()

    await world.bot(concurrency=1)
    for channel in waiting:
        await world.pictures(channel)
    assert time.monotonic() - killed < LEASE_SECONDS
    await world.pictures(slow, within=LATE_SECONDS)
    await world.one_more(slow)
    assert [len(world.posts(channel)) for channel in (slow, *waiting)] == [2, 1, 1, 1, 1]
    assert (world.paid("The slow one."), world.paid("Next in the queue.")) == (2, len(waiting))


async def test_a_turn_that_waits_for_its_time_is_drawn_at_its_time(world: World) -> None:
    channel = world.channel()
    bot = await world.bot(fallback_seconds=FALLBACK_SECONDS)
    began = time.monotonic()
    await world.turn(channel, "The lantern falls.")
    await the_alarm_is_set(world)
    await world.kill(bot)

    await world.bot(fallback_seconds=FALLBACK_SECONDS)
    await world.pictures(channel)
    assert FALLBACK_SECONDS - 1 < time.monotonic() - began < FALLBACK_SECONDS + 5
    await world.one_more(channel)
    assert len(world.posts(channel)) == 2
    assert world.paid("The lantern falls.") == 1


async def test_a_person_who_asked_gets_the_picture_once_and_may_ask_again(world: World) -> None:
    channel, mira = world.channel(), world.sandbox.discord.add_user("Mira")
    bot = await world.bot()
    await drawn(world, channel, "The lantern falls.")
    world.easel.next_take(90)
    await asks(world, channel, mira, "with banners")
    await world.kill(bot)

    await world.bot()
    await world.pictures(channel, 2, within=LATE_SECONDS)
    await world.ended_all(channel)
    await asks(world, channel, mira, "with lanterns")
    await world.pictures(channel, 3)
    await world.one_more(channel)

    assert len(world.posts(channel)) == 4
    assert [world.paid(notes) for notes in ("with banners", "with lanterns")] == [2, 1]


async def test_a_scene_that_kills_the_helper_each_time_ends_with_a_reason(world: World) -> None:
    """The kernel ends the process that takes most memory; the bot lives on."""
    channel = world.channel()
    world.easel.always_takes("The cursed mirror.", 90)
    bot = await world.bot()
    await world.request(channel, "The cursed mirror.", turn_id="t-1")
    for calls in (1, 2):
        await world.painting("The cursed mirror.", calls)
        kill_helpers(bot)

    scene = await world.ended(channel, "The cursed mirror.")
    assert (scene["state"], bool(scene["reason"])) == ("failed", True)
    assert bot.process.returncode is None
    await world.one_more(channel)
    assert len(world.posts(channel)) == 1
    assert world.paid("The cursed mirror.") == 2


async def test_bot_and_helper_stopped_together_past_the_lease_do_not_post_again(world: World) -> None:
    """As a machine does that is suspended for a minute."""
    channel = world.channel()
    world.easel.next_take(3)
    sleeper = await world.bot()
    await world.request(channel, "The lantern falls.")
    await world.painting("The lantern falls.")
    helpers = sleeper.children()
    signal_all(helpers, signal.SIGSTOP)
    world.freeze(sleeper)
    try:
        await world.bot()
        await world.pictures(channel, within=LATE_SECONDS)
    finally:
        signal_all(helpers, signal.SIGCONT)
    world.thaw(sleeper)
    await world.one_more(channel)

    assert len(world.posts(channel)) == 2
    assert world.paid("The lantern falls.") == 2


async def all_queued(world: World, jobs: int) -> None:
    """Wait until so many jobs lie in docket's stream, begun or not."""

    async def enough() -> bool:
        return int(await world.redis.xlen(STREAM)) >= jobs

    await until(enough)


async def the_alarm_is_set(world: World) -> None:
    """Wait until a job lies there for later, and none is at work: that one would wait for its lease."""

    async def asleep() -> bool:
        return bool(await world.redis.zcard(QUEUE)) and not await world.redis.xlen(STREAM)

    await until(asleep)


async def drawn(world: World, channel: Channel, narrative: str) -> None:
    """Have one automatic picture in the channel."""
    await world.request(channel, narrative)
    await world.pictures(channel)
    await world.ended(channel, narrative)


async def asks(world: World, channel: Channel, user: User, notes: str) -> None:
    """Have somebody ask for the channel's last picture again, and wait until Gemini hears of it."""
    await world.sandbox.discord.run_command(channel, user, REDO, {"notes": notes})
    await wait_until(lambda: world.paid(notes) > 0, timeout=TIMEOUT_SECONDS)


def kill_helpers(bot: BotProcess) -> None:
    """kill -9 for what the bot has running beside it."""
    signal_all(bot.children(), signal.SIGKILL)


def signal_all(processes: list[int], number: int) -> None:
    """Send a signal to processes that this test's bots have started."""
    for process in processes:
        os.kill(process, number)
