"""Cancelled requests: free before they are sent, paid and kept afterwards."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sandbox import Channel, InteractionAnswer, Message, User, wait_until
from sandbox.gemini_answers import finished, overloaded, picture, rate_limited
from sandbox.permissions import Permission
from tests.redis_server import own_redis
from tests.stage import TIMEOUT_SECONDS, Stage, answered, ended, open_stage, portrait

pytestmark = pytest.mark.asyncio(loop_scope="module")
alone = pytest.mark.asyncio(loop_scope="function")

FREE = "If you cancel it now, nothing is charged."
PAID = "It has been sent to the painter and is charged, even if you cancel it."
PICTURE = portrait("red")
DRAW = "scene-art draw"
DELAY = 2.0
"""Seconds that Gemini takes: long enough for a person to cancel."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    """One bot for those who may have two pictures an hour; every test has people and a server of its own."""
    with own_redis() as server:
        async with open_stage(server.url, user_pictures_per_hour=2) as opened:
            yield opened


@pytest.fixture
def channel(stage: Stage) -> Channel:
    """In a server of its own, whose books are empty."""
    discord = stage.sandbox.discord
    return discord.add_text_channel(discord.add_guild("A guild of its own"), "story")


async def line_with(answer: InteractionAnswer, words: str) -> Message:
    """The line that a person watches, as soon as it says `words`."""
    await answer.wait_for(lambda a: words in a.content, timeout=TIMEOUT_SECONDS)
    assert answer.original is not None
    return answer.original


async def draw(stage: Stage, channel: Channel, person: User, text: str = "A gate.") -> InteractionAnswer:
    return await stage.sandbox.discord.run_command(channel, person, DRAW, options={"text": text})


async def record(stage: Stage, channel: Channel, **wanted: object) -> dict[str, object]:
    """Wait until the channel's last scene is so."""
    end = time.monotonic() + TIMEOUT_SECONDS
    while True:
        scene = (await stage.scenes(channel))[-1]
        if all(scene[name] == value for name, value in wanted.items()):
            return scene
        assert time.monotonic() < end, {name: scene[name] for name in (*wanted, "reason")}
        await asyncio.sleep(0.02)


async def test_what_was_sent_is_charged_kept_and_shown_to_whoever_asked(stage: Stage, channel: Channel) -> None:
    discord = stage.sandbox.discord
    mira, tom = discord.add_user("Mira"), discord.add_user("Tom")
    guard = discord.add_user("Guard", permissions=int(Permission.MANAGE_MESSAGES))
    stage.sandbox.gemini.script(picture(PICTURE, delay=DELAY))
    answer = await draw(stage, channel, mira)
    line = await line_with(answer, PAID)
    assert "Each picture costs the bot owner about $0.036. Pictures left this hour: 1 of 2." in line.content, (
        "what is reserved for it"
    )

    said = await stage.pressed(line, "Cancel", mira)

    assert said.startswith("Cancelled. Nothing will be posted, but the picture had already been sent to the painter")
    assert (await ended(answer)).startswith("Picture cancelled after it was sent")
    assert (await record(stage, channel, state="cancelled"))["cost"], "the estimate, until the answer is there"
    assert "1 of 2" in await stage.typed(channel, mira, "status")
    scene = await record(stage, channel, mime="image/png")
    assert (scene["cost"], scene["reserved"], scene["charged"]) == (pytest.approx(0.0354), None, True)
    assert stage.posts(channel) == []
    assert "- Cancelled after it was sent, and billed: 1, $0.035" in await stage.typed(channel, guard, "status")

    for person in (mira, guard):
        history = await discord.run_command(channel, person, "scene-art history")
        assert "Cancelled and charged: not posted, but kept for a while" in await answered(history)
        assert history.original is not None
        button = history.original.button("Show: A gate.")
        shown = await discord.press(history.original, button.custom_id, person)
        assert "only you can see it here" in await answered(shown)
        assert shown.ephemeral
        assert shown.original is not None
        assert [file.data for file in shown.original.attachments] == [PICTURE]
    assert "No pictures here yet." in await answered(await discord.run_command(channel, tom, "scene-art history"))


