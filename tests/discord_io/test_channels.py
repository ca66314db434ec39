"""Whose channel it is: told by Discord, before anything is written down or paid."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
import pytest_asyncio

from cogs.scene_art.discord_io import channel_lookup as places_module
from cogs.scene_art.discord_io.channel_lookup import (
    FOUND_SECONDS,
    LOOKS,
    MISSED_SECONDS,
    REMEMBERED,
    ChannelLookup,
    ChannelPlace,
    LookLaterError,
)
from cogs.scene_art.discord_io.channels import Channels
from cogs.scene_art.domain.channel_plan import ChannelPlan
from cogs.scene_art.domain.events import TurnComplete
from cogs.scene_art.errors import ChannelClosedError, PostError
from cogs.scene_art.pipeline.inbox_reader import MAX_WAITING, EventFilter
from cogs.scene_art.settings import Settings
from cogs.scene_art.store.blocks import Blocks
from cogs.scene_art.store.inbox import ChannelRecord
from sandbox import Channel
from tests.clock import Clock
from tests.discord_io.support import unseen
from tests.faults.app import barrier, ended, operator_lines, until
from tests.redis_server import RedisServer
from tests.stage import Stage, open_stage

DROPPED = "Dropped an event"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(redis_server: RedisServer) -> AsyncIterator[Stage]:
    """One bot for all of the file, on a real Redis."""
    redis_server.flush()
    async with open_stage(redis_server.url) as opened:
        yield opened


@pytest.fixture
def nowhere(stage: Stage) -> int:
    """The id of no channel."""
    return stage.sandbox.discord.world.new_id()


def looks(stage: Stage, channel: Channel | int) -> int:
    """How often Discord was asked for the channel."""
    path = f"/channels/{channel if isinstance(channel, int) else channel.id}"
    return sum((r.method, r.path) == ("GET", path) for r in stage.sandbox.discord.requests)


async def left_behind(stage: Stage, channel_id: int) -> list[str]:
    """What of a channel is in Redis."""
    prefix = f"scene_art:{{{channel_id}}}"
    lists = [name for name in ("scenes", "mailbox") if await stage.redis.llen(f"{prefix}:{name}")]
    return lists + (["plan"] if await stage.redis.get(f"{prefix}:plan") else [])


# Whose channel it is


async def test_an_event_for_a_channel_that_is_none_leaves_nothing_behind(
    stage: Stage, nowhere: int, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(3):
        await stage.turn(nowhere, f"Nobody's tale {number}.")
        await until(lambda n=number: len(operator_lines(caplog, DROPPED)) == n + 1)  # type: ignore[misc]
    await barrier(stage)

    assert "unknown channel" in operator_lines(caplog, DROPPED)[0]
    assert await left_behind(stage, nowhere) == []
    assert looks(stage, nowhere) == 1, "a bad answer is remembered"
    assert stage.asked_now("Nobody's tale") == []


async def test_a_channel_that_was_deleted_is_none(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    channel = stage.channel()
    await stage.request(channel, "A gate.")
    await stage.picture(channel)
    await stage.settled(channel)
    stage.sandbox.discord.delete_channel(channel)
    await until(lambda: stage.bot.get_channel(channel.id) is None)
    await stage.request(channel, "A gate that is no more.")
    await until(lambda: operator_lines(caplog, DROPPED))

    assert len(await stage.scenes(channel)) == 1
    assert stage.asked_now("A gate that is no more.") == []


async def test_a_channel_that_only_another_process_knows_is_looked_up_once(stage: Stage) -> None:
    channel = unseen(stage)
    await stage.request(channel, "The far shore.", guild_id=str(stage.guild.id))
    await stage.pictures(channel, 1)
    await stage.request(channel, "The far shore again.")
    await stage.pictures(channel, 2)
    await stage.settled(channel)

    assert looks(stage, channel) == 1
    guilds = [scene["guild_id"] for scene in await stage.scenes(channel)]
    assert guilds == [str(stage.guild.id)] * 2, "a server's budget counts what other processes know as well"


async def test_a_channel_that_the_bot_was_never_let_into_is_none(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    channel = unseen(stage, bot_bits=0)
    await stage.request(channel, "Behind the door.")
    await until(lambda: operator_lines(caplog, DROPPED))
    await barrier(stage)

    assert "missing access" in operator_lines(caplog, DROPPED)[0]
    assert await left_behind(stage, channel.id) == []


async def test_a_channel_that_the_bot_is_locked_out_of_keeps_its_turns(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    channel = unseen(stage)
    await stage.request(channel, "A gate.")
    await stage.picture(channel)
    await stage.settled(channel)
    channel.bot_bits = 0
    stage.cog.app._foundation.channels._places.forget(channel.id)  # as after ten minutes

    await stage.request(channel, "Behind the door.")
    record = await ended(stage, channel, "failed", count=2)

    assert "missing access" in record["reason"]
    assert operator_lines(caplog, DROPPED) == []
    assert len(operator_lines(caplog, "is paused")) == 1
    assert stage.asked_now("Behind the door.") == []


async def test_an_event_of_another_server_is_dropped_and_the_others_are_drawn(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    channel, stranger = stage.channel(), stage.sandbox.discord.add_guild("Strangers")
    await stage.request(channel, "A forged turn.", guild_id=str(stranger.id))
    await stage.request(channel, "A true turn.", guild_id=str(stage.guild.id))
    await stage.request(channel, "A turn of few words.")
    await stage.pictures(channel, 2)
    await stage.settled(channel)

    told = [scene["narrative"] for scene in await stage.scenes(channel)]
    assert told == ["A true turn.", "A turn of few words."]
    assert stage.asked_now("A forged turn.") == []
    (line,) = operator_lines(caplog, DROPPED)
    assert f"channel {channel.id}: the channel is not in the server that the event names" in line


async def test_another_server_is_found_out_where_the_cache_does_not_know_the_channel(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    channel = unseen(stage)
    await stage.request(channel, "A forged turn.", guild_id="77")
    await until(lambda: operator_lines(caplog, DROPPED))
    await barrier(stage)
    assert await stage.scenes(channel) == []


async def test_direct_messages_are_in_no_server(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    conversation = stage.sandbox.discord.add_dm(stage.sandbox.discord.add_user("Mira"))
    await stage.request(conversation, "A forged turn.", guild_id=str(stage.guild.id))
    await until(lambda: operator_lines(caplog, DROPPED))
    await stage.request(conversation, "A tale for two.")
    await stage.picture(conversation)

    assert [scene["narrative"] for scene in await stage.scenes(conversation)] == ["A tale for two."]


async def test_where_discord_cannot_be_asked_the_event_stays(stage: Stage) -> None:
    channel = unseen(stage)
    stage.sandbox.discord.fail_next("GET", f"^/channels/{channel.id}$", 503, times=1_000)
    await stage.request(channel, "The far shore.", guild_id=str(stage.guild.id))
    await stage.picture(channel)


async def test_a_look_that_takes_long_holds_up_no_other_channel(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places_module, "LOOK_SECONDS", 4.0)
    slow, other = unseen(stage), stage.channel()
    stage.sandbox.discord.fail_next("GET", f"^/channels/{slow.id}$", hang=True, times=1_000)
    await stage.request(slow, "The far shore.")
    await until(lambda: looks(stage, slow))
    await stage.request(other, "Here and now.")
    await stage.picture(other)
    assert stage.posts(slow) == []
    await stage.picture(slow)


async def test_without_the_setting_every_channel_gets_its_pictures(stage: Stage) -> None:
    channel = stage.channel()
    await stage.request(channel, "For everybody.")
    await stage.picture(channel)


# Looking up


async def test_looks_that_find_nothing_are_few_and_answers_are_remembered_for_a_while(
    stage: Stage, nowhere: int
) -> None:
    time = Clock(100.0)
    places = ChannelLookup(stage.bot, time)
    burst = int(LOOKS.burst)
    for number in range(burst):
        with pytest.raises(PostError, match="unknown channel"):
            await places.find(str(nowhere + number))
    with pytest.raises(LookLaterError) as later:
        await places.find(str(nowhere + burst))
    assert later.value.retry_after == pytest.approx(1.1)
    with pytest.raises(PostError, match="unknown channel"):
        await places.find(str(nowhere))
    time.now += MISSED_SECONDS - 1
    with pytest.raises(PostError, match="unknown channel"):
        await places.find(str(nowhere))
    assert looks(stage, nowhere) == 1
    time.now += 2
    with pytest.raises(PostError, match="unknown channel"):
        await places.find(str(nowhere))
    assert looks(stage, nowhere) == 2


async def test_looks_that_find_a_channel_are_free_and_remembered(stage: Stage) -> None:
    time = Clock(100.0)
    places = ChannelLookup(stage.bot, time)
    channels = [unseen(stage) for _ in range(int(LOOKS.burst) + 5)]
    for channel in channels:
        assert not places.knows(str(channel.id))
        assert await places.find(str(channel.id)) == ChannelPlace(str(stage.guild.id), age_restricted=False)
        assert await places.find(str(channel.id)) == ChannelPlace(str(stage.guild.id), age_restricted=False)
        assert places.knows(str(channel.id))
    assert [looks(stage, channel) for channel in channels] == [1] * len(channels)
    time.now += FOUND_SECONDS + 1
    assert not places.knows(str(channels[0].id))
    await places.find(str(channels[0].id))
    assert looks(stage, channels[0]) == 2


async def test_what_is_remembered_of_places_is_bounded(stage: Stage, nowhere: int) -> None:
    time = Clock(100.0)
    places = ChannelLookup(stage.bot, time)
    for number in range(REMEMBERED + 50):
        places._answers[number] = PostError("unknown channel")
    with pytest.raises(PostError):
        await places.find(str(nowhere))
    assert len(places._answers) == REMEMBERED


class Oracle:
    """Channels as far as `EventFilter` needs them."""

    def __init__(self) -> None:
        self.answer: ChannelPlace | Exception | None = None

    async def place(self, channel_id: str) -> ChannelPlace | None:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Board:
    """What moderators have blocked."""

    async def of(self, guild_id: str | None) -> frozenset[str]:
        return frozenset({"77"}) if guild_id == "8" else frozenset()


def mail(channel_id: int, plan: ChannelPlan | None = None, **event: Any) -> ChannelRecord:
    """A inbox with one letter."""
    turn = TurnComplete(channel_id=str(channel_id), narrative="A tale.", **event)
    return ChannelRecord(str(channel_id), plan or ChannelPlan(), [(1.0, turn)])


@pytest.fixture
def oracle() -> Oracle:
    return Oracle()


@pytest.fixture
def event_filter(oracle: Oracle) -> EventFilter:
    return EventFilter(
        cast("Channels", oracle), cast("Blocks", Board()), Settings(blocked_channels=("666",)), Clock(100.0)
    )


async def test_unknown_channels_wait_for_their_look_and_not_without_end(
    event_filter: EventFilter, oracle: Oracle
) -> None:
    oracle.answer = LookLaterError("later", retry_after=1.0)
    records = [mail(number) for number in range(1, MAX_WAITING + 11)]
    waits = [await event_filter.filter_events(record) for record in records]
    assert waits == [1.0 + place for place in range(MAX_WAITING)] + [None] * 10
    assert [bool(record.entries[0]) for record in records] == [True] * MAX_WAITING + [False] * 10
    assert await event_filter.filter_events(mail(1)) == 1.0, "it keeps its place"
    oracle.answer = PostError("unknown channel")
    assert await event_filter.filter_events(mail(1)) is None
    oracle.answer = LookLaterError("later", retry_after=1.0)
    assert await event_filter.filter_events(mail(9_999)) == MAX_WAITING, "one place is free again"


async def test_a_channel_of_before_does_not_wait(event_filter: EventFilter, oracle: Oracle) -> None:
    oracle.answer = LookLaterError("later", retry_after=1.0)
    record = mail(1, ChannelPlan(home="5"), guild_id="5")
    assert await event_filter.filter_events(record) is None
    assert record.entries[0] is not None


@pytest.mark.parametrize(
    ("answer", "home", "stays"),
    [
        (PostError("10003"), None, False),
        (PostError("10003"), "5", False),
        (ChannelClosedError("50001"), None, False),
        (ChannelClosedError("50001"), "5", True),
        (None, None, True),
        (None, "5", True),
        (None, "6", False),
        (ChannelPlace("5", age_restricted=False), None, True),
        (ChannelPlace("6", age_restricted=False), None, False),
        (ChannelPlace(None, age_restricted=False), None, False),
    ],
)
async def test_what_becomes_of_an_event_of_server_5(
    event_filter: EventFilter, oracle: Oracle, answer: ChannelPlace | Exception | None, home: str | None, stays: bool
) -> None:
    oracle.answer = answer
    record = mail(1, ChannelPlan(home=home), guild_id="5")
    await event_filter.filter_events(record)
    assert (record.entries[0] is not None) is stays


@pytest.mark.parametrize(
    ("channel_id", "guild_id", "taken"), [(77, "8", False), (77, "9", True), (78, "8", True), (666, None, False)]
)
async def test_a_blocked_channel_gets_nothing(
    event_filter: EventFilter, oracle: Oracle, channel_id: int, guild_id: str | None, taken: bool
) -> None:
    oracle.answer = ChannelPlace(guild_id=guild_id, age_restricted=False)
    record = mail(channel_id)
    assert await event_filter.filter_events(record) is None
    assert bool(record.entries[0]) is taken
