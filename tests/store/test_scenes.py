"""What is written down of scenes, on the in-process Redis and on a real one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from cogs.scene_art.domain.painting import Usage
from cogs.scene_art.domain.scene import PromptRecord, Scene, SceneState, Source, UsedReference
from cogs.scene_art.errors import TransientError
from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.store.connection import RedisClient
from cogs.scene_art.store.pictures import PIECE_BYTES
from tests.redis_server import as_port, client_of
from tests.stores import Stores

CHANNEL = "42"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
async def client(any_redis_url: str) -> AsyncIterator[RedisClient]:
    async with open_docket(any_redis_url, "scene_art") as (_, opened):
        yield opened


@pytest.fixture
def stores(client: RedisClient) -> Stores:
    return Stores(client)


def a_scene(number: int = 1, **changes: Any) -> Scene:
    values = {"id": f"{number:016x}", "channel_id": CHANNEL, "source": Source.TURN, "narrative": f"Scene {number}."}
    return Scene.model_validate(values | changes)


async def test_a_scene_is_read_back_as_it_was_written(stores: Stores) -> None:
    whole = a_scene(
        state=SceneState.POSTED,
        character_names=("Mira", ""),
        character_urls=("", "https://x.example/a.png"),
        brief=PromptRecord(
            prompt="Paint «this».",
            references=(UsedReference(name="Mira", role="character", arrived=False, missing_because="404"),),
        ),
        usage=Usage(prompt_tokens=1200, output_tokens=1120),
        seed=2**32 - 1,
        started_at=5.5,
        message_id="77",
    )
    await stores.scenes.add(whole)
    assert await stores.scenes.scene(CHANNEL, whole.id) == whole
    later = whole.moved(SceneState.FAILED, reason="too late")
    await stores.scenes.save(later)
    assert await stores.scenes.recent(CHANNEL, 10) == [later], "saving changes the record and lists it no second time"


async def test_unknown_scenes_and_other_channels_are_empty(stores: Stores) -> None:
    await stores.scenes.add(a_scene())
    assert await stores.scenes.scene(CHANNEL, "f" * 16) is None
    assert await stores.scenes.scene("43", a_scene().id) is None
    assert await stores.scenes.recent("43", 10) == []
    assert await stores.scenes.scenes(CHANNEL, []) == {}


async def test_recent_scenes_come_newest_first(stores: Stores) -> None:
    for number in range(5):
        await stores.scenes.add(a_scene(number))
    assert [scene.narrative for scene in await stores.scenes.recent(CHANNEL, 3)] == ["Scene 4.", "Scene 3.", "Scene 2."]


async def test_only_the_newest_scenes_are_kept(client: RedisClient) -> None:
    stores = Stores(client, keep_scenes=3)
    for number in range(5):
        await stores.scenes.add(a_scene(number, state=SceneState.POSTED))
    await stores.scenes.forget_surplus(CHANNEL)
    await stores.scenes.forget_surplus(CHANNEL)
    assert [scene.narrative for scene in await stores.scenes.recent(CHANNEL, 10)] == [
        "Scene 4.",
        "Scene 3.",
        "Scene 2.",
    ]
    assert await stores.scenes.scene(CHANNEL, a_scene(0).id) is None


async def test_a_scene_that_still_waits_is_never_given_up(client: RedisClient) -> None:
    stores = Stores(client, keep_scenes=1)
    states = [SceneState.POSTED, SceneState.WAITING, SceneState.POSTED, SceneState.POSTED]
    for number, state in enumerate(states):
        await stores.scenes.add(a_scene(number, state=state))
    await stores.scenes.forget_surplus(CHANNEL)
    assert [scene.narrative for scene in await stores.scenes.recent(CHANNEL, 10)] == [
        "Scene 3.",
        "Scene 2.",
        "Scene 1.",
    ]


async def test_a_picture_is_kept_until_its_scene_has_ended(stores: Stores) -> None:
    painted = a_scene(state=SceneState.PAINTED, painted_at=5.0, mime="image/png")
    picture = PNG + bytes(range(256)) * (PIECE_BYTES // 100)  # more than two pieces
    await stores.scenes.save_with_picture(painted, PNG + b"an older one")
    await stores.scenes.save_with_picture(painted, picture)
    assert await stores.pictures.picture(painted) == picture
    await stores.scenes.save(painted.moved(SceneState.POSTING))
    assert await stores.pictures.picture(painted) == picture
    await stores.scenes.save(painted.moved(SceneState.POSTED))
    assert await stores.pictures.picture(painted) is None


async def test_namespaces_do_not_see_each_other(client: RedisClient, stores: Stores) -> None:
    await stores.scenes.add(a_scene())
    assert await Stores(client, namespace="another").scenes.recent(CHANNEL, 5) == []


async def test_a_redis_that_is_away_is_an_error_of_ours() -> None:
    async with client_of("redis://127.0.0.1:9/0") as client:
        stores = Stores(as_port(client))
        for action in (
            stores.scenes.scene(CHANNEL, "0" * 16),
            stores.scenes.recent(CHANNEL, 5),
            stores.scenes.add(a_scene()),
            stores.scenes.save(a_scene()),
            stores.scenes.forget_surplus(CHANNEL),
            stores.scenes.ask_to_cancel(a_scene()),
            stores.scenes.is_cancelled(a_scene()),
        ):
            with pytest.raises(TransientError, match=r"^Redis: ") as error:
                await action
            assert "Redis" in error.value.sentence
