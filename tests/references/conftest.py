"""A server of canned answers on loopback, a name service of our own, and a check that nothing is left behind."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.references.support import FakeNames, WebServer


@pytest.fixture
async def web() -> AsyncIterator[WebServer]:
    """Answers on a free port of 127.0.0.1."""
    server = WebServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def canary() -> AsyncIterator[WebServer]:
    """A server on loopback that nobody was allowed to reach; every connection is counted."""
    server = WebServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def names() -> FakeNames:
    """A name service where every name leads to 127.0.0.1 until a test says otherwise."""
    return FakeNames()


@pytest.fixture(autouse=True)
async def no_tasks_left() -> AsyncIterator[None]:
    """Whatever a test started has ended when the test has."""
    before = asyncio.all_tasks()
    yield
    left = [task for task in asyncio.all_tasks() - before if task.get_name() == "reference"]
    assert not left


@pytest.fixture(autouse=True)
def no_decoders_left() -> Iterator[None]:
    """Leaving a loader ends its threads."""
    yield
    assert not [t.name for t in threading.enumerate() if t.name.startswith("reference-decode")]
