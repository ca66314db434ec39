"""Redis holds pickles, and a pickle can name any function: the bot calls none of them, wherever it lies."""

from __future__ import annotations

import base64
import json
import pickle
import re
import time
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import docket
import pytest

from cogs.scene_art.jobs.entries import LARGEST_BYTES, UnsoundEntryError, arguments_of
from sandbox.waiting import wait_until
from tests.jobs.support import Jobs, engine_on
from tests.stage import ROOT, Stage, open_stage

PREFIX = "scene_art-v1"
GROUP = "docket-workers"
PACKAGE = ROOT / "cogs" / "scene_art"


class Touch:
    """Unpickled, it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def called(folder: Path) -> list[str]:
    """List the attacks whose pickle was obeyed."""
    return [path.name for path in folder.iterdir()]


def job(bomb: bytes, *, field: str = "args", **changes: str) -> dict[str, Any]:
    """A job of ours as docket writes it, but for the pickle in `field`."""
    due = datetime.now(UTC).isoformat()
    fields: dict[str, Any] = {"key": "bomb", "when": due, "function": "scene_art_channel", "attempt": "1"}
    fields |= {"generation": "0", "args": pickle.dumps(("7",)), "kwargs": pickle.dumps({})}
    return fields | changes | {field: bomb}


async def strikes(redis: Any, bomb: bytes) -> None:
    for parameter in ({}, {"parameter": "channel_id"}):
        await redis.xadd(f"{PREFIX}:strikes", {"direction": "strike", "operator": "==", "value": bomb} | parameter)


async def stream(redis: Any, bomb: bytes) -> None:
    for field in ("args", "kwargs"):
        for function in ("scene_art_channel", "scene_art_scene", "_safeguard_wake", "trace", "nobody"):
            await redis.xadd(f"{PREFIX}:stream", job(bomb, field=field, function=function))


async def alarms(redis: Any, bomb: bytes) -> None:
    for number, field in enumerate(("args", "kwargs")):
        await redis.hset(f"{PREFIX}:alarm{number}", mapping=job(bomb, field=field, key=f"alarm{number}"))
        await redis.zadd(f"{PREFIX}:queue", {f"alarm{number}": time.time()})


async def records(redis: Any, bomb: bytes) -> None:
    """Records of runs, and results: docket unpickles both for whoever asks for an execution, and nobody does."""
    packed = base64.b64encode(bomb).decode()
    for key in ("bomb", "scene_art_channel"):
        run = job(bomb, field="args", key=key) | {"kwargs": bomb, "state": "queued", "result": key, "error": packed}
        await redis.hset(f"{PREFIX}:runs:{key}", mapping=run)
        await redis.hset(f"{PREFIX}:progress:{key}", mapping={"current": "1", "message": bomb})
        await redis.set(f"{PREFIX}:results:{key}", json.dumps({"value": {"data": packed}, "data": packed}))


async def set_aside(redis: Any, bomb: bytes) -> None:
    """Jobs that an earlier version put aside, and the alarm that lets them in."""
    aside = f"{PREFIX}:scene_art-v1-channel:concurrency:channel_id:7:waiters"
    await redis.xadd(aside, job(bomb))
    arguments = pickle.dumps({"waiter_stream": aside, "max_concurrent": 1})
    alarm = job(arguments, field="kwargs", function="_safeguard_wake", args="")
    await redis.xadd(f"{PREFIX}:stream", alarm | {"args": pickle.dumps(())})


ATTACKS: dict[str, Callable[[Any, bytes], Awaitable[None]]] = {
    attack.__name__: attack for attack in (strikes, stream, alarms, records, set_aside)
}


@pytest.fixture
async def stage(any_redis_url: str) -> AsyncIterator[Stage]:
    async with open_stage(any_redis_url, painter="storyboard") as opened:
        yield opened


async def test_no_pickle_in_redis_is_obeyed_and_pictures_go_on(stage: Stage, tmp_path: Path) -> None:
    """Whoever can write docket's keys cannot run a command in the bot with them."""
    channel = stage.channel()
    await stage.shown(channel, "The gate opens.")
    for name, attack in ATTACKS.items():
        await attack(stage.redis, pickle.dumps(Touch(tmp_path / name)))
        await stage.shown(channel, f"Then the {name} come.")
    assert called(tmp_path) == []


async def test_a_pickle_that_waited_for_the_bot_is_not_obeyed_at_its_start(any_redis_url: str, tmp_path: Path) -> None:
    """docket reads its list of strikes, its stream and its alarms as soon as it connects."""
    async with engine_on(any_redis_url) as attacker, attacker._docket.redis() as redis:
        for name, attack in ATTACKS.items():
            await attack(redis, pickle.dumps(Touch(tmp_path / name)))
        async with open_stage(any_redis_url, painter="storyboard") as stage:
            await stage.shown(stage.channel(), "The gate opens.")
    assert called(tmp_path) == []


