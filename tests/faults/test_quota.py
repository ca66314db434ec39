"""Gemini's limits: a key rests as long as Gemini says, the others serve, and every process knows."""

from __future__ import annotations

import pytest

from sandbox.gemini import MODELS
from sandbox.gemini_answers import Answer, daily_quota, free_tier, picture, rate_limited
from tests.faults.app import (
    FIRST,
    REDO,
    SECOND,
    barrier,
    bot_with_pool,
    ended,
    keys_asked,
    open_app,
    operator_lines,
    pool,
    sentence,
    until,
)
from tests.stage import KEY, TIMEOUT_SECONDS, Stage, is_listening, open_stage, running_bot


async def test_a_key_rests_as_long_as_gemini_says_and_the_picture_comes() -> None:
    async with open_stage() as stage:
        channel = stage.channel()
        stage.sandbox.gemini.script(rate_limited("2s"))
        await stage.request(channel, "A market at noon.")
        await stage.picture(channel)

        turned_away, painted = stage.sandbox.gemini.requests
        assert 1.95 <= painted.time - turned_away.time < 4
        assert len(stage.sandbox.gemini.paid) == 1


async def paint_two(stage: Stage) -> None:
    """Two scenes, one after the other."""
    for story in ("A market at noon.", "The same market at night."):
        channel = stage.channel()
        await stage.request(channel, story)
        await stage.picture(channel)


