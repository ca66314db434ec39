"""Jobs at work: a server with many channels leaves places to the others, and nothing that waits is lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from cogs.scene_art.jobs.engine import JOBS_OF_SERVER
from sandbox import wait_until
from tests.jobs.support import Jobs, engine_on

SHARE = 4
"""Half of the places of an engine in these tests."""
FLOOD = [f"7{number:03}" for number in range(200)]


def server_of(channel_id: str) -> str:
    """The server of a channel in these tests: its first digit."""
    return channel_id[:1]


class Gate(asyncio.Event):
    """Holds the jobs of server 7 up."""

    async def pass_through(self, channel_id: str) -> None:
        if server_of(channel_id) == "7":
            await self.wait()


async def test_a_server_with_two_hundred_channels_keeps_no_other_one_waiting(
    any_redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cogs.scene_art.jobs.engine.OUT_OF_TURN_SECONDS", 0.5)
    jobs, gate = Jobs(), Gate()
    jobs.does(gate.pass_through)
    async with engine_on(any_redis_url, server_of) as engine, engine.running(*jobs.runs):
        for channel_id in FLOOD:
            await engine.wake(channel_id)
        await wait_until(lambda: jobs.running.total() == SHARE)
        for channel_id in ("8001", "9001", "9002"):
            await engine.wake(channel_id)
        await wait_until(lambda: sorted(jobs.ended) == ["8001", "9001", "9002"])
        assert jobs.running.total() == SHARE, "whoever waits or is put off is not at work"
        gate.set()
        await wait_until(lambda: set(FLOOD) <= set(jobs.ended), timeout=30)
    assert len(FLOOD) > SHARE + JOBS_OF_SERVER, "some were put off"


async def test_a_job_that_waits_for_its_turn_is_not_lined_up_twice(any_redis_url: str) -> None:
    jobs, gate = Jobs(), Gate()
    jobs.does(gate.pass_through)
    async with engine_on(any_redis_url, server_of) as engine, engine.running(*jobs.runs):
        for channel_id in FLOOD[:SHARE]:
            await engine.wake(channel_id)
        await wait_until(lambda: jobs.running.total() == SHARE)
        for _ in range(5):
            await engine.wake_anew("7999", "")
            await engine.wake_anew("7999", "abc")
        await engine.wake("8001")
        await wait_until(lambda: jobs.ended == ["8001"])
        gate.set()
        await wait_until(lambda: {"7999", "7999/abc"} <= set(jobs.ended))
    assert (jobs.ended.count("7999"), jobs.ended.count("7999/abc")) == (1, 1)


async def test_what_waits_for_its_turn_in_a_stopping_process_goes_to_another_at_once(
    any_redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cogs.scene_art.jobs.engine.SHUTDOWN_GRACE", timedelta(seconds=0.3))
    jobs, others, gate = Jobs(), Jobs(), Gate()
    jobs.does(gate.pass_through)
    async with engine_on(any_redis_url, server_of) as first, engine_on(any_redis_url, server_of) as second:
        async with first.running(*jobs.runs):
            for channel_id in FLOOD[:10]:
                await first.wake(channel_id)
            await first.wake("8001")
            await wait_until(lambda: jobs.running.total() == SHARE and jobs.ended == ["8001"])
        assert len(jobs.began) == SHARE + 1, "none began while the process stopped"
        async with second.running(*others.runs):
            await wait_until(lambda: set(FLOOD[:10]) <= set(others.ended), timeout=5)
