"""Each person does everything that is theirs."""

from __future__ import annotations

import pytest

from tests.hostile.people.actions import ACTIONS
from tests.hostile.people.client import NOTHING
from tests.hostile.people.scenery import Scenery
from tests.hostile.people.table import CELLS, Cell

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("cell", [cell for cell in CELLS if cell.may], ids=str)
async def test_what_is_theirs_is_done(scenery: Scenery, cell: Cell) -> None:
    action, client = ACTIONS[cell.action], scenery.client(cell.who)

    said = await action.do(scenery, client)

    assert said.startswith(action.done), said
    assert said != NOTHING
    if action.undo is not None:
        await action.undo(scenery, client)
