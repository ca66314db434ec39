"""Hearing: both channels, whatever Redis, the network or another program does."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import cast

import pytest

from cogs.scene_art import publish_art_request, publish_turn_complete
from cogs.scene_art.connection import RedisClient, Subscription
from cogs.scene_art.engine import open_docket
from cogs.scene_art.errors import TransientError
from cogs.scene_art.events import TurnComplete
from cogs.scene_art.floods import LIVE, Floodgate, Limits, Rate
from cogs.scene_art.hearing import ASK_SECONDS, CHANNELS, Hearings, Pulse
from cogs.scene_art.listener import BUFFER_LIMIT, CATCH_UP_SECONDS, Listener
from cogs.scene_art.mailbag import Heard, Mailbag
from cogs.scene_art.publish import REQUEST_CHANNEL, STREAM, TURN_CHANNEL
from cogs.scene_art.schedule import BARE_EVENT_SECONDS
from sandbox.waiting import wait_until
from tests.redis_server import RedisServer, as_port, client_of, find_redis_server

WIDE_OPEN = Floodgate(Limits(*[Rate(1e12, 1e12)] * 5))


class Mailboxes:
    """Where the listener delivers to; it can be told to fail."""

    def __init__(self) -> None:
        self.letters: dict[str, list[str]] = {}
        self.times: dict[str, list[float]] = {}
        self.deliveries = 0
        self.failing: Callable[[str], Exception | None] = lambda _: None

    async def deliver(self, channel_id: str, heard: Sequence[Heard]) -> None:
        self.deliveries += 1
        if problem := self.failing(channel_id):
            raise problem
        self.letters.setdefault(channel_id, []).extend(event.narrative for _, event in heard)
        self.times.setdefault(channel_id, []).extend(at for at, _ in heard)


@pytest.fixture
def mailboxes() -> Mailboxes:
    return Mailboxes()


@asynccontextmanager
async def listening(client: RedisClient, mailboxes: Mailboxes) -> AsyncIterator[Listener]:
    """A listener at work, as the cog's loop and the house keep it."""
    listener = Listener(client, mailboxes.deliver)

    async def hear_for_ever() -> None:
        while True:
            await listener.hear()

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


async def test_both_channels_are_heard_in_order(any_redis_url: str, mailboxes: Mailboxes) -> None:
    async with open_docket(any_redis_url, "scene_art") as (_, client), listening(client, mailboxes) as listener:
        assert await publish_turn_complete(client, channel_id=42, narrative="A turn.")
        assert await publish_art_request(client, channel_id=42, narrative="A request.")
        assert await publish_art_request(client, channel_id=43, narrative="Elsewhere.")
        await wait_until(lambda: listener.heard == 3)
        await wait_until(lambda: mailboxes.letters == {"42": ["A turn.", "A request."], "43": ["Elsewhere."]})


async def test_the_in_process_redis_costs_no_thread(mailboxes: Mailboxes) -> None:
    """Its blocking read would park a thread of the host's executor, and hold its exit up."""
    async with open_docket("memory://threads", "scene_art") as (_, client):
        before = threading.active_count()
        async with listening(client, mailboxes) as listener:
            await publish_turn_complete(client, channel_id=42, narrative="A turn.")
            await wait_until(lambda: listener.heard == 1)
            assert threading.active_count() <= before


