"""A loss of Redis and its return: one line each, whoever notices."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from redis.exceptions import AuthenticationError, ResponseError
from redis.exceptions import ConnectionError as RedisConnectionError

from cogs.scene_art.errors import TransientError
from cogs.scene_art.store import health as module
from cogs.scene_art.store.health import LASTING_SECONDS, ConnectionHealth, Delay
from sandbox.waiting import wait_until

AWAY = TransientError("Redis: ConnectionError")


class Watch:
    """A clock that is set."""

    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture(autouse=True)
def everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")


def test_one_line_for_the_loss_and_one_when_all_are_served_again(caplog: pytest.LogCaptureFixture) -> None:
    watch = Watch()
    health = ConnectionHealth(watch)
    health.served("worker")
    for part in ("worker", "listener", "worker"):
        health.failed(part, RedisConnectionError("secret"))
    watch.seconds += 12
    health.served("worker")
    assert health.lost
    health.served("listener")
    health.served("worker")
    assert caplog.messages == [
        "Redis does not serve scene-art (ConnectionError): events and pictures wait until it does",
        "Redis serves scene-art again, after 12.0 s",
    ]
    health.failed("worker", AWAY)
    assert len(caplog.messages) == 3, "another loss is another line"


@pytest.mark.parametrize("refusal", [AuthenticationError("secret"), ResponseError("secret")])
def test_a_server_that_comes_back_and_refuses_is_told(refusal: Exception, caplog: pytest.LogCaptureFixture) -> None:
    health = ConnectionHealth()
    for problem in (RedisConnectionError("secret"), refusal, TimeoutError(), refusal):
        health.failed("worker", problem)
    assert [type(refusal).__name__ in line for line in caplog.messages] == [False, True]


def test_a_part_that_ends_leaves_the_return_to_the_others(caplog: pytest.LogCaptureFixture) -> None:
    health = ConnectionHealth()
    health.failed("worker", AWAY)
    health.withdraw("worker")
    assert len(caplog.messages) == 1
    health.served("listener")
    assert len(caplog.messages) == 2


class Client:
    """Answers when it is told to."""

    answers = True

    async def get(self, _: str) -> None:
        if not self.answers:
            raise RedisConnectionError("away")


async def test_a_doubt_is_cleared_by_asking(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(module, "PROBE_PAUSE_SECONDS", 0.01)
    client: Any = Client()
    health = ConnectionHealth()
    watching = asyncio.create_task(health.watch(client, "key"), name="scene-art test")
    health.doubt()
    await asyncio.sleep(0.05)
    assert not caplog.messages, "it was the asker's own trouble"
    client.answers = False
    health.doubt()
    await wait_until(lambda: health.lost)
    client.answers = True
    await wait_until(lambda: not health.lost)
    assert len(caplog.messages) == 2
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


def test_what_waits_for_long_while_redis_serves_the_others_has_a_line(caplog: pytest.LogCaptureFixture) -> None:
    watch = Watch()
    delay = Delay(ConnectionHealth(), "channel 42", watch)
    delay.failed(AWAY)
    watch.seconds += LASTING_SECONDS - 1
    delay.failed(AWAY)
    assert not caplog.messages
    watch.seconds += 1
    delay.failed(AWAY)
    delay.failed(AWAY)
    delay.over()
    delay.over()
    assert caplog.messages == [
        "channel 42: cannot go on and is retried: Redis: ConnectionError",
        "channel 42: goes on",
    ]


def test_while_redis_is_away_nothing_else_has_a_line(caplog: pytest.LogCaptureFixture) -> None:
    watch = Watch()
    health = ConnectionHealth(watch)
    delay = Delay(health, "channel 42", watch)
    health.failed("worker", AWAY)
    for _ in range(3):
        delay.failed(AWAY)
        watch.seconds += LASTING_SECONDS
    delay.over()
    assert len(caplog.messages) == 1
