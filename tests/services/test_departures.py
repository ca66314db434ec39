"""What a server leaves behind goes when the bot leaves it, through Discord, on a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from redis import Redis as BlockingRedis

from sandbox import Channel, Guild, User, wait_until
from sandbox.permissions import Permission
from tests.faults.support import until
from tests.stage import TIMEOUT_SECONDS, Stage, is_listening, open_stage, portrait, running_bot

SEAL = ("seal.png", portrait("teal"))


def keys_of(url: str, guild: Guild) -> set[str]:
    """Every key of the server or of a channel of it, but for locks and pictures on their way, which end at once."""
    tags = [f"{{{snowflake}}}" for snowflake in (guild.id, *(place.id for place in guild.channels))]
    with BlockingRedis.from_url(url, decode_responses=True) as client:
        keys = cast("list[str]", client.keys())
    found = {key for key in keys if any(tag in key for tag in tags) or key.endswith(f"in:{guild.id}")}
    return {key for key in found if "}:work" not in key and "}:picture" not in key}


async def furnished(stage: Stage) -> tuple[Guild, Channel]:
    """A server with a picture, a look, a place, a setting, a block and an opt-out."""
    discord_side = stage.sandbox.discord
    guild = discord_side.add_guild("Harbour of Orr")
    channel = discord_side.add_text_channel(guild, "story")
    guard = discord_side.add_user("Warden", permissions=int(Permission.MANAGE_MESSAGES))
    await wait_until(lambda: stage.bot.get_channel(channel.id) is not None)
    await stage.shown(channel, "A lantern on the quay.")
    for command, options in (
        ("cast add", {"name": "Orla", "picture": SEAL}),
        ("place pin", {"name": "Mill of Orr"}),
        ("style", {"preset": "storybook"}),
        ("cast hide", {"name": "Sefa Wynn"}),
    ):
        await run(stage, channel, guard, f"scene-art {command}", options)
    await run(stage, channel, guard, "scene-art-mod block", {"user": discord_side.add_user("Rook")})
    kinds = {key.rpartition("}:")[2].partition(":")[0] for key in keys_of(stage.redis_url, guild)}
    assert kinds >= {"cast", "character", "look", "preferences", "blocked", "hidden", "scenes", "scene"}
    return guild, channel


async def run(stage: Stage, channel: Channel, user: User, path: str, options: dict[str, Any]) -> None:
    answer = await stage.sandbox.discord.run_command(channel, user, path, options=options)
    await answer.wait_for(lambda a: a.content, timeout=20)


def forget(bot: Any, guild: Guild) -> None:
    """Have the server in no cache, as in a process without its shard."""
    bot._connection._remove_guild(bot.get_guild(guild.id))


def hears_removals(bot: Any) -> bool:
    """Tell whether scene-art's cog listens for removals from servers."""
    return any("scene_art" in one.__module__ for one in bot.extra_events.get("on_guild_remove", []))


@pytest.fixture
async def stage(redis_url: str) -> AsyncIterator[Stage]:
    async with open_stage(redis_url, painter="storyboard") as opened:
        yield opened


async def nothing_is_left(stage: Stage, guild: Guild) -> None:
    await wait_until(lambda: not keys_of(stage.redis_url, guild), timeout=TIMEOUT_SECONDS)


async def test_everything_of_a_server_goes_when_the_bot_is_removed(stage: Stage) -> None:
    guild, _ = await furnished(stage)
    other, elsewhere = await furnished(stage)
    kept = keys_of(stage.redis_url, other)

    stage.sandbox.discord.remove_bot(guild)

    await nothing_is_left(stage, guild)
    assert kept <= keys_of(stage.redis_url, other)
    await stage.shown(elsewhere, "The quay sleeps.")


async def test_an_outage_of_discord_takes_nothing(stage: Stage) -> None:
    guild, _ = await furnished(stage)
    kept = keys_of(stage.redis_url, guild)

    stage.sandbox.discord.cut_off(guild)
    await wait_until(lambda: any(one.unavailable for one in stage.bot.guilds))
    await stage.cog.app.wiring.departures.make_round()

    assert kept <= keys_of(stage.redis_url, guild)


