"""Redis in both kinds, and a check that no task of ours outlives its test."""

from __future__ import annotations

import importlib
import os
import signal
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import hypothesis
import pytest

from tests.redis_server import RedisServer, own_tasks, redis_binary

# A test of what holds says nothing of how long it takes on a machine that does other things too.
hypothesis.settings.register_profile("scene-art", deadline=None, max_examples=40)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=200)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "scene-art"))


def pytest_sessionstart() -> None:
    """Let Ctrl-C reach the processes that tests start: those of a shell in the background ignore it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that skipped something for want of what must be here: the words in `SKIP_NOTHING_FOR`."""
    words = [word for word in os.environ.get("SKIP_NOTHING_FOR", "").split(",") if word]
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    reports = reporter.stats.get("skipped", []) if reporter else []  # the workers of pytest-xdist have none
    wrong = [report for report in reports if any(word in str(report.longrepr) for word in words)]
    if wrong:
        reporter.ensure_newline()
        reporter.write_line(f"{len(wrong)} tests were skipped although {' and '.join(words)} should be here", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True, scope="module")
def no_setting_is_left() -> Iterator[None]:
    """Whatever a file's tests set in the environment is gone when they are."""
    yield
    assert [name for name in os.environ if name.startswith(("SCENE_ART_", "REDIS_URL", "GEMINI_", "DISCORD_"))] == []


@pytest.fixture(autouse=True)
async def no_scene_art_task_is_left() -> AsyncIterator[None]:
    """Whatever a test started has ended when the test has."""
    yield
    assert own_tasks() == []


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gemini may be given up after less time than Google's own takes."""
    # Not by its dotted name: where a bot has loaded the extension, the package is a fresh one without attributes.
    monkeypatch.setattr(importlib.import_module("cogs.scene_art.settings"), "LEAST_PAINT_SECONDS", 0.5)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A real server, shared by the whole run."""
    binary = redis_binary()
    server = RedisServer(binary)
    server.start()
    yield server
    server.close()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The address of a real, empty Redis."""
    redis_server.flush()
    return redis_server.url


@pytest.fixture(params=["memory", "redis"])
def any_redis_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty Redis: once the in-process one, once a real server."""
    if request.param == "memory":
        return f"memory://test-{uuid.uuid4().hex}"
    url: str = request.getfixturevalue("redis_url")
    return url
