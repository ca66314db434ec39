"""Wake-ups: now, later, again, and through every accident."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from cogs.scene_art.errors import TransientError
from cogs.scene_art.jobs.engine import SHUTDOWN_GRACE, Engine, event_or_timeout, open_docket
from sandbox.waiting import wait_until
from tests.jobs.support import Jobs, engine_on
from tests.redis_server import RedisServer, own_tasks, redis_binary


@pytest.fixture
def jobs() -> Jobs:
    return Jobs()


OpenEngine = Callable[[], Awaitable[Engine]]


@pytest.fixture
async def open_engine(any_redis_url: str, jobs: Jobs) -> AsyncIterator[OpenEngine]:
    """Another engine on the same Redis, as another process would have it."""
    async with AsyncExitStack() as stack:

        async def opened() -> Engine:
            return await stack.enter_async_context(engine_on(any_redis_url))

        yield opened


@pytest.fixture
async def engine(open_engine: OpenEngine) -> Engine:
    return await open_engine()


async def test_a_channel_is_woken_now(engine: Engine, jobs: Jobs) -> None:
    async with engine.running(*jobs.runs):
        await engine.wake("42")
        await wait_until(lambda: jobs.ended == ["42"])


async def test_a_channel_is_woken_at_a_time(engine: Engine, jobs: Jobs) -> None:
    at = time.time() + 0.6
    async with engine.running(*jobs.runs):
        await engine.wake("42", at=at)
        await wait_until(lambda: jobs.began)
    [(channel_id, when)] = jobs.began
    assert channel_id == "42"
    assert at <= when < at + 1.5


async def test_a_new_alarm_replaces_the_old_one_and_no_wake_up(engine: Engine, jobs: Jobs) -> None:
    """A request brings a turn's picture forward; the alarm at sixty seconds is then one too many."""
    async with engine.running(*jobs.runs):
        await engine.wake("42", at=time.time() + 3600)
        await engine.wake("42", at=time.time() + 0.3)
        await engine.wake("42")
        await wait_until(lambda: len(jobs.ended) == 2)


async def test_a_wake_up_during_the_job_starts_another_one_beside_it(engine: Engine, jobs: Jobs) -> None:
    """docket keeps none of them apart: that is the lock's work, and no job waits for another in a worker's place."""
    limiter = asyncio.Event()
    jobs.does(lambda _: limiter.wait())
    async with engine.running(*jobs.runs):
        for count in (1, 2, 3):
            await engine.wake("42")
            await wait_until(lambda count=count: jobs.running["42"] == count)  # type: ignore[misc]
        await engine.wake("42", at=time.time() + 0.1)
        await wait_until(lambda: jobs.running["42"] == 4)
        limiter.set()
        await wait_until(lambda: len(jobs.ended) == 4)


async def test_channels_never_wait_for_each_other(open_engine: OpenEngine, jobs: Jobs) -> None:
    """Also when two processes share the work."""
    first, second = await open_engine(), await open_engine()
    channels = {"1", "2", "3"}
    jobs.does(lambda _: asyncio.sleep(0.5))
    async with first.running(*jobs.runs), second.running(*jobs.runs):
        for channel_id in channels:
            await first.wake(channel_id)
            await second.wake(channel_id, at=time.time() + 0.05)
        await wait_until(lambda: len(jobs.ended) == 6, timeout=10)
    assert jobs.most_at_once["all"] >= 3


