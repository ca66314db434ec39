"""One scenery for a whole file of tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.hostile.people.scenery import Scenery, open_scenery


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scenery() -> AsyncIterator[Scenery]:
    """Everybody, and what they try to get at."""
    async with open_scenery() as opened:
        yield opened
