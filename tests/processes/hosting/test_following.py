"""The outcome of a host's request is found in Redis, whatever else is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from cogs.scene_art.domain.events import ArtRequest
from cogs.scene_art.domain.scene import SceneState
from cogs.scene_art.errors import UnloadedError
from cogs.scene_art.host.following import FollowedScene, Following, SceneHandle, Sources
from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.store.connection import RedisClient
from cogs.scene_art.store.records import FollowedRequest
from tests.service_kit import CHANNEL, a_scene
from tests.stage import TIMEOUT_SECONDS
from tests.stores import Stores

ASKED = f"scene_art:{{{CHANNEL}}}:asked:e1"


@pytest.fixture
async def client(any_redis_url: str) -> AsyncIterator[RedisClient]:
    async with open_docket(any_redis_url, "scene_art") as (_, opened):
        yield opened


def sources_of(stores: Stores) -> Sources:
    return Sources(stores.scenes, stores.inbox)


@asynccontextmanager
async def watched(sources: Sources) -> AsyncIterator[tuple[Following, FollowedScene]]:
    """A request that lies in its inbox, looked for in `sources`."""
    following = Following()
    followed = FollowedScene(ArtRequest(channel_id=CHANNEL, narrative="A gate.", event_id="e1", followed=True))
    following.add(followed)
    task = asyncio.create_task(following.watch(sources), name="scene-art following")
    following.delivered([followed.request])
    try:
        yield following, followed
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def put(client: RedisClient, key: str, value: str) -> None:
    pipe = client.pipeline()
    pipe.set(key, value)
    await pipe.execute()


def handle_of(followed: FollowedScene) -> SceneHandle:
    async def cancel(_: FollowedScene) -> bool:
        raise AssertionError("nobody cancels it")

    return SceneHandle(int(CHANNEL), None, followed, cancel)


async def outcome(followed: FollowedScene) -> tuple[str, str]:
    async with asyncio.timeout(TIMEOUT_SECONDS):
        status = await handle_of(followed)
    return status.state, status.reason


async def test_a_scene_of_another_process_is_followed_to_its_end(client: RedisClient) -> None:
    stores = Stores(client)
    scene = a_scene(1, SceneState.WAITING)
    await stores.scenes.add(scene)
    record = await stores.inbox.open_channel(CHANNEL)
    record.followed["e1"] = FollowedRequest(scene_id=scene.id)
    await stores.inbox.commit(record)
    async with watched(sources_of(stores)) as (following, followed):
        await asyncio.wait_for(followed.known.wait(), TIMEOUT_SECONDS)
        assert followed.scene_id == scene.id
        assert not followed.ended.is_set()
        await stores.scenes.save(scene.moved(SceneState.FAILED, code="budget", reason="spent", finished_at=1.0))

        assert await outcome(followed) == ("failed", "budget")
        assert len(following) == 0


@pytest.mark.parametrize("junk", ["", "{}", "no JSON", '{"scene_id": "../x"}', '{"scene_id": 5}', "x" * 20_000])
async def test_what_another_program_put_there_stops_nothing(client: RedisClient, junk: str) -> None:
    stores = Stores(client)
    await put(client, ASKED, junk)
    told = await stores.inbox.followed(CHANNEL, "e1")

    assert told is None or told == FollowedRequest()


async def test_what_redis_has_lost_is_not_waited_for(client: RedisClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cogs.scene_art.host.following.LOST_SECONDS", 0.3)
    stores = Stores(client)
    await stores.inbox.enqueue(CHANNEL, [(1.0, ArtRequest(channel_id=CHANNEL, narrative="A gate.", event_id="e1"))])
    async with watched(sources_of(stores)) as (_, followed):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(followed.ended.wait(), 1.0)
        record = await stores.inbox.open_channel(CHANNEL)
        await stores.inbox.discard(record)

        assert await outcome(followed) == ("failed", "lost")


async def test_a_record_that_is_gone_ends_it(client: RedisClient) -> None:
    stores = Stores(client)
    await put(client, ASKED, FollowedRequest(scene_id="f" * 16).model_dump_json())
    async with watched(sources_of(stores)) as (_, followed):
        assert await outcome(followed) == ("failed", "lost")


async def test_what_was_given_up_or_unloaded_ends_at_once() -> None:
    following = Following()
    first, second = [
        FollowedScene(ArtRequest(channel_id=CHANNEL, narrative="A gate.", event_id=name)) for name in ("a", "b")
    ]
    following.add(first)
    following.add(second)

    following.given_up(first.request)
    following.close("the end")

    assert await outcome(first) == ("failed", "busy")
    with pytest.raises(UnloadedError, match="the end"):
        await handle_of(second)
    first.end(None, "too late")
    assert await outcome(first) == ("failed", "busy"), "the first word holds"


async def test_without_a_handle_redis_is_left_alone() -> None:
    class Asked:
        """A store that notes that it was asked."""

        count = 0

        def __getattr__(self, name: str) -> Any:
            self.count += 1
            raise AssertionError(name)

    asked = Asked()
    async with watched(cast("Sources", asked)) as (following, followed):
        following.close("nobody waits")
        del followed
        following.delivered([])
        await asyncio.sleep(0.05)

    assert (len(following), asked.count) == (0, 0)
