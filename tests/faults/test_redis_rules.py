"""Warnings about an unsuitable Redis, and the least ACL rules for a game."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from redis.exceptions import NoPermissionError

from cogs.scene_art import publish_art_request, publish_turn_complete
from cogs.scene_art.publish import STREAM as EVENTS
from sandbox import wait_until
from tests.acl import BOT, KEEPER, PUBLISHER, commands, give
from tests.faults.support import LATE_SECONDS, STREAM, TIMEOUT_SECONDS, World, as_text
from tests.redis_server import as_port, client_of
from tests.stage import BotProcess


async def test_a_redis_that_evicts_and_forgets_is_told_in_a_line_each(world: World) -> None:
    channel = world.channel()
    world.server.configure("maxmemory-policy", "allkeys-lru")
    world.server.configure("appendonly", "no")
    bot = await world.bot()
    await wait_until(lambda: "set appendonly yes" in bot.text, timeout=TIMEOUT_SECONDS)
    # Neither work nor a new subscription is a reason to say it again.
    await world.one_more(channel)
    await world.command("CLIENT", "KILL", "TYPE", "pubsub")
    await wait_until(lambda: "Redis serves scene-art again" in bot.text, timeout=TIMEOUT_SECONDS)
    await world.one_more(channel)

    told = [line for line in warnings(bot) if "Redis does not serve scene-art" not in line]
    assert len(told) == 2
    assert "maxmemory-policy allkeys-lru" in told[0]
    assert "keeps nothing on disk" in told[1]


async def test_a_good_redis_is_worth_no_word(world: World) -> None:
    bot = await world.bot()
    await world.one_more(world.channel())
    assert warnings(bot) == []


def warnings(bot: BotProcess) -> list[str]:
    """List the lines of scene-art and docket above INFO, without discord.py's own about voice."""
    above = [line for line in bot.lines if "WARNING" in line or "ERROR" in line]
    return [line for line in above if "discord.client" not in line]


@pytest.mark.parametrize(("user", "kept"), [(PUBLISHER, 0), (KEEPER, 2)])
async def test_a_whole_game_under_the_documented_rules(world: World, user: str, kept: int) -> None:
    """A request, a silent turn, a rerender, a restart, and what was published meanwhile: nothing is refused."""
    asked, silent = world.channel("asked"), world.channel("silent")
    bot_url = give(world.server, BOT)
    bot = await world.bot(redis_url=bot_url, fallback_seconds=1, budget_day=100)
    async with client_of(give(world.server, user)) as game:
        assert await publish_art_request(as_port(game), channel_id=asked.id, narrative="The lantern falls.")
        assert await publish_turn_complete(as_port(game), channel_id=silent.id, narrative="The lantern rises.")
        for channel in (asked, silent):
            await world.pictures(channel)
        mira = world.sandbox.discord.add_user("Mira")
        answer = await world.sandbox.discord.run_command(asked, mira, "scene-art rerender")
        await world.pictures(asked, 2)
        assert answer.content
        world.ask_to_stop(bot)
        assert await bot.ended() == 0
        published = await publish_art_request(as_port(game), channel_id=silent.id, narrative="The lantern is lit.")
        assert published
        again = await world.bot(redis_url=bot_url)
        if kept:
            await world.pictures(silent, 2)
    await world.one_more(asked)

    assert await world.redis.xlen(EVENTS) == (kept and kept + 1)
    assert [world.paid(story) for story in ("The lantern falls.", "The lantern rises.")] == [2, 1]
    refused = await refusals(world)
    assert {entry for entry in refused if entry[0] == BOT} <= {(BOT, "info"), (BOT, "client"), (BOT, "client|setinfo")}
    for process in (bot, again):
        assert "ACL" not in process.text
        assert warnings(process) == []


async def refusals(world: World) -> set[tuple[str, str]]:
    """Read Redis's refusals as (user, object)."""
    log = await world.redis.acl_log()
    return {(str(entry["username"]), str(entry["object"])) for entry in log}


