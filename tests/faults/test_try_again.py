"""A failed picture that somebody asked for has a button to try again; an automatic one stays quiet."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sandbox import Channel, User
from sandbox.gemini_answers import finished, overloaded, picture
from tests.faults.app import (
    REDO,
    TRY_AGAIN,
    ended,
    sentence,
    try_again,
    until,
)
from tests.stage import EXTENSION, Stage, open_stage


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with open_stage() as opened:
        yield opened


@pytest.fixture
def channel(stage: Stage) -> Channel:
    return stage.channel()


@pytest.fixture
def mira(stage: Stage) -> User:
    return stage.sandbox.discord.add_user("Mira")


async def scene_to_redo(stage: Stage, channel: Channel) -> None:
    """A posted scene, whose repetition Gemini will refuse."""
    await stage.request(channel, "A duel on the bridge.")
    await stage.picture(channel)
    await stage.settled(channel)
    stage.sandbox.gemini.default = finished("IMAGE_SAFETY")


async def test_a_person_who_is_refused_can_try_again(stage: Stage, channel: Channel, mira: User) -> None:
    await scene_to_redo(stage, channel)
    answer = await stage.sandbox.discord.run_command(channel, mira, REDO, {"notes": "with banners"})
    said = await sentence(answer)
    assert said.endswith(".")
    assert "IMAGE_SAFETY" not in said
    assert (await ended(stage, channel, "refused"))["requested_by"] == str(mira.id)
    assert len(stage.sandbox.discord.messages(channel)) == 1, "only the person who asked is told"

    stage.sandbox.gemini.default = picture()
    again = await try_again(stage, answer.original, mira)

    assert (await sentence(again)).startswith("Here's your picture: ")
    assert len(stage.posts(channel)) == 2
    assert any("with banners" in text for text in stage.sandbox.gemini.requests[-1].texts)


async def test_the_button_under_a_picture_ends_the_same_way(stage: Stage, channel: Channel, mira: User) -> None:
    await scene_to_redo(stage, channel)
    (message,) = stage.posts(channel)
    answer = await stage.sandbox.discord.press(message, message.button("Rerender").custom_id, mira)
    assert (await sentence(answer)).endswith(".")

    # Still refused: the second line ends in a sentence and has a button of its own.
    again = await try_again(stage, answer.original, mira)
    assert (await sentence(again)).endswith(".")
    assert again.original is not None
    assert again.original.button(TRY_AGAIN).label == TRY_AGAIN

    stage.sandbox.gemini.default = picture()
    assert (await sentence(await try_again(stage, again.original, mira))).startswith("Here's your picture: ")
    assert len(stage.posts(channel)) == 2


async def test_a_picture_that_came_has_no_button_for_another_try(stage: Stage, channel: Channel, mira: User) -> None:
    await stage.request(channel, "A duel on the bridge.")
    await stage.picture(channel)
    await stage.settled(channel)
    answer = await stage.sandbox.discord.run_command(channel, mira, REDO)

    assert (await sentence(answer)).startswith("Here's your picture: ")
    assert answer.original is not None
    assert TRY_AGAIN not in [button.label for button in answer.original.buttons]


async def test_with_notices_a_refused_scene_says_so_once_and_offers_another_try() -> None:
    async with open_stage(notices="true") as stage:
        channel, mira = stage.channel(), stage.sandbox.discord.add_user("Mira")
        stage.sandbox.gemini.default = finished("IMAGE_SAFETY")
        await stage.request(channel, "A duel on the bridge.")
        await until(lambda: stage.sandbox.discord.messages(channel))
        (notice,) = stage.sandbox.discord.messages(channel)
        record = await ended(stage, channel, "refused")
        assert notice.content == record["sentence"]["text"]
        assert notice.mentions == []

        stage.sandbox.gemini.default = picture()
        answer = await try_again(stage, notice, mira)
        assert (await sentence(answer)).startswith("Here's your picture: ")
        assert len(stage.posts(channel)) == 1


async def test_a_failed_scene_has_its_notice_too() -> None:
    async with open_stage(notices="true", paint_attempts=1) as stage:
        channel, mira = stage.channel(), stage.sandbox.discord.add_user("Mira")
        stage.sandbox.gemini.default = overloaded()
        await stage.request(channel, "A duel on the bridge.")
        await until(lambda: stage.sandbox.discord.messages(channel))
        (notice,) = stage.sandbox.discord.messages(channel)
        assert notice.content.endswith(".")

        stage.sandbox.gemini.default = picture()
        assert (await sentence(await try_again(stage, notice, mira))).startswith("Here's your picture: ")


async def test_the_button_for_another_try_works_after_a_restart(stage: Stage, channel: Channel, mira: User) -> None:
    await scene_to_redo(stage, channel)
    answer = await stage.sandbox.discord.run_command(channel, mira, REDO)
    await sentence(answer)
    await stage.bot.reload_extension(EXTENSION)
    await until(lambda: stage.cog.is_listening)

    stage.sandbox.gemini.default = picture()
    assert (await sentence(await try_again(stage, answer.original, mira))).startswith("Here's your picture: ")
