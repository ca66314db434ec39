"""What is to be done, on the in-process Redis and on a real one."""

from __future__ import annotations

import pytest

from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.store.due_list import OPEN_LIMIT, DueList


async def test_what_is_no_work_item_hides_no_real_one_for_ever(
    any_redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_docket(any_redis_url, "scene_art") as (_, client):
        due_list = DueList(client, "scene_art")
        pipe = client.pipeline()
        pipe.zadd("scene_art:open", {f"../{number}": 1.0 for number in range(2 * OPEN_LIMIT)})
        await pipe.execute()
        await due_list.mark_due("42", 5.0)
        rounds = [await due_list.long_open(9.0) for _ in range(4)]
    assert rounds[-2:] == [["42"]] * 2
    assert 1 <= len(caplog.records) <= 2
