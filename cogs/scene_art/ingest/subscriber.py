"""Hears the channels of all events on one subscription and passes on what fits. It waits for nothing but Redis.

What our publishers said while nobody listened, or could not say on the channel, is read in a stream: after every
new subscription, and now and then.

Heard events go into a bounded buffer; a second task carries them into the inboxes and wakes the channels, so that
a slow Redis never slows the reading (the server disconnects readers that lag behind).
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable
from typing import Any

from cachetools import LRUCache
from redis.exceptions import RedisError

from .. import faults
from ..domain.events import CHANNELS, EventError, GameEvent, parse_event
from ..errors import TransientError
from ..publish import STREAM
from ..store.connection import RedisClient, Subscription, open_subscription, waits_in_threads
from ..store.health import ConnectionHealth, Delay
from ..store.timeouts import TIMEOUT_SECONDS, noticing_cancellation
from .buffer import BUFFER_LIMIT, Deliver, EventBuffer
from .connection_probe import ConnectionProbe, Deduplicator, is_bare
from .rate_limits import RateLimiter, ThrottledLog
from .stream import PAGE, EventStream, KeptEvent

log = logging.getLogger(__name__)

REMEMBERED_EVENTS = 5_000
LOOK_AGAIN_SECONDS = 15.0
"""Pause between two looks at the stream: a publication may fail after its event was kept."""
PAGES_AT_ONCE = 80
"""After so many pages of the stream the subscription is read again: its server disconnects readers that lag."""
CONFIRMED_SECONDS = 5.0
POLL_SECONDS = 1.0
IN_PROCESS_PAUSE_SECONDS = 0.02
RECONNECT_PAUSE_SECONDS = 0.25
HEALTHY_SECONDS = 0.5
"""A subscription that lived so long is made anew without a pause: what is published meanwhile may be gone."""
PART = "listener"
"""By this name the connection's health knows it."""
MALFORMED_LINES = 250
"""One line for each dropped message, until there are so many; of a flood only its beginning, and then counts."""