async def test_a_server_that_was_left_while_no_bot_was_there_is_found_at_the_next_start(redis_url: str) -> None:
    async with open_stage(redis_url, bots=0, listening=False, painter="storyboard") as stage:
        async with running_bot(stage.sandbox) as bot:
            stage.bots.append(bot)
            await wait_until(lambda: is_listening(bot), timeout=10)
            guild, _ = await furnished(stage)
            other, _ = await furnished(stage)
        stage.bots.clear()
        stage.sandbox.discord.remove_bot(guild)
        kept = keys_of(stage.redis_url, other)
        assert keys_of(stage.redis_url, guild)

        async with running_bot(stage.sandbox) as bot:
            await wait_until(lambda: is_listening(bot), timeout=10)
            await nothing_is_left(stage, guild)
            assert kept <= keys_of(stage.redis_url, other)


async def test_a_process_that_does_not_have_a_server_in_its_shards_takes_nothing(stage: Stage) -> None:
    guild, _ = await furnished(stage)
    departures = stage.cog.app.wiring.departures
    kept = keys_of(stage.redis_url, guild)
    asked = len(stage.sandbox.discord.requests)
    stage.bot.shard_count = 2**20  # as a process of a large bot: its own shard is 0
    forget(stage.bot, guild)

    await departures.make_round()

    assert kept <= keys_of(stage.redis_url, guild)
    assert not [one for one in stage.sandbox.discord.requests[asked:] if one.path.startswith(f"/guilds/{guild.id}")]


async def test_discords_own_word_counts_and_not_a_cache_without_the_server(stage: Stage) -> None:
    guild, _ = await furnished(stage)
    kept = keys_of(stage.redis_url, guild)
    forget(stage.bot, guild)
    departures = stage.cog.app.wiring.departures

    await departures.make_round()
    stage.sandbox.discord.fail_next("GET", f"^/guilds/{guild.id}", times=9, status=503)
    departures._still_there.clear()
    await departures.make_round()

    assert kept <= keys_of(stage.redis_url, guild)


async def test_another_bot_of_the_same_namespace_keeps_what_is_its_own(stage: Stage) -> None:
    guild, _ = await furnished(stage)
    kept = keys_of(stage.redis_url, guild)
    memberships = stage.cog.app.wiring.departures._memberships
    await memberships.note("4711", [str(guild.id)])

    stage.sandbox.discord.remove_bot(guild)
    bot_id = str(stage.sandbox.discord.bot.id)

    async def is_noted() -> bool:
        return str(guild.id) not in await memberships.servers(bot_id)

    await until(is_noted)
    assert kept <= keys_of(stage.redis_url, guild)


async def test_a_removal_that_was_interrupted_is_finished_at_the_next_look(stage: Stage) -> None:
    guild, channel = await furnished(stage)
    departures = stage.cog.app.wiring.departures
    before = len(keys_of(stage.redis_url, guild))
    # Only Discord's word, not the cog: the removal is ended half-way here.
    stage.bot.remove_listener(stage.cog.on_guild_remove, "on_guild_remove")
    stage.sandbox.discord.remove_bot(guild)
    await wait_until(lambda: stage.bot.get_guild(guild.id) is None)
    removal = asyncio.create_task(departures.left(str(guild.id), [str(channel.id)]))

    await wait_until(lambda: len(keys_of(stage.redis_url, guild)) < before)
    removal.cancel()
    await asyncio.gather(removal, return_exceptions=True)
    await departures.make_round()

    assert keys_of(stage.redis_url, guild) == set()


async def test_the_cog_hears_nothing_any_more_once_it_is_taken_away(stage: Stage) -> None:
    assert hears_removals(stage.bot)

    await stage.bot.unload_extension("cogs.scene_art")
    assert not hears_removals(stage.bot)
