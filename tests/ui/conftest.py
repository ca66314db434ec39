"""One bot for a whole file of tests; every test has a channel and people of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sandbox import Channel, User
from sandbox.permissions import Permission
from tests.stage import Stage, open_stage


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    """One bot for all of a file."""
    async with open_stage() as opened:
        yield opened


@pytest.fixture
def channel(stage: Stage) -> Channel:
    return stage.channel()


@pytest.fixture
def mira(stage: Stage) -> User:
    """A player."""
    return stage.sandbox.discord.add_user("Mira")


@pytest.fixture
def tom(stage: Stage) -> User:
    """Nobody in particular."""
    return stage.sandbox.discord.add_user("Tom")


@pytest.fixture
def guard(stage: Stage) -> User:
    """A moderator."""
    return stage.sandbox.discord.add_user("Guard", permissions=int(Permission.MANAGE_MESSAGES))
