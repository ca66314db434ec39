"""A run that finds the lock of its channel or scene taken: what it came for is done, and soon."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio

from cogs.scene_art.domain.events import ArtRequest
from cogs.scene_art.domain.scene import Scene, Source
from cogs.scene_art.jobs.engine import SCHEMA_VERSION
from cogs.scene_art.pipeline.inbox_reader import ENTRIES_AT_ONCE
from cogs.scene_art.pipeline.render_job import SceneRuns
from cogs.scene_art.store.lock import LOCK_SECONDS, Lock
from sandbox import Channel
from tests.redis_server import own_redis
from tests.stage import Stage, open_stage
from tests.stores import Stores

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROMPTLY_SECONDS = 3.0
"""With a picture, on a busy machine: much less than any lock lasts."""
DEAD_SECONDS = 3
"""So long the lock of a dead process still lasts."""
QUEUE = f"scene_art-v{SCHEMA_VERSION}:queue"
STREAM = f"scene_art-v{SCHEMA_VERSION}:stream"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    """One bot for all of this file; every test has a channel of its own."""
    with own_redis() as server:
        async with open_stage(server.url, cooldown_seconds=0, fallback_seconds=600) as opened:
            yield opened


def raw(stage: Stage) -> Any:
    """The stage's client, with all that Redis can be asked."""
    return stage.redis


def lock_key(channel: Channel, *scene_id: str) -> str:
    return ":".join((f"scene_art:{{{channel.id}}}:work", *scene_id))


async def until(look: Callable[[], Awaitable[object]], seconds: float = 10) -> None:
    """Ask Redis until it is so."""
    async with asyncio.timeout(seconds):
        while not await look():  # noqa: ASYNC110  # Redis has no event for it
            await asyncio.sleep(0.01)


Arrange = Callable[[str, Callable[[], Awaitable[None]]], None]


@pytest.fixture
def before_release(monkeypatch: pytest.MonkeyPatch) -> Arrange:
    """Have something happen between the last look of the first run under a lock and its release."""
    release = Lock.release

    def arranged(key: str, meanwhile: Callable[[], Awaitable[None]]) -> None:
        happened = False

        async def late(lock: Lock) -> None:
            nonlocal happened
            if lock._key == key and not happened:
                happened = True
                await meanwhile()
            await release(lock)

        monkeypatch.setattr(Lock, "release", late)

    return arranged


async def was_turned_away(stage: Stage, channel: Channel, *scene_id: str) -> None:
    """Wait until a run has left word that it found the lock taken."""
    await until(lambda: raw(stage).exists(f"{lock_key(channel, *scene_id)}:again"))


async def test_what_comes_after_the_last_look_into_the_inbox_is_taken_up_at_once(
    stage: Stage, before_release: Arrange
) -> None:
    channel = stage.channel()
    released = 0.0

    async def one_more() -> None:
        nonlocal released
        await stage.request(channel, "The gate closes.")
        await was_turned_away(stage, channel)
        released = time.monotonic()

    before_release(lock_key(channel), one_more)
    await stage.request(channel, "The gate opens.")

    await stage.pictures(channel, 2)
    assert time.monotonic() - released < PROMPTLY_SECONDS


