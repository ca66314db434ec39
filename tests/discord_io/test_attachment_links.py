"""Links of Discord's CDN that have expired: renewed through the bot, on a Discord on loopback."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import discord
import pytest
import pytest_asyncio
from discord.ext import commands
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.discord_io.attachment_links import LINKS_A_CALL, UNANSWERED_AT_MOST, DiscordLinks
from cogs.scene_art.references.addresses import TrustedHosts
from sandbox import Channel, Sandbox
from sandbox.payloads import attachment_link
from sandbox.world import Attachment
from tests.stage import Stage, open_stage, portrait, running_bot

shared = pytest.mark.asyncio(loop_scope="module")

PATH = "/attachments/1/2/mira.png"
CDN = f"https://cdn.discordapp.com{PATH}"


def links(trusted: str = "", now: float = 1_000.0) -> DiscordLinks:
    bot = commands.Bot(command_prefix="!", intents=discord.Intents.none())
    return DiscordLinks(bot, TrustedHosts.parse(trusted), lambda: now)


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        (CDN, True),
        (f"http://media.discordapp.net{PATH}?ex=1&width=9", True),
        ("https://cdn.discordapp.com/ephemeral-attachments/1/2/mira.png?ex=1", True),
        (f"http://127.0.0.1:8080{PATH}?ex=1", True),
        (f"http://127.0.0.1:8081{PATH}?ex=1", False),
        (f"https://cdn.discordapp.com.example{PATH}", False),
        (f"https://example.com{PATH}", False),
        (f"https://cdn.discordapp.com@example.com{PATH}", False),
        (f"https://somebody:something@cdn.discordapp.com{PATH}", False),
        (f"https://cdn.discordapp.com:443{PATH}", True),
        (f"https://cdn.discordapp.com:8443{PATH}", False),
        ("https://cdn.discordapp.com/attachments/1/2", False),
        ("https://cdn.discordapp.com/attachments/a/2/mira.png", False),
        ("https://cdn.discordapp.com/attachments/1/2/../../avatars/1/x.png", False),
        ("https://cdn.discordapp.com/avatars/1/2.png", False),
        ("http://[", False),
    ],
)
def test_an_attachment_is_told_by_its_host_and_path(url: str, is_one: bool) -> None:
    assert links("127.0.0.1:8080").is_one(url) is is_one


@pytest.mark.parametrize(
    ("query", "expired"),
    [("", True), ("?ex=3e7", True), ("?ex=424", True), ("?ex=425", False), ("?ex=zz", True), ("?ex=", True)],
)
def test_a_link_expires_at_its_time_and_a_minute_early(query: str, expired: bool) -> None:
    assert links(now=1_000.0).is_expired(CDN + query) is expired


def test_where_links_need_no_signature_none_is_missed() -> None:
    assert not links("127.0.0.1").is_expired(f"http://127.0.0.1{PATH}")


@given(st.text() | st.text(alphabet="htps:/@cdn.iaox12?=&#[]%"))
def test_any_text_is_told_from_a_link(url: str) -> None:
    known = links()
    known.is_one(url)
    known.is_expired(url)


class Pinned:
    """A picture that somebody posted in Discord, and its link."""

    def __init__(self, sandbox: Sandbox, place: Channel, name: str, colour: str) -> None:
        self._sandbox, self._place = sandbox, place
        message = sandbox.discord.say(place, "Mira", "Me.", files=[(name, portrait(colour))])
        self._file: Attachment = message.attachments[0]

    @property
    def link(self) -> str:
        return attachment_link(self._place, self._file, self._sandbox.discord.world)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    """One bot for all of this file; every test has a channel of its own."""
    async with open_stage(continuity="false") as opened:
        yield opened


@pytest.fixture
def channel(stage: Stage) -> Channel:
    return stage.channel()


def renewals(stage: Stage) -> int:
    """Count a bot's requests for new links since the stage began."""
    return sum(request.path == "/attachments/refresh-urls" for request in stage.sandbox.discord.requests)


@pytest.fixture
def renewed(stage: Stage) -> Callable[[], int]:
    """Count the bot's requests for new links since the test began."""
    before = renewals(stage)
    return lambda: renewals(stage) - before


async def arrived(stage: Stage, channel: Channel, **fields: Any) -> list[bool]:
    """Play the next scene, and tell for each character whether its picture arrived."""
    before = len(stage.posts(channel))
    await stage.request(channel, f"Scene {before}.", **fields)
    await stage.pictures(channel, before + 1)
    await stage.settled(channel)
    references = (await stage.scenes(channel))[-1]["brief"]["references"]
    return [reference["arrived"] for reference in references if reference["role"] != "game_master"]


@shared
async def test_expired_links_are_renewed_and_the_picture_has_everybody(
    stage: Stage, channel: Channel, renewed: Callable[[], int], caplog: pytest.LogCaptureFixture
) -> None:
    mira, tobin = (Pinned(stage.sandbox, channel, f"{name}.png", "red") for name in ("mira", "tobin"))
    told = [mira.link, tobin.link]
    stage.sandbox.discord.expire_links()
    assert await arrived(stage, channel, character_urls=told) == [True, True]
    assert renewed() == 1, "both were tried first, since their time was not over"
    old = [url.replace("?ex=", "?ex=1&was=") for url in told]
    assert await arrived(stage, channel, character_urls=old) == [True, True]
    assert renewed() == 1, "what was renewed is remembered"
    assert await arrived(stage, channel, character_urls=[old[0] + "&x", stage.sandbox.files.url("gone.png")]) == [
        True,
        False,
    ]
    for url in told:
        assert url.partition("hm=")[2] not in caplog.text, "a signature is a secret"


