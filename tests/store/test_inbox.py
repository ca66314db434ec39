"""The inbox and the plan of a channel, on the in-process Redis and on a real one."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import cast

import pytest

from cogs.scene_art.domain.channel_plan import WakeAt
from cogs.scene_art.domain.events import ArtRequest, TurnComplete
from cogs.scene_art.domain.scene import Scene
from cogs.scene_art.errors import TransientError
from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.store.connection import RedisClient
from cogs.scene_art.store.inbox import INBOX_LIMIT
from tests.redis_server import RedisServer, as_port, client_of
from tests.service_kit import CHANNEL, a_scene
from tests.stores import Stores


@pytest.fixture
async def client(any_redis_url: str) -> AsyncIterator[RedisClient]:
    async with open_docket(any_redis_url, "scene_art") as (_, opened):
        yield opened


@pytest.fixture
def stores(client: RedisClient) -> Stores:
    return Stores(client)


def a_request(number: int = 1) -> ArtRequest:
    return ArtRequest(channel_id=CHANNEL, narrative=f"Story {number}.", ts=float(number), event_id=f"e{number}")


async def test_the_mailbox_keeps_the_order_and_the_time_at_which_it_was_heard(stores: Stores) -> None:
    turn = TurnComplete(channel_id=CHANNEL, narrative="A turn.", turn_id="7", event_id="t", art=False)
    await stores.inbox.enqueue(CHANNEL, [(1.5, a_request()), (2.5, turn)])
    await stores.inbox.enqueue(CHANNEL, [(3.5, a_request(2))])
    record = await stores.inbox.open_channel(CHANNEL)
    assert record.entries == [(1.5, a_request()), (2.5, turn), (3.5, a_request(2))]


async def test_a_commit_empties_what_was_read_and_nothing_that_came_meanwhile(stores: Stores) -> None:
    await stores.inbox.enqueue(CHANNEL, [(1.0, a_request(1))])
    record = await stores.inbox.open_channel(CHANNEL)
    await stores.inbox.enqueue(CHANNEL, [(2.0, a_request(2))])
    scenes: dict[str, Scene] = {}
    record.plan.apply(a_request(1), scenes, 1.0, timedelta(seconds=60))
    await stores.inbox.commit(record, scenes.values(), list(scenes))

    later = await stores.inbox.open_channel(CHANNEL)
    assert later.entries == [(2.0, a_request(2))]
    assert later.plan == record.plan
    assert await stores.scenes.recent(CHANNEL, 5) == list(scenes.values())

    await stores.inbox.commit(record)
    assert (await stores.inbox.open_channel(CHANNEL)).entries == [(2.0, a_request(2))], "taken out once, never twice"


async def test_a_channel_is_read_while_its_lock_is_held(client: RedisClient, stores: Stores) -> None:
    lock, other = stores.locks.of(CHANNEL), stores.locks.of(CHANNEL)
    await stores.inbox.open_channel(CHANNEL, lock)
    await stores.inbox.enqueue(CHANNEL, [(1.0, a_request())])
    pipe = client.pipeline()
    pipe.delete(f"scene_art:{{{CHANNEL}}}:work")  # its time is over, and nobody has it
    await pipe.execute()

    record = await stores.inbox.open_channel(CHANNEL, lock)
    await stores.inbox.open_channel(CHANNEL, other)

    assert record.entries == [(1.0, a_request())]
    assert (lock.lost, other.lost) == (False, True)


async def test_a_flood_costs_what_is_too_much_and_nothing_that_a_job_has_read(
    stores: Stores, caplog: pytest.LogCaptureFixture
) -> None:
    await stores.inbox.enqueue(CHANNEL, [(float(n), a_request(n)) for n in range(INBOX_LIMIT - 1)])
    record = await stores.inbox.open_channel(CHANNEL)
    await stores.inbox.enqueue(CHANNEL, [(float(n), a_request(n)) for n in range(INBOX_LIMIT - 1, INBOX_LIMIT + 20)])
    assert "20 events were given up" in caplog.text
    await stores.inbox.commit(record)
    unread = (await stores.inbox.open_channel(CHANNEL)).entries
    assert unread == [(float(INBOX_LIMIT - 1), a_request(INBOX_LIMIT - 1))]


# On the real server: what another program may have done to the keys, and a server that is away.


async def test_records_of_another_version_are_passed_over_with_a_line(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with client_of(redis_url) as client:
        stores = Stores(as_port(client))
        await stores.scenes.add(a_scene(1))
        await stores.scenes.add(a_scene(2))
        await client.set(f"scene_art:{{{CHANNEL}}}:scene:{a_scene(1).id}", b'{"id": 5}')
        await client.set(f"scene_art:{{{CHANNEL}}}:plan", b"\xff no plan")
        await stores.inbox.enqueue(CHANNEL, [(1.0, a_request())])
        for letter in (b"{", b'{"at": 1}', b'{"at": "x", "event": {"kind": "request"}}', b"[]", b"\xff"):
            await client.lpush(f"scene_art:{{{CHANNEL}}}:mailbox", letter)
        with caplog.at_level(logging.WARNING):
            assert [scene.narrative for scene in await stores.scenes.recent(CHANNEL, 5)] == ["Scene 2."]
            record = await stores.inbox.open_channel(CHANNEL)
        assert record.entries == [None] * 5 + [(1.0, a_request())]
        assert record.plan.next_step(1.0, timedelta(0)) == WakeAt(None)
        assert len(caplog.records) == 3
        await stores.inbox.commit(record)
        assert (await stores.inbox.open_channel(CHANNEL)).entries == []


async def test_every_key_of_ours_ends_and_shares_its_channels_hash_tag(
    redis_url: str, redis_server: RedisServer
) -> None:
    async with client_of(redis_url) as client:
        stores = Stores(as_port(client))
        await stores.scenes.add(a_scene())
        await stores.inbox.enqueue(CHANNEL, [(1.0, a_request())])
        await stores.inbox.commit(await stores.inbox.open_channel(CHANNEL))
        await stores.inbox.enqueue(CHANNEL, [(1.0, a_request())])
        keys = {bytes(key).decode() for key in cast("list[bytes]", await client.keys())}
    prefix = f"scene_art:{{{CHANNEL}}}:"
    assert keys == {prefix + rest for rest in ("plan", "mailbox", "scenes", f"scene:{a_scene().id}")}
    assert redis_server.keys_without_end() == set()


async def test_a_redis_that_is_away_is_an_error_of_ours() -> None:
    async with client_of("redis://127.0.0.1:9/0") as client:
        stores = Stores(as_port(client))
        for action in (
            stores.inbox.open_channel(CHANNEL),
            stores.inbox.enqueue(CHANNEL, [(1.0, a_request())]),
        ):
            with pytest.raises(TransientError, match=r"^Redis: ") as error:
                await action
            assert "Redis" in error.value.sentence