@pytest.mark.parametrize("answer", [rate_limited("34s"), rate_limited(None), daily_quota(), free_tier()])
async def test_the_next_key_is_tried_at_once_and_the_first_is_left_alone(
    answer: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_app(variables=pool(FIRST, SECOND)) as stage:
        stage.sandbox.gemini.script(*[answer] * 9, key=FIRST)
        await paint_two(stage)

        assert keys_asked(stage) == [FIRST, SECOND, SECOND]
        first, second, _ = stage.sandbox.gemini.requests
        assert second.time - first.time < 1
    assert FIRST not in caplog.text


async def test_a_key_without_billing_is_told_to_the_operator_once(caplog: pytest.LogCaptureFixture) -> None:
    async with open_app(variables=pool(FIRST, SECOND)) as stage:
        stage.sandbox.gemini.script(*[free_tier()] * 9, key=FIRST)
        await paint_two(stage)

    assert len(operator_lines(caplog, "billing")) == 1


@pytest.mark.parametrize("running", [False, True], ids=["wrong-from-the-start", "withdrawn-while-running"])
async def test_a_wrong_key_is_left_out_and_told_once(running: bool, caplog: pytest.LogCaptureFixture) -> None:
    async with open_app(variables=pool(FIRST, SECOND), bots=0) as stage:
        stage.sandbox.gemini.keys -= set() if running else {FIRST}
        async with running_bot(stage.sandbox) as bot:
            await until(lambda: is_listening(bot))
            if running:
                await paint_two(stage)
                stage.sandbox.gemini.keys.remove(FIRST)
                stage.sandbox.gemini.requests.clear()
            await paint_two(stage)

        assert keys_asked(stage).count(SECOND) == 2
        assert keys_asked(stage).count(FIRST) <= 1, "it may have been found out at start"
    assert len(operator_lines(caplog, "key")) == 1
    assert FIRST not in caplog.text


async def test_when_every_key_rests_the_scenes_wait_until_the_first_is_free() -> None:
    async with open_app(variables=pool(FIRST, SECOND)) as stage:
        gemini = stage.sandbox.gemini
        gemini.script(rate_limited("2s"), key=FIRST)
        gemini.script(rate_limited("20s"), key=SECOND)
        early, late = stage.channel("early"), stage.channel("late")
        await stage.request(early, "The lamps go out.")
        await until(lambda: len(gemini.requests) == 2)
        await stage.request(late, "Somebody strikes a match.")
        await stage.picture(early)
        await stage.picture(late)

        assert keys_asked(stage) == [FIRST, SECOND, FIRST, FIRST]
        assert 1.95 <= gemini.requests[2].time - gemini.requests[0].time < 5
        assert len(gemini.paid) == 2


async def test_the_person_who_waits_for_a_resting_key_gets_the_picture() -> None:
    async with open_stage() as stage:
        channel, mira = stage.channel(), stage.sandbox.discord.add_user("Mira")
        await stage.request(channel, "A well in the yard.")
        await stage.picture(channel)
        await stage.settled(channel)
        stage.sandbox.gemini.script(rate_limited("2s"))

        answer = await stage.sandbox.discord.run_command(channel, mira, REDO)

        # The line may say meanwhile how long it takes.
        await answer.wait_for(lambda now: now.content.startswith("Here's your picture: "), timeout=TIMEOUT_SECONDS)
        assert len(stage.posts(channel)) == 2


@pytest.mark.slow
async def test_a_process_that_comes_later_knows_the_resting_key(redis_url: str) -> None:
    async with open_stage(redis_url, bots=0) as stage:
        sandbox = stage.sandbox
        sandbox.gemini.script(*[rate_limited("60s")] * 9, key=FIRST)
        async with bot_with_pool(sandbox, redis_url, FIRST, SECOND):
            channel = stage.channel()
            await stage.request(channel, "Dawn over the pass.")
            await stage.picture(channel)
            await ended(stage, channel)
        assert keys_asked(stage) == [FIRST, SECOND]
        async with bot_with_pool(sandbox, redis_url, FIRST, SECOND):
            channel = stage.channel()
            await stage.request(channel, "Noon over the pass.")
            await stage.picture(channel)

        assert keys_asked(stage) == [FIRST, SECOND, SECOND]


@pytest.mark.slow
async def test_two_processes_at_work_share_what_they_know_of_the_keys(redis_url: str) -> None:
    async with open_stage(redis_url, bots=0) as stage:
        sandbox = stage.sandbox
        sandbox.gemini.script(*[rate_limited("60s")] * 99, key=FIRST)
        settings = {"concurrency": 1}
        async with (
            bot_with_pool(sandbox, redis_url, FIRST, SECOND, **settings) as one,
            bot_with_pool(sandbox, redis_url, FIRST, SECOND, **settings) as other,
        ):
            await barrier(stage)
            sandbox.gemini.default = picture(delay=0.5)
            channels = [stage.channel(f"story-{number}") for number in range(6)]
            for channel in channels:
                await stage.request(channel, "Six rooms, six stories.")
            for channel in channels:
                await stage.picture(channel)
            await until(lambda: "posted as message" in one.text and "posted as message" in other.text)

        assert keys_asked(stage).count(FIRST) == 1


async def test_when_every_key_is_wrong_the_scene_ends_with_a_reason_and_a_sentence(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_stage() as stage:
        channel, mira = stage.channel(), stage.sandbox.discord.add_user("Mira")
        await stage.request(channel, "A well in the yard.")
        await stage.picture(channel)
        await stage.settled(channel)
        stage.sandbox.gemini.keys.clear()

        answer = await stage.sandbox.discord.run_command(channel, mira, REDO)

        said = await sentence(answer)
        assert said.endswith(".")
        assert "bot owner" in said
        record = await ended(stage, channel, "failed")
        assert "key" in record["reason"]
        assert len(stage.sandbox.gemini.requests) == 2
        assert len(stage.sandbox.gemini.paid) == 1
    assert KEY not in caplog.text


@pytest.mark.parametrize("running", [False, True], ids=["retired-before", "retired-while-running"])
async def test_a_retired_model_gives_way_to_the_next_and_is_told_once(
    running: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_app(bots=0, fallback_models=f"{MODELS[1]},{MODELS[2]}") as stage:
        gemini = stage.sandbox.gemini
        gemini.models -= set() if running else {MODELS[0]}
        async with running_bot(stage.sandbox) as bot:
            await until(lambda: is_listening(bot))
            if running:
                await paint_two(stage)
                gemini.models.discard(MODELS[0])
                gemini.requests.clear()
            await paint_two(stage)

        asked = [request.model for request in gemini.requests]
        assert asked[-2:] == [MODELS[1], MODELS[1]]
        assert asked[:-2] in ([], [MODELS[0]]), "it may have been found out at start"
    assert len(operator_lines(caplog, MODELS[0])) == 1


async def test_a_model_out_of_quota_gives_way_to_the_next_one() -> None:
    async with open_stage(fallback_models=MODELS[1]) as stage:
        stage.sandbox.gemini.script(daily_quota())
        channel = stage.channel()
        await stage.request(channel, "A market at noon.")
        await stage.picture(channel)

        assert [request.model for request in stage.sandbox.gemini.requests] == [MODELS[0], MODELS[1]]


async def test_without_a_next_model_a_retired_one_ends_the_scene_with_a_reason() -> None:
    async with open_stage() as stage:
        stage.sandbox.gemini.models.clear()
        channel = stage.channel()
        await stage.request(channel, "A market at noon.")

        assert "model" in (await ended(stage, channel, "failed"))["reason"]
        assert len(stage.sandbox.gemini.requests) <= 1, "it may have been found out at start"
        assert stage.sandbox.discord.messages(channel) == []
