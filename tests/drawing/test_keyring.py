"""Which key is asked next, and that every process knows it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from cogs.scene_art.drawing.keyring import KeyRing
from cogs.scene_art.errors import (
    ConfigurationError,
    KeyRejectedError,
    ModelRetiredError,
    QuotaError,
    RefusedError,
    SceneArtError,
    TransientError,
)
from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.painters import Brush
from cogs.scene_art.storage.connection import RedisClient
from tests.redis_server import RedisServer, as_port, client_of

KEYS = ["AIza-first", "AIza-second"]
MODEL, OTHER = "gemini-nano-banana-2.1", "gemini-3-pro-image"
FIRST, SECOND = Brush(model=MODEL, key=0), Brush(model=MODEL, key=1)


class Watch:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
async def client(any_redis_url: str) -> AsyncIterator[RedisClient]:
    async with open_docket(any_redis_url, "scene_art") as (_, opened):
        yield opened


def ring_of(client: RedisClient, watch: Watch, **changes: Any) -> KeyRing:
    values: dict[str, Any] = {"namespace": "scene_art", "keys": KEYS, "models": [MODEL], "now": watch}
    return KeyRing(client, **values | changes)


@pytest.fixture
def ring(client: RedisClient, watch: Watch) -> KeyRing:
    return ring_of(client, watch)


async def test_the_first_key_is_asked_while_nothing_is_wrong_with_it(ring: KeyRing) -> None:
    assert [await ring.choose(), await ring.choose()] == [FIRST, FIRST]


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (QuotaError("429", retry_after=34.0), 34),
        (QuotaError("429"), 60),
        (QuotaError("429", retry_after=0.0), 60),
        (QuotaError("429", retry_after=0.2), 1),
    ],
)
async def test_a_parked_key_comes_back_when_the_service_said(
    ring: KeyRing, watch: Watch, error: QuotaError, seconds: int
) -> None:
    assert await ring.set_aside(FIRST, error)
    assert await ring.choose() == SECOND
    watch.now += seconds - 0.1
    assert await ring.choose() == SECOND
    watch.now += 0.2
    assert await ring.choose() == FIRST


async def test_another_process_knows_what_rests(client: RedisClient, watch: Watch, ring: KeyRing) -> None:
    await ring.set_aside(FIRST, QuotaError("429", retry_after=34.0))
    assert await ring_of(client, watch).choose() == SECOND
    assert await ring_of(client, watch, namespace="another").choose() == FIRST


async def test_when_all_rest_it_is_told_when_the_first_is_free(ring: KeyRing) -> None:
    await ring.set_aside(FIRST, QuotaError("daily", retry_after=9000.0))
    await ring.set_aside(SECOND, QuotaError("429", retry_after=34.0))
    with pytest.raises(QuotaError) as error:
        await ring.choose()
    assert error.value.retry_after == pytest.approx(34, abs=0.1)


async def test_a_parked_key_still_serves_another_model(client: RedisClient, watch: Watch) -> None:
    ring = ring_of(client, watch, keys=KEYS[:1], models=[MODEL, OTHER])
    await ring.set_aside(FIRST, QuotaError("daily", retry_after=9000.0))
    assert await ring.choose() == Brush(model=OTHER, key=0)


@pytest.mark.parametrize("error", [TransientError("503"), RefusedError("SAFETY")])
async def test_what_is_not_about_the_key_leaves_it_where_it_is(ring: KeyRing, error: SceneArtError) -> None:
    assert not await ring.set_aside(FIRST, error)
    assert await ring.choose() == FIRST


async def test_the_operator_is_told_once_of_a_key_that_is_benched(
    client: RedisClient, watch: Watch, ring: KeyRing, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            await ring.set_aside(FIRST, KeyRejectedError("needs billing"))
        await ring_of(client, watch).set_aside(FIRST, KeyRejectedError("needs billing"))
    assert [record.getMessage() for record in caplog.records] == ["Gemini key 1 is left out: needs billing"]
    assert await ring.choose() == SECOND


async def test_a_retired_model_gives_way_to_the_next(client: RedisClient, watch: Watch) -> None:
    ring = ring_of(client, watch, models=[MODEL, OTHER])
    await ring.set_aside(FIRST, ModelRetiredError("gone"))
    assert await ring.choose() == Brush(model=OTHER, key=0)
    assert await ring.choose(without=frozenset({OTHER})) == FIRST, "better than nothing"


async def test_when_everything_was_turned_away_each_is_tried_once_more(ring: KeyRing) -> None:
    """One odd answer must not switch the pictures off until somebody restarts the bot."""
    for brush in (FIRST, SECOND):
        await ring.set_aside(brush, KeyRejectedError("wrong"))
    assert await ring.choose() == FIRST
    assert await ring.choose(rejected=frozenset({FIRST})) == SECOND
    with pytest.raises(ConfigurationError):
        await ring.choose(rejected=frozenset({FIRST, SECOND}))


async def test_a_restart_forgives_what_its_owner_can_have_mended(ring: KeyRing) -> None:
    await ring.set_aside(FIRST, KeyRejectedError("needs billing"))
    await ring.set_aside(SECOND, QuotaError("429", retry_after=34.0))
    await ring.forgive()
    assert await ring.choose() == FIRST
    with pytest.raises(QuotaError):
        await ring.choose(rejected=frozenset({FIRST}))


async def test_no_key_is_written_down(ring: KeyRing, client: RedisClient) -> None:
    await ring.set_aside(FIRST, QuotaError("429"))
    await ring.set_aside(SECOND, KeyRejectedError("wrong"))
    assert repr(ring) == str(ring) == "KeyRing(2 keys)"
    keys = [mark for mark in (*ring._marks, *ring._until) if "AIza" in mark]
    assert keys == []


async def test_without_redis_a_process_goes_by_what_it_knows_itself(redis_server: RedisServer, watch: Watch) -> None:
    own = RedisServer(redis_server.binary)
    own.start()
    try:
        async with client_of(own.url) as client:
            ring = ring_of(as_port(client), watch)
            assert await ring.choose() == FIRST
            own.stop()
            await ring.set_aside(FIRST, QuotaError("429", retry_after=34.0))
            assert await ring.choose() == SECOND
    finally:
        own.close()


async def test_the_built_in_painter_needs_no_key(client: RedisClient, watch: Watch) -> None:
    ring = ring_of(client, watch, keys=[])
    assert await ring.choose() == FIRST
    assert not await ring.set_aside(FIRST, QuotaError("429"))
