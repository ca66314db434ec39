"""What is counted, made room for and removed, on a Redis Cluster: every operation keeps to one slot."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
from redis import Redis as BlockingRedis
from redis.asyncio.cluster import RedisCluster

from cogs.scene_art.domain.permissions import Requester
from cogs.scene_art.settings import Settings
from cogs.scene_art.store.blocks import Blocks
from cogs.scene_art.store.connection import RedisClient
from cogs.scene_art.store.memberships import Memberships
from cogs.scene_art.store.opt_outs import OptOuts
from cogs.scene_art.store.preferences import ChannelScope, PreferenceRepository
from cogs.scene_art.store.uploads import Uploads
from sandbox import wait_until
from tests.redis_server import RedisServer, as_port, redis_binary
from tests.store.test_references import DAY, MEGA, MIRA, PICTURE, TOM, House
from tests.stores import Stores

SLOTS = 16_384


@pytest.fixture(scope="module")
def cluster() -> Iterator[RedisServer]:
    """A cluster of one node, which refuses what touches two slots as any other does."""
    server = started()
    try:
        with BlockingRedis(port=server.port) as node:
            node.execute_command("CLUSTER", "ADDSLOTS", *range(SLOTS))
        yield server
    finally:
        server.close()


def started() -> RedisServer:
    """Start a node. Its second port, 10,000 above the first, may be taken by some connection."""
    for _ in range(5):
        server = RedisServer(redis_binary(), "--cluster-enabled", "yes")
        with contextlib.suppress(RuntimeError):
            server.start()
            return server
        server.close()
    raise RuntimeError("no port for a cluster")


@pytest.fixture
async def client(cluster: RedisServer) -> AsyncIterator[RedisClient]:
    with BlockingRedis(port=cluster.port) as node:
        await wait_until(lambda: "cluster_state:ok" in str(node.execute_command("CLUSTER", "INFO")), timeout=10)
        node.flushall()
    opened = RedisCluster(host="127.0.0.1", port=cluster.port)
    yield as_port(opened)
    await opened.aclose()


async def test_looks_are_counted_and_make_room(client: RedisClient) -> None:
    house = House(client, total=2 * MEGA)
    await house.cast.add_look("8", "", "Orla", PICTURE, by=MIRA)
    await house.places.add_look("9", "", "Mill of Orr", PICTURE, by=MIRA)
    house.now += 5 * DAY

    await house.cast.add_look("10", "", "Sefa", PICTURE, by=TOM)
    await house.references.reconcile()

    assert await house.used() == (1, 0, 2)
    await house.references.remove_server("9")
    assert await house.used() == (0, 0, 1)


async def test_everything_of_a_server_is_removed(client: RedisClient, cluster: RedisServer) -> None:
    house, settings = House(client), Settings()
    uploads, wishes = Uploads(client, "scene_art", timedelta(days=1)), OptOuts(client, "scene_art")
    blocks, preferences = Blocks(client, "scene_art"), PreferenceRepository(client, settings)
    memberships = Memberships(client, "scene_art")
    await memberships.note("4711", ["8", "9"])
    await house.cast.add_look("8", "", "Orla", PICTURE, by=MIRA)
    async with uploads.keeping("42", [PICTURE.data], by=MIRA):
        pass
    await wishes.hide("8", "1001", ["Sefa"])
    await blocks.block("8", "1002")
    await preferences.choose(ChannelScope("42", "8"), "42", "spoiler", value=True, by="2")

    assert await preferences.channels("8") == {"42"}
    assert await uploads.remove_server("8") == {"42"}
    await Stores(client).scenes.remove_channel("42")
    await house.references.remove_server("8")
    for remove in (wishes.remove, blocks.remove, preferences.remove):
        await remove("8")
    assert await memberships.is_with_another("1", "8")
    await memberships.forget("4711", "8")
    assert not await memberships.is_with_another("1", "8")
    with BlockingRedis(port=cluster.port, decode_responses=True) as node:
        assert sorted(str(key) for key in node.scan_iter()) == ["scene_art:{bots}:4711", "scene_art:{bots}:all"]


async def test_a_person_is_nobody_else(client: RedisClient) -> None:
    house = House(client)
    await house.cast.add_look("8", "", "Orla", PICTURE, by=MIRA)
    assert await house.used(Requester("100", "8")) == (0, 1, 1)
