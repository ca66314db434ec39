"""Hears both channels on one subscription and passes on what fits. It waits for nothing but Redis.

Heard events go into a bounded buffer; a second task carries them into the mailboxes and wakes the channels, so that
a slow Redis never slows the reading (the server disconnects readers that lag behind).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from redis.exceptions import RedisError

from .connection import RedisClient, Subscription, open_subscription, waits_in_threads
from .errors import TransientError
from .events import ArtRequest, EventError, GameEvent, TurnComplete, parse_event
from .publish import REQUEST_CHANNEL, TURN_CHANNEL

log = logging.getLogger(__name__)

E = TypeVar("E", bound=GameEvent)
Heard = tuple[float, ArtRequest | TurnComplete]
Deliver = Callable[[str, Sequence[Heard]], Awaitable[None]]

BUFFER_LIMIT = 2_000
POLL_SECONDS = 1.0
IN_PROCESS_PAUSE_SECONDS = 0.02
RECONNECT_PAUSE_SECONDS = 0.25
REPORT_EVERY_SECONDS = 10.0
"""The least time between two log lines for dropped messages, after the first few: a flood must not fill a disk."""


class Listener:
    """`hear` is the body of the reading loop, `carry` the task beside it."""

    def __init__(self, client: RedisClient, deliver: Deliver) -> None:
        self._client = client
        self._deliver = deliver
        self._buffer: deque[Heard] = deque()
        self._news = asyncio.Event()
        self._reports = _Reports()
        self._hearings = _Hearings()
        self.heard = 0
        self.dropped = 0
        self.gaps = 0
        """How often the subscription was lost; messages published meanwhile are gone."""
        self.subscribed = asyncio.Event()

    async def hear(self) -> None:
        """Subscribe and read until the connection is lost; then say so, pause and return, to be called again."""
        subscription = open_subscription(self._client)
        try:
            await subscription.subscribe(REQUEST_CHANNEL, TURN_CHANNEL)
            self.subscribed.set()
            await self._read(subscription)
        except (RedisError, OSError) as exc:
            if self.subscribed.is_set():
                self.gaps += 1
                log.warning("The subscription was lost (%s); listening again", type(exc).__name__)
        except Exception:
            log.exception("The listening failed by a fault of its own; listening again")
        finally:
            self.subscribed.clear()
            await _close(subscription)
        await asyncio.sleep(RECONNECT_PAUSE_SECONDS)

    async def _read(self, subscription: Subscription) -> None:
        # The in-process server's blocking read would park a thread of the host's default executor.
        polling = waits_in_threads(self._client)
        patience = 0.0 if polling else POLL_SECONDS
        while True:
            message = await subscription.get_message(ignore_subscribe_messages=True, timeout=patience)
            if message is not None:
                self._take(message["channel"], message["data"])
            elif polling:
                await asyncio.sleep(IN_PROCESS_PAUSE_SECONDS)

    def _take(self, channel: bytes | str, data: bytes | str) -> None:
        name = channel.decode() if isinstance(channel, bytes) else channel
        try:
            event = parse_event(name, data)
        except EventError as exc:
            self._drop(name, str(exc))
            return
        except Exception as exc:  # noqa: BLE001  # nothing heard can stop the listening
            self._drop(name, f"could not be read ({type(exc).__name__})")
            return
        if len(self._buffer) >= BUFFER_LIMIT:
            self._buffer.popleft()
            self._drop(name, "the buffer is full; the oldest event was given up")
        self.heard += 1
        self._buffer.append((time.time(), self._hearings.told_apart(event)))
        self._news.set()

    def _drop(self, channel: str, why: str) -> None:
        self.dropped += 1
        self._reports.warn(channel, why, self.dropped)

    async def carry(self) -> None:
        """Deliver what was heard, until cancelled. Nothing is given up while Redis is away."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._buffer:
                await self._carry_batch()

    async def _carry_batch(self) -> None:
        batch, self._buffer = self._buffer, deque()
        by_channel: dict[str, list[Heard]] = {}
        for item in batch:
            by_channel.setdefault(item[1].channel_id, []).append(item)
        results = await asyncio.gather(
            *(self._deliver(channel_id, items) for channel_id, items in by_channel.items()),
            return_exceptions=True,
        )
        failed = [
            item
            for items, result in zip(by_channel.values(), results, strict=True)
            if isinstance(result, BaseException)
            for item in items
        ]
        unexpected = [r for r in results if isinstance(r, BaseException) and not isinstance(r, TransientError)]
        if unexpected:
            log.error("Events could not be delivered (%s); trying again", type(unexpected[0]).__name__)
        if failed:
            self._buffer.extendleft(sorted(failed, key=lambda item: item[0], reverse=True))
            await asyncio.sleep(RECONNECT_PAUSE_SECONDS)


class _Hearings:
    """Tells equal messages apart that carry neither `turn_id` nor `ts`.

    Every process hears every message once. So the second time that one process hears the same bytes they are a
    second event, and it is the same second event for all processes.
    """

    REMEMBERED = 1_000

    def __init__(self) -> None:
        self._counts: OrderedDict[str, int] = OrderedDict()

    def told_apart(self, event: E) -> E:
        if event.turn_id is not None or event.ts is not None:
            return event
        count = self._counts.pop(event.event_id, 0) + 1
        self._counts[event.event_id] = count
        while len(self._counts) > self.REMEMBERED:
            self._counts.popitem(last=False)
        return event if count == 1 else event.model_copy(update={"event_id": f"{event.event_id}-{count}"})


class _Reports:
    """One log line per dropped message, and one per ten seconds with a count when they come in floods."""

    FREE_LINES = 250

    def __init__(self) -> None:
        self._lines = 0
        self._quiet_until = 0.0
        self._silent = 0

    def warn(self, channel: str, why: str, total: int) -> None:
        now = time.monotonic()
        if self._lines >= self.FREE_LINES and now < self._quiet_until:
            self._silent += 1
            return
        if now >= self._quiet_until + REPORT_EVERY_SECONDS:
            self._lines = 0
        self._lines += 1
        self._quiet_until = now + REPORT_EVERY_SECONDS
        log.warning(
            "Dropped a message on %s: %s (%d dropped so far, %d of them unreported)",
            channel,
            why,
            total,
            self._silent,
        )


async def _close(subscription: Subscription) -> None:
    try:
        await subscription.aclose()
    except (RedisError, OSError) as exc:
        log.debug("Closing the subscription: %s", type(exc).__name__)
