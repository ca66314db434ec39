"""Hears both channels on one subscription and passes on what fits. It waits for nothing but Redis.

What our publishers said while nobody listened is read in a stream after every new subscription.

Heard events go into a bounded buffer; a second task carries them into the mailboxes and wakes the channels, so that
a slow Redis never slows the reading (the server disconnects readers that lag behind).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

from redis.exceptions import NoPermissionError, RedisError

from .connection import RedisClient, Subscription, open_subscription, waits_in_threads
from .errors import TransientError
from .events import ArtRequest, EventError, GameEvent, parse_event
from .floods import CATCHING_UP, MIB, Floodgate, Reports
from .hearing import CHANNELS, Hearings, Pulse
from .mailbag import Heard, Mailbag
from .patience import noticing_cancellation, within_patience
from .publish import REQUEST_CHANNEL, STREAM, TURN_CHANNEL

log = logging.getLogger(__name__)

Deliver = Callable[[str, Sequence[Heard]], Awaitable[None]]

BUFFER_LIMIT = 2_000
BUFFER_BYTES = 32 * MIB
CARRIED_EVENTS, CARRIED_BYTES = 200, 4 * MIB
"""So much is delivered in one go: on its way to Redis it is in memory several times."""
CARRIED_AT_ONCE = 32
"""Channels. Each delivery takes connections of its own."""
CATCH_UP_SECONDS = 600.0
"""How far back the stream is read for what was published while nobody listened."""
CATCH_UP_PAGE = 25
CONFIRMED_SECONDS = 5.0
LARGEST_NUMBER = 2**64 - 1
REMEMBERED_EVENTS = 5_000
POLL_SECONDS = 1.0
IN_PROCESS_PAUSE_SECONDS = 0.02
RECONNECT_PAUSE_SECONDS = 0.25
HEALTHY_SECONDS = 0.5
"""A subscription that lived so long is made anew without a pause: what is published meanwhile may be gone."""
MALFORMED_LINES = 250
"""One line for each dropped message, until there are so many; of a flood only its beginning, and then counts."""


class Listener:
    """`hear` is the body of the reading loop, `carry` the task beside it."""

    def __init__(
        self,
        client: RedisClient,
        deliver: Deliver,
        now: Callable[[], float] = time.time,
        *,
        known: Callable[[str], bool] = lambda _: True,
        gate: Floodgate | None = None,
    ) -> None:
        """`now` tells unix seconds, by a clock that all processes share; `known`, whether a channel is one of ours."""
        self._client = client
        self._deliver = deliver
        self._now = now
        self._known = known
        self._gate = gate or Floodgate()
        self._catch_up_gate = Floodgate(CATCHING_UP, now)
        self._heard_ids: OrderedDict[str, bool] = OrderedDict()
        """True: read in the stream, and not heard yet."""
        self._read_up_to = ""
        self._behind = False
        self._catch_up_at = 0.0
        self._buffer = Mailbag(BUFFER_LIMIT, BUFFER_BYTES)
        self._news = asyncio.Event()
        self._malformed = Reports("Dropped a message on", MALFORMED_LINES)
        self._floods = Reports("Shed an event on", 1)
        self._carrying = asyncio.Semaphore(CARRIED_AT_ONCE)
        self._hearings = Hearings()
        self.heard = 0
        self.gaps = 0
        """How often the subscription was lost; messages published meanwhile are gone."""
        self.subscribed = asyncio.Event()

    @property
    def dropped(self) -> int:
        """How many messages were not taken in."""
        return self._malformed.total + self._floods.total

    @property
    def shed(self) -> int:
        """How many of these were good ones that were too much."""
        return self._floods.total

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
        except Exception:
            log.exception("The listening failed by a fault of its own; listening again")
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
        pulse = Pulse(self._client, subscription)
        while True:
            if self._behind and time.monotonic() >= self._catch_up_at:
                await self._catch_up()
            with noticing_cancellation():
                message = await subscription.get_message(ignore_subscribe_messages=False, timeout=patience)
            if message is not None and message["type"] == "message":
                self._take(_text(message["channel"]), message["data"], self._now())
                await asyncio.sleep(0)  # redis-py hands out what it has read already without giving way
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
            self._catch_up_at = time.monotonic() + RECONNECT_PAUSE_SECONDS
        else:
            self._behind = False

    async def _page(self, start: str) -> list[tuple[bytes, dict[bytes, bytes]]]:
        if _order(start)[0] > LARGEST_NUMBER:
            return []
        async with within_patience():
            try:
                return await self._client.xrange(STREAM, start, "+", CATCH_UP_PAGE)
            except NoPermissionError:
                log.info("Redis does not allow to read %s: events published while scene-art is away are lost", STREAM)
                return []

    def _take_kept(self, entry_id: bytes, fields: dict[bytes, bytes]) -> None:
        channel, data = fields.get(b"channel", b"").decode(errors="replace"), fields.get(b"data", b"")
        if channel not in CHANNELS:
            self._malformed.warn(STREAM, "names none of the two channels")
            return
        published = int(entry_id.partition(b"-")[0]) / 1000
        self._take(channel, data, min(self._now(), published), again=True)

    def _take(self, channel: str, data: bytes | str, heard_at: float, *, again: bool = False) -> None:
        """Take an event in; one that is read `again` in the stream only if it was not heard before."""
        try:
            event = parse_event(channel, data)
        except EventError as exc:
            self._malformed.warn(channel, str(exc))
            return
        except Exception as exc:  # noqa: BLE001  # nothing heard can stop the listening
            self._malformed.warn(channel, f"could not be read ({type(exc).__name__})")
            return
        if self._is_twin(event, again=again):
            return
        told_apart = self._hearings.told_apart(event)
        if why := self._too_much(event, heard_at if again else None):
            self._floods.warn(channel, why)
            return
        self._remember(event, again=again)
        self.heard += 1
        self._give_up(self._buffer.add((heard_at, told_apart)))
        self._news.set()

    def _is_twin(self, event: GameEvent, *, again: bool) -> bool:
        """Whether it was taken in before: the stream tells again what was heard, and what is about to be heard."""
        if again:
            return event.event_id in self._heard_ids
        tells_itself_apart = event.turn_id is not None or event.ts is not None
        if not (tells_itself_apart and self._heard_ids.get(event.event_id)):
            return False
        self._heard_ids[event.event_id] = False
        return True

    def _too_much(self, event: GameEvent, published_at: float | None) -> str:
        """Why an event is shed; empty if it is not. What stood in the stream is counted by its own time."""
        gate = self._gate if published_at is None else self._catch_up_gate
        known = self._known(event.channel_id)
        return gate.refusal(event.channel_id, event.weight, known=known, at=published_at)

    def _give_up(self, surplus: list[Heard]) -> None:
        for _, event in surplus:
            channel = REQUEST_CHANNEL if isinstance(event, ArtRequest) else TURN_CHANNEL
            self._floods.warn(channel, "the buffer is full; the oldest event was given up")

    def _remember(self, event: GameEvent, *, again: bool) -> None:
        self._heard_ids[event.event_id] = again
        if len(self._heard_ids) > REMEMBERED_EVENTS:
            self._heard_ids.popitem(last=False)

    async def carry(self) -> None:
        """Deliver what was heard, until cancelled. Nothing is given up while Redis is away."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._buffer:
                await self._carry_batch()

    async def _carry_batch(self) -> None:
        by_channel: dict[str, list[Heard]] = {}
        for item in self._buffer.take(CARRIED_EVENTS, CARRIED_BYTES):
            by_channel.setdefault(item[1].channel_id, []).append(item)
        results = await asyncio.gather(
            *(self._carry_to(channel_id, items) for channel_id, items in by_channel.items()),
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
            self._give_up(self._buffer.put_back(failed))
            await asyncio.sleep(RECONNECT_PAUSE_SECONDS)

    async def _carry_to(self, channel_id: str, items: Sequence[Heard]) -> None:
        async with self._carrying:
            await self._deliver(channel_id, items)


def _text(channel: bytes | str) -> str:
    return channel.decode() if isinstance(channel, bytes) else channel


def _order(entry_id: str) -> tuple[int, int]:
    """Stream ids are two numbers: milliseconds, and a counter within them."""
    milliseconds, _, counter = entry_id.partition("-")
    return int(milliseconds or 0), int(counter or 0)


def _after(entry_id: bytes) -> str:
    milliseconds, counter = _order(entry_id.decode())
    # Whoever may XADD may choose the ids; the largest counter has no next one.
    return f"{milliseconds}-{counter + 1}" if counter < LARGEST_NUMBER else f"{milliseconds + 1}-0"


async def _close(subscription: Subscription) -> None:
    try:
        await subscription.aclose()
    except (RedisError, OSError) as exc:
        log.debug("Closing the subscription: %s", type(exc).__name__)
