"""Hears both channels on one subscription and passes on what fits. It waits for nothing but Redis.

What our publishers said while nobody listened is read in a stream after every new subscription.

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

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoPermissionError, RedisError

from . import faults
from .connection import RedisClient, Subscription, drop_idle_connections, open_subscription, waits_in_threads
from .errors import TransientError
from .events import ArtRequest, EventError, GameEvent, TurnComplete, parse_event
from .patience import noticing_cancellation, within_patience
from .publish import REQUEST_CHANNEL, STREAM, TURN_CHANNEL
from .schedule import BARE_EVENT_SECONDS

log = logging.getLogger(__name__)

E = TypeVar("E", bound=GameEvent)
Heard = tuple[float, ArtRequest | TurnComplete]
Deliver = Callable[[str, Sequence[Heard]], Awaitable[None]]

CHANNELS = (REQUEST_CHANNEL, TURN_CHANNEL)
BUFFER_LIMIT = 2_000
CATCH_UP_SECONDS = 600.0
"""How far back the stream is read for what was published while nobody listened."""
CATCH_UP_PAGE = 100
CONFIRMED_SECONDS = 5.0
ASK_SECONDS = 10.0
"""After so long a silence Redis is asked whether it still has the subscription."""
REMEMBERED_EVENTS = 5_000
POLL_SECONDS = 1.0
IN_PROCESS_PAUSE_SECONDS = 0.02
RECONNECT_PAUSE_SECONDS = 0.25
HEALTHY_SECONDS = 0.5
"""A subscription that lived so long is made anew without a pause: what is published meanwhile may be gone."""
REPORT_EVERY_SECONDS = 10.0
"""The least time between two log lines for dropped messages, after the first few: a flood must not fill a disk."""


class Listener:
    """`hear` is the body of the reading loop, `carry` the task beside it."""

    def __init__(self, client: RedisClient, deliver: Deliver, now: Callable[[], float] = time.time) -> None:
        """`now` tells unix seconds, by a clock that all processes share."""
        self._client = client
        self._deliver = deliver
        self._now = now
        self._heard_ids: OrderedDict[str, None] = OrderedDict()
        self._read_up_to = ""
        self._behind = False
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
        """Subscribe and read until the connection is lost; then say so and return, to be called again."""
        began = time.monotonic()
        subscription = open_subscription(self._client)
        try:
            async with within_patience():
                await subscription.subscribe(*CHANNELS)
            await self._confirmed(subscription)
            self.subscribed.set()
            self._behind = True
            await self._read(subscription)
        except (RedisError, OSError, TransientError) as exc:
            if self.subscribed.is_set():
                self.gaps += 1
                log.warning("The subscription was lost (%s); listening again", type(exc).__name__)
        except Exception as exc:  # noqa: BLE001  # whatever ended it, it listens again
            log.error("The listening failed by a fault of its own; listening again: %s", faults.told(exc))  # noqa: TRY400
        finally:
            self.subscribed.clear()
            await _close(subscription)
        if time.monotonic() - began < HEALTHY_SECONDS:
            await asyncio.sleep(RECONNECT_PAUSE_SECONDS)

    async def _confirmed(self, subscription: Subscription) -> None:
        """Wait until Redis has both subscriptions: what is published from here on is heard."""
        waiting = set(CHANNELS)
        async with asyncio.timeout(CONFIRMED_SECONDS):
            while waiting:
                with noticing_cancellation():
                    message = await subscription.get_message(ignore_subscribe_messages=False, timeout=self._patience)
                if message is None:
                    await asyncio.sleep(self._pause)
                elif message["type"] == "subscribe":
                    waiting.discard(_text(message["channel"]))
                else:
                    self._take(_text(message["channel"]), message["data"], self._now())

    @property
    def _patience(self) -> float:
        # The in-process server's blocking read would park a thread of the host's default executor.
        return 0.0 if waits_in_threads(self._client) else POLL_SECONDS

    @property
    def _pause(self) -> float:
        return IN_PROCESS_PAUSE_SECONDS if waits_in_threads(self._client) else 0.0

    async def _read(self, subscription: Subscription) -> None:
        patience, pause = self._patience, self._pause
        pulse = _Pulse(self._client, subscription)
        while True:
            if self._behind:
                await self._catch_up()
            with noticing_cancellation():
                message = await subscription.get_message(ignore_subscribe_messages=False, timeout=patience)
            if message is not None and message["type"] == "message":
                self._take(_text(message["channel"]), message["data"], self._now())
            if not pause:
                await pulse.after(message)
            elif message is None:
                await asyncio.sleep(pause)

    async def _catch_up(self) -> None:
        """Read in the stream what was published while nobody listened; tried again later when Redis is away."""
        if waits_in_threads(self._client):
            self._behind = False  # the in-process server forgets with us
            return
        start = f"{int((self._now() - CATCH_UP_SECONDS) * 1000)}-0"
        try:
            while page := await self._page(max(start, self._read_up_to, key=_order)):
                for entry_id, fields in page:
                    self._read_up_to = _after(entry_id)
                    self._take_kept(entry_id, fields)
                if len(self._buffer) > BUFFER_LIMIT // 2:
                    return  # gone on with when what was heard is delivered
        except TransientError as exc:
            log.debug("The stream cannot be read now: %s", exc.detail)
        else:
            self._behind = False

    async def _page(self, start: str) -> list[tuple[bytes, dict[bytes, bytes]]]:
        async with within_patience():
            try:
                return await self._client.xrange(STREAM, start, "+", CATCH_UP_PAGE)
            except NoPermissionError:
                log.info("Redis does not allow to read %s: events published while scene-art is away are lost", STREAM)
                return []

    def _take_kept(self, entry_id: bytes, fields: dict[bytes, bytes]) -> None:
        channel, data = fields.get(b"channel", b"").decode(errors="replace"), fields.get(b"data", b"")
        if channel not in CHANNELS:
            self._drop(STREAM, "names none of the two channels")
            return
        published = int(entry_id.partition(b"-")[0]) / 1000
        self._take(channel, data, min(self._now(), published), again=True)

    def _take(self, channel: str, data: bytes | str, heard_at: float, *, again: bool = False) -> None:
        """Take an event in; one that is read `again` in the stream only if it was not heard before."""
        try:
            event = parse_event(channel, data)
        except EventError as exc:
            self._drop(channel, str(exc))
            return
        except Exception as exc:  # noqa: BLE001  # nothing heard can stop the listening
            self._drop(channel, f"could not be read ({type(exc).__name__})")
            return
        if again and event.event_id in self._heard_ids:
            return
        self._remember(event)
        self.heard += 1
        self._buffer.append((heard_at, self._hearings.told_apart(event)))
        self._keep_in_bounds()
        self._news.set()

    def _keep_in_bounds(self) -> None:
        while len(self._buffer) > BUFFER_LIMIT:
            _, event = self._buffer.popleft()
            channel = REQUEST_CHANNEL if isinstance(event, ArtRequest) else TURN_CHANNEL
            self._drop(channel, "the buffer is full; the oldest event was given up")

    def _remember(self, event: GameEvent) -> None:
        self._heard_ids[event.event_id] = None
        if len(self._heard_ids) > REMEMBERED_EVENTS:
            self._heard_ids.popitem(last=False)

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
            self._buffer = deque([*sorted(failed, key=lambda item: item[0]), *self._buffer])
            self._keep_in_bounds()
            await asyncio.sleep(RECONNECT_PAUSE_SECONDS)


class _Pulse:
    """Notices a connection that was lost without a word, as by a firewall that forgot it: nothing would ever come."""

    def __init__(
        self, client: RedisClient, subscription: Subscription, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._subscription = subscription
        self._clock = clock
        self._felt = clock()
        self._asked = False

    async def after(self, message: object) -> None:
        """To be called after every read.

        Raises:
            RedisConnectionError, TransientError: Redis was asked and did not answer in time.
        """
        now = self._clock()
        if message is not None:
            self._felt, self._asked = now, False
        elif now - self._felt > ASK_SECONDS:
            if self._asked:
                with noticing_cancellation():
                    await drop_idle_connections(self._client)
                raise RedisConnectionError("no answer")
            # A second SUBSCRIBE changes nothing and is confirmed like the first; PING would need a rule of its own.
            async with within_patience():
                await self._subscription.subscribe(*CHANNELS)
            self._felt, self._asked = now, True


class _Hearings:
    """Tells equal messages apart that carry neither `turn_id` nor `ts`.

    Every process hears every message once. So the second time that one process hears the same bytes they are a
    second event, and it is the same second event for all processes.
    """

    REMEMBERED = 1_000

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def told_apart(self, event: E) -> E:
        if event.turn_id is not None or event.ts is not None:
            return event
        now = self._clock()
        count, last = self._counts.pop(event.event_id, (0, now))
        # The plan forgets such an event after the same time, so that a process which joined later counts alike.
        count = count + 1 if now - last < BARE_EVENT_SECONDS else 1
        self._counts[event.event_id] = (count, now)
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


def _text(channel: bytes | str) -> str:
    return channel.decode() if isinstance(channel, bytes) else channel


def _order(entry_id: str) -> tuple[int, int]:
    """Stream ids are two numbers: milliseconds, and a counter within them."""
    milliseconds, _, counter = entry_id.partition("-")
    return int(milliseconds or 0), int(counter or 0)


def _after(entry_id: bytes) -> str:
    milliseconds, counter = _order(entry_id.decode())
    return f"{milliseconds}-{counter + 1}"


async def _close(subscription: Subscription) -> None:
    try:
        await subscription.aclose()
    except (RedisError, OSError) as exc:
        log.debug("Closing the subscription: %s", type(exc).__name__)
