"""Waiting for Redis: bounded, translated, and never deaf to a cancellation."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, ResponseError

from cogs.scene_art.errors import TransientError
from cogs.scene_art.storage import patience
from cogs.scene_art.storage.patience import WaitingClient, insist, within_patience
from tests.redis_server import client_of


async def test_a_cancellation_is_never_lost_in_an_exchange(redis_url: str) -> None:
    """Of bare exchanges with redis-py, Python 3.11 loses about every sixth that comes at a random moment."""
    dice = random.Random(7)  # noqa: S311  # moments, no secrets
    went_on = 0

    async with client_of(redis_url) as client:
        await client.ping()

        async def exchange_and_wait() -> None:
            nonlocal went_on
            async with within_patience():
                await client.xrange("nothing", "1-0", "+", 100)
            await asyncio.sleep(0.02)
            went_on += 1

        for _ in range(1_000):
            task = asyncio.create_task(exchange_and_wait(), name="scene-art test")
            for _ in range(dice.randrange(14)):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    assert went_on == 0


async def test_a_frozen_exchange_is_bounded_and_an_error_of_ours() -> None:
    with pytest.raises(TransientError, match="TimeoutError"):
        async with within_patience(0.01):
            await asyncio.Event().wait()


async def test_a_limit_around_it_still_ends_it() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01), within_patience(5):
            await asyncio.Event().wait()


async def test_what_must_not_be_lost_is_insisted_on() -> None:
    tries = 0

    async def action() -> int:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise TransientError("Redis: ConnectionError")
        return tries

    assert await insist(action) == 3
    tries = -100
    with pytest.raises(TransientError):
        await insist(action, seconds=0)


class Troubled:
    """A client whose commands fail in the ways of the list, one after the other, and answer then."""

    def __init__(self, *troubles: Exception | float) -> None:
        self.troubles = list(troubles)
        self.calls: list[tuple[Any, ...]] = []

    async def xautoclaim(self, *words: str, name: str) -> str:
        self.calls.append((*words, name))
        trouble = self.troubles.pop(0) if self.troubles else None
        if isinstance(trouble, Exception):
            raise trouble
        if trouble is not None:
            await asyncio.sleep(trouble)
        return "answer"

    async def publish(self) -> None:
        raise RedisConnectionError("away")


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses that a test can wait for."""
    monkeypatch.setattr(patience, "AWAY_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(patience, "SILENT_SECONDS", 0.05)


@pytest.mark.usefixtures("hasty")
async def test_what_the_worker_reads_is_read_again_until_redis_answers(caplog: pytest.LogCaptureFixture) -> None:
    client = Troubled(RedisConnectionError("away"), ResponseError("READONLY"), 60.0)
    with caplog.at_level("INFO"):
        assert await WaitingClient(client).xautoclaim("words", name="too") == "answer"
    assert client.calls == [("words", "too")] * 4
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"], "one line each"
    assert "ConnectionError" in caplog.text


@pytest.mark.parametrize("refusal", [ResponseError("NOGROUP no such group"), NoScriptError("no matching script")])
async def test_what_docket_mends_by_itself_is_left_to_it(refusal: Exception) -> None:
    with pytest.raises(type(refusal)):
        await WaitingClient(Troubled(refusal)).xautoclaim(name="")


async def test_every_other_command_fails_as_ever() -> None:
    with pytest.raises(RedisConnectionError):
        await WaitingClient(Troubled()).publish()
