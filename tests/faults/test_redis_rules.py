"""What the operator is told of a Redis that is not made for it, and how little a game may be allowed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from redis.exceptions import NoPermissionError

from cogs.scene_art import publish_art_request, publish_turn_complete
from cogs.scene_art.publish import STREAM as EVENTS
from sandbox import wait_until
from tests.faults.support import LATE_SECONDS, PATIENCE_SECONDS, STREAM, World
from tests.redis_server import as_port, client_of
from tests.stage import BotProcess

PUBLISHING_ONLY = ("resetkeys", "resetchannels", "&game:*", "-@all", "+publish", "+ping", "+hello", "+auth")
KEEPING_TOO = (*PUBLISHING_ONLY, f"~{EVENTS}", "+xadd", "+expire")


async def test_a_redis_that_evicts_and_forgets_is_told_in_a_line_each(world: World) -> None:
    channel = world.channel()
    world.server.configure("maxmemory-policy", "allkeys-lru")
    world.server.configure("appendonly", "no")
    bot = await world.bot()
    await wait_until(lambda: "set appendonly yes" in bot.text, timeout=PATIENCE_SECONDS)
    # Neither work nor a new subscription is a reason to say it again.
    await world.one_more(channel)
    await world.command("CLIENT", "KILL", "TYPE", "pubsub")
    await world.heard_by(1)
    await world.one_more(channel)

    told = [line for line in warnings(bot) if "The subscription was lost" not in line]
    assert len(told) == 2
    assert "maxmemory-policy allkeys-lru" in told[0]
    assert "keeps nothing on disk" in told[1]


async def test_a_good_redis_is_worth_no_word(world: World) -> None:
    bot = await world.bot()
    await world.one_more(world.channel())
    assert warnings(bot) == []


def warnings(bot: BotProcess) -> list[str]:
    """What scene-art and docket said above INFO; discord.py has words of its own about voice."""
    above = [line for line in bot.lines if "WARNING" in line or "ERROR" in line]
    return [line for line in above if "discord.client" not in line]


@pytest.mark.parametrize(("rules", "kept"), [(PUBLISHING_ONLY, 0), (KEEPING_TOO, 2)])
async def test_a_game_that_may_do_nothing_but_publish_is_heard(world: World, rules: tuple[str, ...], kept: int) -> None:
    asked, silent = world.channel("asked"), world.channel("silent")
    await world.bot()
    async with client_of(world.server.set_user("game", *rules)) as game:
        assert await publish_art_request(as_port(game), channel_id=asked.id, narrative="The lantern falls.")
        assert await publish_turn_complete(as_port(game), channel_id=silent.id, narrative="The lantern rises.")

    for channel in (asked, silent):
        await world.pictures(channel)
    await world.one_more(asked)
    assert [len(world.posts(channel)) for channel in (asked, silent)] == [2, 1]
    assert [world.paid(story) for story in ("The lantern falls.", "The lantern rises.")] == [1, 1]
    assert await world.redis.xlen(EVENTS) == kept


@pytest.mark.parametrize("rules", [PUBLISHING_ONLY, KEEPING_TOO])
async def test_such_a_game_has_no_way_to_scene_arts_own_keys(world: World, rules: tuple[str, ...]) -> None:
    """Whoever can write docket's keys has jobs done in the bot's process."""
    channel = world.channel()
    await world.bot()
    await world.one_more(channel)
    async with client_of(world.server.set_user("game", *rules)) as game:
        execute: Callable[..., Awaitable[object]] = game.execute_command
        for words in (
            ("XADD", STREAM, "*", "key", "channel:1"),
            ("SET", f"scene_art:{{{channel.id}}}:work", "mine"),
            ("GET", f"scene_art:{{{channel.id}}}:plan"),
            ("PUBLISH", f"{STREAM.removesuffix(':stream')}:cancel:channel:1", ""),
            ("FLUSHALL",),
        ):
            with pytest.raises(NoPermissionError):
                await execute(*words)
    await world.one_more(channel)


async def test_a_user_who_may_not_psubscribe_loses_nothing_that_was_published(world: World) -> None:
    """Nothing is drawn until the rule is given; then everything is, without a restart."""
    channels = [world.channel(f"story-{number}") for number in range(3)]
    bot = await world.bot(redis_url=world.server.set_user("art", "~*", "&*", "+@all", "-psubscribe"))
    await wait_until(lambda: "+psubscribe" in bot.text, timeout=PATIENCE_SECONDS)
    for channel in channels:
        assert await world.our_request(channel, "The lantern falls.")
    await world.quiet()
    assert sum("ACL" in line for line in bot.lines) == 1

    world.server.set_user("art", "~*", "&*", "+@all")
    for channel in channels:
        await world.pictures(channel, within=LATE_SECONDS)
    await world.one_more(channels[0])
    assert [len(world.posts(channel)) for channel in channels] == [2, 1, 1]
    assert world.paid("The lantern falls.") == 3
