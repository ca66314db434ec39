"""The stage on which the fundamentals play: a sandbox, a Redis and a bot, all on real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.stage import KEY, Stage, open_stage


@pytest.fixture
async def stage(any_redis_url: str) -> AsyncIterator[Stage]:
    """A bot with scene-art that listens: once with the in-process Redis, once with a real server."""
    async with open_stage(any_redis_url) as opened:
        yield opened


@pytest.fixture
async def quick_stage() -> AsyncIterator[Stage]:
    """The same with the in-process Redis only, where the kind of Redis makes no difference."""
    async with open_stage() as opened:
        yield opened


@pytest.fixture(autouse=True)
def no_secret_is_logged(caplog: pytest.LogCaptureFixture) -> object:
    """Whatever happens, no key and no token stands in a log line."""
    caplog.set_level("INFO")
    yield
    for secret in (KEY, "sandbox-token"):
        assert secret not in caplog.text