@pytest.mark.parametrize("scene_id", ["", "abc"], ids=["channel", "scene"])
async def test_who_wakes_its_own_job_anew_is_heard_whatever_ran_meanwhile(
    engine: Engine, jobs: Jobs, scene_id: str
) -> None:
    """docket drops a job under a key of two others, one of which ends before that job is begun, and one after."""
    rounds, beside, anew = 40, asyncio.Event(), 0

    async def work(_: str) -> None:
        nonlocal anew
        if len(jobs.began) % 3 == 1:  # the one that has the lock, say
            await engine.wake_anew("42", scene_id)
            await beside.wait()
            beside.clear()
            await asyncio.sleep(0.01)
            await engine.wake_anew("42", scene_id)
            anew += 1
        elif len(jobs.began) % 3 == 2:  # the one that is turned away
            beside.set()

    jobs.does(work)
    async with engine.running(*jobs.runs):
        for number in range(1, rounds + 1):
            await engine.wake_anew("42", scene_id)
            await wait_until(lambda number=number: len(jobs.ended) == 3 * number)  # type: ignore[misc]
    assert anew == rounds


async def test_wake_ups_that_no_worker_has_heard_yet_are_one(engine: Engine, jobs: Jobs) -> None:
    """As while all places of all workers are taken."""
    for _ in range(20):
        await engine.wake("42")
    async with engine.running(*jobs.runs):
        await wait_until(lambda: jobs.ended)
        await engine.wake("7")
        await wait_until(lambda: "7" in jobs.ended)
    assert jobs.ended.count("42") <= 2


@pytest.mark.parametrize("scene_id", ["", "abc"], ids=["channel", "scene"])
async def test_many_guards_of_one_are_one_and_leave_its_alarm_alone(engine: Engine, jobs: Jobs, scene_id: str) -> None:
    """As of the many wake-ups that come while a picture is painted."""
    alarm = round(time.time()) + 3600.0
    async with engine.running(*jobs.runs):
        await (engine.wake("42", scene_id, alarm) if scene_id else engine.wake("42", at=alarm))
        for _ in range(20):
            await engine.guard("42", scene_id, time.time() + 0.4)
        assert await times_of_what_is_due_later(engine) == [pytest.approx(time.time() + 0.4, abs=0.3), alarm]
        await wait_until(lambda: jobs.ended)
        assert await times_of_what_is_due_later(engine) == [alarm]
    assert len(jobs.began) == 1


@pytest.mark.parametrize("scene_id", ["", "abc"], ids=["channel", "scene"])
async def test_a_guard_may_be_set_again_by_the_job_that_it_woke(engine: Engine, jobs: Jobs, scene_id: str) -> None:
    """docket refuses to add a job whose key is at work."""

    async def still_taken(_: str) -> None:
        if len(jobs.began) < 3:
            await engine.guard("42", scene_id, time.time() + 0.1)

    jobs.does(still_taken)
    async with engine.running(*jobs.runs):
        await engine.guard("42", scene_id, time.time())
        await wait_until(lambda: len(jobs.ended) == 3)


async def times_of_what_is_due_later(engine: Engine) -> list[float]:
    docket = engine._docket
    async with docket.redis() as client:
        found = await client.zrange(docket.queue_key, 0, -1, withscores=True)
    return [float(score) for _, score in found]


async def test_a_persons_scene_does_not_wait_for_its_channel(engine: Engine, jobs: Jobs) -> None:
    limiter = asyncio.Event()
    jobs.does(lambda name: limiter.wait() if name == "42" else asyncio.sleep(0))
    async with engine.running(*jobs.runs):
        await engine.wake("42")
        await wait_until(lambda: jobs.running["42"] == 1)
        await engine.wake("42", "abc")
        await wait_until(lambda: jobs.ended == ["42/abc"])
        limiter.set()


class UnpicklableError(Exception):
    """As raw as discord.HTTPException, which holds a socket."""

    def __init__(self) -> None:
        super().__init__("has a lambda", lambda: None)


