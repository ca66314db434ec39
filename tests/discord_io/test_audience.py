"""Who may see a channel: asked of Discord, seldom, and believed for some minutes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from cogs.scene_art.discord_io.audience import SEEN_SECONDS, Audience
from cogs.scene_art.discord_io.channel_lookup import LOOKS, UNSURE_SECONDS
from cogs.scene_art.discord_io.requests import Requests
from sandbox import Channel, Guild, User, wait_until
from sandbox.permissions import Permission
from tests.clock import Clock
from tests.stage import Stage, open_stage

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    """One bot for all of the file."""
    async with open_stage(painter="storyboard") as opened:
        opened.sandbox.discord.add_user("Host")
        yield opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def audience(stage: Stage, clock: Clock) -> Audience:
    return Audience(stage.bot, Requests(stage.bot), clock)


@pytest_asyncio.fixture(loop_scope="module")
async def guild(stage: Stage) -> Guild:
    added = stage.sandbox.discord.add_guild("Another guild")
    await wait_until(lambda: stage.bot.get_guild(added.id))
    return added


@pytest_asyncio.fixture(loop_scope="module")
async def hall(stage: Stage, guild: Guild) -> Channel:
    """A channel for everybody, which the bot knows."""
    added = stage.sandbox.discord.add_text_channel(guild, "hall")
    await wait_until(lambda: stage.bot.get_channel(added.id))
    return added


@pytest.fixture
def tom(stage: Stage) -> User:
    return stage.sandbox.discord.add_user("Tom")


def questions(stage: Stage) -> int:
    """How often Discord was asked about members, channels and servers."""
    return sum(r.method == "GET" for r in stage.sandbox.discord.requests)


async def sees(audience: Audience, person: User, channel: Channel) -> bool:
    assert channel.guild is not None
    return await audience.may_view(str(person.id), guild_id=str(channel.guild.id), channel_id=str(channel.id))


async def test_members_see_what_they_may_and_nothing_else(
    stage: Stage, audience: Audience, hall: Channel, tom: User
) -> None:
    discord = stage.sandbox.discord
    guest = discord.add_user("Guest")
    assert hall.guild is not None
    staff = discord.add_text_channel(hall.guild, "staff", viewers=[guest])
    assert await sees(audience, tom, hall)
    assert await sees(audience, guest, staff)
    assert not await sees(audience, tom, staff)


async def test_a_role_opens_a_channel(stage: Stage, audience: Audience, guild: Guild) -> None:
    discord = stage.sandbox.discord
    role = discord.add_role(guild, "Keepers", permissions=int(Permission.ADMINISTRATOR))
    staff = discord.add_text_channel(guild, "staff", viewers=[])
    assert await sees(audience, discord.add_user("Keeper", roles=[role]), staff)
    assert not await sees(audience, discord.add_user("Passer-by"), staff)


async def test_a_thread_is_seen_by_those_of_its_channel_and_a_private_one_by_its_members(
    stage: Stage, audience: Audience, guild: Guild, tom: User
) -> None:
    discord = stage.sandbox.discord
    guest = discord.add_user("Guest")
    hall, staff = discord.add_text_channel(guild, "hall"), discord.add_text_channel(guild, "staff", viewers=[guest])
    assert await sees(audience, tom, discord.add_thread(hall, "open"))
    assert not await sees(audience, tom, discord.add_thread(staff, "open"))
    private = discord.add_thread(hall, "private", members=[guest])
    assert await sees(audience, guest, private)
    assert not await sees(audience, tom, private)
    assert not await sees(audience, tom, discord.add_thread(staff, "private", members=[tom]))


async def test_who_left_the_server_sees_nothing_of_it(
    audience: Audience, clock: Clock, hall: Channel, tom: User
) -> None:
    assert await sees(audience, tom, hall)
    assert hall.guild is not None
    hall.guild.left.add(tom.id)
    clock.now += SEEN_SECONDS + 1
    assert not await sees(audience, tom, hall)


async def test_an_answer_is_remembered_for_some_minutes(
    stage: Stage, audience: Audience, clock: Clock, hall: Channel, tom: User
) -> None:
    before = questions(stage)
    for _ in range(5):
        assert await sees(audience, tom, hall)
    assert questions(stage) == before + 1, "one request, for the member"
    clock.now += SEEN_SECONDS + 1
    assert await sees(audience, tom, hall)
    assert questions(stage) == before + 2


async def test_where_discord_does_not_say_nobody_is_shown_and_one_line_tells_it(
    stage: Stage, clock: Clock, hall: Channel, tom: User, caplog: pytest.LogCaptureFixture
) -> None:
    audience = Audience(stage.bot, Requests(stage.bot), clock)
    caplog.set_level("DEBUG", logger="cogs.scene_art")
    with stage.patch.context() as patch:
        patch.setattr(stage.bot.http, "get_member", _refuse)
        assert not await sees(audience, tom, hall)
        assert not await sees(audience, tom, hall)
    assert [line for line in caplog.messages if "is unknown" in line] == [
        f"Whether user {tom.id} may see channel {hall.id} is unknown (ConnectionResetError)"
    ]
    clock.now += UNSURE_SECONDS + 1
    assert await sees(audience, tom, hall)


async def _refuse(*_: Any) -> Any:
    raise ConnectionResetError


async def test_strangers_ids_cost_few_requests(stage: Stage, audience: Audience, hall: Channel) -> None:
    assert hall.guild is not None
    before = questions(stage)
    for number in range(200):
        assert not await audience.may_view(str(1_000 + number), guild_id=str(hall.guild.id), channel_id=str(hall.id))
    assert questions(stage) - before <= LOOKS.burst


async def test_another_processes_server_is_asked_for(stage: Stage, audience: Audience, tom: User) -> None:
    world = stage.sandbox.discord.world
    elsewhere = Guild(world.new_id(), "Elsewhere", stage.guild.owner, world.new_id())
    world.guilds[elsewhere.id] = elsewhere
    guest = stage.sandbox.discord.add_user("Guest")
    for viewers, expected in ((None, True), ({guest.id}, False)):
        channel = Channel(world.new_id(), kind_of(stage), "elsewhere", elsewhere, viewers=viewers)
        world.channels[channel.id] = channel
        assert await sees(audience, tom, channel) is expected


def kind_of(stage: Stage) -> Any:
    return stage.channel().kind
