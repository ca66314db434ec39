"""One bot for a whole file, and what every fundamental keeps: no key and no token in any log line."""

from __future__ import annotations

import io
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

import pytest
import pytest_asyncio

from tests.redis_server import own_redis, own_tasks
from tests.running import Running, at_home
from tests.stage import KEY, Stage, memory_url, open_stage


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """One bot for all of a file, on a real Redis unless a test wants the in-process one."""
    with ExitStack() as stack:
        in_process = getattr(request, "param", None) == "memory"
        url = memory_url() if in_process else stack.enter_context(own_redis()).url
        async with open_stage(url, fallback_seconds=0.3, crown_bearers="77,78") as opened:
            yield opened
        assert own_tasks() == []


@pytest_asyncio.fixture(loop_scope="module")
async def app(stage: Stage) -> AsyncIterator[Running]:
    """A channel on the stage for one test."""
    async with at_home(stage) as running:
        yield running


def leaks_nothing(text: str) -> bool:
    """Check that none of the operator's secrets is in `text`."""
    return not any(secret in text for secret in (KEY, "sandbox-token"))


@pytest.fixture(scope="module", autouse=True)
def log() -> Iterator[io.StringIO]:
    """All that a file's tests log, the start and the end of its bot included."""
    root, text = logging.getLogger(), io.StringIO()
    handler = logging.StreamHandler(text)
    before = root.level
    root.addHandler(handler)
    root.setLevel("INFO")
    yield text
    root.setLevel(before)
    root.removeHandler(handler)
    assert leaks_nothing(text.getvalue())


@pytest.fixture(autouse=True)
def no_secret_is_logged(log: io.StringIO) -> Iterator[None]:
    """Whatever happens, the operator's secrets stay out of the log."""
    yield
    text = log.getvalue()
    log.seek(0)
    log.truncate()
    assert leaks_nothing(text)
