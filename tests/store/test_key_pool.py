"""The selection of the next key, shared by all processes, which never hammers one that does not work."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from cogs.scene_art.domain.painting import ModelAndKey
from cogs.scene_art.errors import (
    ConfigurationError,
    KeyForbiddenError,
    KeyRejectedError,
    LostAnswerError,
    ModelRetiredError,
    QuotaError,
    RefusedError,
    SceneArtError,
    TransientError,
    UnavailableError,
)
from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.store.connection import RedisClient
from cogs.scene_art.store.key_pool import DEAD_AFTER, KeyPool, Permit
from tests.clock import Clock
from tests.redis_server import RedisServer, as_port, client_of

KEYS = ["AIza-first", "AIza-second"]
MODEL, OTHER = "gemini-nano-banana-2.1", "gemini-3-pro-image"
FIRST, SECOND = ModelAndKey(model=MODEL, key=0), ModelAndKey(model=MODEL, key=1)


@pytest.fixture
def watch() -> Clock:
    return Clock(1_800_000_000.0)


@pytest.fixture
async def client(any_redis_url: str) -> AsyncIterator[RedisClient]:
    async with open_docket(any_redis_url, "scene_art") as (_, opened):
        yield opened


def ring_of(client: RedisClient, watch: Clock, **changes: Any) -> KeyPool:
    values: dict[str, Any] = {"namespace": "scene_art", "keys": KEYS, "models": [MODEL], "now": watch}
    return KeyPool(client, **values | changes)


@pytest.fixture
def ring(client: RedisClient, watch: Clock) -> KeyPool:
    return ring_of(client, watch)


async def chosen(ring: KeyPool, **options: Any) -> ModelAndKey:
    return (await ring.choose(**options)).model_and_key


async def answered(ring: KeyPool, watch: Clock, exc: SceneArtError | None, **options: Any) -> Permit:
    """One request, sent and answered a moment later."""
    watch.now += 0.01
    permit = await ring.choose(**options)
    async with ring.held(permit):
        watch.now += 0.01
        await ring.settle(permit, exc)
    return permit


async def seconds_to_wait(ring: KeyPool, **options: Any) -> float:
    with pytest.raises(QuotaError) as error:
        await ring.choose(**options)
    return error.value.retry_after or 0.0


async def test_the_first_key_is_asked_while_nothing_is_wrong_with_it(ring: KeyPool) -> None:
    assert [await chosen(ring), await chosen(ring)] == [FIRST, FIRST]


@pytest.mark.parametrize(("named", "seconds"), [(34.0, 34), (0.2, 1)])
@pytest.mark.parametrize("kind", [QuotaError, UnavailableError])
async def test_a_delay_that_the_service_named_is_kept(
    ring: KeyPool, watch: Clock, kind: type[SceneArtError], named: float, seconds: int
) -> None:
    await answered(ring, watch, kind("later", retry_after=named))
    assert await chosen(ring) == SECOND
    watch.now += seconds - 0.1
    assert await chosen(ring) == SECOND
    watch.now += 0.2
    assert await ring.choose() == Permit(FIRST, watch.now), "for everybody at once"


@pytest.mark.parametrize("exc", [QuotaError("429"), QuotaError("429", retry_after=0.0), UnavailableError("503")])
async def test_without_a_named_delay_one_request_tries_again_after_two_seconds_then_four(
    client: RedisClient, watch: Clock, exc: SceneArtError
) -> None:
    ring, other = (ring_of(client, watch, keys=KEYS[:1]) for _ in range(2))
    await answered(ring, watch, exc)
    assert 2 <= await seconds_to_wait(other) <= 2.4
    watch.now += 2.5
    probe = await other.choose()
    assert (probe.model_and_key, probe.is_probe) == (FIRST, True)
    async with other.held(probe):
        for one in (ring, other):
            assert await seconds_to_wait(one) <= 2, "everybody else waits for what becomes of it"
        await other.settle(probe, exc)
    assert 4 <= await seconds_to_wait(ring) <= 4.7
    watch.now += 4.8
    probe = await ring.choose()
    async with ring.held(probe):
        await ring.settle(probe, None)
    assert not (await other.choose()).is_probe
    assert not (await ring.choose()).is_probe
    watch.now += 0.1
    await answered(ring, watch, exc)
    assert 2 <= await seconds_to_wait(other) <= 2.4, "and it begins anew"


@pytest.mark.parametrize("exc", [RefusedError("SAFETY"), QuotaError("429", retry_after=5.0)])
async def test_a_probe_that_was_answered_opens_the_way_or_keeps_what_it_was_told(
    client: RedisClient, watch: Clock, exc: SceneArtError
) -> None:
    ring = ring_of(client, watch, keys=KEYS[:1])
    await answered(ring, watch, QuotaError("429"))
    watch.now += 2.5
    await answered(ring, watch, exc)
    if isinstance(exc, RefusedError):
        assert not (await ring.choose()).is_probe
    else:
        assert await seconds_to_wait(ring) == pytest.approx(5, abs=0.1)


async def test_a_lost_answer_is_nobody_elses_business_unless_it_was_the_probes(ring: KeyPool, watch: Clock) -> None:
    await answered(ring, watch, LostAnswerError("reset"))
    assert await chosen(ring) == FIRST
    await answered(ring, watch, UnavailableError("503"))
    watch.now += 2.5
    assert (await answered(ring, watch, LostAnswerError("reset"))).is_probe
    assert await chosen(ring) == SECOND
    watch.now += 3.9
    assert await chosen(ring) == SECOND, "the pause has doubled"


async def test_a_probe_that_was_given_up_frees_the_way_for_the_next_one(client: RedisClient, watch: Clock) -> None:
    ring = ring_of(client, watch, keys=KEYS[:1])
    await answered(ring, watch, QuotaError("429"))
    watch.now += 2.5
    async with ring.held(await ring.choose()):
        pass  # its scene was cancelled
    assert (await ring_of(client, watch, keys=KEYS[:1]).choose()).is_probe


async def test_the_lease_of_a_process_that_was_killed_ends_by_itself(
    redis_server: RedisServer, redis_url: str, watch: Clock
) -> None:
    async with client_of(redis_url) as client:
        ring, other = (ring_of(as_port(client), watch, keys=KEYS[:1]) for _ in range(2))
        await answered(ring, watch, QuotaError("429"))
        watch.now += 2.5
        assert (await ring.choose()).is_probe  # and never settled
        assert await seconds_to_wait(other) <= 2
        assert redis_server.keys_without_end() == set()
        [lease] = [key async for key in client.scan_iter("scene_art:{keys}:probe:*")]
        assert 0 < await client.ttl(lease) <= 12


async def test_many_requests_that_fail_at_once_are_one_failure(ring: KeyPool, watch: Clock) -> None:
    permits = [await ring.choose() for _ in range(16)]
    watch.now += 1
    for permit in permits:
        await ring.settle(permit, UnavailableError("503"))
    assert await chosen(ring) == SECOND
    watch.now += 2.5
    assert await chosen(ring) == FIRST


async def test_another_process_knows_what_rests(client: RedisClient, watch: Clock, ring: KeyPool) -> None:
    await answered(ring, watch, QuotaError("429", retry_after=34.0))
    assert await chosen(ring_of(client, watch)) == SECOND
    assert await chosen(ring_of(client, watch, namespace="another")) == FIRST


async def test_when_all_rest_it_is_told_when_the_first_is_free(ring: KeyPool, watch: Clock) -> None:
    await answered(ring, watch, QuotaError("daily", retry_after=9000.0))
    await answered(ring, watch, QuotaError("429", retry_after=34.0))
    assert await seconds_to_wait(ring) == pytest.approx(34, abs=0.1)


async def test_a_parked_key_still_serves_another_model(client: RedisClient, watch: Clock) -> None:
    ring = ring_of(client, watch, keys=KEYS[:1], models=[MODEL, OTHER])
    await answered(ring, watch, QuotaError("daily", retry_after=9000.0))
    assert await chosen(ring) == ModelAndKey(model=OTHER, key=0)


async def test_a_model_that_is_overloaded_is_waited_for_before_the_next_one_is_asked(
    client: RedisClient, watch: Clock
) -> None:
    ring = ring_of(client, watch, keys=KEYS[:1], models=[MODEL, OTHER])
    for _ in range(3):
        await answered(ring, watch, UnavailableError("503"))
        watch.now += await seconds_to_wait(ring)
    await answered(ring, watch, UnavailableError("503"))
    assert await chosen(ring) == ModelAndKey(model=OTHER, key=0), "such a storm does not pass soon"


@pytest.mark.parametrize("error", [TransientError("helper gone"), RefusedError("SAFETY"), None])
async def test_what_is_not_about_the_key_leaves_it_where_it_is(
    ring: KeyPool, watch: Clock, error: SceneArtError | None
) -> None:
    await answered(ring, watch, error)
    assert await chosen(ring) == FIRST


async def test_the_operator_is_told_once_of_a_key_that_is_left_out(
    client: RedisClient, watch: Clock, ring: KeyPool, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            await ring.settle(Permit(FIRST, watch.now), KeyRejectedError("needs billing"))
        await ring_of(client, watch).settle(Permit(FIRST, watch.now), KeyRejectedError("needs billing"))
    assert [record.getMessage() for record in caplog.records] == ["Gemini key 1 is left out: needs billing"]
    assert await chosen(ring) == SECOND


async def test_a_key_that_is_forbidden_one_model_is_left_out_of_that_alone(client: RedisClient, watch: Clock) -> None:
    ring = ring_of(client, watch, keys=KEYS[:1], models=[MODEL, OTHER])
    await answered(ring, watch, KeyForbiddenError("403"))
    assert await ring.choose() == Permit(ModelAndKey(model=OTHER), watch.now)


async def test_a_retired_model_gives_way_to_the_next(client: RedisClient, watch: Clock) -> None:
    ring = ring_of(client, watch, models=[MODEL, OTHER])
    await answered(ring, watch, ModelRetiredError("gone"))
    assert await chosen(ring) == ModelAndKey(model=OTHER, key=0)
    watch.now += 3
    assert await chosen(ring, without=frozenset({OTHER})) == FIRST, "better than nothing"


async def test_what_was_turned_away_is_tried_again_by_one_request_at_a_time(client: RedisClient, watch: Clock) -> None:
    """One odd answer must not switch the pictures off until somebody restarts the bot."""
    ring = ring_of(client, watch, keys=KEYS[:1])
    await answered(ring, watch, KeyForbiddenError("403"))
    with pytest.raises(ConfigurationError):
        await ring.choose(rejected=frozenset({FIRST}))
    assert 2 <= await seconds_to_wait(ring) <= 2.4
    watch.now += 2.5
    assert (await answered(ring, watch, None)).is_probe
    assert await ring.choose() == Permit(FIRST, watch.now), "it works: nothing is left of it"


async def test_a_key_that_stays_dead_is_waited_for_by_nobody(client: RedisClient, watch: Clock) -> None:
    ring = ring_of(client, watch, keys=KEYS[:1])
    for _ in range(DEAD_AFTER):
        await answered(ring, watch, KeyRejectedError("needs billing"))
        watch.now += 9.5
    probe = await ring.choose()
    assert probe.is_probe, "it may have been mended"
    async with ring.held(probe):
        with pytest.raises(ConfigurationError):
            await ring.choose()
        await ring.settle(probe, KeyRejectedError("needs billing"))
    with pytest.raises(ConfigurationError):
        await ring.choose()


async def test_a_delay_is_kept_for_what_is_tried_as_a_last_resort_too(client: RedisClient, watch: Clock) -> None:
    ring = ring_of(client, watch, keys=KEYS[:1])
    await answered(ring, watch, KeyRejectedError("403"))
    watch.now += 2.5
    await answered(ring, watch, QuotaError("429", retry_after=30.0))
    assert await seconds_to_wait(ring) == pytest.approx(30, abs=0.1)
    watch.now += 29.5
    assert await seconds_to_wait(ring) <= 0.5
    watch.now += 0.6
    assert (await ring.choose()).is_probe


async def test_a_restart_forgives_what_its_owner_can_have_mended(ring: KeyPool, watch: Clock) -> None:
    await ring.disable(FIRST, KeyRejectedError("needs billing"))
    await answered(ring, watch, QuotaError("429", retry_after=34.0))
    await ring.forgive()
    assert await chosen(ring) == FIRST
    assert await seconds_to_wait(ring, rejected=frozenset({FIRST})) == pytest.approx(34, abs=0.1)


async def test_what_an_older_version_wrote_is_understood(client: RedisClient, watch: Clock, ring: KeyPool) -> None:
    first, second = ring._marks
    pipe = client.pipeline()
    pipe.set(f"scene_art:{{keys}}:parked:{first}:{MODEL}", f"{watch.now + 60:.3f}", ex=60)
    pipe.set(f"scene_art:{{keys}}:benched:{second}", f"{watch.now + 6 * 3600:.3f}", ex=6 * 3600)
    await pipe.execute()
    assert await seconds_to_wait(ring) == pytest.approx(60, abs=0.1)
    assert (await ring.choose(rejected=frozenset({FIRST}))).is_probe


async def test_no_key_is_written_down(client: RedisClient, redis_url: str, watch: Clock) -> None:
    async with client_of(redis_url) as real:
        ring = ring_of(as_port(real), watch)
        await answered(ring, watch, QuotaError("429", retry_after=9.0))
        await answered(ring, watch, KeyRejectedError("wrong"))
        assert repr(ring) == str(ring) == "KeyPool(2 keys)"
        names = [name.decode() async for name in real.scan_iter("*")]
    assert len(names) == 3
    assert not [name for name in names if "AIza" in name]


async def test_without_redis_a_process_goes_by_what_it_knows_itself(redis_server: RedisServer, watch: Clock) -> None:
    async with AsyncExitStack() as stack:
        own = RedisServer(redis_server.binary)
        stack.callback(own.close)
        own.start()
        client = await stack.enter_async_context(client_of(own.url))
        ring = ring_of(as_port(client), watch, keys=KEYS[:1])
        assert await chosen(ring) == FIRST
        own.stop()
        await answered(ring, watch, QuotaError("429"))
        assert 2 <= await seconds_to_wait(ring) <= 2.4
        watch.now += 2.5
        probe = await ring.choose()
        assert probe.is_probe
        assert await seconds_to_wait(ring) <= 2
        async with ring.held(probe):
            await ring.settle(probe, None)
        assert not (await ring.choose()).is_probe


async def test_the_built_in_painter_needs_no_key(client: RedisClient, watch: Clock) -> None:
    ring = ring_of(client, watch, keys=[])
    assert await chosen(ring) == FIRST
    await ring.settle(Permit(FIRST, watch.now), QuotaError("429"))
    assert await chosen(ring) == FIRST
