"""Whether a subscription still lives."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from redis.exceptions import ConnectionError as RedisConnectionError

from .connection import RedisClient, Subscription, drop_idle_connections
from .patience import noticing_cancellation, within_patience

ASK_SECONDS = 10.0
"""After so long a silence Redis is asked whether it still has the subscription."""


class Pulse:
    """Notices a connection that was lost without a word, as by a firewall that forgot it: nothing would ever come."""

    def __init__(
        self,
        client: RedisClient,
        subscription: Subscription,
        channels: Sequence[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Of a `subscription` to `channels` that has just been confirmed."""
        self._client = client
        self._subscription = subscription
        self._channels = channels
        self._clock = clock
        self._felt = clock()
        self._asked = False
        self._answers_due = 0

    async def after(self, message: dict[str, Any] | None) -> bool:
        """To be called after every read. Whether the connection is another one, made anew in silence.

        Raises:
            RedisConnectionError, TransientError: Redis was asked and did not answer in time.
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
        return message["channel"] in {self._channels[0], self._channels[0].encode()}

    async def _ask(self, now: float) -> None:
        if self._asked:
            with noticing_cancellation():
                await drop_idle_connections(self._client)
            raise RedisConnectionError("no answer")
        # A second SUBSCRIBE changes nothing and is confirmed like the first; PING would need a rule of its own.
        async with within_patience():
            await self._subscription.subscribe(*self._channels)
        self._felt, self._asked, self._answers_due = now, True, len(self._channels)
