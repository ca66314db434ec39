"""A Redis whose memory is full takes nothing more. What was paid for is posted all the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.gemini_answers import picture
from tests.redis_server import RedisServer, redis_binary
from tests.stage import open_stage, portrait


@pytest.fixture
def server() -> Iterator[RedisServer]:
    own = RedisServer(redis_binary())
    own.start()
    yield own
    own.close()


async def test_a_picture_that_cannot_be_kept_is_posted_from_memory_and_counted_when_there_is_room(
    server: RedisServer,
) -> None:
    async with open_stage(server.url, budget_day=10) as stage:
        channel = stage.channel()
        stage.sandbox.gemini.script(picture(portrait("red"), delay=1))
        await stage.request(channel, "The gate opens.")
        await stage.asked("The gate opens.")

        server.configure("maxmemory", "1")

        await stage.picture(channel)
        assert (await stage.scenes(channel))[0]["state"] == "painting", "as far as Redis was told"

        server.configure("maxmemory", "0")
        await stage.settled(channel)
        [scene] = await stage.scenes(channel)
        assert (scene["state"], scene["cost"]) == ("posted", pytest.approx(0.0354))
        assert len(stage.sandbox.gemini.requests) == 1