async def test_a_stopping_bot_obeys_no_pickle_among_what_it_hands_back(any_redis_url: str, tmp_path: Path) -> None:
    """Anybody who can write the stream can give an entry to a worker that never read it."""
    jobs, mark = Jobs(), tmp_path / "called"
    async with engine_on(any_redis_url) as engine, engine._docket.redis() as client:
        redis: Any = client
        await redis.xgroup_create(f"{PREFIX}:stream", GROUP, id="0", mkstream=True)
        await redis.xadd(f"{PREFIX}:stream", job(pickle.dumps((Touch(mark),))))
        await redis.xadd(f"{PREFIX}:stream", job(pickle.dumps(("8",)), key="sound"))
        await redis.xreadgroup(GROUP, engine._worker_name, {f"{PREFIX}:stream": ">"})
        async with engine.running(*jobs.runs):
            await engine.wake("1")
            await wait_until(lambda: jobs.ended == ["1"])
        async with engine_on(any_redis_url) as next_one, next_one.running(*jobs.runs):
            await wait_until(lambda: "8" in jobs.ended, timeout=3)
    assert not mark.exists()


async def test_dockets_own_tasks_cannot_be_called(any_redis_url: str, caplog: pytest.LogCaptureFixture) -> None:
    """It brings three, one of which sleeps as long as an entry says, and one of which logs what it says."""
    jobs = Jobs()
    async with engine_on(any_redis_url) as engine, engine.running(*jobs.runs), engine._docket.redis() as client:
        redis: Any = client
        for function, argument in (("sleep", 3600), ("trace", "forged"), ("fail", "forged")):
            await redis.xadd(f"{PREFIX}:stream", job(pickle.dumps((argument,)), key=function, function=function))
        await engine.wake("1")
        await wait_until(lambda: caplog.text.count("this version does not know is dropped") == 3)
        await wait_until(lambda: jobs.ended == ["1"])
    assert "forged" not in caplog.text


def test_docket_unpickles_nowhere_but_where_these_attacks_were_tried() -> None:
    """Entries, strikes, and the executions, results and snapshots that nobody here asks it for."""
    folder = Path(docket.__file__).parent
    found = {path.name: path.read_text("utf-8").count("pickle.loads(") for path in folder.rglob("*.py")}
    assert {name: count for name, count in found.items() if count} == {
        "execution.py": 4,
        "strikelist.py": 1,
        "docket.py": 2,
    }
    asked = re.compile(r"\.(get_execution|get_result|snapshot)\(|pickle\.load")
    assert [path.name for path in PACKAGE.rglob("*.py") if asked.search(path.read_text("utf-8"))] == ["entries.py"]


def both(args: bytes, kwargs: bytes = pickle.dumps({})) -> dict[bytes, bytes]:
    return {b"args": args, b"kwargs": kwargs}


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_plain_arguments_are_read_whatever_wrote_them(protocol: int) -> None:
    args, kwargs = ("7", "7", "ä" * 300), {"limit": 3, "far": -(10**12), "part": 0.5, "of": None, "is": True}
    message = both(pickle.dumps(args, protocol), pickle.dumps(kwargs, protocol))
    assert arguments_of(message) == (args, kwargs)


LAUGHS = b"\x80\x04\x8c\x01a\x94" + b"\x86\x94".join(b"h%c" % n * 2 for n in range(60)) + b"\x86."
"""Sixty tuples, each of the one before it twice: a line of text about it would have 2 ** 60 words."""


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"garbage",
        b"cposix\nsystem\n(S'true'\ntR.",
        pickle.dumps(Touch(Path("nowhere"))),
        pickle.dumps((Path,)),
        pickle.dumps(5),
        pickle.dumps([7]),
        pickle.dumps((["7"],)),
        pickle.dumps((b"7",)),
        pickle.dumps(("7" * LARGEST_BYTES,)),
        b"\x80\x04N\x95\xff\xff\xff\xff\xff\xff\xff\x7f.",
        LAUGHS,
    ],
)
def test_everything_else_is_turned_away_unread(raw: bytes) -> None:
    with pytest.raises(UnsoundEntryError):
        arguments_of(both(raw))


def test_a_few_bytes_cannot_ask_for_much_memory() -> None:
    """A pickle of nine bytes can have the memory for a hundred million objects set aside, before it is found wrong."""
    tracemalloc.start()
    try:
        with pytest.raises(UnsoundEntryError):
            arguments_of(both(b"\x80\x04)r" + (1 << 22).to_bytes(4, "little") + b"."))
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