async def test_malformed_messages_change_nothing_and_leave_a_line(
    redis_url: str, mailboxes: Mailboxes, caplog: pytest.LogCaptureFixture
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
        async with client_of(redis_url) as client, listening(as_port(client), mailboxes) as listener:
            for channel in (REQUEST_CHANNEL, TURN_CHANNEL):
                for message in bad:
                    await client.publish(channel, message)
            await publish_turn_complete(as_port(client), channel_id=42, narrative="A turn.")
            await wait_until(lambda: mailboxes.letters == {"42": ["A turn."]})
    assert (listener.heard, listener.dropped) == (1, 2 * len(bad))
    dropped = [record.getMessage() for record in caplog.records if "Dropped" in record.getMessage()]
    assert len(dropped) == 2 * len(bad)
    assert any("channel_id: must be a string of digits" in line for line in dropped)
    assert secret not in caplog.text


async def test_a_killed_connection_is_made_anew(redis_url: str, mailboxes: Mailboxes) -> None:
    async with client_of(redis_url) as client, listening(as_port(client), mailboxes):
        for number in ("1", "2", "3"):
            assert await client.client_kill_filter(_type="pubsub") == 1
            message = json.dumps({"channel_id": number, "narrative": "Still here."})
            async with asyncio.timeout(15):
                while number not in mailboxes.letters:
                    # Pub/sub keeps nothing for those who are away.
                    await client.publish(TURN_CHANNEL, message)
                    await asyncio.sleep(0.05)


async def test_what_was_published_while_nobody_listened_is_heard_once(redis_url: str, mailboxes: Mailboxes) -> None:
    async with client_of(redis_url) as client:
        assert await publish_turn_complete(as_port(client), channel_id=42, narrative="Before.", turn_id="1")
        before = time.time()
        async with listening(as_port(client), mailboxes) as listener:
            await wait_until(lambda: mailboxes.letters == {"42": ["Before."]})
            assert mailboxes.times["42"][0] <= before + 1, "its fallback counts from when it was published"
            await publish_turn_complete(as_port(client), channel_id=42, narrative="Now.")
            await wait_until(lambda: mailboxes.letters == {"42": ["Before.", "Now."]})
            # The stream is read again with every new subscription.
            await client.client_kill_filter(_type="pubsub")
            await wait_until(lambda: listener.gaps == 1)
            await publish_turn_complete(as_port(client), channel_id=42, narrative="In the gap.")
            await wait_until(lambda: len(mailboxes.letters["42"]) == 3)
            await wait_until(listener.subscribed.is_set)
            await publish_turn_complete(as_port(client), channel_id=42, narrative="After.")
            await wait_until(lambda: len(mailboxes.letters["42"]) == 4)
    assert mailboxes.letters == {"42": ["Before.", "Now.", "In the gap.", "After."]}


async def test_what_is_old_or_no_event_stays_in_the_stream(
    redis_url: str, mailboxes: Mailboxes, caplog: pytest.LogCaptureFixture
) -> None:
    async with client_of(redis_url) as client:
        old = int((time.time() - CATCH_UP_SECONDS - 60) * 1000)
        event = json.dumps({"channel_id": "1", "narrative": "Long ago."})
        await client.xadd(STREAM, {"channel": TURN_CHANNEL, "data": event}, id=f"{old}-0")
        await client.xadd(STREAM, {"something": "else"})
        await client.xadd(STREAM, {"channel": TURN_CHANNEL, "data": b"\xff"})
        for number in range(250):
            await publish_turn_complete(as_port(client), channel_id=42, narrative=f"{number}")
        async with listening(as_port(client), mailboxes) as listener:
            await wait_until(lambda: len(mailboxes.letters.get("42", [])) == 250)
    assert mailboxes.letters == {"42": [str(number) for number in range(250)]}
    assert listener.dropped == 2
    assert caplog.text.count("Dropped a message") == 2


async def test_a_user_who_may_not_read_the_stream_hears_what_is_published(
    redis_url: str, redis_server: RedisServer, mailboxes: Mailboxes
) -> None:
    url = redis_server.set_user("deaf", "~*", "&*", "+@all", "-xrange")
    async with client_of(url) as client, listening(as_port(client), mailboxes):
        await publish_turn_complete(as_port(client), channel_id=42, narrative="Heard.")
        await wait_until(lambda: mailboxes.letters == {"42": ["Heard."]})


def test_equal_bare_messages_are_told_apart_for_a_few_seconds() -> None:
    now = 100.0
    first, late = Hearings(lambda: now), Hearings(lambda: now)
    event = TurnComplete(channel_id="42", narrative="Again.", event_id="e")
    ids = [first.told_apart(event).event_id for _ in range(2)]
    assert ids == ["e", "e-2"]
    now += BARE_EVENT_SECONDS
    assert first.told_apart(event).event_id == late.told_apart(event).event_id == "e", "a process that came later"


@pytest.fixture
def own_server() -> Iterator[RedisServer]:
    """A server that a test may end."""
    binary = find_redis_server()
    if binary is None:
        pytest.skip("no redis-server on this machine")
    server = RedisServer(binary)
    server.start()
    yield server
    server.close()


async def test_a_server_that_restarts_is_heard_again(
    own_server: RedisServer, mailboxes: Mailboxes, caplog: pytest.LogCaptureFixture
) -> None:
    async with client_of(own_server.url) as client, listening(as_port(client), mailboxes) as listener:
        own_server.stop()
        await wait_until(lambda: not listener.subscribed.is_set(), timeout=15)
        own_server.start()
        await wait_until(listener.subscribed.is_set, timeout=15)
        await publish_turn_complete(as_port(client), channel_id=42, narrative="After the storm.")
        await wait_until(lambda: mailboxes.letters == {"42": ["After the storm."]})
    assert listener.gaps == 1
    assert [r.getMessage() for r in caplog.records if "subscription was lost" in r.getMessage()]


@pytest.mark.parametrize("problem", [TransientError("Redis: ConnectionError"), RuntimeError("a fault")])
async def test_a_failing_delivery_is_repeated_and_holds_up_no_other_channel(
    any_redis_url: str, mailboxes: Mailboxes, problem: Exception
) -> None:
    mailboxes.failing = lambda channel_id: problem if channel_id == "1" else None
    async with open_docket(any_redis_url, "scene_art") as (_, client), listening(client, mailboxes):
        await publish_turn_complete(client, channel_id=1, narrative="One.")
        await publish_turn_complete(client, channel_id=2, narrative="Two.")
        await wait_until(lambda: mailboxes.letters == {"2": ["Two."]})
        await publish_turn_complete(client, channel_id=1, narrative="Three.")
        await wait_until(lambda: mailboxes.deliveries >= 4)
        mailboxes.failing = lambda _: None
        await wait_until(lambda: mailboxes.letters == {"2": ["Two."], "1": ["One.", "Three."]})


async def test_while_nothing_can_be_delivered_the_newest_events_are_kept(
    mailboxes: Mailboxes, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_docket("memory://flood", "scene_art") as (_, client):
        listener = Listener(client, mailboxes.deliver, gate=WIDE_OPEN)
        for number in range(BUFFER_LIMIT + 5):
            listener._take(TURN_CHANNEL, json.dumps({"channel_id": "42", "narrative": f"{number}"}), 1.0)
        carrying = asyncio.create_task(listener.carry(), name="scene-art carry")
        await wait_until(lambda: len(mailboxes.letters.get("42", [])) == BUFFER_LIMIT)
        carrying.cancel()
        await asyncio.gather(carrying, return_exceptions=True)
    assert mailboxes.letters["42"][0] == "5"
    assert listener.dropped == 5
    assert "the buffer is full" in caplog.text


async def test_the_buffer_has_bounds_also_while_deliveries_fail(mailboxes: Mailboxes) -> None:
    """What was heard while a delivery was tried and what that one could not deliver come together."""
    async with open_docket("memory://failing", "scene_art") as (_, client):
        listener = Listener(client, mailboxes.deliver, gate=WIDE_OPEN)

        def hear_more_and_fail(_: str) -> Exception | None:
            if mailboxes.deliveries > 3:
                return None
            for number in range(BUFFER_LIMIT):
                message = {"channel_id": "42", "narrative": f"{mailboxes.deliveries}-{number}"}
                listener._take(TURN_CHANNEL, json.dumps(message), float(mailboxes.deliveries))
            return TransientError("Redis: OutOfMemoryError")

        mailboxes.failing = hear_more_and_fail
        listener._take(TURN_CHANNEL, json.dumps({"channel_id": "42", "narrative": "0"}), 0.0)
        carrying = asyncio.create_task(listener.carry(), name="scene-art carry")
        await wait_until(lambda: len(mailboxes.letters.get("42", [])) >= BUFFER_LIMIT)
        carrying.cancel()
        await asyncio.gather(carrying, return_exceptions=True)
    assert mailboxes.letters == {"42": [f"3-{number}" for number in range(BUFFER_LIMIT)]}
    assert listener.dropped == 2 * BUFFER_LIMIT + 1


async def test_a_flood_in_one_channel_is_shed_and_the_other_channels_are_heard(
    redis_url: str, mailboxes: Mailboxes, caplog: pytest.LogCaptureFixture
) -> None:
    async with client_of(redis_url) as client, listening(as_port(client), mailboxes) as listener:
        for number in range(2_000):
            event = {"channel_id": "42", "narrative": f"{number}", "turn_id": f"{number}"}
            await client.publish(TURN_CHANNEL, json.dumps(event))
        await publish_turn_complete(as_port(client), channel_id=43, narrative="Elsewhere.")
        await wait_until(lambda: mailboxes.letters.get("43") == ["Elsewhere."])
    burst = int(LIVE.channel_events.burst)
    assert mailboxes.letters["42"][:burst] == [str(number) for number in range(burst)]
    assert listener.heard + listener.shed == 2_001
    assert listener.shed == listener.dropped > 1_000
    assert next(line for line in caplog.messages if "channel 42 is flooded" in line).startswith("Shed an event")
    assert len(caplog.messages) <= 3


async def test_channels_that_nobody_knows_are_shed_before_those_that_are_known(
    redis_url: str, mailboxes: Mailboxes
) -> None:
    async with client_of(redis_url) as client:
        listener = Listener(as_port(client), mailboxes.deliver, known=lambda channel_id: channel_id == "42")
        for number in range(1_000):
            listener._take(TURN_CHANNEL, json.dumps({"channel_id": str(10**17 + number), "narrative": "A."}), 1.0)
        for number in range(100):
            listener._take(TURN_CHANNEL, json.dumps({"channel_id": "42", "narrative": f"{number}"}), 1.0)
        strangers = int(LIVE.strangers.burst)
        assert strangers + 100 <= listener.heard <= strangers + 110


async def test_what_stands_in_the_stream_and_is_published_in_the_same_moment_is_heard_once(
    redis_url: str, mailboxes: Mailboxes
) -> None:
    async with client_of(redis_url) as client:
        listener = Listener(as_port(client), mailboxes.deliver)
        twin = json.dumps({"channel_id": "42", "narrative": "A.", "ts": 1.0})
        bare = json.dumps({"channel_id": "42", "narrative": "B."})
        for event in (twin, bare):
            listener._take(TURN_CHANNEL, event, 1.0, again=True)
            listener._take(TURN_CHANNEL, event, 1.0)
            listener._take(TURN_CHANNEL, event, 1.0, again=True)
        assert listener.heard == 3, "bare ones cannot be told from repeated ones"


async def test_the_largest_ids_in_the_stream_do_not_hold_up_the_listening(redis_url: str, mailboxes: Mailboxes) -> None:
    async with client_of(redis_url) as client:
        event = json.dumps({"channel_id": "42", "narrative": "From the end of time."})
        for entry_id in (f"{2**63}-{2**64 - 1}", f"{2**64 - 1}-{2**64 - 1}"):
            await client.xadd(STREAM, {"channel": TURN_CHANNEL, "data": event}, id=entry_id)
        async with listening(as_port(client), mailboxes) as listener:
            await client.publish(TURN_CHANNEL, json.dumps({"channel_id": "42", "narrative": "Now.", "ts": 1.0}))
            await wait_until(lambda: "Now." in mailboxes.letters.get("42", []))
            await wait_until(lambda: not listener._behind)


def test_the_buffer_is_bounded_in_bytes_and_gives_up_the_oldest() -> None:
    bag = Mailbag(limit=100, limit_bytes=200_000)
    story = "\U0001f409" * 8_000
    given_up = [bag.add((float(n), TurnComplete(channel_id="1", narrative=f"{n}{story}"))) for n in range(50)]
    assert bag.bytes <= 200_000
    kept = bag.take(100, 10**9)
    assert [at for at, _ in kept] == [44.0 + n for n in range(6)][-len(kept) :]
    assert sum(map(len, given_up)) == 50 - len(kept) > 40
    assert (len(bag), bag.bytes) == (0, 0)


def test_what_comes_back_stands_in_front_by_its_time_and_is_taken_in_slices() -> None:
    bag = Mailbag(limit=4, limit_bytes=10**9)
    items = [(float(n), TurnComplete(channel_id="1", narrative=f"{n}")) for n in range(6)]
    for item in items[2:4]:
        bag.add(item)
    assert bag.put_back([items[1], items[0]]) == []
    assert bag.add(items[4]) == [items[0]]
    assert bag.put_back([items[0]]) == [items[0]]
    assert bag.take(2, 10**9) == items[1:3]
    assert bag.take(5, 1) == [items[3]], "one at least"
    assert bag.take(5, 10**9) == [items[4]]
    assert bag.take(5, 10**9) == []


class Silent:
    """A subscription that notes what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    async def subscribe(self, *channels: str) -> None:
        self.asked.append(channels)


async def test_a_silent_subscription_is_asked_and_given_up_when_it_does_not_answer(redis_url: str) -> None:
    now, subscription = 0.0, Silent()
    async with client_of(redis_url) as client:
        pulse = Pulse(as_port(client), cast("Subscription", subscription), lambda: now)
        await pulse.after(None)
        now = ASK_SECONDS + 1
        await pulse.after(None)
        assert subscription.asked == [CHANNELS]
        await pulse.after({"type": "subscribe"})  # it answered
        now = 2 * ASK_SECONDS + 2
        await pulse.after(None)
        assert subscription.asked == [CHANNELS] * 2
        now = 3 * ASK_SECONDS + 3
        with pytest.raises(ConnectionError):
            await pulse.after(None)
