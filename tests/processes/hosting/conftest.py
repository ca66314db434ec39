"""One bot with a cog of somebody else's for a whole file of tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sandbox import Channel
from tests.processes.hosting.game import Game
from tests.stage import Stage, open_stage


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    """On the in-process Redis, as a host has it who sets nothing."""
    async with open_stage(cooldown_seconds=0, fallback_seconds=0.5) as opened:
        await opened.bot.add_cog(Game(opened.bot))
        yield opened


@pytest.fixture
def game(stage: Stage) -> Game:
    """The cog of somebody else's."""
    found = stage.bot.get_cog("Game")
    assert isinstance(found, Game)
    found.broken = False
    return found


@pytest.fixture
def channel(stage: Stage) -> Channel:
    return stage.channel()
