"""Whether a subscription still lives."""

from __future__ import annotations

from typing import Any, cast

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from cogs.scene_art.connection import Subscription
from cogs.scene_art.pulse import ASK_SECONDS, Pulse
from tests.redis_server import as_port, client_of

CHANNELS = ("one", "two")


class Silent:
    """A subscription that notes what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    async def subscribe(self, *channels: str) -> None:
        self.asked.append(channels)


def confirmed(channel: str) -> dict[str, Any]:
    return {"type": "subscribe", "channel": channel.encode()}


async def test_a_silent_subscription_is_asked_and_given_up_when_it_does_not_answer(redis_url: str) -> None:
    now, subscription = 0.0, Silent()
    async with client_of(redis_url) as client:
        pulse = Pulse(as_port(client), cast("Subscription", subscription), CHANNELS, lambda: now)
        assert not await pulse.after(None)
        now = ASK_SECONDS + 1
        await pulse.after(None)
        assert subscription.asked == [CHANNELS]
        assert [await pulse.after(confirmed(channel)) for channel in CHANNELS] == [False, False], "it answered"
        now = 2 * ASK_SECONDS + 2
        await pulse.after(None)
        assert subscription.asked == [CHANNELS] * 2
        now = 3 * ASK_SECONDS + 3
        with pytest.raises(RedisConnectionError):
            await pulse.after(None)


async def test_a_confirmation_that_nobody_asked_for_tells_of_another_connection(redis_url: str) -> None:
    async with client_of(redis_url) as client:
        pulse = Pulse(as_port(client), cast("Subscription", Silent()), CHANNELS, lambda: 0.0)
        told = [await pulse.after(confirmed(channel)) for channel in CHANNELS]
    assert told == [True, False], "once for a connection"
