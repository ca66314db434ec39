"""What is written down, on the in-process Redis and on a real one."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, cast

import pytest

from cogs.scene_art.domain.channel_plan import WakeAt
from cogs.scene_art.domain.events import ArtRequest, TurnComplete
from cogs.scene_art.domain.painting import Usage
from cogs.scene_art.domain.scene import PromptRecord, Scene, SceneState, Source, UsedReference
from cogs.scene_art.errors import TransientError
from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.store.connection import RedisClient
from cogs.scene_art.store.scenes import INBOX_LIMIT, OPEN_LIMIT, PIECE_BYTES, SceneRepository
from tests.redis_server import RedisServer, as_port, client_of

CHANNEL = "42"
PNG = b"\x89PNG\r\n\x1a\n"


def repository_of(client: RedisClient, *, keep_scenes: int = 200, namespace: str = "scene_art") -> SceneRepository:
    day = timedelta(days=1)
    return SceneRepository(client, namespace=namespace, keep_scenes=keep_scenes, keep=day, keep_pictures=day)


@pytest.fixture
async def client(any_redis_url: str) -> AsyncIterator[RedisClient]:
    async with open_docket(any_redis_url, "scene_art") as (_, opened):
        yield opened


@pytest.fixture
def repository(client: RedisClient) -> SceneRepository:
    return repository_of(client)


def a_scene(number: int = 1, **changes: Any) -> Scene:
    values = {"id": f"{number:016x}", "channel_id": CHANNEL, "source": Source.TURN, "narrative": f"Scene {number}."}
    return Scene.model_validate(values | changes)


def a_request(number: int = 1) -> ArtRequest:
    return ArtRequest(channel_id=CHANNEL, narrative=f"Story {number}.", ts=float(number), event_id=f"e{number}")


async def test_a_scene_is_read_back_as_it_was_written(repository: SceneRepository) -> None:
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
    await repository.add(whole)
    assert await repository.scene(CHANNEL, whole.id) == whole
    later = whole.moved(SceneState.FAILED, reason="too late")
    await repository.save(later)
    assert await repository.recent(CHANNEL, 10) == [later], "saving changes the record and lists it no second time"


async def test_unknown_scenes_and_other_channels_are_empty(repository: SceneRepository) -> None:
    await repository.add(a_scene())
    assert await repository.scene(CHANNEL, "f" * 16) is None
    assert await repository.scene("43", a_scene().id) is None
    assert await repository.recent("43", 10) == []
    assert await repository.scenes(CHANNEL, []) == {}


async def test_recent_scenes_come_newest_first(repository: SceneRepository) -> None:
    for number in range(5):
        await repository.add(a_scene(number))
    assert [scene.narrative for scene in await repository.recent(CHANNEL, 3)] == ["Scene 4.", "Scene 3.", "Scene 2."]


async def test_only_the_newest_scenes_are_kept(client: RedisClient) -> None:
    repository = repository_of(client, keep_scenes=3)
    for number in range(5):
        await repository.add(a_scene(number, state=SceneState.POSTED))
    await repository.forget_surplus(CHANNEL)
    await repository.forget_surplus(CHANNEL)
    assert [scene.narrative for scene in await repository.recent(CHANNEL, 10)] == ["Scene 4.", "Scene 3.", "Scene 2."]
    assert await repository.scene(CHANNEL, a_scene(0).id) is None


async def test_a_scene_that_still_waits_is_never_given_up(client: RedisClient) -> None:
    repository = repository_of(client, keep_scenes=1)
    states = [SceneState.POSTED, SceneState.WAITING, SceneState.POSTED, SceneState.POSTED]
    for number, state in enumerate(states):
        await repository.add(a_scene(number, state=state))
    await repository.forget_surplus(CHANNEL)
    assert [scene.narrative for scene in await repository.recent(CHANNEL, 10)] == ["Scene 3.", "Scene 2.", "Scene 1."]


async def test_a_picture_is_kept_until_its_scene_has_ended(repository: SceneRepository) -> None:
    painted = a_scene(state=SceneState.PAINTED, painted_at=5.0, mime="image/png")
    picture = PNG + bytes(range(256)) * (PIECE_BYTES // 100)  # more than two pieces
    await repository.keep(painted, PNG + b"an older one")
    await repository.keep(painted, picture)
    assert await repository.picture(painted) == picture
    await repository.save(painted.moved(SceneState.POSTING))
    assert await repository.picture(painted) == picture
    await repository.save(painted.moved(SceneState.POSTED))
    assert await repository.picture(painted) is None


async def test_the_mailbox_keeps_the_order_and_the_time_at_which_it_was_heard(repository: SceneRepository) -> None:
    turn = TurnComplete(channel_id=CHANNEL, narrative="A turn.", turn_id="7", event_id="t", art=False)
    await repository.enqueue(CHANNEL, [(1.5, a_request()), (2.5, turn)])
    await repository.enqueue(CHANNEL, [(3.5, a_request(2))])
    record = await repository.open_channel(CHANNEL)
    assert record.entries == [(1.5, a_request()), (2.5, turn), (3.5, a_request(2))]


async def test_a_commit_empties_what_was_read_and_nothing_that_came_meanwhile(repository: SceneRepository) -> None:
    await repository.enqueue(CHANNEL, [(1.0, a_request(1))])
    record = await repository.open_channel(CHANNEL)
    await repository.enqueue(CHANNEL, [(2.0, a_request(2))])
    scenes: dict[str, Scene] = {}
    record.plan.hear(a_request(1), scenes, 1.0, timedelta(seconds=60))
    await repository.commit(record, scenes.values(), list(scenes))

    later = await repository.open_channel(CHANNEL)
    assert later.entries == [(2.0, a_request(2))]
    assert later.plan == record.plan
    assert await repository.recent(CHANNEL, 5) == list(scenes.values())

    await repository.commit(record)
    assert (await repository.open_channel(CHANNEL)).entries == [(2.0, a_request(2))], "taken out once, never twice"


async def test_a_flood_costs_what_is_too_much_and_nothing_that_a_job_has_read(
    repository: SceneRepository, caplog: pytest.LogCaptureFixture
) -> None:
    await repository.enqueue(CHANNEL, [(float(n), a_request(n)) for n in range(INBOX_LIMIT - 1)])
    record = await repository.open_channel(CHANNEL)
    await repository.enqueue(CHANNEL, [(float(n), a_request(n)) for n in range(INBOX_LIMIT - 1, INBOX_LIMIT + 20)])
    assert "20 events were given up" in caplog.text
    await repository.commit(record)
    unread = (await repository.open_channel(CHANNEL)).entries
    assert unread == [(float(INBOX_LIMIT - 1), a_request(INBOX_LIMIT - 1))]


async def test_what_is_no_work_item_hides_no_real_one_for_ever(
    client: RedisClient, repository: SceneRepository, caplog: pytest.LogCaptureFixture
) -> None:
    pipe = client.pipeline()
    pipe.zadd("scene_art:open", {f"../{number}": 1.0 for number in range(2 * OPEN_LIMIT)})
    await pipe.execute()
    await repository.mark_due(CHANNEL, 5.0)
    rounds = [await repository.long_open(9.0) for _ in range(4)]
    assert rounds[-2:] == [[CHANNEL]] * 2
    assert 1 <= len(caplog.records) <= 2


async def test_namespaces_do_not_see_each_other(client: RedisClient, repository: SceneRepository) -> None:
    await repository.add(a_scene())
    assert await repository_of(client, namespace="another").recent(CHANNEL, 5) == []


# On the real server: what another program may have done to the keys, and a server that is away.


async def test_records_of_another_version_are_passed_over_with_a_line(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with client_of(redis_url) as client:
        repository = repository_of(as_port(client))
        await repository.add(a_scene(1))
        await repository.add(a_scene(2))
        await client.set(f"scene_art:{{{CHANNEL}}}:scene:{a_scene(1).id}", b'{"id": 5}')
        await client.set(f"scene_art:{{{CHANNEL}}}:plan", b"\xff no plan")
        await repository.enqueue(CHANNEL, [(1.0, a_request())])
        for letter in (b"{", b'{"at": 1}', b'{"at": "x", "event": {"kind": "request"}}', b"[]", b"\xff"):
            await client.lpush(f"scene_art:{{{CHANNEL}}}:mailbox", letter)
        with caplog.at_level(logging.WARNING):
            assert [scene.narrative for scene in await repository.recent(CHANNEL, 5)] == ["Scene 2."]
            record = await repository.open_channel(CHANNEL)
        assert record.entries == [None] * 5 + [(1.0, a_request())]
        assert record.plan.next_step(1.0, timedelta(0)) == WakeAt(None)
        assert len(caplog.records) == 3
        await repository.commit(record)
        assert (await repository.open_channel(CHANNEL)).entries == []


async def test_every_key_of_ours_ends_and_shares_its_channels_hash_tag(
    redis_url: str, redis_server: RedisServer
) -> None:
    async with client_of(redis_url) as client:
        repository = repository_of(as_port(client))
        await repository.add(a_scene())
        await repository.enqueue(CHANNEL, [(1.0, a_request())])
        await repository.commit(await repository.open_channel(CHANNEL))
        await repository.enqueue(CHANNEL, [(1.0, a_request())])
        keys = {bytes(key).decode() for key in cast("list[bytes]", await client.keys())}
    prefix = f"scene_art:{{{CHANNEL}}}:"
    assert keys == {prefix + rest for rest in ("plan", "mailbox", "scenes", f"scene:{a_scene().id}")}
    assert redis_server.keys_without_end() == set()


async def test_a_redis_that_is_away_is_an_error_of_ours() -> None:
    async with client_of("redis://127.0.0.1:9/0") as client:
        repository = repository_of(as_port(client))
        for action in (
            repository.scene(CHANNEL, "0" * 16),
            repository.recent(CHANNEL, 5),
            repository.add(a_scene()),
            repository.save(a_scene()),
            repository.open_channel(CHANNEL),
            repository.enqueue(CHANNEL, [(1.0, a_request())]),
            repository.forget_surplus(CHANNEL),
            repository.ask_to_cancel(a_scene()),
            repository.is_cancelled(a_scene()),
        ):
            with pytest.raises(TransientError, match=r"^Redis: ") as error:
                await action
            assert "Redis" in error.value.sentence
