"""Listening: both channels, whatever Redis, the network or another program does."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis as BlockingRedis
from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster

from cogs.scene_art import publish_art_request, publish_turn_complete
from cogs.scene_art.domain.channel_plan import ChannelPlan
from cogs.scene_art.domain.events import Heard
from cogs.scene_art.domain.scene import Scene
from cogs.scene_art.domain.token_bucket import Rate
from cogs.scene_art.errors import TransientError
from cogs.scene_art.ingest.buffer import BUFFER_LIMIT
from cogs.scene_art.ingest.rate_limits import LIVE, Limits, RateLimiter
from cogs.scene_art.ingest.stream import CATCH_UP_SECONDS, KeptEvent
from cogs.scene_art.ingest.subscriber import Subscriber
from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.publish import REQUEST_CHANNEL, STREAM, TURN_CHANNEL
from cogs.scene_art.store.connection import RedisClient
from cogs.scene_art.store.health import ConnectionHealth
from sandbox.waiting import wait_until
from tests.redis_server import START_SECONDS, RedisServer, as_port, redis_binary


@asynccontextmanager
async def client_of(url: str) -> AsyncIterator[Redis]:
    """A client as docket makes its own: with a `socket_timeout`, redis-py on Python 3.11 loses cancellations."""
    async with Redis.from_url(url, socket_timeout=None) as client:
        yield client


class Inboxes:
    """Where the listener delivers to; it can be told to fail."""

    def __init__(self) -> None:
        self.entries: dict[str, list[str]] = {}
        self.times: dict[str, list[float]] = {}
        self.deliveries = 0
        self.events: list[Heard] = []
        self.open = asyncio.Event()
        self.open.set()
        self.failing: Callable[[str], Exception | None] = lambda _: None

    async def deliver(self, channel_id: str, heard: Sequence[Heard]) -> None:
        self.deliveries += 1
        await self.open.wait()
        if problem := self.failing(channel_id):
            raise problem
        self.events.extend(heard)
        self.entries.setdefault(channel_id, []).extend(event.narrative for _, event in heard)
        self.times.setdefault(channel_id, []).extend(at for at, _ in heard)


class Health(ConnectionHealth):
    """One that counts."""

    losses = 0

    def failed(self, part: str, exc: BaseException) -> None:
        self.losses += 1
        super().failed(part, exc)


@pytest.fixture
def inboxes() -> Inboxes:
    return Inboxes()


@asynccontextmanager
async def listening(
    client: RedisClient, inboxes: Inboxes, health: ConnectionHealth | None = None
) -> AsyncIterator[Subscriber]:
    """A listener at work, as the cog's loop and the house keep it."""
    listener = Subscriber(client, inboxes.deliver, health=health or ConnectionHealth())

    async def hear_for_ever() -> None:
        while True:
            await listener.listen()

    tasks = [
        asyncio.create_task(hear_for_ever(), name="scene-art hear"),
        asyncio.create_task(listener.carry(), name="scene-art carry"),
    ]
    try:
        await wait_until(listener.subscribed.is_set)
        yield listener
        assert not any(task.done() for task in tasks), "nothing ends the listening"
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_both_channels_are_heard_in_order(any_redis_url: str, inboxes: Inboxes) -> None:
    async with open_docket(any_redis_url, "scene_art") as (_, client), listening(client, inboxes):
        assert await publish_turn_complete(client, channel_id=42, narrative="A turn.")
        assert await publish_art_request(client, channel_id=42, narrative="A request.")
        assert await publish_art_request(client, channel_id=43, narrative="Elsewhere.")
        await wait_until(lambda: inboxes.entries == {"42": ["A turn.", "A request."], "43": ["Elsewhere."]})


