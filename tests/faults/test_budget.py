"""The operator's money: reserved before every paid request, settled after every answer, shared by all processes."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from typing import Any

import pytest

from cogs.scene_art.settings import Settings
from cogs.scene_art.store.budget import Budget
from sandbox import Channel
from sandbox.gemini_answers import Answer, candidate, image_part, text_part, usage
from tests.faults.app import MINUTE_AND_MORE, REDO, bot_with_pool, ended, open_app, sentence
from tests.stage import Stage, open_stage, portrait

PRICES = "gemini-nano-banana-2.1=1.5/30"
COST = 1000 * 1.5 / 1e6 + 1000 * 30 / 1e6
"""Of one answer with a thousand tokens in and a thousand out: 3.15 cents. Some 3.7 cents are reserved for it."""
ONE, TWO = 0.05, 0.08
"""Money for so many, in US dollars."""


def priced(**parts: Any) -> Answer:
    """An answer that costs `COST`: a picture, unless it is told another part."""
    part = parts.get("part") or image_part(portrait("teal", (320, 180)))
    return Answer(body=candidate([part], tokens=usage(prompt=1000, output=1000)))


async def paint(stage: Stage, channel: Channel, count: int = 1) -> None:
    """Play `count` scenes, one after the other, each with a picture."""
    for _ in range(count):
        before = len(stage.posts(channel))
        await stage.request(channel, f"Scene {before} of the long road.")
        await stage.pictures(channel, before + 1)
        await stage.settled(channel)


@pytest.mark.parametrize("name", ["budget_guild_day", "budget_day", "budget_total"])
async def test_nothing_is_asked_once_the_budget_is_spent(name: str) -> None:
    settings: dict[str, Any] = {name: TWO, "prices": PRICES}
    async with open_stage(**settings) as stage:
        gemini, channel = stage.sandbox.gemini, stage.channel()
        gemini.default = priced()
        await paint(stage, channel, 2)
        await stage.request(channel, "One scene too many.")

        record = await ended(stage, channel, count=3)
        assert "budget" in record["reason"]
        assert len(gemini.requests) == 2

        other = stage.sandbox.discord.add_text_channel(stage.sandbox.discord.add_guild("Another guild"), "story")
        await stage.request(other, "Elsewhere.", guild_id=str(other.guild and other.guild.id))
        if name == "budget_guild_day":
            await stage.picture(other)
        else:
            assert "budget" in (await ended(stage, other))["reason"]
            assert len(gemini.requests) == 2


async def test_a_person_is_told_in_a_clear_sentence() -> None:
    async with open_stage(budget_day=ONE, prices=PRICES) as stage:
        channel, mira = stage.channel(), stage.sandbox.discord.add_user("Mira")
        stage.sandbox.gemini.default = priced()
        await paint(stage, channel)

        answer = await stage.sandbox.discord.run_command(channel, mira, REDO)

        said = await sentence(answer)
        assert "budget" in said.lower()
        assert "has too little left for another picture" in said
        assert said.endswith(".")
        assert len(stage.sandbox.gemini.requests) == 1


async def test_an_automatic_scene_without_money_leaves_nothing_in_the_channel() -> None:
    async with open_stage(budget_total=0) as stage:
        channel = stage.channel()
        await stage.request(channel, "A poor start.")

        assert "budget" in (await ended(stage, channel))["reason"]
        assert stage.sandbox.gemini.requests == []
        assert stage.sandbox.discord.messages(channel) == []


@pytest.mark.parametrize("part", [text_part("Rather in words."), image_part(b"no picture")], ids=["words", "rubbish"])
async def test_what_is_no_picture_is_paid_for_too(part: dict[str, Any]) -> None:
    async with open_stage(budget_day=TWO, prices=PRICES) as stage:
        channel = stage.channel()
        stage.sandbox.gemini.default = priced(part=part)
        await stage.request(channel, "A scene in words.")

        await ended(stage, channel)
        assert len(stage.sandbox.gemini.requests) == 2, "the first try and one more"
        await stage.request(channel, "Another one.")
        await ended(stage, channel, count=2)
        assert len(stage.sandbox.gemini.requests) == 2


async def test_the_money_is_looked_at_before_every_request_of_a_scene() -> None:
    async with open_stage(budget_day=ONE, prices=PRICES) as stage:
        channel = stage.channel()
        stage.sandbox.gemini.default = priced(part=text_part("I would rather tell it in words."))
        await stage.request(channel, "A scene in words.")

        await ended(stage, channel)
        assert len(stage.sandbox.gemini.requests) == 1, "for the softened try there is no money left"


@pytest.mark.slow
async def test_what_one_process_spent_the_next_one_knows(redis_url: str) -> None:
    settings: dict[str, Any] = {"budget_day": ONE, "prices": PRICES}
    async with open_app(redis_url, **settings) as stage:
        stage.sandbox.gemini.default = priced()
        channel = stage.channel()
        await paint(stage, channel)
        await stage.bot.remove_cog("SceneArt")
        async with bot_with_pool(stage.sandbox, redis_url, **settings):
            other = stage.channel("elsewhere")
            await stage.request(other, "Another purse, the same money.")

            assert "budget" in (await ended(stage, other))["reason"]
        assert len(stage.sandbox.gemini.requests) == 1


@pytest.mark.slow
async def test_sixteen_channels_in_two_processes_share_money_for_two(redis_url: str) -> None:
    settings: dict[str, Any] = {"budget_day": 0.1, "prices": PRICES}
    async with open_app(redis_url, **settings) as stage, bot_with_pool(stage.sandbox, redis_url, **settings):
        stage.sandbox.gemini.default = slowly(priced(), 1.5)
        channels = [stage.channel(f"story-{number}") for number in range(16)]
        await asyncio.gather(*(stage.request(channel, "The gate opens.") for channel in channels))

        ends = await asyncio.gather(*(ended(stage, channel) for channel in channels))

        assert sorted(record["state"] for record in ends) == ["failed"] * 14 + ["posted"] * 2
        assert len(stage.sandbox.gemini.requests) == 2
        books = await Budget(stage.redis, Settings()).today(str(stage.guild.id))
        assert (round(books.all, 6), books.reserved) == (round(2 * COST, 6), 0.0)


@pytest.mark.slow
async def test_a_process_that_is_killed_under_a_request_has_spent_it_once(redis_url: str) -> None:
    settings: dict[str, Any] = {"prices": PRICES}
    async with open_app(redis_url, bots=0, **settings) as stage:
        stage.sandbox.gemini.script(slowly(priced(), 60))
        stage.sandbox.gemini.default = priced()
        channel = stage.channel()
        async with bot_with_pool(stage.sandbox, redis_url, **settings) as bot:
            await stage.request(channel, "The gate opens.")
            await stage.asked("The gate opens.")
            bot.process.kill()
            await bot.ended()
        guild = str(stage.guild.id)
        reserved = (await Budget(stage.redis, Settings()).today(guild)).reserved
        assert reserved == pytest.approx(0.035, abs=0.004)

        async with bot_with_pool(stage.sandbox, redis_url, **settings):
            record = await ended(stage, channel, "posted", seconds=MINUTE_AND_MORE)

        assert record["cost"] == pytest.approx(reserved + COST)
        books = await Budget(stage.redis, Settings()).today(guild)
        assert (books.server, books.reserved) == pytest.approx((COST, reserved)), "it may still come to its end"
        later = Budget(stage.redis, Settings(), lambda: time.time() + Settings().paint_timeout_seconds + 301)
        for _ in range(2):
            books = await later.today(guild)
            assert (books.server, books.reserved) == pytest.approx((record["cost"], 0))


def slowly(answer: Answer, seconds: float) -> Answer:
    """Delay an answer by so many seconds."""
    return dataclasses.replace(answer, delay=seconds)
