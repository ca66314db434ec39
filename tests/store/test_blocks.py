"""Users and channels that moderators have blocked."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cogs.scene_art.errors import CannotDoError
from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.store.blocks import MOST, Blocks
from cogs.scene_art.store.connection import RedisClient


@pytest.fixture
async def client(any_redis_url: str) -> AsyncIterator[RedisClient]:
    async with open_docket(any_redis_url, "scene_art") as (_, opened):
        yield opened


async def test_a_block_holds_in_its_server_until_it_is_undone(client: RedisClient) -> None:
    blocks = Blocks(client, "scene_art")
    await blocks.block("8", "1001")
    await blocks.block("8", "1001")
    await blocks.block("8", "42")
    assert await blocks.of("8") == {"1001", "42"}
    assert await blocks.of("9") == await blocks.of(None) == frozenset()
    await blocks.unblock("8", "1001")
    await blocks.unblock("8", "7")
    assert await blocks.of("8") == {"42"}


async def test_another_process_sees_it_after_a_moment(client: RedisClient) -> None:
    here, there = Blocks(client, "scene_art"), Blocks(client, "scene_art")
    assert await there.of("8") == frozenset()
    await here.block("8", "1001")
    assert await there.of("8") == frozenset(), "it is remembered for seconds"
    there._known.clear()
    assert await there.of("8") == {"1001"}


async def test_a_server_blocks_only_so_many(client: RedisClient) -> None:
    blocks = Blocks(client, "scene_art")
    pipe = client.pipeline()
    for number in range(MOST):
        pipe.zadd("scene_art:{8}:blocked", {str(number): float(number)})
    await pipe.execute()
    with pytest.raises(CannotDoError, match="Unblock some"):
        await blocks.block("8", "1001")
    await blocks.block("8", "3")
