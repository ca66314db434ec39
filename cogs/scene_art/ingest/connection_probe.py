"""What the reading loop must notice: a connection that is lost without a word, and equal messages that are two."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from cachetools import TTLCache

from ..domain.channel_plan import BARE_EVENT_SECONDS
from ..domain.event_kinds import CHANNELS
from ..domain.events import E, GameEvent
from ..store.connection import RedisClient, Subscription, drop_idle_connections
from ..store.timeouts import noticing_cancellation, within_timeout

ASK_SECONDS = 10.0
"""After so long a silence Redis is asked whether it still has the subscription."""


class ConnectionProbe:
    """Notices a connection that was lost without a word, as by a firewall that forgot it: nothing would ever come."""

    def __init__(
        self,
        client: RedisClient,
        subscription: Subscription,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Of a `subscription` that has just been confirmed."""
        self._client = client
        self._subscription = subscription
        self._clock = clock
        self._felt = clock()
        self._asked = False
        self._answers_due = 0

    async def after(self, message: dict[str, Any] | None) -> bool:
        """To be called after every read. Whether the connection is another one, made anew in silence.

        Raises:
            ConnectionError, TransientError: Redis was asked and did not answer in time.
        """
        now = self._clock()
        if message is None:
            if now - self._felt > ASK_SECONDS:
                await self._ask(now)
            return False
        self._felt, self._asked = now, False
        if message["type"] != "subscribe":
            return False
        if self._answers_due:
            self._answers_due -= 1
            return False
        return message["channel"] in {CHANNELS[0], CHANNELS[0].encode()}

    async def _ask(self, now: float) -> None:
        if self._asked:
            with noticing_cancellation():
                await drop_idle_connections(self._client)
            raise ConnectionError("no answer")
        # A second SUBSCRIBE changes nothing and is confirmed like the first; PING would need a rule of its own.
        async with within_timeout():
            await self._subscription.subscribe(*CHANNELS)
        self._felt, self._asked, self._answers_due = now, True, len(CHANNELS)


def is_bare(event: GameEvent) -> bool:
    """Whether nothing in it tells it from an equal one."""
    return event.turn_id is None and event.ts is None


class Deduplicator:
    """Tells equal messages apart that carry neither `turn_id` nor `ts`.

    Every process hears every message once. So the second time that one process hears the same bytes they are a
    second event, and it is the same second event for all processes. One that begins to listen in the middle of a run
    counts less than the others; what it says has been acted on then, unless that was longer ago than the plan's memory.
    """

    REMEMBERED = 1_000

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        # The plan forgets such an event after the same time, so that a process which joined later counts alike.
        self._counts: TTLCache[str, int] = TTLCache(self.REMEMBERED, BARE_EVENT_SECONDS, clock)

    def told_apart(self, event: E) -> E:
        """`event`, with an id of its own when it is not the first of its kind."""
        if not is_bare(event):
            return event
        self._counts[event.event_id] = count = self._counts.get(event.event_id, 0) + 1
        return event if count == 1 else event.model_copy(update={"event_id": f"{event.event_id}-{count}"})
