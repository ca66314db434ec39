"""The opt-outs of people who do not want to be depicted."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cogs.scene_art.errors import CannotDoError
from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.store import opt_outs as module
from cogs.scene_art.store.connection import RedisClient
from cogs.scene_art.store.opt_outs import MOST_NAMES, OptOuts
from tests.redis_server import RedisServer, as_port, client_of


@pytest.fixture
async def client(any_redis_url: str) -> AsyncIterator[RedisClient]:
    async with open_docket(any_redis_url, "scene_art") as (_, opened):
        yield opened


async def test_a_wish_holds_in_its_server_until_it_is_taken_back(client: RedisClient) -> None:
    hidden = OptOuts(client, "scene_art")
    assert await hidden.hide("8", "1001", ["Mira", "ミラ/x"]) == ("Mira", "ミラ/x")
    await hidden.hide("8", "1002", ["MIRA", "Tom"])

    assert await hidden.of("8", "1001") == ("Mira", "ミラ/x")
    assert await hidden.all("8") == {"1001": ["Mira", "ミラ/x"], "1002": ["MIRA", "Tom"]}
    assert await hidden.all("9") == {}

    await hidden.show("8", "1001")
    await hidden.show("8", "1001")
    assert await hidden.all("8") == {"1002": ["MIRA", "Tom"]}


async def test_names_are_added_and_the_oldest_one_makes_room(client: RedisClient) -> None:
    hidden = OptOuts(client, "scene_art")
    for number in range(MOST_NAMES + 2):
        await hidden.hide("8", "1001", [f"Name {number}"])
    await hidden.hide("8", "1001", ["NAME 4"])

    assert await hidden.of("8", "1001") == ("Name 2", "Name 3", "Name 5", "Name 6", "NAME 4")


async def test_what_is_no_name_is_told_and_loses_nothing(client: RedisClient) -> None:
    hidden = OptOuts(client, "scene_art")
    await hidden.hide("8", "1001", ["Mira"])
    for name in ("", "x" * 81):
        with pytest.raises(CannotDoError):
            await hidden.hide("8", "1001", ["Tom", name])
    assert await hidden.of("8", "1001") == ("Mira",)


async def test_a_server_hides_only_so_many_names(client: RedisClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    hidden = OptOuts(client, "scene_art")
    await hidden.hide("8", "1001", ["Mira", "Mirabel"])
    with pytest.raises(CannotDoError, match="can't hide any more people"):
        await hidden.hide("8", "1002", ["Tom"])
    assert await hidden.all("8") == {"1001": ["Mira", "Mirabel"]}


async def test_what_other_programs_left_there_is_passed_over(client: RedisClient) -> None:
    hidden = OptOuts(client, "scene_art")
    await hidden.hide("8", "1001", ["Mira"])
    pipe = client.pipeline()
    pipe.zadd("scene_art:{8}:hidden", {"no user/Tom": 1.0, "7/": 2.0, "nothing": 3.0, f"7/{'x' * 9_000}": 4.0})
    await pipe.execute()
    assert await hidden.all("8") == {"1001": ["Mira"]}


async def test_the_key_ends_by_itself(redis_server: RedisServer, redis_url: str) -> None:
    async with client_of(redis_url) as client:
        await OptOuts(as_port(client), "scene_art").hide("8", "1001", ["Mira"])
    assert redis_server.keys_without_end() == set()


async def test_what_a_moderator_hides_for_others_is_kept_apart_and_undone_by_them(client: RedisClient) -> None:
    hidden = OptOuts(client, "scene_art")
    assert await hidden.hide("8", "1001", ["Mira"], is_for_others=True) == ("Mira",)
    assert await hidden.hide("8", "1001", ["Orr"]) == ("Mira", "Orr")
    assert await hidden.all("8") == {"moderators": ["Mira"], "1001": ["Orr"]}
    await hidden.show("8", "1001")
    assert await hidden.all("8") == {}
