"""Pictures that people add to a request: bounded for each person, and never thrown out while they are needed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from cogs.scene_art.domain.permissions import Requester
from cogs.scene_art.errors import CannotDoError
from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.store import uploads as module
from cogs.scene_art.store.connection import RedisClient
from cogs.scene_art.store.space import MEGABYTE, Caps
from cogs.scene_art.store.uploads import Uploads

ORLA, TARN = Requester("1001", "8"), Requester("1002", "8")
PICTURE = b"\x89PNG" + bytes(900_000)


class Hall:
    """Uploads on a clock of their own."""

    def __init__(self, client: RedisClient) -> None:
        self.now = 1_800_000_000.0
        self.uploads = Uploads(client, "scene_art", timedelta(days=30), lambda: self.now)

    async def keep(self, by: Requester, channel: str = "42", count: int = 1) -> tuple[str, ...]:
        async with self.uploads.keeping(channel, [PICTURE] * count, by=by) as kept:
            return kept


@pytest.fixture
async def hall(any_redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hall]:
    monkeypatch.setattr(module, "CAPS", Caps(user=2 * MEGABYTE, server=3 * MEGABYTE, total=4 * MEGABYTE))
    async with open_docket(any_redis_url, "scene_art") as (_, client):
        yield Hall(client)


async def test_a_person_has_so_much_on_its_way_in_all_servers(hall: Hall) -> None:
    await hall.keep(ORLA)
    [second] = await hall.keep(Requester("1001", "9"), "43")
    with pytest.raises(CannotDoError, match=r"You added 1.7 of 2 MB"):
        await hall.keep(Requester("1001"), "44")
    await hall.keep(TARN)

    assert await hall.uploads.get("43", second) == PICTURE


async def test_later_their_oldest_make_room_and_nobody_elses(hall: Hall) -> None:
    [theirs] = await hall.keep(TARN)
    hall.now += 60
    [first] = await hall.keep(ORLA)
    hall.now += 60
    [second] = await hall.keep(ORLA)
    hall.now += 3600

    await hall.keep(Requester("1001", "9"), "43")
    assert await hall.uploads.get("42", first) is None
    assert await hall.uploads.get("42", second) == PICTURE
    assert await hall.uploads.get("42", theirs) == PICTURE


async def test_what_came_to_nothing_counts_no_more(hall: Hall) -> None:
    for _ in range(4):
        with pytest.raises(ZeroDivisionError):
            async with hall.uploads.keeping("42", [PICTURE] * 2, by=ORLA):
                raise ZeroDivisionError
    with pytest.raises(CannotDoError):
        await hall.keep(ORLA, count=3)

    assert len(await hall.keep(ORLA, count=2)) == 2


async def test_a_servers_uploads_go_with_it(hall: Hall) -> None:
    [gone] = await hall.keep(ORLA)
    [stays] = await hall.keep(Requester("1001", "9"), "43")

    assert await hall.uploads.remove_server("8") == {"42"}
    assert await hall.uploads.get("42", gone) is None
    assert await hall.uploads.get("43", stays) == PICTURE
