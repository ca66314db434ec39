"""Entries of ours in Redis that cannot be: an ordinary turn of the channel is drawn all the same."""

from __future__ import annotations

import hashlib
import json
import pickle
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from redis.asyncio import Redis

from sandbox import Channel, wait_until
from tests.faults.support import QUEUE, STREAM, World
from tests.stage import KEY

HUGE = 100 * 1024 * 1024
MANY = 1_000_000
SCENE = "0123456789abcdef"
OTHERS = "1574298351157903363"
DOCKET = STREAM.removesuffix(":stream")
ODD = "\x1b[31mowned\r\nERROR forged line\u202e @everyone ../../../etc/passwd"

Poison = Callable[[Redis, str], Awaitable[object]]


def key_of(channel: str, rest: str) -> str:
    return f"scene_art:{{{channel}}}:{rest}"


def put(rest: str, value: str | bytes) -> Poison:
    return lambda redis, channel: redis.set(key_of(channel, rest), value)


def put_list(rest: str, *values: str | bytes) -> Poison:
    return lambda redis, channel: redis.rpush(key_of(channel, rest), *values)


def put_many(rest: str) -> Poison:
    async def poison(redis: Redis, channel: str) -> None:
        for _ in range(MANY // 100_000):
            await redis.rpush(key_of(channel, rest), *["x"] * 100_000)

    return poison


def a_plan(**changes: Any) -> str:
    turn = {"scene_id": SCENE, "order": 1, "heard_at": time.time(), "due_at": time.time()}
    return json.dumps({"next_order": 2, "turns": [turn | changes.pop("turn", {})]} | changes)


def an_entry(**changes: Any) -> str:
    event = {"kind": "request", "channel_id": OTHERS, "narrative": ODD, "event_id": "x"}
    return json.dumps({"at": time.time(), "event": event} | changes)


def a_scene(channel: str, **changes: Any) -> str:
    return json.dumps({"id": SCENE, "channel_id": channel, "source": "turn", "narrative": ODD} | changes)


async def painted_scene(redis: Redis, channel: str) -> None:
    """A picture that is none, of a kind that leads to a path, under a plan that is at work on it."""
    scene = a_scene(channel, state="painted", mime="../../../../tmp/owned", painted_at=time.time())
    await redis.set(key_of(channel, f"scene:{SCENE}"), scene)
    await redis.rpush(key_of(channel, f"picture:{SCENE}"), b"<html>")
    await redis.set(key_of(channel, "plan"), a_plan(turn={"state": "started"}))


async def false_picture(redis: Redis, channel: str) -> None:
    """As before, of a kind that can be."""
    await painted_scene(redis, channel)
    scene = a_scene(channel, state="posting", mime="image/png", painted_at=time.time(), reply_to="abc")
    await redis.set(key_of(channel, f"scene:{SCENE}"), scene)


async def known_scene_of_huge_size(redis: Redis, channel: str) -> None:
    await redis.set(key_of(channel, f"scene:{SCENE}"), b"{" * HUGE)
    await redis.rpush(key_of(channel, "scenes"), SCENE)
    await redis.set(key_of(channel, "plan"), a_plan(turn={"state": "started"}))


async def open_list(redis: Any, channel: str) -> None:
    await redis.zadd("scene_art:open", {f"{ODD}{number}": 1.0 for number in range(300)})
    await redis.zadd("scene_art:open", {b"\xff\xfe": 1.0, "../x": 1.0, f"{channel}/../x": 1.0, OTHERS: 2.0})


async def odd_job(redis: Any, channel: str) -> None:
    for number, arguments in enumerate([(ODD,), (b"\xff",), (None,), ([channel],), (10**400,), (), (1, 2, 3)]):
        job = {
            "key": f"odd-{number}" if number % 2 else ODD,
            "when": "2020-01-01T00:00:00+00:00",
            "function": "scene_art_channel",
            "args": pickle.dumps(arguments),
            "kwargs": pickle.dumps({}),
            "attempt": "1",
        }
        await redis.xadd(STREAM, job)


async def odd_alarms(redis: Any, channel: str) -> None:
    await redis.zadd(QUEUE, {ODD: 1.0, b"\xff": 1.0})


async def budget(redis: Redis, channel: str) -> None:
    day = time.strftime("%Y%m%d", time.gmtime())
    await redis.hset(f"scene_art:{{spent}}:{day}", mapping={"all": "nan", "direct": "-5"})
    await redis.hset("scene_art:{spent}:total", "all", "9" * 30)


POISONS: dict[str, Poison] = {
    "plan bytes": put("plan", b"\xff\x00[" * 1000),
    "plan huge": put("plan", b"[" * HUGE),
    "plan far": put("plan", a_plan(turn={"state": "started", "resume_at": 1e300})),
    "plan nan": put("plan", a_plan(cooldown_from=float("nan"))),
    "plan cooldown": put("plan", a_plan(cooldown_from=time.time() + 40 * 3600, turn={"state": "done"})),
    "plan path": put("plan", a_plan(turn={"scene_id": "../../../../etc/passwd"})),
    "mailbox odd": put_list("mailbox", b"\xff", "[" * 100_000, "{}", an_entry(), an_entry(at=1e300), ODD),
    "scenes odd": put_list("scenes", b"\xff", ODD, "../x"),
    "scenes million": put_many("scenes"),
    "scene huge": known_scene_of_huge_size,
    "painted": painted_scene,
    "posting": false_picture,
    "open odd": open_list,
    "budget numbers": budget,
    "job odd": odd_job,
    "queue odd": odd_alarms,
}


@pytest.fixture
async def poisoned(world: World) -> World:
    """A world with a bot at work that has a budget."""
    await world.bot(budget_day=1000, budget_total=100_000, budget_guild_day=1000)
    return world


@pytest.mark.parametrize("name", POISONS)
async def test_a_turn_after_each_poison(poisoned: World, name: str) -> None:
    world, channel = poisoned, poisoned.channel()
    bot = world.bots[0]
    lines = len(bot.lines)
    await POISONS[name](world.redis, str(channel.id))
    await draw_a_turn(world, channel)
    told = bot.lines[lines:]
    assert sum("ERROR" in line or "WARNING" in line for line in told) <= 12, told
    for odd in ("\x1b[31mowned", "\u202e", "Traceback"):
        assert not any(odd in line for line in told), told
    assert not any(line.startswith("ERROR forged") for line in told), told


async def draw_a_turn(world: World, channel: Channel) -> None:
    before = len(world.posts(channel))
    await world.turn(channel, "The lantern falls.", turn_id="t-1")
    await world.request(channel, "The lantern falls.", turn_id="t-1")
    posts = await world.pictures(channel, before + 1)
    await wait_until(lambda: any("The lantern falls." in story for story in world.stories(channel)))
    assert {post.attachments[0].filename[:6] for post in posts} == {"scene_"}
    assert not any("<html>" in message.content for message in posts)


async def test_rests_of_keys_that_cannot_be(poisoned: World) -> None:
    """Every key of Gemini's is said to rest for ever."""
    await poisoned.one_more(poisoned.channel())
    names = [name async for name in poisoned.redis.scan_iter("scene_art:{keys}:*")]
    assert names == []
    for value in ("inf", "nan", "-5", "1e300", b"\xff", b"9" * 1_000_000):
        for mark in marks():
            await poisoned.redis.set(f"scene_art:{{keys}}:benched:{mark}", value)
        await draw_a_turn(poisoned, poisoned.channel())


def marks() -> list[str]:
    return [hashlib.sha256(f"scene_art {KEY}".encode()).hexdigest()[:16]]
