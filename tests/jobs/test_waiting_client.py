"""The commands of docket's worker are repeated until Redis answers."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, ResponseError

from cogs.scene_art.jobs import waiting_client
from cogs.scene_art.jobs.waiting_client import WaitingClient
from cogs.scene_art.store.health import ConnectionHealth


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
    monkeypatch.setattr(waiting_client, "AWAY_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(waiting_client, "SILENT_SECONDS", 0.05)


@pytest.mark.usefixtures("hasty")
async def test_what_the_worker_reads_is_read_again_until_redis_answers(caplog: pytest.LogCaptureFixture) -> None:
    client = Troubled(RedisConnectionError("away"), ResponseError("READONLY"), 60.0)
    with caplog.at_level("INFO"):
        assert await WaitingClient(client, ConnectionHealth()).xautoclaim("words", name="too") == "answer"
    assert client.calls == [("words", "too")] * 4
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING", "INFO"], "loss, refusal, return"
    assert "ConnectionError" in caplog.text


@pytest.mark.parametrize("refusal", [ResponseError("NOGROUP no such group"), NoScriptError("no matching script")])
async def test_what_docket_mends_by_itself_is_left_to_it(refusal: Exception) -> None:
    with pytest.raises(type(refusal)):
        await WaitingClient(Troubled(refusal), ConnectionHealth()).xautoclaim(name="")


async def test_every_other_command_fails_as_ever() -> None:
    with pytest.raises(RedisConnectionError):
        await WaitingClient(Troubled(), ConnectionHealth()).publish()


async def test_a_redis_that_takes_long_to_answer_is_asked_whether_it_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting_client, "LATE_SECONDS", 0.01)
    health = Doubted()
    await WaitingClient(Troubled(), health).xautoclaim(name="")
    assert health.doubts == 0
    await WaitingClient(Troubled(0.1), health).xautoclaim(name="")
    assert health.doubts == 1


class Doubted(ConnectionHealth):
    """Counts."""

    doubts = 0

    def doubt(self) -> None:
        self.doubts += 1
        super().doubt()
