"""Gemini breaking down: what passes is tried again, what may have been paid at most once."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sandbox.gemini import MODELS
from sandbox.gemini_answers import (
    Answer,
    broken_json,
    broken_off,
    hang,
    not_a_picture,
    overloaded,
    picture,
    reset,
    server_error,
    wrong_base64,
)
from tests.faults.app import REDO, ended, sentence, try_again
from tests.stage import open_stage

LOST = [reset(), broken_off(), broken_json(), wrong_base64(), not_a_picture()]
LOST_NAMES = ["reset", "broken-off", "broken-json", "wrong-base64", "not-a-picture"]


@pytest.mark.parametrize("answer", [overloaded(), server_error()], ids=["503", "500"])
async def test_an_overloaded_gemini_is_asked_again_until_it_paints(answer: Answer) -> None:
    async with open_stage() as stage:
        channel = stage.channel()
        stage.sandbox.gemini.script(answer, answer, answer)
        await stage.request(channel, "The mill wheel turns.")
        await stage.picture(channel)

        asked = [request.time for request in stage.sandbox.gemini.requests]
        assert len(asked) == 4
        pauses = [later - earlier for earlier, later in pairwise(asked)]
        assert pauses[0] > 0.3, "a moment to recover"
        assert pauses[2] > pauses[0], "and a longer one each time"
        assert len(stage.sandbox.gemini.paid) == 1


async def test_an_overloaded_gemini_is_not_asked_for_ever() -> None:
    async with open_stage(paint_attempts=2) as stage:
        channel = stage.channel()
        stage.sandbox.gemini.default = overloaded()
        await stage.request(channel, "The mill wheel turns.")

        record = await ended(stage, channel, "failed")
        assert "503" in record["reason"]
        assert len(stage.sandbox.gemini.requests) == 2
        assert stage.sandbox.discord.messages(channel) == []


@pytest.mark.parametrize("answer", LOST, ids=LOST_NAMES)
async def test_an_answer_that_was_lost_is_asked_for_once_more(answer: Answer) -> None:
    async with open_stage() as stage:
        channel = stage.channel()
        stage.sandbox.gemini.script(answer)
        await stage.request(channel, "A letter is opened.")
        await stage.picture(channel)

        assert len(stage.sandbox.gemini.requests) == 2


@pytest.mark.parametrize("answer", LOST, ids=LOST_NAMES)
async def test_answers_that_are_lost_each_time_are_not_paid_for_again_and_again(answer: Answer) -> None:
    async with open_stage() as stage:
        channel = stage.channel()
        stage.sandbox.gemini.default = answer
        await stage.request(channel, "A letter is opened.")

        record = await ended(stage, channel, "failed", "refused")
        assert record["reason"]
        assert len(stage.sandbox.gemini.paid) == 2
        assert stage.sandbox.discord.messages(channel) == []


@pytest.mark.usefixtures("impatient")
async def test_a_gemini_that_hangs_is_given_up_and_asked_once_more() -> None:
    async with open_stage(paint_timeout_seconds=1) as stage:
        channel = stage.channel()
        stage.sandbox.gemini.script(hang())
        await stage.request(channel, "The clock stands still.")
        await stage.picture(channel)

        assert len(stage.sandbox.gemini.requests) == 2


@pytest.mark.usefixtures("impatient")
async def test_a_gemini_that_always_hangs_is_paid_for_twice_at_most() -> None:
    async with open_stage(paint_timeout_seconds=1) as stage:
        channel = stage.channel()
        stage.sandbox.gemini.default = hang()
        await stage.request(channel, "The clock stands still.")

        record = await ended(stage, channel, "failed")
        assert "within 1 s" in record["reason"]
        assert len(stage.sandbox.gemini.requests) == 2


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("answer", [hang(), reset()], ids=["hang", "reset"])
async def test_another_model_is_no_excuse_to_pay_once_more(answer: Answer) -> None:
    async with open_stage(paint_timeout_seconds=1, fallback_models=f"{MODELS[1]},{MODELS[2]}") as stage:
        channel = stage.channel()
        stage.sandbox.gemini.default = answer
        await stage.request(channel, "The clock stands still.")

        await ended(stage, channel, "failed")
        assert len(stage.sandbox.gemini.paid) == 2


async def test_an_overloaded_model_gives_way_to_the_next() -> None:
    async with open_stage(paint_attempts=1, fallback_models=MODELS[1]) as stage:
        channel = stage.channel()
        stage.sandbox.gemini.script(overloaded())
        await stage.request(channel, "The mill wheel turns.")
        await stage.picture(channel)

        assert [request.model for request in stage.sandbox.gemini.requests] == [MODELS[0], MODELS[1]]


async def test_what_was_lost_and_what_was_overloaded_have_a_count_of_their_own() -> None:
    async with open_stage() as stage:
        channel = stage.channel()
        stage.sandbox.gemini.script(overloaded(), reset(), overloaded())
        await stage.request(channel, "A letter is opened.")
        await stage.picture(channel)

        assert len(stage.sandbox.gemini.requests) == 4
        assert len(stage.sandbox.gemini.paid) == 2


async def test_each_breakdown_is_told_with_its_scene_and_without_a_trace(caplog: pytest.LogCaptureFixture) -> None:
    async with open_stage() as stage:
        caplog.set_level("INFO")
        channel = stage.channel()
        stage.sandbox.gemini.script(overloaded(), broken_json())
        await stage.request(channel, "A letter is opened.")
        await stage.picture(channel)
        await stage.settled(channel)
        (scene,) = await stage.scenes(channel)

    [line] = [line for line in caplog.messages if scene["id"] in line]
    assert "503" in line
    assert "cannot be read" in line
    assert "Traceback" not in caplog.text


@pytest.mark.usefixtures("impatient")
async def test_a_person_whose_picture_failed_can_try_again() -> None:
    async with open_stage(paint_timeout_seconds=1) as stage:
        gemini, channel, mira = stage.sandbox.gemini, stage.channel(), stage.sandbox.discord.add_user("Mira")
        await stage.request(channel, "A letter is opened.")
        await stage.picture(channel)
        await stage.settled(channel)
        gemini.default = hang()

        answer = await stage.sandbox.discord.run_command(channel, mira, REDO)
        assert (await sentence(answer)).endswith(".")
        await ended(stage, channel, "failed")
        assert len(stage.sandbox.discord.messages(channel)) == 1, "only the person who asked is told"

        gemini.default = picture()
        again = await try_again(stage, answer.original, mira)
        assert (await sentence(again)).startswith("Here's your picture: ")
        assert len(stage.posts(channel)) == 2
