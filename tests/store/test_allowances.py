"""Rate limits of people's requests, counted for all processes at once."""

from __future__ import annotations

import asyncio
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from redis import Redis as BlockingRedis
from redis.asyncio.cluster import RedisCluster

from cogs.scene_art.domain.permissions import Requester
from cogs.scene_art.domain.scene import Scene, SceneState, Source
from cogs.scene_art.errors import CannotDoError
from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.settings import Settings
from cogs.scene_art.store.allowances import (
    HOUR_SECONDS,
    OPEN_SECONDS,
    RECAPS_OF_PERSON,
    RECAPS_OF_SERVER,
    UNWRITTEN_SECONDS,
    Allowances,
)
from cogs.scene_art.store.connection import RedisClient
from cogs.scene_art.store.scenes import SceneRepository
from tests.clock import Clock
from tests.redis_server import RedisServer, as_port, client_of, redis_binary
from tests.stage import ROOT
from tests.store.asker import ALLOWED
from tests.stores import Stores

MANY = 1_000


@pytest.fixture
def clock() -> Clock:
    return Clock(1_000_000.0)


@pytest.fixture
async def client(any_redis_url: str) -> AsyncIterator[RedisClient]:
    async with open_docket(any_redis_url, "scene_art") as (_, opened):
        yield opened


@pytest.fixture
def repository(client: RedisClient) -> SceneRepository:
    return Stores(client).scenes


class Counted:
    """Scenes that are asked for, one after the other."""

    def __init__(self, client: RedisClient, repository: SceneRepository, clock: Clock, **settings: int) -> None:
        limits = dict.fromkeys(("rerenders_per_user", "rerenders_per_channel"), 100)
        limits |= dict.fromkeys(("user_pictures_per_hour", "guild_pictures_per_hour"), MANY)
        self.allowances = Allowances(client, repository, Settings.model_validate(limits | settings), clock)
        self.repository = repository
        self._number = 0

    async def ask(self, user: str = "1001", channel: str = "42", guild: str | None = "8", **changes: Any) -> Scene:
        self._number += 1
        scene = Scene(
            id=f"{self._number:016x}",
            channel_id=channel,
            guild_id=guild,
            source=Source.PERSON,
            narrative="A gate.",
            requested_by=user,
        )
        await self.allowances.take(scene, Requester(user))
        await self.repository.add(scene.model_copy(update=changes))
        return scene

    async def end(self, scene: Scene, state: SceneState, **changes: Any) -> None:
        await self.repository.save(scene.moved(state, **changes))


async def test_what_is_open_counts_and_what_has_ended_does_not(
    client: RedisClient, repository: SceneRepository, clock: Clock
) -> None:
    counted = Counted(client, repository, clock, rerenders_per_user=2, rerenders_per_channel=3)
    first = await counted.ask()
    await counted.ask()
    with pytest.raises(CannotDoError, match="already have 2 pictures"):
        await counted.ask()
    await counted.ask("1002")
    with pytest.raises(CannotDoError, match="already has 3 pictures"):
        await counted.ask("1003")
    await counted.ask("1003", channel="43")
    await counted.end(first, SceneState.POSTED, painted_at=clock.now)
    await counted.ask()


async def test_of_many_that_come_at_once_in_several_processes_only_so_many_pass(
    client: RedisClient, repository: SceneRepository, clock: Clock
) -> None:
    processes = [Counted(client, repository, clock, rerenders_per_user=3) for _ in range(4)]
    for number, process in enumerate(processes):
        process._number = number * 100
    asked = [process.ask() for process in processes for _ in range(5)]
    results = await asyncio.gather(*asked, return_exceptions=True)
    passed = [result for result in results if isinstance(result, Scene)]
    assert len(passed) == 3
    for scene in passed:
        await processes[0].end(scene, SceneState.FAILED)
    for _ in range(3):
        await processes[0].ask()
    with pytest.raises(CannotDoError):
        await processes[1].ask()


@pytest.mark.parametrize("user", ["2001", "2002", "2003"])
async def test_of_sixty_at_once_in_two_processes_exactly_the_allowance_is_granted(redis_url: str, user: str) -> None:
    """Also where ten stand there that count no more: never begun, two minutes ago."""
    async with client_of(redis_url) as redis:
        never_begun = {f"42/{number + 900:016x}": time.time() - 120 for number in range(ALLOWED)}
        await redis.zadd(f"scene_art:asked:hour:user:{user}", never_begun)
    async with AsyncExitStack() as stack:
        askers = [await stack.enter_async_context(asking(redis_url, first, 30, user)) for first in (0, 100)]
        for asker in askers:
            assert asker.stdin is not None
            asker.stdin.write(b"go\n")
        assert sum([await told(asker) for asker in askers]) == ALLOWED


