"""docket's worker: nothing in the stream can kill it, and what it leaves undone is taken up at once."""

from __future__ import annotations

import asyncio
import logging
import pickle
import threading
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, ResponseError

from cogs.scene_art.jobs import worker
from cogs.scene_art.jobs.engine import Engine
from cogs.scene_art.jobs.worker import MOST_DELIVERIES, WaitingClient
from cogs.scene_art.store.health import ConnectionHealth
from sandbox.waiting import wait_until
from tests.jobs.support import Jobs, engine_on
from tests.redis_server import client_of

GROUP = "docket-workers"
STREAM = "scene_art-v1:stream"


def entry(**changes: bytes) -> dict[bytes, bytes]:
    """An entry of docket's stream, as docket writes it, with some of its fields changed."""
    fields = {
        "key": b"channel:7",
        "function": b"scene_art_channel",
        "args": pickle.dumps(("7",)),
        "kwargs": pickle.dumps({}),
        "when": datetime.now(UTC).isoformat().encode(),
        "attempt": b"1",
        "generation": b"0",
    }
    return {name.encode(): value for name, value in (fields | changes).items()}


class Touch:
    """Unpickled, it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


POISON = {
    "random fields": {b"colour": b"green"},
    "no pickle": entry(args=b"\x80garbage"),
    "no list": entry(args=pickle.dumps(5)),
    "no mapping": entry(kwargs=pickle.dumps(5)),
    "no time": entry(when=b"yesterday"),
    "no number": entry(attempt=b"many"),
    "no text": entry(key=b"\xff\xfe"),
    "unknown task without a pickle": entry(function=b"nobody", args=b""),
}


@pytest.fixture
def jobs() -> Jobs:
    return Jobs()


@asynccontextmanager
async def raw(engine: Engine) -> AsyncIterator[Any]:
    """The client of the engine's own docket: the in-process server has no other door."""
    async with engine._docket.redis() as client:
        yield client


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON)
async def test_an_entry_that_cannot_be_read_is_taken_out_and_stops_nobody(
    poison: dict[bytes, bytes], any_redis_url: str, jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    """docket's worker would die of it, take up nothing until its jobs are done, and meet it again after the lease."""
    limiter = asyncio.Event()
    jobs.does(lambda channel: limiter.wait() if channel == "long" else asyncio.sleep(0))
    async with (
        engine_on(any_redis_url) as engine,
        engine.running(*jobs.runs),
        raw(engine) as client,
    ):
        await engine.wake("long")
        await wait_until(lambda: jobs.running["long"] == 1)
        entry_id = await client.xadd(STREAM, poison)
        await engine.wake("1")
        await engine.wake("2", "abc")
        await wait_until(lambda: sorted(jobs.ended) == ["1", "2/abc"], timeout=3)
        limiter.set()
        await wait_until(lambda: len(jobs.ended) == 3)
        await wait_until(lambda: entry_id.decode() in caplog.text)
    assert caplog.text.count("cannot be read and is taken out") == 1
    assert "stopped unexpectedly" not in caplog.text


async def test_an_entry_that_cannot_be_read_leaves_nothing_behind(redis_url: str, jobs: Jobs) -> None:
    async with engine_on(redis_url) as engine, engine.running(*jobs.runs), raw(engine) as client:
        for poison in POISON.values():
            await client.xadd(STREAM, poison)
        await engine.wake("1")
        await wait_until(lambda: jobs.ended == ["1"])
    async with client_of(redis_url) as client:
        assert await client.xlen(STREAM) == 0
        assert (await client.xpending(STREAM, GROUP))["pending"] == 0


async def test_an_entry_cannot_have_anything_called(
    any_redis_url: str, jobs: Jobs, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """docket unpickles whatever lies in its stream, and a pickle can name any function."""
    mark = tmp_path / "called"
    async with (
        engine_on(any_redis_url) as engine,
        engine.running(*jobs.runs),
        raw(engine) as client,
    ):
        await client.xadd(STREAM, entry(args=pickle.dumps((Touch(mark),))))
        await client.xadd(STREAM, entry(kwargs=pickle.dumps({"channel_id": Touch(mark)})))
        await wait_until(lambda: caplog.text.count("is taken out") == 2)
    assert not mark.exists()


async def test_a_task_of_another_version_is_dropped_by_docket(
    redis_url: str, jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    async with engine_on(redis_url) as engine, engine.running(*jobs.runs), raw(engine) as client:
        await client.xadd(STREAM, entry(function=b"scene_art_future"))
        await engine.wake("1")
        await wait_until(lambda: jobs.ended == ["1"])
        await wait_until(lambda: "scene_art_future" in caplog.text)
    assert "is taken out" not in caplog.text


async def deliver_often(client: Any, times: int) -> None:
    """Have a dead process take the stream's entries so many times, long ago."""
    await client.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    [[_, entries]] = await client.xreadgroup(GROUP, "dead", {STREAM: ">"})
    for entry_id, _ in entries:
        await client.xclaim(STREAM, GROUP, "dead", 0, [entry_id], idle=90_000, retrycount=times)


async def test_a_job_that_takes_its_process_along_each_time_is_given_up(
    redis_url: str, jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    async with engine_on(redis_url) as engine, raw(engine) as client:
        await engine.wake("1")
        await engine.wake("2", "abc")
        await deliver_often(client, MOST_DELIVERIES)
        async with engine.running(*jobs.runs):
            await wait_until(lambda: caplog.text.count("never finished") == 2)
            assert jobs.began == []
            await engine.wake("1")
            await engine.wake("2", "abc")
            await wait_until(lambda: sorted(jobs.ended) == ["1", "2/abc"])
    assert "channel:1" in caplog.text
    assert "scene:abc" in caplog.text


async def test_a_job_is_tried_again_until_then(redis_url: str, jobs: Jobs) -> None:
    async with engine_on(redis_url) as engine, raw(engine) as client:
        await engine.wake("1")
        await engine.wake("2", "abc")
        await deliver_often(client, MOST_DELIVERIES - 1)
        async with engine.running(*jobs.runs):
            await wait_until(lambda: sorted(jobs.ended) == ["1", "2/abc"])


async def test_a_long_job_is_no_job_that_was_begun_often(
    any_redis_url: str, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lease is renewed four times in its length; the in-process server counts each as a delivery."""
    monkeypatch.setattr("cogs.scene_art.jobs.engine.LEASE", timedelta(seconds=0.2))
    async with engine_on(any_redis_url) as engine, raw(engine) as client:
        await engine.wake("1")
        await client.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
        [[_, [(entry_id, _)]]] = await client.xreadgroup(GROUP, "dead", {STREAM: ">"})
        for _ in range(MOST_DELIVERIES + 1):
            await client.xclaim(STREAM, GROUP, "dead", 0, [entry_id], idle=0, justid=True)
        async with engine.running(*jobs.runs):
            await wait_until(lambda: jobs.ended == ["1"])


async def test_what_a_stopping_process_leaves_undone_goes_to_another_at_once(
    any_redis_url: str, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not only when the lease is over, half a minute later."""
    monkeypatch.setattr("cogs.scene_art.jobs.engine.SHUTDOWN_GRACE", timedelta(seconds=0.1))
    jobs.does(lambda _: asyncio.Event().wait())
    others = Jobs()
    async with engine_on(any_redis_url) as first, engine_on(any_redis_url) as second:
        async with first.running(*jobs.runs):
            await first.wake("1")
            await first.wake("2", "abc")
            await wait_until(lambda: jobs.running.total() == 2)
            await first.wake("1")
        assert jobs.ended == []
        async with second.running(*others.runs):
            await wait_until(lambda: {"1", "2/abc"} <= set(others.ended), timeout=3)
    assert others.ended.count("2/abc") == 1


async def test_an_undone_job_whose_key_waits_for_later_goes_to_another_at_once(
    any_redis_url: str, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A guard that rang, found the lock free and paints; meanwhile another run was turned away and set it anew."""
    monkeypatch.setattr("cogs.scene_art.jobs.engine.SHUTDOWN_GRACE", timedelta(seconds=0.1))
    jobs.does(lambda _: asyncio.Event().wait())
    others = Jobs()
    async with engine_on(any_redis_url) as first, engine_on(any_redis_url) as second:
        async with first.running(*jobs.runs):
            await first.guard("1", "", time.time())
            await first.guard("2", "abc", time.time())
            await wait_until(lambda: jobs.running.total() == 2)
            await first.guard("1", "", time.time() + 3600)
            await first.guard("2", "abc", time.time() + 3600)
        async with second.running(*others.runs):
            await wait_until(lambda: sorted(others.ended) == ["1", "2/abc"], timeout=3)


async def test_what_an_earlier_version_put_aside_is_let_in(
    redis_url: str, jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    """Its processes run beside ours for a while, and the alarms of what they put aside ring with us, too."""
    aside = "scene_art-v1:scene_art-v1-channel:concurrency:channel_id:7:waiters"
    async with engine_on(redis_url) as engine, engine.running(*jobs.runs), raw(engine) as client:
        await client.xadd(aside, {b"colour": b"green"})
        await client.xadd(aside, entry())
        await client.xadd(STREAM, safeguard_of(STREAM))
        await client.xadd(STREAM, safeguard_of(aside))
        await wait_until(lambda: jobs.ended == ["7"])
        async with asyncio.timeout(5):
            while await client.xlen(aside) or await client.xlen(STREAM):  # noqa: ASYNC110  # Redis has no event for it
                await asyncio.sleep(0.01)
        assert await client.ttl(aside) > 0
    assert "does not know" not in caplog.text


def safeguard_of(stream: str) -> dict[bytes, bytes]:
    """The alarm that docket's ConcurrencyLimit sets for what it puts into that stream."""
    arguments = pickle.dumps({"waiter_stream": stream, "max_concurrent": 1})
    return entry(key=b"__safeguard__:channel:7", function=b"_safeguard_wake", args=pickle.dumps(()), kwargs=arguments)


async def test_a_stopping_process_hands_back_no_job_of_another(
    redis_url: str, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two containers may have the same host name and process id; here two engines share a process."""
    monkeypatch.setattr("cogs.scene_art.jobs.engine.SHUTDOWN_GRACE", timedelta(seconds=0.1))
    limiter = asyncio.Event()
    others = Jobs()
    others.does(lambda _: limiter.wait())
    async with (
        engine_on(redis_url) as first,
        engine_on(redis_url) as second,
        second.running(*others.runs),
    ):
        await second.wake("2", "abc")
        await wait_until(lambda: others.running.total() == 1)
        async with first.running(*jobs.runs):
            await wait_until(lambda: others.running.total() == 1)
        await second.wake("3", "later")
        await wait_until(lambda: others.running.total() == 2)
        limiter.set()
        await wait_until(lambda: len(others.ended) == 2)
    assert [name for name, _ in others.began] == ["2/abc", "3/later"]


@pytest.fixture
def blocked_executor() -> Iterator[ThreadPoolExecutor]:
    """The only thread of an executor, at work until the test is over."""
    end = threading.Event()
    with ThreadPoolExecutor(1) as executor:
        executor.submit(end.wait)
        yield executor
        end.set()


async def test_the_in_process_redis_takes_no_thread_of_the_host(
    blocked_executor: ThreadPoolExecutor, jobs: Jobs
) -> None:
    """A host whose threads are all busy gets its pictures, and none of its own work waits for ours."""
    asyncio.get_running_loop().set_default_executor(blocked_executor)
    async with engine_on("memory://no-threads") as engine, engine.running(*jobs.runs):
        for number in range(5):
            await engine.wake(str(number))
            await engine.wake("9", str(number))
        await wait_until(lambda: len(jobs.ended) == 10)
        assert blocked_executor._work_queue.empty()


async def test_docket_can_still_cancel_on_the_in_process_redis(jobs: Jobs, caplog: pytest.LogCaptureFixture) -> None:
    """docket hears of a cancelled job on the subscription that we poll for it."""
    jobs.does(lambda _: asyncio.Event().wait())
    async with engine_on("memory://cancel") as engine, engine.running(*jobs.runs):
        await engine.wake("9", "abc")
        await wait_until(lambda: jobs.running.total() == 1)
        with caplog.at_level(logging.INFO, logger="docket"):
            await engine._docket.cancel("scene:abc")
            await wait_until(lambda: jobs.running.total() == 0)


class Troubled:
    """A client whose commands fail in the ways of the list, one after the other, and answer then."""

    def __init__(self, *troubles: Exception | float) -> None:
        self.troubles = list(troubles)
        self.calls: list[tuple[Any, ...]] = []

    async def xautoclaim(self, *words: str, name: str) -> str:
        self.calls.append((*words, name))
        trouble = self.troubles.pop(0) if self.troubles else None
        if isinstance(trouble, Exception):
            raise trouble
        if trouble is not None:
            await asyncio.sleep(trouble)
        return "answer"

    async def publish(self) -> None:
        raise RedisConnectionError("away")


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses that a test can wait for."""
    monkeypatch.setattr(worker, "AWAY_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(worker, "SILENT_SECONDS", 0.05)


@pytest.mark.usefixtures("hasty")
async def test_what_the_worker_reads_is_read_again_until_redis_answers(caplog: pytest.LogCaptureFixture) -> None:
    client = Troubled(RedisConnectionError("away"), ResponseError("READONLY"), 60.0)
    with caplog.at_level("INFO"):
        assert await WaitingClient(client, ConnectionHealth()).xautoclaim("words", name="too") == "answer"
    assert client.calls == [("words", "too")] * 4
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING", "INFO"], "loss, refusal, return"
    assert "ConnectionError" in caplog.text


@pytest.mark.parametrize("refusal", [ResponseError("NOGROUP no such group"), NoScriptError("no matching script")])
async def test_what_docket_mends_by_itself_is_left_to_it(refusal: Exception) -> None:
    with pytest.raises(type(refusal)):
        await WaitingClient(Troubled(refusal), ConnectionHealth()).xautoclaim(name="")


async def test_every_other_command_fails_as_ever() -> None:
    with pytest.raises(RedisConnectionError):
        await WaitingClient(Troubled(), ConnectionHealth()).publish()


async def test_a_redis_that_takes_long_to_answer_is_asked_whether_it_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "LATE_SECONDS", 0.01)
    health = Doubted()
    await WaitingClient(Troubled(), health).xautoclaim(name="")
    assert health.doubts == 0
    await WaitingClient(Troubled(0.1), health).xautoclaim(name="")
    assert health.doubts == 1


class Doubted(ConnectionHealth):
    """Counts."""

    doubts = 0

    def doubt(self) -> None:
        self.doubts += 1
        super().doubt()