async def test_the_in_process_redis_costs_no_thread(inboxes: Inboxes) -> None:
    """Its blocking read would park a thread of the host's executor, and hold its exit up."""
    async with open_docket("memory://threads", "scene_art") as (_, client):
        before = threading.active_count()
        async with listening(client, inboxes):
            await publish_turn_complete(client, channel_id=42, narrative="A turn.")
            await wait_until(lambda: inboxes.events)
            assert threading.active_count() <= before


async def test_malformed_messages_change_nothing_and_leave_a_line(
    redis_url: str, inboxes: Inboxes, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "what-a-player-said"
    bad = [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        json.dumps({"channel_id": True, "narrative": secret}).encode(),
        json.dumps({"channel_id": "1", "narrative": secret, "character_urls": secret}).encode(),
        b'{"narrative": "' + secret.encode() * 20_000 + b'"}',
    ]
    with caplog.at_level(logging.DEBUG):
        async with client_of(redis_url) as client, listening(as_port(client), inboxes):
            for channel in (REQUEST_CHANNEL, TURN_CHANNEL):
                for message in bad:
                    await client.publish(channel, message)
            await publish_turn_complete(as_port(client), channel_id=42, narrative="A turn.")
            await wait_until(lambda: inboxes.entries == {"42": ["A turn."]})
    dropped = [record.getMessage() for record in caplog.records if "Dropped" in record.getMessage()]
    assert len(dropped) == 2 * len(bad)
    assert any("channel_id: must be a string of digits" in line for line in dropped)
    assert secret not in caplog.text


async def test_a_killed_connection_is_made_anew(redis_url: str, inboxes: Inboxes) -> None:
    async with client_of(redis_url) as client, listening(as_port(client), inboxes):
        for number in ("1", "2", "3"):
            assert await client.client_kill_filter(_type="pubsub") == 1
            message = json.dumps({"channel_id": number, "narrative": "Still here."})
            async with asyncio.timeout(15):
                while number not in inboxes.entries:
                    # Pub/sub keeps nothing for those who are away.
                    await client.publish(TURN_CHANNEL, message)
                    await asyncio.sleep(0.05)


async def test_what_was_published_while_nobody_listened_is_heard_once(redis_url: str, inboxes: Inboxes) -> None:
    async with client_of(redis_url) as client:
        assert await publish_turn_complete(as_port(client), channel_id=42, narrative="Before.", turn_id="1")
        before, health = time.time(), Health()
        async with listening(as_port(client), inboxes, health) as listener:
            await wait_until(lambda: inboxes.entries == {"42": ["Before."]})
            assert inboxes.times["42"][0] <= before + 1, "its fallback counts from when it was published"
            await publish_turn_complete(as_port(client), channel_id=42, narrative="Now.")
            await wait_until(lambda: inboxes.entries == {"42": ["Before.", "Now."]})
            # The stream is read again with every new subscription.
            await client.client_kill_filter(_type="pubsub")
            await wait_until(lambda: health.losses == 1)
            await publish_turn_complete(as_port(client), channel_id=42, narrative="In the gap.")
            await wait_until(lambda: len(inboxes.entries["42"]) == 3)
            await wait_until(listener.subscribed.is_set)
            await publish_turn_complete(as_port(client), channel_id=42, narrative="After.")
            await wait_until(lambda: len(inboxes.entries["42"]) == 4)
    assert inboxes.entries == {"42": ["Before.", "Now.", "In the gap.", "After."]}


async def test_what_is_old_or_no_event_stays_in_the_stream(
    redis_url: str, inboxes: Inboxes, caplog: pytest.LogCaptureFixture
) -> None:
    async with client_of(redis_url) as client:
        old = int((time.time() - CATCH_UP_SECONDS - 60) * 1000)
        event = json.dumps({"channel_id": "1", "narrative": "Long ago."})
        await client.xadd(STREAM, {"channel": TURN_CHANNEL, "data": event}, id=f"{old}-0")
        await client.xadd(STREAM, {"something": "else"})
        await client.xadd(STREAM, {"channel": TURN_CHANNEL, "data": b"\xff"})
        for number in range(250):
            await publish_turn_complete(as_port(client), channel_id=42, narrative=f"{number}")
        async with listening(as_port(client), inboxes):
            await wait_until(lambda: len(inboxes.entries.get("42", [])) == 250)
    assert inboxes.entries == {"42": [str(number) for number in range(250)]}
    assert caplog.text.count("Dropped a message") == 2


WIDE_OPEN = RateLimiter(Limits(*[Rate(1e12, 1e12)] * 5))
CHANNELS = 20
"""As many as are needed to be no flood."""


def kept(narrative: str, **fields: object) -> dict[Any, Any]:
    """What a publisher puts into the stream."""
    return {"channel": TURN_CHANNEL, "data": json.dumps({"channel_id": "42", "narrative": narrative} | fields)}


def planned(*heard: Sequence[Heard]) -> list[str]:
    """The scenes that one channel's plan makes of what its processes heard, one process after the other."""
    plan, scenes = ChannelPlan(), dict[str, Scene]()
    for events in heard:
        for at, event in events:
            plan.apply(event, scenes, at, timedelta(seconds=60))
            plan.forget(at)
    return [scene.narrative for scene in scenes.values()]


async def test_what_two_processes_heard_and_read_again_is_planned_once(redis_url: str) -> None:
    first, second, third = Inboxes(), Inboxes(), Inboxes()
    async with client_of(redis_url) as client, listening(as_port(client), first), listening(as_port(client), second):
        for number in range(3):
            await publish_turn_complete(as_port(client), channel_id=42, narrative=f"Turn {number}.")
        await wait_until(lambda: len(first.events) == len(second.events) == 3)
        async with listening(as_port(client), third):  # comes later and reads all of it
            await wait_until(lambda: len(third.events) == 3)
    assert planned(first.events, second.events, third.events) == ["Turn 0.", "Turn 1.", "Turn 2."]
    assert planned(third.events, first.events) == ["Turn 0.", "Turn 1.", "Turn 2."]


async def test_an_event_that_could_be_kept_but_not_published_is_heard(
    redis_url: str, inboxes: Inboxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The game's connection broke between the two; nothing of it shows on the subscription."""
    monkeypatch.setattr("cogs.scene_art.ingest.subscriber.LOOK_AGAIN_SECONDS", 0.1)
    async with client_of(redis_url) as client, listening(as_port(client), inboxes):
        await publish_turn_complete(as_port(client), channel_id=42, narrative="Heard.")
        await wait_until(lambda: inboxes.entries == {"42": ["Heard."]})
        await client.xadd(STREAM, kept("Not published.", ts=1))
        await wait_until(lambda: inboxes.entries == {"42": ["Heard.", "Not published."]})


async def test_a_client_that_connects_anew_in_silence_misses_nothing(
    redis_url: str, redis_server: RedisServer, inboxes: Inboxes
) -> None:
    """redis-py's own retries hide the loss of a subscription."""
    async with (
        Redis(port=redis_server.port, socket_timeout=None) as client,
        listening(as_port(client), inboxes),
    ):
        await client.xadd(STREAM, kept("Read.", ts=0))
        await client.client_kill_filter(_type="pubsub")
        await client.xadd(STREAM, kept("In the gap.", ts=1))
        await wait_until(lambda: "In the gap." in inboxes.entries.get("42", []))


async def test_a_lost_subscription_is_back_within_a_second(redis_url: str, inboxes: Inboxes) -> None:
    health = Health()
    async with client_of(redis_url) as client, listening(as_port(client), inboxes, health) as listener:
        for lives in range(1, 4):
            killed_at = time.monotonic()
            await client.client_kill_filter(_type="pubsub")
            await wait_until(lambda lives=lives: health.losses == lives and listener.subscribed.is_set())  # type: ignore[misc]
            assert time.monotonic() - killed_at < 1


async def test_a_bare_event_in_the_stream_is_not_acted_on_since_another_process_may_have_heard_it(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    first, late, health = Inboxes(), Inboxes(), Health()
    async with client_of(redis_url) as client:
        async with listening(as_port(client), first, health) as listener:
            bare = kept("Bare.")
            await client.xadd(STREAM, bare)
            await client.publish(TURN_CHANNEL, bare["data"])
            await wait_until(lambda: first.entries == {"42": ["Bare."]})
            await client.client_kill_filter(_type="pubsub")
            await wait_until(lambda: health.losses == 1 and listener.subscribed.is_set())
            await publish_turn_complete(as_port(client), channel_id=42, narrative="Next.")
            await wait_until(lambda: len(first.events) == 2)
            assert "Dropped" not in caplog.text, "it is known here"
        async with listening(as_port(client), late):
            await wait_until(lambda: late.entries == {"42": ["Next."]})
    assert "carries neither ts nor turn_id" in caplog.text


async def test_a_stream_larger_than_the_buffer_is_read_as_it_is_delivered(
    redis_url: str, inboxes: Inboxes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Redis takes no writes, say: what is heard meanwhile must not be driven out by what can be read again."""
    monkeypatch.setattr("cogs.scene_art.ingest.subscriber.POLL_SECONDS", 0.02)
    monkeypatch.setattr("cogs.scene_art.ingest.subscriber.BUFFER_LIMIT", limit := 400)
    monkeypatch.setattr("cogs.scene_art.ingest.buffer.BUFFER_LIMIT", limit)
    inboxes.failing = lambda _: TransientError("Redis: OutOfMemoryError")
    async with client_of(redis_url) as client:
        for number in range(limit + 100):
            await client.xadd(STREAM, kept(f"{number}", ts=number, channel_id=str(number % CHANNELS + 1)))
        async with listening(as_port(client), inboxes) as listener:
            await wait_until(lambda: len(listener._buffer) > limit // 2)
            inboxes.open.clear()  # a delivery that hangs
            refused = inboxes.deliveries
            await wait_until(lambda: inboxes.deliveries > refused)
            for number in range(20):
                heard = len(listener._buffer)
                await client.publish(TURN_CHANNEL, json.dumps({"channel_id": "43", "narrative": f"{number}"}))
                await wait_until(lambda heard=heard: len(listener._buffer) > heard)  # type: ignore[misc]
            assert len(listener._buffer) < limit
            inboxes.failing = lambda _: None
            inboxes.open.set()
            await wait_until(lambda: len(inboxes.events) == limit + 120, timeout=15)
    assert "Shed" not in caplog.text
    assert inboxes.entries["43"] == [str(number) for number in range(20)]


async def test_an_id_from_the_future_hides_nothing(
    redis_url: str, inboxes: Inboxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cogs.scene_art.ingest.subscriber.LOOK_AGAIN_SECONDS", 0.1)
    async with client_of(redis_url) as client, listening(as_port(client), inboxes):
        tomorrow = int((time.time() + 86_400) * 1000)
        await client.xadd(STREAM, kept("Tomorrow.", ts=1), id=f"{tomorrow}-0")
        await wait_until(lambda: inboxes.entries == {"42": ["Tomorrow."]})
        assert inboxes.times["42"][0] <= time.time()
        await client.delete(STREAM)
        await client.xadd(STREAM, kept("Today.", ts=2))
        await wait_until(lambda: inboxes.entries == {"42": ["Tomorrow.", "Today."]})


@pytest.mark.parametrize("why", ["NOPERM", "WRONGTYPE"])
async def test_a_stream_that_cannot_be_read_costs_one_line_and_slows_nothing(
    redis_url: str, redis_server: RedisServer, inboxes: Inboxes, caplog: pytest.LogCaptureFixture, why: str
) -> None:
    url = redis_server.set_user("reader", "~*", "&*", "+@all", *(["-xrange"] if why == "NOPERM" else []))
    async with client_of(url) as client:
        await client.set(STREAM, "another program's", ex=60) if why == "WRONGTYPE" else None
        health = Health()
        with caplog.at_level(logging.INFO):
            async with listening(as_port(client), inboxes, health) as listener:
                for lives in range(1, 3):
                    await client.client_kill_filter(_type="pubsub")
                    await wait_until(lambda lives=lives: health.losses == lives)  # type: ignore[misc]
                    await wait_until(listener.subscribed.is_set)
                asked = await _calls(client, "xrange")
                for number in range(30):
                    await publish_turn_complete(as_port(client), channel_id=42, narrative=f"{number}")
                await wait_until(lambda: len(inboxes.entries.get("42", [])) == 30)
                assert await _calls(client, "xrange") <= asked + 1
    told = [record.levelname for record in caplog.records if STREAM in record.getMessage()]
    assert told == ["INFO"]


async def _calls(client: Redis, command: str) -> int:
    stats = (await client.info("commandstats")).get(f"cmdstat_{command}", {})
    return int(stats.get("calls", 0)) + int(stats.get("rejected_calls", 0))


async def test_a_user_who_may_not_subscribe_is_told_once_and_heard_when_it_may(
    redis_url: str, redis_server: RedisServer, inboxes: Inboxes, caplog: pytest.LogCaptureFixture
) -> None:
    url = redis_server.set_user("mute", "~*", "&other", "+@all")
    async with client_of(url) as client:
        listener = Subscriber(as_port(client), inboxes.deliver, health=ConnectionHealth())
        for _ in range(3):
            await listener.listen()
            assert not listener.subscribed.is_set()
        lines = [record.getMessage() for record in caplog.records if "does not serve" in record.getMessage()]
        assert len(lines) == 1
        assert "NoPermissionError" in lines[0]
        redis_server.set_user("mute", "~*", "&*", "+@all")
        async with listening(as_port(client), inboxes):
            await publish_turn_complete(as_port(client), channel_id=42, narrative="Heard.")
            await wait_until(lambda: inboxes.entries == {"42": ["Heard."]})


async def test_the_in_process_redis_is_asked_for_no_stream(inboxes: Inboxes) -> None:
    async with open_docket("memory://streamless", "scene_art") as (_, client), listening(client, inboxes) as listener:
        assert listener._look_at == math.inf


@pytest.fixture
def cluster() -> Iterator[RedisServer]:
    """A cluster of one node."""
    binary = redis_binary()
    server = _started_node(binary)
    with BlockingRedis(port=server.port) as node:
        node.execute_command("CLUSTER", "ADDSLOTS", *range(16_384))
        end = time.monotonic() + START_SECONDS
        while node.cluster("INFO")["cluster_state"] != "ok":
            assert time.monotonic() < end
            time.sleep(0.02)
    yield server
    server.close()


def _started_node(binary: str) -> RedisServer:
    # A node has a second port, 10,000 higher, which somebody's outgoing connection may have.
    for _ in range(5):
        server = RedisServer(binary, "--cluster-enabled", "yes")
        try:
            server.start()
        except RuntimeError:
            server.close()
        else:
            return server
    pytest.fail("no pair of free ports")


async def test_a_cluster_is_heard_and_read(cluster: RedisServer, inboxes: Inboxes) -> None:
    async with (
        RedisCluster(host="127.0.0.1", port=cluster.port, socket_timeout=None) as client,
        Redis(port=cluster.port) as node,
    ):
        assert await publish_turn_complete(as_port(client), channel_id=42, narrative="Before.")
        assert 0 < await node.ttl(STREAM) <= 3600
        health = Health()
        async with listening(as_port(client), inboxes, health) as listener:
            await wait_until(lambda: inboxes.entries == {"42": ["Before."]})
            await publish_art_request(as_port(client), channel_id=43, narrative="Now.")
            await wait_until(lambda: inboxes.entries == {"42": ["Before."], "43": ["Now."]})
            await node.client_kill_filter(_type="pubsub")
            await wait_until(lambda: health.losses == 1 and listener.subscribed.is_set())
            await publish_turn_complete(as_port(client), channel_id=44, narrative="After.")
            await wait_until(lambda: inboxes.entries.get("44") == ["After."])


@pytest.fixture
def own_server() -> Iterator[RedisServer]:
    """A server that a test may end."""
    binary = redis_binary()
    server = RedisServer(binary)
    server.start()
    yield server
    server.close()


async def test_a_server_that_restarts_is_heard_again(
    own_server: RedisServer, inboxes: Inboxes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with client_of(own_server.url) as client, listening(as_port(client), inboxes) as listener:
        own_server.stop()
        await wait_until(lambda: not listener.subscribed.is_set(), timeout=15)
        own_server.start()
        await wait_until(listener.subscribed.is_set, timeout=15)
        await publish_turn_complete(as_port(client), channel_id=42, narrative="After the storm.")
        await wait_until(lambda: inboxes.entries == {"42": ["After the storm."]})
    lines = [r.getMessage() for r in caplog.records if r.name.startswith("cogs.scene_art")]
    assert ["does not serve" in line for line in lines] == [True, False], "one line for the loss and one for the return"
    assert "serves scene-art again" in lines[1]


@pytest.mark.parametrize("problem", [TransientError("Redis: ConnectionError"), RuntimeError("a fault")])
async def test_a_failing_delivery_is_repeated_and_holds_up_no_other_channel(
    any_redis_url: str, inboxes: Inboxes, problem: Exception
) -> None:
    inboxes.failing = lambda channel_id: problem if channel_id == "1" else None
    async with open_docket(any_redis_url, "scene_art") as (_, client), listening(client, inboxes):
        await publish_turn_complete(client, channel_id=1, narrative="One.")
        await publish_turn_complete(client, channel_id=2, narrative="Two.")
        await wait_until(lambda: inboxes.entries == {"2": ["Two."]})
        await publish_turn_complete(client, channel_id=1, narrative="Three.")
        await wait_until(lambda: inboxes.deliveries >= 4)
        inboxes.failing = lambda _: None
        await wait_until(lambda: inboxes.entries == {"2": ["Two."], "1": ["One.", "Three."]})


async def test_while_nothing_can_be_delivered_the_newest_events_are_kept(
    inboxes: Inboxes, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_docket("memory://flood", "scene_art") as (_, client):
        listener = Subscriber(client, inboxes.deliver, health=ConnectionHealth(), limiter=WIDE_OPEN)
        for number in range(BUFFER_LIMIT + 5):
            message = json.dumps({"channel_id": str(number % CHANNELS + 1), "narrative": f"{number}"})
            listener._hear_message({"channel": TURN_CHANNEL, "data": message})
        carrying = asyncio.create_task(listener.carry(), name="scene-art carry")
        await wait_until(lambda: len(inboxes.events) == BUFFER_LIMIT)
        carrying.cancel()
        await asyncio.gather(carrying, return_exceptions=True)
    assert min(int(event.narrative) for _, event in inboxes.events) == 5
    assert listener._buffer.shed.total == 5
    assert "the buffer is full" in caplog.text


async def test_the_buffer_has_bounds_also_while_deliveries_fail(inboxes: Inboxes) -> None:
    """What was heard while a delivery was tried and what that one could not deliver come together."""
    async with open_docket("memory://failing", "scene_art") as (_, client):
        listener = Subscriber(client, inboxes.deliver, health=ConnectionHealth(), limiter=WIDE_OPEN)

        def hear(number: int) -> None:
            message = json.dumps({"channel_id": str(number % CHANNELS + 1), "narrative": f"{number}"})
            listener._hear_message({"channel": TURN_CHANNEL, "data": message})

        def hear_more_and_fail(_: str) -> Exception | None:
            if inboxes.deliveries > 1:
                return None
            for number in range(1, BUFFER_LIMIT + 1):
                hear(number)
            return TransientError("Redis: OutOfMemoryError")

        inboxes.failing = hear_more_and_fail
        hear(0)
        carrying = asyncio.create_task(listener.carry(), name="scene-art carry")
        await wait_until(lambda: len(inboxes.events) == BUFFER_LIMIT)
        carrying.cancel()
        await asyncio.gather(carrying, return_exceptions=True)
    assert listener._buffer.shed.total == 1


async def test_a_flood_in_one_channel_is_shed_and_the_other_channels_are_heard(
    redis_url: str, inboxes: Inboxes, caplog: pytest.LogCaptureFixture
) -> None:
    async with client_of(redis_url) as client, listening(as_port(client), inboxes) as listener:
        for number in range(2_000):
            event = {"channel_id": "42", "narrative": f"{number}", "turn_id": f"{number}"}
            await client.publish(TURN_CHANNEL, json.dumps(event))
        await publish_turn_complete(as_port(client), channel_id=43, narrative="Elsewhere.")
        await wait_until(lambda: inboxes.entries.get("43") == ["Elsewhere."])
    burst = int(LIVE.channel_events.burst)
    assert inboxes.entries["42"][:burst] == [str(number) for number in range(burst)]
    assert len(inboxes.events) + listener._buffer.shed.total == 2_001
    assert listener._buffer.shed.total > 1_000
    assert next(line for line in caplog.messages if "channel 42 is flooded" in line).startswith("Shed an event")
    assert len(caplog.messages) <= 3


async def test_channels_that_nobody_knows_are_shed_before_those_that_are_known(
    redis_url: str, inboxes: Inboxes
) -> None:
    async with client_of(redis_url) as client:
        listener = Subscriber(
            as_port(client),
            inboxes.deliver,
            health=ConnectionHealth(),
            limiter=RateLimiter(knows=lambda channel_id: channel_id == "42"),
        )
        began = time.monotonic()
        for number in range(1_000):
            listener._hear_message(
                {"channel": TURN_CHANNEL, "data": json.dumps({"channel_id": str(10**17 + number), "narrative": "A."})}
            )
        for number in range(100):
            listener._hear_message(
                {"channel": TURN_CHANNEL, "data": json.dumps({"channel_id": "42", "narrative": f"{number}"})}
            )
        unknown = LIVE.unknown_channels
        most = unknown.burst + unknown.per_second * (time.monotonic() - began)
        assert unknown.burst + 100 <= len(listener._buffer) <= most + 101


async def test_what_stands_in_the_stream_and_is_published_in_the_same_moment_is_heard_once(
    redis_url: str, inboxes: Inboxes
) -> None:
    async with client_of(redis_url) as client:
        listener = Subscriber(as_port(client), inboxes.deliver, health=ConnectionHealth())
        twin = kept("A.", ts=1.0)
        for _ in range(2):
            listener._take_kept(KeptEvent(TURN_CHANNEL, twin["data"].encode(), 1.0))
            listener._hear_message({"channel": TURN_CHANNEL, "data": twin["data"]})
        assert len(listener._buffer) == 2, "the second one was published again"


async def test_the_largest_ids_in_the_stream_do_not_hold_up_the_listening(redis_url: str, inboxes: Inboxes) -> None:
    async with client_of(redis_url) as client:
        for entry_id in (f"{2**63}-{2**64 - 1}", f"{2**64 - 1}-{2**64 - 1}"):
            await client.xadd(STREAM, kept("From the end of time.", ts=2.0), id=entry_id)
        async with listening(as_port(client), inboxes):
            await client.publish(TURN_CHANNEL, json.dumps({"channel_id": "42", "narrative": "Now.", "ts": 1.0}))
            await wait_until(lambda: "Now." in inboxes.entries.get("42", []))