class Subscriber:
    """`listen` is the body of the reading loop, `carry` the task beside it."""

    def __init__(
        self,
        client: RedisClient,
        deliver: Deliver,
        now: Callable[[], float] = time.time,
        *,
        health: ConnectionHealth,
        limiter: RateLimiter | None = None,
        buffer: EventBuffer | None = None,
    ) -> None:
        """`now` tells unix seconds, by a clock that all processes share.

        `limiter` and `buffer` may be shared with others who take events in.
        """
        self._client = client
        self._deliver = deliver
        self._now = now
        self._limiter = limiter or RateLimiter()
        self._catch_up_limiter = self._limiter.catching_up(now)
        self._polling = waits_in_threads(client)
        self._stream = EventStream(client, now)
        self._look_at = math.inf
        """Time of the next look at the stream, in monotonic seconds."""
        self._heard_ids: LRUCache[str, bool] = LRUCache(REMEMBERED_EVENTS)
        """True: read in the stream, and not heard yet."""
        self._deduplicator = Deduplicator()
        self._buffer = EventBuffer() if buffer is None else buffer
        self._malformed = ThrottledLog("Dropped a message on", MALFORMED_LINES)
        self._floods = self._buffer.shed
        self._health = health
        self.subscribed = asyncio.Event()

    async def listen(self) -> None:
        """Subscribe and read until the connection is lost; then say so and return, to be called again."""
        began = time.monotonic()
        subscription = None
        try:
            subscription = open_subscription(self._client)
            async with asyncio.timeout(TIMEOUT_SECONDS):
                with noticing_cancellation():
                    await subscription.subscribe(*CHANNELS)
            await self._confirmed(subscription)
            self._read_stream_in(0.0)
            self.subscribed.set()
            await self._read(subscription)
        except (TransientError, RedisError, OSError) as exc:
            self._health.failed(PART, exc)
        except Exception as exc:  # noqa: BLE001  # whatever ended it, it listens again
            log.error("The listening failed by a fault of its own; listening again: %s", faults.summary(exc))  # noqa: TRY400
        finally:
            self.subscribed.clear()
            if subscription is not None:
                await _close(subscription)
        if time.monotonic() - began < HEALTHY_SECONDS:
            await asyncio.sleep(RECONNECT_PAUSE_SECONDS)

    async def _confirmed(self, subscription: Subscription) -> None:
        """Wait until Redis has all subscriptions: what is published from here on is heard."""
        waiting = set(CHANNELS)
        async with asyncio.timeout(CONFIRMED_SECONDS):
            while waiting:
                message = await self._next_message(subscription)
                if message is None:
                    continue
                if message["type"] == "subscribe":
                    waiting.discard(_text(message["channel"]))
                else:
                    self._hear_message(message)

    async def _read(self, subscription: Subscription) -> None:
        probe = ConnectionProbe(self._client, subscription)
        while True:
            if time.monotonic() >= self._look_at:
                await self._read_stream()
            message = await self._next_message(subscription)
            self._health.served(PART)
            if not self._polling and await probe.after(message):
                self._read_stream_in(0.0)
            if message is not None and message["type"] == "message":
                self._hear_message(message)
                await asyncio.sleep(0)  # redis-py hands out what it has read already without giving way

    async def _next_message(self, subscription: Subscription) -> dict[str, Any] | None:
        # The in-process server's blocking read would park a thread of the host's default executor.
        timeout = 0.0 if self._polling else POLL_SECONDS
        with noticing_cancellation():
            message = await subscription.get_message(ignore_subscribe_messages=False, timeout=timeout)
        if message is None and self._polling:
            await asyncio.sleep(IN_PROCESS_PAUSE_SECONDS)
        return message

    def _read_stream_in(self, seconds: float) -> None:
        if not self._polling:  # the in-process server forgets with us
            self._look_at = time.monotonic() + seconds

    async def _read_stream(self) -> None:
        """Take in what the stream has and nobody heard; the rest later, when there is much or Redis is away."""
        self._read_stream_in(POLL_SECONDS)
        try:
            for _ in range(PAGES_AT_ONCE):
                if len(self._buffer) > BUFFER_LIMIT // 2:
                    return
                page = await self._stream.next_page()
                for kept in page:
                    self._take_kept(kept)
                if len(page) < PAGE:
                    self._read_stream_in(LOOK_AGAIN_SECONDS)
                    return
        except TransientError as exc:
            log.debug("The stream cannot be read now: %s", exc.detail)

    def _take_kept(self, kept: KeptEvent) -> None:
        if kept.channel not in CHANNELS:
            self._malformed.warn(STREAM, "names no channel of the game's events")
            return
        event = self._parsed(kept.channel, kept.data)
        if event is None or event.event_id in self._heard_ids:
            return
        if is_bare(event):
            # Whether another process heard it, its bytes cannot tell.
            why = "carries neither ts nor turn_id, so that it cannot be told from one that was heard"
            self._malformed.warn(STREAM, why)
            return
        # The sender may choose the time by which it is counted, and gains nothing: it may be as late as now.
        published = min(self._now(), kept.published)
        if why := self._catch_up_limiter.refusal(event.channel_id, event.weight, at=published):
            self._floods.warn(kept.channel, why)
            return
        self._take(event, published, kept=True)

    def _hear_message(self, message: dict[str, Any]) -> None:
        channel = _text(message["channel"])
        if not self._limiter.allow_bytes(len(message["data"])):
            self._floods.warn(channel, "too many megabytes a second")
            return
        event = self._parsed(channel, message["data"])
        if event is None or self._stood_in_the_stream(event):
            return
        distinct = self._deduplicator.distinguish(event)
        if why := self._limiter.refusal(event.channel_id, event.weight):
            self._floods.warn(channel, why)
            return
        self._take(distinct, self._now())

    def _parsed(self, channel: str, data: bytes | str) -> GameEvent | None:
        try:
            return parse_event(channel, data)
        except EventError as exc:
            self._malformed.warn(channel, str(exc))
        except Exception as exc:  # noqa: BLE001  # nothing heard can stop the listening
            self._malformed.warn(channel, f"could not be read ({type(exc).__name__})")
        return None

    def _stood_in_the_stream(self, event: GameEvent) -> bool:
        """Tell, once, whether the event was read in the stream before it was heard."""
        if is_bare(event) or not self._heard_ids.get(event.event_id):
            return False
        self._heard_ids[event.event_id] = False
        return True

    def _take(self, event: GameEvent, heard_at: float, *, kept: bool = False) -> None:
        self._heard_ids[event.event_id] = kept
        self._buffer.add(event, heard_at)

    async def carry(self) -> None:
        """Deliver what was heard, until cancelled; see `EventBuffer.carry`."""
        await self._buffer.carry(self._deliver, Delay(self._health, "The events that were heard"))


def _text(channel: bytes | str) -> str:
    return channel.decode() if isinstance(channel, bytes) else channel


async def _close(subscription: Subscription) -> None:
    try:
        await subscription.aclose()
    except (RedisError, OSError) as exc:
        log.debug("Closing the subscription: %s", type(exc).__name__)
