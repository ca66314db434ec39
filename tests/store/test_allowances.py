"""Rate limits of people's requests, counted for all processes at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from cogs.scene_art.domain.permissions import Requester
from cogs.scene_art.domain.scene import Scene, SceneState, Source
from cogs.scene_art.errors import CannotDoError
from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.settings import Settings
from cogs.scene_art.store.allowances import HOUR_SECONDS, OPEN_SECONDS, UNWRITTEN_SECONDS, Allowances
from cogs.scene_art.store.connection import RedisClient
from cogs.scene_art.store.scenes import SceneRepository
from tests.stores import Stores

MANY = 1_000


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


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
    assert len(passed) <= 3
    for scene in passed:
        await processes[0].end(scene, SceneState.FAILED)
    for _ in range(3):
        await processes[0].ask()
    with pytest.raises(CannotDoError):
        await processes[1].ask()


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
    clock = Clock()
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