async def test_a_job_that_raises_what_cannot_be_pickled_harms_no_other(
    engine: Engine, jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(name: str) -> None:
        if name == "bad":
            raise UnpicklableError

    jobs.does(work)
    with caplog.at_level(logging.ERROR, logger="cogs.scene_art"):
        async with engine.running(*jobs.runs):
            await engine.wake("bad")
            await wait_until(lambda: any(name == "bad" for name, _ in jobs.began))
            await engine.wake("good")
            await wait_until(lambda: jobs.ended == ["good"])
            await engine.wake("bad")
            await wait_until(lambda: [name for name, _ in jobs.began].count("bad") == 2)
    assert "ended by a fault of scene-art's own" in caplog.text


async def test_a_job_that_finds_redis_away_is_begun_again(engine: Engine, jobs: Jobs) -> None:
    async def work(_: str) -> None:
        if len(jobs.began) < 3:
            raise TransientError("Redis: ConnectionError")

    jobs.does(work)
    async with engine.running(*jobs.runs):
        await engine.wake("42")
        await wait_until(lambda: jobs.ended == ["42"])
    assert len(jobs.began) == 3


async def test_at_the_end_a_running_job_may_finish(engine: Engine, jobs: Jobs) -> None:
    jobs.does(lambda _: asyncio.sleep(0.3))
    async with engine.running(*jobs.runs):
        await engine.wake("42")
        await wait_until(lambda: jobs.running["42"] == 1)
        before = time.monotonic()
    assert jobs.ended == ["42"]
    assert time.monotonic() - before < SHUTDOWN_GRACE.total_seconds()
    assert own_tasks() == []


async def test_a_job_that_outlasts_the_grace_is_taken_up_by_the_next_worker(
    open_engine: OpenEngine, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cogs.scene_art.jobs.engine.SHUTDOWN_GRACE", timedelta(seconds=0.2))
    monkeypatch.setattr("cogs.scene_art.jobs.engine.LEASE", timedelta(seconds=1))
    limiter = asyncio.Event()
    jobs.does(lambda _: limiter.wait())
    engine = await open_engine()
    async with engine.running(*jobs.runs):
        await engine.wake("42")
        await wait_until(lambda: jobs.running["42"] == 1)
    assert jobs.ended == []
    assert jobs.running["42"] == 0, "nothing of it goes on after the end"
    limiter.set()
    async with (await open_engine()).running(*jobs.runs):
        await wait_until(lambda: jobs.ended == ["42"], timeout=10)


async def test_a_worker_that_dies_is_started_again(
    engine: Engine, jobs: Jobs, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a lease docket's worker dies at once, as it would of a fault of its own."""
    monkeypatch.setattr("cogs.scene_art.jobs.engine.RESTART_PAUSES", (0.05,))
    with monkeypatch.context() as broken, caplog.at_level(logging.ERROR):
        broken.setattr("cogs.scene_art.jobs.engine.LEASE", None)
        async with engine.running(*jobs.runs):
            await wait_until(lambda: caplog.text.count("stopped unexpectedly") >= 2)
            broken.undo()
            await engine.wake("42")
            await wait_until(lambda: jobs.ended == ["42"])


@pytest.fixture
def own_server() -> Iterator[RedisServer]:
    """A server that a test may end or freeze."""
    binary = redis_binary()
    server = RedisServer(binary)
    server.start()
    yield server
    server.close()


BOUND_SECONDS = 5.0
"""What a stop may take, all in all, with the graces below."""


@pytest.fixture
def short_graces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cogs.scene_art.jobs.engine.SHUTDOWN_GRACE", timedelta(seconds=0.2))
    monkeypatch.setattr("cogs.scene_art.jobs.engine.CANCEL_GRACE", timedelta(seconds=1.0))
    monkeypatch.setattr("cogs.scene_art.jobs.worker.END_SECONDS", 0.2)
    monkeypatch.setattr("cogs.scene_art.jobs.worker.HAND_BACK_SECONDS", 0.2)


@pytest.mark.usefixtures("short_graces")
@pytest.mark.parametrize("trouble", [RedisServer.stop, RedisServer.freeze], ids=["away", "frozen"])
@pytest.mark.parametrize("busy", [False, True], ids=["idle", "busy"])
async def test_an_end_is_bounded_whatever_redis_does(
    own_server: RedisServer, jobs: Jobs, trouble: Callable[[RedisServer], None], busy: bool
) -> None:
    jobs.does(lambda _: asyncio.Event().wait())
    async with asyncio.timeout(30), AsyncExitStack() as stack:
        engine = await stack.enter_async_context(engine_on(own_server.url))
        await stack.enter_async_context(engine.running(*jobs.runs))
        await engine.wake("42", "first")
        await wait_until(lambda: jobs.running.total() == 1)
        if not busy:
            await engine._docket.cancel("scene:first")
            await wait_until(lambda: jobs.running.total() == 0)
        trouble(own_server)
        before = time.monotonic()
        await stack.aclose()
    assert time.monotonic() - before < BOUND_SECONDS
    assert jobs.running.total() == 0
    assert own_tasks() == []


@pytest.mark.usefixtures("short_graces")
async def test_an_end_is_bounded_while_docket_tries_to_come_back(
    own_server: RedisServer, jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    async with asyncio.timeout(30), AsyncExitStack() as stack:
        engine = await stack.enter_async_context(engine_on(own_server.url))
        await stack.enter_async_context(engine.running(*jobs.runs))
        await engine.wake("42")
        await wait_until(lambda: jobs.ended)
        own_server.stop()
        await wait_until(lambda: "Redis does not serve scene-art" in caplog.text)
        before = time.monotonic()
        await stack.aclose()
    assert time.monotonic() - before < BOUND_SECONDS


@pytest.mark.usefixtures("short_graces")
async def test_an_end_is_bounded_while_redis_is_asked_for_permission(own_server: RedisServer, jobs: Jobs) -> None:
    """Both while a frozen Redis is asked and while the next question is waited for."""
    async with asyncio.timeout(30), engine_on(own_server.url) as engine:
        own_server.freeze()
        before = time.monotonic()
        async with engine.running(*jobs.runs):
            await asyncio.sleep(0)
        assert time.monotonic() - before < BOUND_SECONDS
    own_server.thaw()
    url = own_server.set_user("bot", "~*", "+@all")
    async with asyncio.timeout(30), engine_on(url) as engine:
        async with engine.running(*jobs.runs):
            await wait_until(lambda: own_server.refusals() > 0)
            before = time.monotonic()
        assert time.monotonic() - before < BOUND_SECONDS


@pytest.mark.usefixtures("short_graces")
async def test_a_job_that_does_not_let_go_holds_up_nobody(engine: Engine, jobs: Jobs) -> None:
    limiter = asyncio.Event()

    async def stubborn(_: str) -> None:
        while not limiter.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await limiter.wait()

    jobs.does(stubborn)
    try:
        async with engine.running(*jobs.runs):
            await engine.wake("42")
            await wait_until(lambda: jobs.running["42"] == 1)
            before = time.monotonic()
        assert time.monotonic() - before < BOUND_SECONDS
    finally:
        limiter.set()
    await wait_until(lambda: jobs.running["42"] == 0)


async def test_nothing_of_a_finished_job_stays_in_redis_for_ever(
    redis_url: str, redis_server: RedisServer, jobs: Jobs
) -> None:
    async with engine_on(redis_url) as engine, engine.running(*jobs.runs):
        for number in range(20):
            await engine.wake(str(number))
            await engine.wake(str(number), f"scene{number}")
        await wait_until(lambda: len(jobs.ended) == 40)
    # docket's own bookkeeping, whose size does not grow with the jobs.
    assert not [key for key in redis_server.keys_without_end() if "channel:" in key or "scene:" in key]


async def test_a_redis_that_is_away_is_an_error_of_ours() -> None:
    with pytest.raises(TransientError):
        async with open_docket("redis://127.0.0.1:9/0", "scene_art"):
            pass


async def test_a_pause_ends_with_its_event() -> None:
    event = asyncio.Event()
    await event_or_timeout(event, 0.01)
    event.set()
    async with asyncio.timeout(5):
        await event_or_timeout(event, 60)