async def test_what_comes_before_a_run_ends_by_a_fault_is_taken_up_at_once(
    stage: Stage, before_release: Arrange, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = stage.channel()

    async def one_more() -> None:
        monkeypatch.undo()
        await stage.request(channel, "The gate closes.")
        await was_turned_away(stage, channel)

    async def breaks(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    before_release(lock_key(channel), one_more)
    monkeypatch.setattr(SceneRuns, "close", breaks)
    await stage.request(channel, "The gate opens.")

    await stage.pictures(channel, 2)


async def test_an_alarm_that_rings_after_the_last_look_at_the_plan_is_heard(
    stage: Stage, before_release: Arrange
) -> None:
    """The clock of the process that rings it may be ahead, or the process that works may be slow."""
    channel, rung = stage.channel(), asyncio.Event()

    async def rings() -> None:
        assert stage.cog.app.wiring is not None
        scheduler = stage.cog.app.wiring.scheduler
        await scheduler.wake(str(channel.id), at=scheduler.now())
        await was_turned_away(stage, channel)
        rung.set()

    before_release(lock_key(channel), rings)
    await stage.turn(channel, "The gate opens.")
    async with asyncio.timeout(10):
        await rung.wait()

    async def set_anew() -> bool:
        due = await raw(stage).zrange(QUEUE, 0, -1, withscores=True)
        return any(name.decode().startswith(f"alarm:{channel.id}:") and at > time.time() + 60 for name, at in due)

    await until(set_anew, PROMPTLY_SECONDS)


async def test_a_scene_is_looked_at_again_by_whoever_has_it(stage: Stage, before_release: Arrange) -> None:
    """Somebody cancels it, say, while it is put off once more."""
    channel = stage.channel()
    scene = await waiting_scene(stage, channel)
    assert stage.cog.app.wiring is not None
    wiring = stage.cog.app.wiring

    async def cancelled() -> None:
        await Stores(stage.redis).scenes.ask_to_cancel(scene)
        await wiring.scheduler.wake(scene.channel_id, scene.id, wiring.scheduler.now())
        await was_turned_away(stage, channel, scene.id)

    before_release(lock_key(channel, scene.id), cancelled)
    await wiring.scheduler.wake(scene.channel_id, scene.id)

    async def ended() -> bool:
        found = await Stores(stage.redis).scenes.scene(scene.channel_id, scene.id)
        return found is not None and found.state.finished

    await until(ended, PROMPTLY_SECONDS)


async def waiting_scene(stage: Stage, channel: Channel) -> Scene:
    """A scene of a person's that was put off."""
    scene = Scene(
        id=f"{time.monotonic_ns():016x}",
        channel_id=str(channel.id),
        source=Source.PERSON,
        requested_by="7",
        narrative="The gate opens.",
        heard_at=time.time(),
        starts=1,
        resume_at=time.time() + 600,
    )
    await Stores(stage.redis).scenes.add(scene)
    return scene


async def test_what_a_dead_process_locked_is_taken_up_when_its_lock_ends(stage: Stage) -> None:
    channel = stage.channel()
    await locked_by_the_dead(stage, lock_key(channel))
    began = time.monotonic()
    await stage.request(channel, "The gate opens.")

    await stage.picture(channel)
    assert DEAD_SECONDS - 0.6 < time.monotonic() - began < DEAD_SECONDS + PROMPTLY_SECONDS


async def test_a_scene_that_a_dead_process_locked_is_taken_up_when_its_lock_ends(stage: Stage) -> None:
    channel = stage.channel()
    scene = await waiting_scene(stage, channel)
    await Stores(stage.redis).scenes.save(scene.model_copy(update={"resume_at": None}))
    await locked_by_the_dead(stage, lock_key(channel, scene.id))
    began = time.monotonic()
    assert stage.cog.app.wiring is not None
    await stage.cog.app.wiring.scheduler.wake(scene.channel_id, scene.id)

    await stage.picture(channel)
    assert DEAD_SECONDS - 0.6 < time.monotonic() - began < DEAD_SECONDS + PROMPTLY_SECONDS


async def locked_by_the_dead(stage: Stage, key: str) -> None:
    pipe = stage.redis.pipeline()
    pipe.set(key, b"a dead run's", ex=DEAD_SECONDS)
    await pipe.execute()


async def test_many_that_are_turned_away_leave_one_guard_and_the_channels_alarm(stage: Stage) -> None:
    """Not a job for each, no place in the worker, and nothing that asks again all the time."""
    channel = stage.channel()

    async def due() -> dict[str, float]:
        found = await raw(stage).zrange(QUEUE, 0, -1, withscores=True)
        return {name.decode(): float(at) for name, at in found if str(channel.id).encode() in name}

    await stage.turn(channel, "The gate opens.")
    await until(due)
    alarm = await due()
    assert [name.split(":")[0] for name in alarm] == ["alarm"]
    pipe = stage.redis.pipeline()
    pipe.set(lock_key(channel), b"of a process that paints for long", ex=LOCK_SECONDS)
    await pipe.execute()

    await turned_away_often(stage, channel, 20)

    guards = {name: at for name, at in (await due()).items() if name not in alarm}
    assert [name.split(":")[0] for name in guards] == ["guard"]
    assert min(guards.values()) > time.time() + LOCK_SECONDS - 10
    assert {name: at for name, at in (await due()).items() if name in alarm} == alarm
    await until(lambda: has_no_job(stage))
    await asyncio.sleep(1)
    assert await has_no_job(stage), "nobody asks meanwhile"


async def turned_away_often(stage: Stage, channel: Channel, times: int) -> None:
    """Wake the channel so often, each time when the last run was turned away."""
    assert stage.cog.app.wiring is not None
    for _ in range(times):
        await raw(stage).delete(f"{lock_key(channel)}:again")
        await stage.cog.app.wiring.scheduler.wake(str(channel.id))
        await was_turned_away(stage, channel)


async def has_no_job(stage: Stage) -> bool:
    """Tell whether no job is due or at work."""
    return not await raw(stage).xlen(STREAM)


async def test_a_full_inbox_turns_none_of_its_own_runs_away(stage: Stage, before_release: Arrange) -> None:
    """The next slice is begun when the lock is free: begun before, it would only set a guard."""
    channel = stage.channel()
    turned_away: list[int] = []

    async def late() -> None:
        await asyncio.sleep(0.3)
        turned_away.append(await raw(stage).exists(f"{lock_key(channel)}:again"))

    before_release(lock_key(channel), late)
    requests = [
        (time.time(), ArtRequest(channel_id=str(channel.id), narrative=f"Door {number}.", event_id=f"e{number}"))
        for number in range(ENTRIES_AT_ONCE + 20)
    ]
    await Stores(stage.redis).inbox.enqueue(str(channel.id), requests)
    assert stage.cog.app.wiring is not None
    await stage.cog.app.wiring.scheduler.wake(str(channel.id))

    await stage.picture(channel)
    await stage.settled(channel)
    assert turned_away == [0]
