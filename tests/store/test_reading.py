"""What is read is bounded, on a real Redis."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from redis.exceptions import NoPermissionError, ResponseError

from cogs.scene_art.store.reading import shown, sound_pipeline, values
from tests.redis_server import RedisServer, as_port, client_of


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Redis]:
    async with client_of(redis_url) as opened:
        yield opened


async def test_what_is_too_long_is_not_even_transferred(client: Redis, caplog: pytest.LogCaptureFixture) -> None:
    await client.set("long", b"x" * 10_000_000)
    await client.set("short", b"x" * 100)
    before = int((await client.info("stats"))["total_net_output_bytes"])
    assert await values(as_port(client), ["long", "short", "none"], 100) == [None, b"x" * 100, None]
    assert int((await client.info("stats"))["total_net_output_bytes"]) - before < 50_000
    assert len(caplog.records) == 1


async def test_every_other_refusal_is_raised(client: Redis, redis_server: RedisServer) -> None:
    pipe = sound_pipeline(as_port(client))
    pipe.set("a", "1", ex=-1)
    with pytest.raises(ResponseError, match="expire"):
        await pipe.execute()
    async with client_of(redis_server.set_user("reader", "~*", "+@all", "-rpush")) as reader:
        pipe = sound_pipeline(as_port(reader))
        pipe.rpush("a", "1")
        with pytest.raises(NoPermissionError):
            await pipe.execute()


def test_names_are_fit_for_a_log_line() -> None:
    assert shown(b"\xff\x1b[31m\r\nb" + b"x" * 1000)[:10].isprintable()
    assert len(shown("x" * 1000)) < 200
