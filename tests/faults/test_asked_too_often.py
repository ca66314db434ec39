"""The number and the times of requests to Gemini, whatever it answers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from sandbox import Channel
from sandbox.gemini import MODELS
from sandbox.gemini_answers import (
    Answer,
    forbidden,
    hang,
    overloaded,
    picture,
    rate_limited,
    retired_model,
)
from tests.faults.app import FIRST, bot_with_pool, ended, operator_lines, until
from tests.stage import TIMEOUT_SECONDS, Stage, is_listening, open_stage, portrait, running_bot

SLACK = 1.5
"""Seconds that a busy machine may take for what takes no time."""
QUIET_SECONDS = 3.0
FEW = 3
SCENE = "The lamps go out in room"


def times(stage: Stage) -> list[float]:
    """List the arrival times of the requests."""
    return [request.time for request in stage.sandbox.gemini.requests]


@asynccontextmanager
async def listening(stage: Stage) -> AsyncIterator[None]:
    """A bot that starts now."""
    async with running_bot(stage.sandbox) as bot:
        await until(lambda: is_listening(bot))
        yield


async def put_off(stage: Stage, channel: Channel) -> float:
    """Wait until the channel's newest scene is put off; until when."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not (scenes := await stage.scenes(channel)) or not scenes[-1].get("resume_at"):
        assert time.monotonic() < deadline, "it is not put off"
        await asyncio.sleep(0.02)
    return float(scenes[-1]["resume_at"])


async def nothing_is_asked(stage: Stage) -> None:
    """Watch the door for a while."""
    before = len(stage.sandbox.gemini.requests)
    with contextlib.suppress(TimeoutError):
        await until(lambda: len(stage.sandbox.gemini.requests) != before, seconds=QUIET_SECONDS)
    assert len(stage.sandbox.gemini.requests) == before


@pytest.mark.parametrize("relay", [False, True], ids=["after-a-403", "behind-a-relay"])
async def test_a_delay_is_kept_for_a_key_that_was_turned_away_once(relay: bool) -> None:
    async with open_stage(bots=0) as stage:
        gemini = stage.sandbox.gemini
        gemini.describes_models = not relay
        async with listening(stage):
            if not relay:
                gemini.script(forbidden())
                first = stage.channel()
                await stage.request(first, "A well in the yard.")
                await ended(stage, first, "failed")
            gemini.default = rate_limited("30s")
            channel = stage.channel()
            await stage.request(channel, "A market at noon.")
            resumes = await put_off(stage, channel)
            await nothing_is_asked(stage)

        assert len(gemini.requests) == (1 if relay else 2)
        assert 15 < resumes - time.time() <= 31


async def test_a_model_that_nobody_describes_paints(caplog: pytest.LogCaptureFixture) -> None:
    async with open_stage(bots=0, fallback_models=MODELS[1]) as stage:
        stage.sandbox.gemini.describes_models = False
        with caplog.at_level(logging.INFO):
            async with listening(stage):
                channel = stage.channel()
                await stage.request(channel, "A market at noon.")
                await stage.picture(channel)
                await until(lambda: "does not describe" in caplog.text)

        assert [request.model for request in stage.sandbox.gemini.requests] == [MODELS[0]]
    lines = [record.getMessage() for record in caplog.records if "describe" in record.getMessage()]
    assert len(lines) == 1
    assert not operator_lines(caplog, "left out")


@pytest.mark.parametrize("answer", [forbidden(), retired_model(MODELS[0])], ids=["403", "404"])
async def test_what_one_scene_was_turned_away_with_does_not_end_the_next(answer: Answer) -> None:
    async with open_stage() as stage:
        stage.sandbox.gemini.script(answer)
        first, second = stage.channel(), stage.channel()
        await stage.request(first, "A well in the yard.")
        await ended(stage, first, "failed")
        await stage.request(second, "A market at noon.")
        await stage.picture(second)

        asked = times(stage)
        assert len(asked) == 2
        assert asked[1] - asked[0] > 1.9, "a dead key would not be hammered"