@shared
async def test_links_whose_time_is_over_are_renewed_first_and_in_one_call(
    stage: Stage, channel: Channel, renewed: Callable[[], int]
) -> None:
    urls = [Pinned(stage.sandbox, channel, f"p{n}.png", "blue").link.replace("?ex=", "?ex=1&was=") for n in range(3)]
    assert await arrived(stage, channel, character_urls=urls) == [True] * 3
    assert renewed() == 1


@shared
@pytest.mark.parametrize(
    "trouble",
    [
        {"status": 403, "code": 50001},
        {"status": 200, "body": []},
        {"status": 200, "body": {"refreshed_urls": [None, {"original": 1, "refreshed": None}]}},
        {"status": 200, "body": "no JSON"},
    ],
    ids=["refused", "a list", "nulls", "text"],
)
async def test_what_cannot_be_renewed_costs_the_reference_alone(
    stage: Stage, channel: Channel, trouble: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    url = Pinned(stage.sandbox, channel, "mira.png", "red").link
    stage.sandbox.discord.expire_links()
    stage.sandbox.discord.fail_next("POST", "/attachments/refresh-urls", **trouble)
    good = stage.sandbox.files.add("good.png", portrait("green"))
    assert await arrived(stage, channel, character_urls=[url, good]) == [False, True]
    await stage.settled(channel)
    [scene] = await stage.scenes(channel)
    lines = [line for line in caplog.messages if scene["id"] in line and "picture of" in line]
    assert len(lines) == 1


@shared
async def test_many_links_go_in_calls_of_fifty(stage: Stage, channel: Channel, renewed: Callable[[], int]) -> None:
    pinned = Pinned(stage.sandbox, channel, "mira.png", "red").link
    urls = [pinned.replace("?ex=", f"?n={n}&ex=1&was=") for n in range(LINKS_A_CALL + 5)]
    known = DiscordLinks(stage.bot, TrustedHosts.parse("127.0.0.1"), time.time)
    links_now = await known.renew(urls, "0" * 16)
    assert renewed() == 2
    assert set(links_now) == set(urls)


async def test_what_was_remembered_in_vain_is_renewed_again() -> None:
    async with open_stage(continuity="false", reference_fresh_seconds=0) as stage:
        channel = stage.channel()
        url = Pinned(stage.sandbox, channel, "mira.png", "red").link.replace("?ex=", "?ex=1&was=")
        assert await arrived(stage, channel, character_urls=[url]) == [True]
        stage.sandbox.discord.expire_links()
        assert await arrived(stage, channel, character_urls=[url]) == [True]
        assert renewals(stage) == 2


@shared
async def test_many_that_fail_cost_one_call_a_scene(stage: Stage, channel: Channel, renewed: Callable[[], int]) -> None:
    base = stage.sandbox.discord.world.base_url
    urls = [f"{base}/attachments/1/{n}/x.png?ex=ffffffff" for n in range(1, 31)]
    mira = Pinned(stage.sandbox, channel, "mira.png", "red").link
    assert await arrived(stage, channel, character_urls=[*urls, mira]) == [False] * 30 + [True]
    assert renewed() == 1


@shared
async def test_an_invented_link_costs_the_others_nothing(
    stage: Stage, channel: Channel, renewed: Callable[[], int], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    urls = [Pinned(stage.sandbox, channel, f"p{n}.png", "blue").link.replace("?ex=", "?ex=1&was=") for n in range(3)]
    # Discord turns the whole list away, and then the half in which the invented one stands.
    stage.sandbox.discord.fail_next("POST", "/attachments/refresh-urls", status=400, code=50035, times=2)
    assert await arrived(stage, channel, character_urls=urls) == [False, True, True]
    assert renewed() == 3
    await stage.settled(channel)
    assert sum("were not renewed (400)" in line for line in caplog.messages) == 1


@shared
async def test_a_bot_that_waits_for_the_global_limit_goes_on_afterwards(stage: Stage, channel: Channel) -> None:
    url = Pinned(stage.sandbox, channel, "mira.png", "red").link
    stage.sandbox.discord.fail_next("POST", "/attachments/refresh-urls", status=429, global_limit=True, retry_after=0.5)
    impatient = DiscordLinks(stage.bot, TrustedHosts.parse("127.0.0.1"), time.time, timeout=0.2)
    assert await impatient.renew([url], "0" * 16) == {}
    async with asyncio.timeout(10):
        await stage.bot.http.get_channel(channel.id)


async def test_a_silent_discord_is_not_asked_without_end() -> None:
    async with open_stage(bots=0) as stage, running_bot(stage.sandbox, extension="") as bot:
        stage.sandbox.discord.fail_next("POST", "/attachments/refresh-urls", hang=True, times=100)
        impatient = DiscordLinks(bot, TrustedHosts.parse("127.0.0.1"), time.time, timeout=0.1)
        asked = [impatient.renew([f"{CDN}?n={n}"], "0" * 16) for n in range(30)]
        assert await asyncio.gather(*asked) == [{}] * 30
        assert len([task for task in asyncio.all_tasks() if "HTTPClient.request" in repr(task)]) <= UNANSWERED_AT_MOST


async def test_a_closed_bot_costs_the_reference_alone() -> None:
    async with open_stage(bots=0) as stage, running_bot(stage.sandbox, extension="") as bot:
        known = DiscordLinks(bot, TrustedHosts.parse("127.0.0.1"))
        await bot.http.close()
        assert await known.renew([CDN], "0" * 16) == {}