@pytest.mark.parametrize("user", [PUBLISHER, KEEPER])
async def test_such_a_game_has_no_way_to_anybody_elses_keys(world: World, user: str) -> None:
    """Whoever can write docket's keys has jobs done in the bot's process."""
    channel = world.channel()
    await world.bot(redis_url=give(world.server, BOT))
    await world.one_more(channel)
    docket = STREAM.removesuffix(":stream")
    repository = f"scene_art:{{{channel.id}}}"
    async with client_of(give(world.server, user)) as game:
        execute: Callable[..., Awaitable[object]] = game.execute_command
        for words in (
            ("XADD", STREAM, "*", "key", "channel:1"),
            ("XRANGE", STREAM, "-", "+"),
            ("EXPIRE", STREAM, "1"),
            ("SET", f"{repository}:work", "mine"),
            ("GET", f"{repository}:plan"),
            ("LRANGE", f"{repository}:scenes", "0", "-1"),
            ("RPUSH", f"{repository}:mailbox", "{}"),
            ("EXPIRE", f"{repository}:plan", "1"),
            ("XADD", f"{repository}:plan", "*", "a", "b"),
            ("XRANGE", EVENTS, "-", "+"),
            ("DEL", EVENTS),
            ("PUBLISH", f"{docket}:cancel:channel:1", ""),
            ("PUBLISH", "game:anything:else", ""),
            ("SUBSCRIBE", "game:turn:complete"),
            ("PSUBSCRIBE", "*"),
            ("KEYS", "*"),
            ("SCAN", "0"),
            ("EVAL", "return redis.call('GET', KEYS[1])", "1", f"{repository}:plan"),
            ("CONFIG", "GET", "*"),
            ("ACL", "LIST"),
            ("MONITOR",),
            ("FLUSHALL",),
        ):
            with pytest.raises(NoPermissionError):
                await execute(*words)
    await world.one_more(channel)


async def test_the_bots_user_reaches_no_other_programs_keys(world: World) -> None:
    await world.redis.set("shop:till", "1000")
    async with client_of(give(world.server, BOT)) as bot:
        execute: Callable[..., Awaitable[object]] = bot.execute_command
        for words in (
            ("GET", "shop:till"),
            ("SET", "shop:till", "0"),
            ("DEL", "shop:till"),
            ("XADD", "another-v1:stream", "*", "a", "b"),
            ("PUBLISH", "shop:news", ""),
            ("SUBSCRIBE", "shop:news"),
            ("PSUBSCRIBE", "*"),
            ("KEYS", "*"),
            ("SCAN", "0"),
            ("FLUSHDB",),
            ("CONFIG", "SET", "dir", "elsewhere"),
            ("SCRIPT", "FLUSH"),
            ("XGROUP", "DESTROY", STREAM, "docket-workers"),
            ("ACL", "SETUSER", BOT, "+@all"),
            ("REPLICAOF", "NO", "ONE"),
            ("SAVE",),
            ("SHUTDOWN",),
        ):
            with pytest.raises(NoPermissionError):
                await execute(*words)


async def test_no_documented_command_is_dangerous(world: World) -> None:
    bad = {as_text(word) for kind in ("dangerous", "admin") for word in await world.redis.acl_cat(kind)}
    assert "debug" in bad  # not to be tried: Redis 7.0 and later refuse it to everybody
    for user in (PUBLISHER, KEEPER, BOT):
        given = {command.partition("|")[0] for command in commands(user)}
        assert not given & bad
        assert not any(command.startswith("@") for command in given), "each command by its name"


async def test_a_user_who_may_not_psubscribe_loses_nothing_that_was_published(world: World) -> None:
    """Nothing is drawn until the rule is given; then everything is, without a restart."""
    channels = [world.channel(f"story-{number}") for number in range(3)]
    bot = await world.bot(redis_url=world.server.set_user("art", "~*", "&*", "+@all", "-psubscribe"))
    await wait_until(lambda: "+psubscribe" in bot.text, timeout=TIMEOUT_SECONDS)
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
