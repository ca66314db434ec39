"""Each person tries everything that is not theirs: it is refused with a sentence, and changes nothing."""

from __future__ import annotations

import re

import pytest

from tests.hostile.people.actions import ACTIONS
from tests.hostile.people.scenery import Scenery
from tests.hostile.people.table import CELLS, REFUSALS, Cell

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("cell", [cell for cell in CELLS if not cell.may], ids=str)
async def test_what_is_not_theirs_is_refused_with_a_sentence_and_changes_nothing(scenery: Scenery, cell: Cell) -> None:
    action, client = ACTIONS[cell.action], scenery.client(cell.who)
    before = await scenery.everything()

    said, after = await action.do(scenery, client), await scenery.everything()

    if after != before:
        # What one should not have done is not to hide what others do.
        await scenery.restore(before[0])
    assert re.match(REFUSALS[cell.word], said), said
    assert after == before