@asynccontextmanager
async def asking(redis_url: str, first: int, count: int, user: str) -> AsyncIterator[Process]:
    """A process that asks as soon as it reads a line."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.store.asker",
        redis_url,
        str(first),
        str(count),
        user,
        cwd=ROOT,
        stdin=PIPE,
        stdout=PIPE,
    )
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def told(process: Process) -> int:
    """The number that it tells at its end."""
    assert process.stdout is not None
    return int(await process.stdout.readline())


@pytest.mark.parametrize("limit", ["user_pictures_per_hour", "guild_pictures_per_hour", "rerenders_per_channel"])
async def test_of_many_at_once_exactly_the_allowance_is_granted_whatever_the_limit(
    client: RedisClient, repository: SceneRepository, clock: Clock, limit: str
) -> None:
    counted = Counted(client, repository, clock, **{limit: 10})
    for _ in range(10):
        await counted.end(await counted.ask(), SceneState.FAILED)
    results = await asyncio.gather(*(counted.ask() for _ in range(60)), return_exceptions=True)
    assert sum(isinstance(result, Scene) for result in results) == 10


@pytest.fixture
async def cluster() -> AsyncIterator[RedisClient]:
    """A cluster of one node, which refuses a script on keys that could lie apart."""
    server = RedisServer(redis_binary(), "--cluster-enabled", "yes")
    server.start()
    try:
        with BlockingRedis(port=server.port) as node:
            node.cluster("ADDSLOTS", *range(16_384))
        async with client_of(server.url) as redis:
            while (await redis.cluster("INFO"))["cluster_state"] != "ok":  # noqa: ASYNC110  # it is Redis that knows
                await asyncio.sleep(0.02)
        async with RedisCluster(host="127.0.0.1", port=server.port) as client:
            yield as_port(client)
    finally:
        server.close()


async def test_on_a_cluster_exactly_the_allowance_is_granted_too(cluster: RedisClient, clock: Clock) -> None:
    counted = Counted(cluster, Stores(cluster).scenes, clock, user_pictures_per_hour=10, guild_pictures_per_hour=15)
    asked = [counted.ask(user) for user in ("1001", "1002") for _ in range(30)]
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(result, (Scene, CannotDoError)) for result in results)
    assert sum(isinstance(result, Scene) for result in results) == 15
    with pytest.raises(CannotDoError, match="This server has reached its limit of 15"):
        await counted.ask("1003")
    await counted.ask("1003", guild="9", channel="43")


async def test_who_is_refused_by_one_limit_is_in_nobodys_way_at_another(
    client: RedisClient, repository: SceneRepository, clock: Clock
) -> None:
    """Ten people with one picture each, and ten places in the channel."""
    counted = Counted(client, repository, clock, rerenders_per_channel=10, user_pictures_per_hour=1)
    asked = [counted.ask(str(3000 + person)) for person in range(10) for _ in range(6)]
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(result, Scene) for result in results) == 10


async def test_an_hour_holds_so_many_recaps_of_a_person_and_of_a_server(
    client: RedisClient, repository: SceneRepository, clock: Clock
) -> None:
    allowances = Counted(client, repository, clock).allowances

    async def made(person: Requester, count: int) -> int:
        asked = (allowances.take_recap("42", person) for _ in range(count))
        results = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(result, CannotDoError) for result in results if result is not None)
        return results.count(None)

    assert await made(Requester("1", guild_id="8"), 25) == RECAPS_OF_PERSON
    with pytest.raises(CannotDoError, match=rf"{RECAPS_OF_PERSON} recaps per hour. Try again <t:\d+:R>"):
        await allowances.take_recap("42", Requester("1", guild_id="8"))
    assert sum([await made(Requester(str(number), guild_id="8"), 5) for number in range(2, 20)]) == 30
    with pytest.raises(CannotDoError, match=f"This server has reached its limit of {RECAPS_OF_SERVER} recaps"):
        await allowances.take_recap("42", Requester("30", guild_id="8"))
    assert await made(Requester("30", guild_id="9"), 1) == 1
    clock.now += UNWRITTEN_SECONDS + 1
    assert await made(Requester("1", guild_id="9"), 1) == 0, "it is no scene, and counts all the same"
    clock.now += HOUR_SECONDS
    assert await made(Requester("1", guild_id="8"), 1) == 1


async def test_what_a_dead_process_left_blocks_nobody_for_ever(
    client: RedisClient, repository: SceneRepository, clock: Clock
) -> None:
    counted = Counted(client, repository, clock, rerenders_per_user=1)
    await counted.ask()
    clock.now += OPEN_SECONDS - 1
    with pytest.raises(CannotDoError):
        await counted.ask()
    clock.now += 2
    scene = await counted.ask()
    pipe = client.pipeline()
    pipe.delete(f"scene_art:{{42}}:scene:{scene.id}")
    await pipe.execute()
    with pytest.raises(CannotDoError, match="already have a picture in progress"):
        await counted.ask()
    clock.now += UNWRITTEN_SECONDS + 1
    await counted.ask()


@pytest.mark.parametrize(
    ("limit", "who", "others"),
    [
        ("user_pictures_per_hour", "You've reached your limit of 2 pictures", {"user": "1002"}),
        ("guild_pictures_per_hour", "This server has reached its limit of 2 pictures", {"guild": "9"}),
    ],
)
async def test_an_hour_holds_so_many_pictures(
    client: RedisClient, repository: SceneRepository, limit: str, who: str, others: dict[str, str]
) -> None:
    clock = Clock(1_000_000.0)
    counted = Counted(client, repository, clock, **{limit: 2})
    first_at = clock.now
    await counted.end(await counted.ask(), SceneState.POSTED, painted_at=clock.now)
    clock.now += 60
    await counted.end(await counted.ask(), SceneState.POSTED, painted_at=clock.now)
    with pytest.raises(CannotDoError, match=who) as refused:
        await counted.ask()
    assert f"<t:{int(first_at + HOUR_SECONDS)}:R>" in refused.value.sentence
    await counted.ask(**others)
    clock.now = first_at + HOUR_SECONDS + 1
    await counted.ask()
    with pytest.raises(CannotDoError):
        await counted.ask()


async def test_a_picture_that_was_not_painted_is_given_back(
    client: RedisClient, repository: SceneRepository, clock: Clock
) -> None:
    counted = Counted(client, repository, clock, user_pictures_per_hour=1)
    await counted.end(await counted.ask(), SceneState.REFUSED)
    await counted.end(await counted.ask(), SceneState.FAILED)
    await counted.end(await counted.ask(), SceneState.CANCELLED)
    await counted.end(await counted.ask(), SceneState.FAILED, painted_at=clock.now)
    with pytest.raises(CannotDoError):
        await counted.ask()


@pytest.mark.parametrize("state", [SceneState.REFUSED, SceneState.FAILED, SceneState.CANCELLED])
async def test_what_was_paid_for_counts_whatever_became_of_it(
    client: RedisClient, repository: SceneRepository, clock: Clock, state: SceneState
) -> None:
    counted = Counted(client, repository, clock, user_pictures_per_hour=1)
    await counted.end(await counted.ask(), state, charged=True)
    with pytest.raises(CannotDoError):
        await counted.ask()


async def test_what_is_refused_is_counted_nowhere(
    client: RedisClient, repository: SceneRepository, clock: Clock
) -> None:
    counted = Counted(client, repository, clock, guild_pictures_per_hour=1, user_pictures_per_hour=1)
    await counted.ask()
    for _ in range(3):
        with pytest.raises(CannotDoError, match="This server"):
            await counted.ask("1002")
    await counted.ask("1002", guild=None, channel="77")
    with pytest.raises(CannotDoError, match="You've reached your limit"):
        await counted.ask("1002", guild=None, channel="77")


async def test_what_somebody_else_wrote_among_the_counted_takes_no_place(
    client: RedisClient, repository: SceneRepository, clock: Clock
) -> None:
    counted = Counted(client, repository, clock, user_pictures_per_hour=2)
    await counted.end(await counted.ask(), SceneState.POSTED, painted_at=clock.now)
    pipe = client.pipeline()
    pipe.zadd("scene_art:asked:hour:user:1001", {f"42/{1:016x}": float("inf"), "no scene": clock.now, "42": clock.now})
    await pipe.execute()
    await counted.ask()
    await counted.ask()
    pipe.zadd("scene_art:asked:hour:user:1001", {f"42/{number:016x}": float("inf") for number in (1, 2)})
    await pipe.execute()
    await counted.ask()


async def test_a_server_at_its_limit_is_looked_through_in_few_steps(
    client: RedisClient, repository: SceneRepository, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted(client, repository, clock, guild_pictures_per_hour=120)
    for number in range(120):
        scene = await counted.ask(str(2000 + number), channel=str(50 + number % 2))
        await counted.end(scene, SceneState.POSTED, painted_at=clock.now)
    looks: list[int] = []
    real = repository.scenes

    async def watched(channel_id: str, scene_ids: Any) -> dict[str, Scene]:
        looks.append(len(scene_ids))
        return await real(channel_id, scene_ids)

    monkeypatch.setattr(repository, "scenes", watched)
    with pytest.raises(CannotDoError, match="This server"):
        await counted.ask()
    assert sum(looks) == 120
    assert len(looks) == 4