@alone
async def test_what_was_not_sent_yet_is_free(redis_url: str) -> None:
    async with open_stage(redis_url, budget_day=0.05) as stage:
        discord, channel = stage.sandbox.discord, stage.channel()
        mira = discord.add_user("Mira")
        stage.sandbox.gemini.script(rate_limited("30s"))
        answer = await draw(stage, channel, mira)
        line = await line_with(answer, "Retrying automatically")
        assert FREE in line.content

        said = await stage.pressed(line, "Cancel", mira)

        assert said == "Cancelled. Nothing will be posted, and nothing is charged."
        await line_with(answer, "Picture cancelled. Nothing was posted, and nothing is charged.")
        scene = await record(stage, channel, state="cancelled")
        assert (scene["cost"], scene["charged"], scene["reserved"]) == (0, False, None)
        assert "60 of 60" in await stage.typed(channel, mira, "status")


@pytest.mark.parametrize(
    ("answer", "cost", "charged"),
    [(finished("IMAGE_SAFETY"), 0.0018, True), (overloaded(), 0.0, False)],
    ids=["refused", "not billed"],
)
async def test_the_late_answers_usage_decides_and_nothing_more_is_asked(
    stage: Stage, channel: Channel, answer: object, cost: float, charged: bool
) -> None:
    mira = stage.sandbox.discord.add_user("Mira")
    before = len(stage.sandbox.gemini.requests)
    object.__setattr__(answer, "delay", DELAY)
    stage.sandbox.gemini.script(answer)  # type: ignore[arg-type]
    line = await line_with(await draw(stage, channel, mira), PAID)

    await stage.pressed(line, "Cancel", mira)

    await record(stage, channel, state="cancelled", charged=True)
    scene = await record(stage, channel, state="cancelled", charged=charged, cost=cost)
    assert scene["painted_at"] is None
    assert len(stage.sandbox.gemini.requests) == before + 1
    left = "1 of 2" if charged else "2 of 2"
    assert left in await stage.typed(channel, mira, "status")


async def six_rounds(stage: Stage, channel: Channel, why: str) -> tuple[int, int]:
    """Draw and cancel, six times: how many requests were sent, and how many were refused since `why`."""
    mira, gemini = stage.sandbox.discord.add_user("Mira"), stage.sandbox.gemini
    ordinary, before = gemini.default, len(gemini.requests)
    gemini.default = picture(PICTURE, delay=DELAY)
    refused = sent = 0
    try:
        for number in range(6):
            answer = await draw(stage, channel, mira, f"Gate {number}.")
            await answer.wait_for(lambda a: PAID in a.content or why in a.content, timeout=TIMEOUT_SECONDS)
            if why in answer.content:
                refused += 1
                continue
            assert answer.original is not None
            await stage.pressed(answer.original, "Cancel", mira)
            await ended(answer)
            sent += 1
            await wait_until(lambda most=before + sent: len(gemini.requests) >= most)  # type: ignore[misc]
    finally:
        gemini.default = ordinary
    return len(gemini.requests) - before, refused


async def test_six_rounds_of_draw_and_cancel_cost_as_many_pictures_as_a_person_may_have(
    stage: Stage, channel: Channel
) -> None:
    assert await six_rounds(stage, channel, "You've reached your limit of 2 pictures per hour") == (2, 4)


@alone
async def test_six_rounds_of_draw_and_cancel_cost_no_more_than_the_budget(redis_url: str) -> None:
    async with open_stage(redis_url, budget_day=0.05) as stage:
        why = "Today's picture budget has too little left"
        assert await six_rounds(stage, stage.channel(), why) == (1, 5)


@alone
async def test_an_unload_ends_what_was_awaited_as_spent(redis_url: str) -> None:
    async with open_stage(redis_url) as stage:
        channel, mira = stage.channel(), stage.sandbox.discord.add_user("Mira")
        guard = stage.sandbox.discord.add_user("Guard", permissions=int(Permission.MANAGE_MESSAGES))
        stage.sandbox.gemini.script(picture(PICTURE, delay=30))
        answer = await draw(stage, channel, mira)
        await stage.pressed(await line_with(answer, PAID), "Cancel", mira)
        await ended(answer)

        await stage.bot.reload_extension("cogs.scene_art")
        await asyncio.wait_for(stage.cog.app.opened.wait(), TIMEOUT_SECONDS)

        told = await stage.typed(channel, guard, "status")
        assert "- Answer lost, the estimate counts: 1, $0.03" in told
        assert "Reserved" not in told
        assert (await record(stage, channel, state="cancelled"))["cost"] == pytest.approx(0.036, abs=0.003)
