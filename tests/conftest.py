"""Redis in both kinds, and a check that no task of ours outlives its test."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator

import hypothesis
import pytest

from tests.redis_server import RedisServer, own_tasks, redis_binary

# A test of what holds says nothing of how long it takes on a machine that does other things too.
hypothesis.settings.register_profile("scene-art", deadline=None)
hypothesis.settings.load_profile("scene-art")


@pytest.fixture(autouse=True)
async def no_scene_art_task_is_left() -> AsyncIterator[None]:
    """Whatever a test started has ended when the test has."""
    yield
    assert own_tasks() == []


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
