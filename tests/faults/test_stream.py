"""Foreign entries in docket's stream: of other programs, of another version, and of broken writers."""

from __future__ import annotations

from typing import Any

from docket import Docket, Worker

from cogs.scene_art.jobs.engine import SCHEMA_VERSION, open_docket
from tests.faults.support import STREAM, World, until

GARBAGE: list[dict[Any, Any]] = [
    {"garbage": b"\xff\xfe\x00"},
    {"key": b"channel:1"},
    {"key": b"\xff", "when": b"soon", "function": b"scene_art_channel", "args": b"", "kwargs": b"", "attempt": b"1"},
    {
        "key": b"channel:2",
        "when": b"2026-01-01T00:00:00+00:00",
        "function": b"scene_art_channel",
        "args": b"this is no pickle",
        "kwargs": b"nor is this",
        "attempt": b"1",
    },
    {
        "key": b"channel:3",
        "when": b"2026-01-01T00:00:00+00:00",
        "function": b"scene_art_channel",
        "args": b"cnowhere\nnothing\n.",  # names a class that cannot be imported
        "kwargs": b"}.",
        "attempt": b"1",
    },
]


async def test_malformed_and_undecodable_entries_stop_nothing(world: World) -> None:
    channel = world.channel()
    await world.bot()
    await world.one_more(channel)
    for entry in GARBAGE:
        await world.redis.xadd(STREAM, entry)
        await world.one_more(channel)

    async def gone() -> bool:
        return await world.redis.xlen(STREAM) == 0

    await until(gone)


async def test_a_task_that_this_version_does_not_know_stops_nothing(world: World) -> None:
    """A newer process of a rolling deploy put it there."""
    channel = world.channel()
    await world.bot()
    await world.one_more(channel)

    async def task_of_tomorrow(channel_id: str) -> None:
        raise AssertionError("only the bot works here")

    async with open_docket(world.server.url, "scene_art") as (docket, _):
        docket.register(task_of_tomorrow)
        await docket.add(task_of_tomorrow, key="tomorrow")(str(channel.id))
        await world.one_more(channel)
        await docket.add(task_of_tomorrow, key="tomorrow")(str(channel.id))
        await world.one_more(channel)


async def test_a_docket_of_another_version_takes_none_of_our_jobs(world: World) -> None:
    """An older process of a rolling deploy works on, without the tasks of this version."""
    channel = world.channel()
    await world.bot()
    async with (
        Docket(name=f"scene_art-v{SCHEMA_VERSION - 1}", url=world.server.url) as older,
        Worker(older, schedule_automatic_tasks=False) as worker,
    ):
        done = []

        async def task_of_yesterday() -> None:
            done.append(1)

        older.register(task_of_yesterday)
        for _ in range(3):
            await older.add(task_of_yesterday)()
            await worker.run_until_finished()
            await world.one_more(channel)
        assert len(done) == 3


async def test_a_job_that_an_older_process_dropped_is_found_by_the_next_one(world: World) -> None:
    """It works on our docket without knowing our tasks: docket drops the job, the event stays in the inbox."""
    channel = world.channel()
    world.sandbox.discord.fail_next("PUT", r"/commands$", hang=True)
    bot = await world.bot(connecting=False)  # it hears, and does not work yet
    await world.request(channel, "The lantern falls.")
    await world.queued()
    async with (
        Docket(name=f"scene_art-v{SCHEMA_VERSION}", url=world.server.url) as ours,
        Worker(ours, schedule_automatic_tasks=False) as older,
    ):
        await older.run_until_finished()
    assert await world.redis.xlen(STREAM) == 0
    await world.kill(bot)

    await world.bot()
    await world.pictures(channel)
    await world.one_more(channel)
    assert len(world.posts(channel)) == 2
    assert world.paid("The lantern falls.") == 1
