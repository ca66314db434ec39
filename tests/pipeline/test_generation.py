"""One paid request: what the usage says is booked and recorded, whatever the answer is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from cogs.scene_art.errors import (
    KeyRejectedError,
    LostAnswerError,
    QuotaError,
    RefusedError,
    SceneArtError,
    TransientError,
)
from cogs.scene_art.pipeline.generation import is_unbilled
from cogs.scene_art.settings import Settings
from cogs.scene_art.store.budget import Budget
from cogs.scene_art.store.preferences import ChannelScope, PreferenceRepository
from cogs.scene_art.store.reservations import Outcome
from sandbox import wait_until
from sandbox.gemini_answers import (
    Answer,
    broken_off,
    candidate,
    drafts,
    error,
    forbidden,
    image_part,
    overloaded,
    picture,
    rate_limited,
    server_error,
    text_part,
    usage,
)
from tests.redis_server import own_redis
from tests.stage import EXTENSION, TIMEOUT_SECONDS, Stage, open_stage, portrait

pytestmark = pytest.mark.asyncio(loop_scope="module")
alone = pytest.mark.asyncio(loop_scope="function")

PICTURE = portrait("teal", (320, 180))
COST = 1000 * 1.5 / 1e6 + 1000 * 30 / 1e6
ESTIMATE = pytest.approx(0.036, abs=0.003)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    """One bot for all of this file; every test has a channel of its own, and a server of its own for its books."""
    with own_redis() as server:
        async with open_stage(server.url) as opened:
            yield opened


def priced(part: dict[str, Any]) -> Answer:
    """An answer that costs `COST`."""
    return Answer(body=candidate([part], tokens=usage(prompt=1000, output=1000)))


async def shown(stage: Stage, *answers: Answer) -> tuple[dict[str, Any], float, float]:
    """The record of a scene that is answered so, and what its server spent and has reserved."""
    discord = stage.sandbox.discord
    guild = discord.add_guild("A guild of its own")
    channel = discord.add_text_channel(guild, "story")
    stage.sandbox.gemini.script(*answers)
    await stage.request(channel, "The gate opens.", guild_id=str(guild.id))
    await stage.settled(channel)
    assert not stage.sandbox.gemini.pending
    books = await Budget(stage.redis, Settings()).today(str(guild.id))
    [scene] = await stage.scenes(channel)
    return scene, books.server, books.reserved


@pytest.mark.parametrize(
    "part",
    [
        text_part("Rather in words."),
        image_part(PICTURE, thought=True),
        image_part(b"{}", "text/x-riddle"),
        image_part(b"no picture"),
    ],
    ids=["words", "a draft alone", "an unknown kind", "unreadable"],
)
async def test_answers_without_a_picture_cost_what_they_say(stage: Stage, part: dict[str, Any]) -> None:
    scene, spent, reserved = await shown(stage, priced(part), priced(part))

    assert scene["state"] == "refused"
    assert scene["attempts"] == 2
    assert (scene["cost"], spent, reserved) == pytest.approx((2 * COST, 2 * COST, 0))
    assert (scene["charged"], scene["reserved"]) == (True, None)


@pytest.mark.parametrize(
    ("error", "unbilled"),
    [
        (TransientError("503"), True),
        (QuotaError("429"), True),
        (KeyRejectedError("403"), True),
        (RefusedError("400"), True),
        (LostAnswerError("timeout"), False),
        (SceneArtError("paint: OSError: no space left"), False),
    ],
)
async def test_what_is_not_known_to_be_free_is_paid(error: SceneArtError, unbilled: bool) -> None:
    assert is_unbilled(error) is unbilled


async def test_every_request_of_a_scene_counts(stage: Stage) -> None:
    scene, spent, reserved = await shown(stage, priced(text_part("No.")), overloaded(), priced(image_part(PICTURE)))

    assert (scene["state"], scene["attempts"]) == ("posted", 3)
    assert (scene["cost"], spent, reserved) == pytest.approx((2 * COST, 2 * COST, 0))


async def test_thoughts_are_paid_like_pictures(stage: Stage) -> None:
    scene, spent, _ = await shown(stage, drafts(portrait("red"), PICTURE))

    assert scene["cost"] == spent == pytest.approx(1200 * 1.5e-6 + (1120 + 640) * 30e-6)


@alone
async def test_what_was_not_billed_is_given_back() -> None:
    """With a bot of its own, whose key rests for a while afterwards."""
    async with open_stage() as own:
        scene, spent, reserved = await shown(own, *[overloaded()] * 4)

    assert (scene["state"], scene["cost"], scene["charged"], spent, reserved) == ("failed", 0, False, 0, 0)


async def test_a_lost_answer_counts_as_estimated(stage: Stage) -> None:
    scene, spent, reserved = await shown(stage, broken_off(), priced(image_part(PICTURE)))

    assert scene["state"] == "posted"
    assert scene["cost"] == spent
    assert scene["cost"] - COST == ESTIMATE
    assert reserved == 0


async def test_a_picture_without_usage_is_taken_for_one_of_1k(stage: Stage) -> None:
    body = candidate([image_part(PICTURE)])
    del body["usageMetadata"]
    scene, spent, _ = await shown(stage, Answer(body=body))

    assert scene["cost"] == spent == pytest.approx(1120 * 30e-6)


async def test_a_channel_that_is_deleted_meanwhile_is_charged(stage: Stage) -> None:
    discord = stage.sandbox.discord
    guild = discord.add_guild("A guild that tidies up")
    channel = discord.add_text_channel(guild, "story")
    stage.sandbox.gemini.script(picture(PICTURE, delay=1))
    await stage.request(channel, "The last story.", guild_id=str(guild.id))
    await stage.asked("The last story.")

    discord.delete_channel(channel)

    scene = await stage.ended(channel, "failed")
    assert (scene["cost"], scene["charged"]) == (pytest.approx(0.0354), True)
    assert (await Budget(stage.redis, Settings()).today(str(guild.id))).server == pytest.approx(0.0354)


async def test_what_the_button_says_is_what_is_reserved(stage: Stage) -> None:
    scene, *_ = await shown(stage, picture(PICTURE))

    assert scene["price"] == ESTIMATE
    assert scene["price"] >= scene["cost"] - 0.001


async def test_a_relaxed_channel_pays_half_where_the_service_says_so_and_the_standard_tier_where_it_declines(
    stage: Stage,
) -> None:
    channel = stage.channel()
    channel_scope = ChannelScope(str(channel.id), str(stage.guild.id))
    await PreferenceRepository(stage.redis, Settings()).choose(channel_scope, str(channel.id), "tier", "relaxed")
    relaxed = replace(priced(image_part(PICTURE)), headers={"x-gemini-service-tier": "flex"})
    stage.sandbox.gemini.script(relaxed, overloaded(), priced(image_part(PICTURE)))

    for story in ("A slow river.", "A full river."):
        await stage.shown(channel, story)

    costs = [scene["cost"] for scene in await stage.scenes(channel)]
    assert costs == pytest.approx([COST / 2, COST])
    assert [request.tier for request in stage.sandbox.gemini.requests[-3:]] == ["flex", "flex", ""]


async def known_of_keys(redis: Any) -> set[tuple[bytes, bytes | None]]:
    """Read the state of keys and models that all bots share."""
    return {(key, await redis.get(key)) async for key in redis.scan_iter(match="*{keys}*")}


@pytest.mark.parametrize(
    "declined",
    [
        forbidden("Flex inference is not enabled for this project"),
        forbidden(),
        error(404, "NOT_FOUND", "flex tier not available for model"),
        error(501, "UNIMPLEMENTED", "Flex is not implemented"),
        server_error(),
    ],
    ids=["403", "403 of anything", "404", "501", "500"],
)
async def test_a_relaxed_tier_that_is_declined_costs_nobody_a_key_or_a_model(stage: Stage, declined: Answer) -> None:
    channel, other = stage.channel(), stage.channel()
    await PreferenceRepository(stage.redis, Settings()).choose(
        ChannelScope(str(channel.id), str(stage.guild.id)), str(channel.id), "tier", "relaxed"
    )
    stage.sandbox.gemini.script(declined, priced(image_part(PICTURE)), priced(image_part(PICTURE)))
    known = await known_of_keys(stage.redis)

    await stage.shown(channel, "A slow river.")
    await stage.shown(other, "A full river.")

    asked = stage.sandbox.gemini.requests[-3:]
    assert [request.tier for request in asked] == ["flex", "", ""]
    assert len({(request.key, request.model) for request in asked}) == 1
    assert await known_of_keys(stage.redis) <= known


@pytest.mark.parametrize(
    "part",
    [text_part("Rather in words."), image_part(b"no picture"), image_part(PICTURE[:-40])],
    ids=["words", "unreadable", "broken off"],
)
async def test_a_refusal_that_was_served_at_the_relaxed_tier_costs_half(
    stage: Stage, part: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    guild = stage.sandbox.discord.add_guild("A patient guild")
    channel = stage.sandbox.discord.add_text_channel(guild, "story")
    await PreferenceRepository(stage.redis, Settings()).choose(
        ChannelScope(str(channel.id), str(guild.id)), str(channel.id), "tier", "relaxed"
    )
    stage.sandbox.gemini.script(*[replace(priced(part), headers={"X-Gemini-Service-Tier": "flex"})] * 2)

    with caplog.at_level(logging.WARNING, "cogs.scene_art"):
        await stage.request(channel, "A slow river.", guild_id=str(guild.id))
        scene = await stage.ended(channel, "refused")

    books = await Budget(stage.redis, Settings()).today(str(guild.id))
    assert (scene["cost"], books.server, books.reserved) == pytest.approx((COST, COST, 0)), "two, each for half"
    count, amount = books.outcomes[Outcome.REFUSED]
    assert count == 2
    assert amount == pytest.approx(COST)
    assert f"${COST:.3f}" in next(line for line in caplog.messages if scene["id"] in line)


@alone
async def test_an_unload_under_a_request_is_spent_once_and_painted_by_the_next(redis_url: str) -> None:
    async with open_stage(redis_url) as own:
        channel = own.channel()
        own.sandbox.gemini.script(picture(PICTURE, delay=60), priced(image_part(PICTURE)))
        await own.request(channel, "The gate opens.")
        await own.asked("The gate opens.")

        await own.bot.reload_extension(EXTENSION)

        await own.picture(channel)
        await own.settled(channel)
        [scene] = await own.scenes(channel)
        books = await Budget(own.redis, Settings()).today(str(own.guild.id))
        assert scene["cost"] == books.server == pytest.approx(0.036 + COST, abs=0.003)
        assert {outcome.value: count for outcome, (count, _) in books.outcomes.items()} == {"painted": 1, "lost": 1}


async def test_what_was_paid_before_a_delay_counts(stage: Stage) -> None:
    scene, *_ = await shown(stage, priced(text_part("No.")), rate_limited("1s"), priced(image_part(PICTURE)))

    assert (scene["state"], scene["attempts"]) == ("posted", 3)
    assert scene["cost"] == pytest.approx(2 * COST)


@alone
async def test_sixteen_channels_at_once_with_money_for_two(redis_url: str) -> None:
    async with open_stage(redis_url, budget_day=0.1) as own:
        own.sandbox.gemini.default = picture(PICTURE, delay=1)
        channels = [own.channel(f"story-{number}") for number in range(16)]
        await asyncio.gather(*(own.request(channel, "The gate opens.") for channel in channels))
        await asyncio.gather(*(own.settled(channel) for channel in channels))

        ends = [(await own.scenes(channel))[0] for channel in channels]
        assert sorted(scene["state"] for scene in ends) == ["failed"] * 14 + ["posted"] * 2
        assert len(own.sandbox.gemini.requests) == 2
        books = await Budget(own.redis, Settings()).today(str(own.guild.id))
        assert (books.all, books.reserved) == pytest.approx((2 * 0.0354, 0))
        await wait_until(lambda: sum(len(own.posts(channel)) for channel in channels) == 2, timeout=TIMEOUT_SECONDS)
