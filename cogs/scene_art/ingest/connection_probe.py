"""Checks of the reading loop: for a connection that was lost without notice, and for repeated equal messages."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from cachetools import TTLCache

from ..domain.channel_plan import BARE_EVENT_SECONDS
from ..domain.events import CHANNELS, E, GameEvent
from ..store.connection import RedisClient, Subscription, drop_idle_connections
from ..store.timeouts import noticing_cancellation, within_timeout

ASK_SECONDS = 10.0
"""After so long a silence the probe checks that Redis still has the subscription."""


class ConnectionProbe:
    """Detects a connection that was lost without notice, say by a firewall that forgot it, and would stay silent."""

    def __init__(
        self, client: RedisClient, subscription: Subscription, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`subscription` must have just been confirmed."""
        self._client = client
        self._subscription = subscription
        self._clock = clock
        self._felt = clock()
        self._asked = False
        self._answers_due = 0

    async def after(self, message: dict[str, Any] | None) -> bool:
        """Check the connection; to be called after every read. True when the client reconnected in silence.

        Raises:
            ConnectionError, TransientError: Redis did not answer the probe in time.
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
    """Tell whether `event` carries nothing that distinguishes it from an equal one."""
    return event.turn_id is None and event.ts is None


class Deduplicator:
    """Distinguishes equal messages that carry neither `turn_id` nor `ts`.

    Every process receives every message once. So the second time that a process receives the same bytes, they are a
    second event, and it is the same second event for all processes. A process that subscribes later counts fewer. Its
    events then repeat planned ones and are ignored, unless the plan has forgotten these.
    """

    REMEMBERED = 1_000

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        # The plan forgets such an event after the same time, so that a process that joined later counts the same.
        self._counts: TTLCache[str, int] = TTLCache(self.REMEMBERED, BARE_EVENT_SECONDS, clock)

    def distinguish(self, event: E) -> E:
        """Return `event`, with an id of its own when an equal one came before."""
        if not is_bare(event):
            return event
        self._counts[event.event_id] = count = self._counts.get(event.event_id, 0) + 1
        return event if count == 1 else event.model_copy(update={"event_id": f"{event.event_id}-{count}"})