async def test_a_key_that_stays_dead_is_asked_ever_more_rarely() -> None:
    async with open_stage() as stage:
        stage.sandbox.gemini.default = forbidden()
        for number in range(8):
            channel = stage.channel()
            await stage.request(channel, f"{SCENE} {number}.")
            assert "turned away" in (await ended(stage, channel, "failed"))["reason"]

        asked = times(stage)
        assert len(asked) <= FEW + 1
        assert all(later - earlier > 1.9 for earlier, later in pairwise(asked))


@pytest.mark.parametrize("trouble", [rate_limited(None), overloaded()], ids=["429", "503"])
async def test_one_request_tries_again_and_opens_the_way_for_all_processes(trouble: Answer) -> None:
    async with open_stage(bots=2) as stage:
        gemini = stage.sandbox.gemini
        gemini.script(trouble)
        channels = [stage.channel(f"room-{number}") for number in range(5)]
        await stage.request(channels[0], f"{SCENE} 0.")
        await until(lambda: gemini.requests)
        gemini.script(picture(portrait("teal"), delay=1.5))
        for number, channel in enumerate(channels[1:], start=1):
            await stage.request(channel, f"{SCENE} {number}.")
        for channel in channels:
            await stage.picture(channel)

        failed, probe, *others = times(stage)
        assert 1.9 <= probe - failed <= 2.3 + SLACK
        assert len(others) == 4
        assert all(1.4 <= other - probe <= 1.5 + SLACK for other in others), "as soon as the first has its picture"
        assert len(gemini.paid) == 5


async def test_a_storm_is_waited_for_by_all_and_costs_nobody_who_waits_an_attempt() -> None:
    async with open_stage(bots=2, paint_attempts=2) as stage:
        gemini = stage.sandbox.gemini
        gemini.script(overloaded(), overloaded(), overloaded())
        channels = [stage.channel(f"room-{number}") for number in range(4)]
        await stage.request(channels[0], f"{SCENE} 0.")
        await until(lambda: gemini.requests)
        for number, channel in enumerate(channels[1:], start=1):
            await stage.request(channel, f"{SCENE} {number}.")
        for channel in channels:
            await ended(stage, channel, "posted", "failed")

        asked = times(stage)
        assert len(asked) <= 3 + 4
        pauses = [later - earlier for earlier, later in pairwise(asked[:4])]
        assert all(pause > want - 0.1 for pause, want in zip(pauses, [2, 4, 8], strict=True)), pauses
        records = [record for channel in channels for record in await stage.scenes(channel)]
        assert sum(record["state"] == "failed" for record in records) <= 1, "only whose own requests have failed"
        assert all(record["attempts"] >= 1 for record in records)


@pytest.mark.slow
async def test_a_prober_that_is_killed_is_followed_by_another(redis_url: str) -> None:
    async with open_stage(redis_url, bots=0) as stage:
        sandbox = stage.sandbox
        sandbox.gemini.script(overloaded(), hang())
        async with bot_with_pool(sandbox, redis_url, FIRST) as one:
            await stage.request(stage.channel(), f"{SCENE} 0.")
            await until(lambda: len(sandbox.gemini.requests) == 2)
            async with bot_with_pool(sandbox, redis_url, FIRST):
                channel = stage.channel()
                # Before the next scene is heard: one that the killed bot had begun would wait for its lease.
                one.process.kill()
                killed = time.monotonic()
                await stage.request(channel, f"{SCENE} 1.")
                await stage.picture(channel)
                assert time.monotonic() - killed < 60, "not as long as a picture may take"


@pytest.mark.slow
async def test_a_scene_that_waits_says_so_and_starts_are_not_requests() -> None:
    async with open_stage() as stage:
        stage.sandbox.gemini.script(rate_limited("21s"))
        channel = stage.channel()
        await stage.request(channel, "A market at noon.")
        await put_off(stage, channel)
        await stage.picture(channel)
        record = await ended(stage, channel, "posted")

        assert record["attempts"] == len(stage.sandbox.gemini.requests) == 2
        assert record["put_offs"] >= 1
