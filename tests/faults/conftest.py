"""The fixture of every test of the fault suite: a world of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.faults.support import World, open_world
from tests.redis_server import redis_binary


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A sandbox and an empty, durable Redis; the test starts the bots."""
    binary = redis_binary()
    async with open_world(binary) as opened:
        yield opened
