"""Checks of the reading loop: for a lost connection, and for repeated equal messages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

import pytest

from cogs.scene_art.domain.channel_plan import BARE_EVENT_SECONDS, ChannelPlan
from cogs.scene_art.domain.events import CHANNELS, TurnComplete
from cogs.scene_art.domain.scene import Scene
from cogs.scene_art.ingest.connection_probe import ASK_SECONDS, ConnectionProbe, Deduplicator
from cogs.scene_art.store.connection import Subscription
from tests.redis_server import as_port, client_of


def test_equal_bare_messages_are_told_apart_for_a_few_seconds() -> None:
    now = 100.0
    first, late = Deduplicator(lambda: now), Deduplicator(lambda: now)
    event = TurnComplete(channel_id="42", narrative="Again.", event_id="e")
    ids = [first.distinguish(event).event_id for _ in range(2)]
    assert ids == ["e", "e-2"]
    now += BARE_EVENT_SECONDS
    assert first.distinguish(event).event_id == late.distinguish(event).event_id == "e", "a process that came later"


@pytest.mark.parametrize("joins_at", [0, 1, 2])
@pytest.mark.parametrize("pauses", [(1.0, 1.0, 1.0, 1.0), (6.0, 60.0), (0.0, 0.0), (4.0, 6.0, 4.0, 4.0, 6.0)])
def test_a_bare_publication_counts_once_however_many_processes_hear_it_and_whenever_they_came(
    pauses: tuple[float, ...], joins_at: int
) -> None:
    """A process that starts, or starts again, counts from one; the others go on."""
    now = [1_000.0]
    event = TurnComplete(channel_id="42", narrative="Again.", event_id="e")
    first, late = Deduplicator(lambda: now[0]), Deduplicator(lambda: now[0])
    plan, scenes = ChannelPlan(), dict[str, Scene]()
    for number, pause in enumerate((*pauses, 0.0)):
        processes = [first, late] if number >= joins_at else [first]
        for process in processes if number % 2 else reversed(processes):
            plan.apply(process.distinguish(event), scenes, now[0], timedelta(seconds=60))
        assert len(scenes) == number + 1
        now[0] += pause


@pytest.mark.parametrize("joins_at", [0, 1])
def test_a_process_that_missed_one_bare_publication_of_a_long_run_draws_none_twice(joins_at: int) -> None:
    test_a_bare_publication_counts_once_however_many_processes_hear_it_and_whenever_they_came((4.9,) * 8, joins_at)


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
        probe = ConnectionProbe(as_port(client), cast("Subscription", subscription), lambda: now)
        assert not await probe.after(None)
        now = ASK_SECONDS + 1
        await probe.after(None)
        assert subscription.asked == [CHANNELS]
        assert [await probe.after(confirmed(channel)) for channel in CHANNELS] == [False, False], "it answered"
        now = 2 * ASK_SECONDS + 2
        await probe.after(None)
        assert subscription.asked == [CHANNELS] * 2
        now = 3 * ASK_SECONDS + 3
        with pytest.raises(ConnectionError):
            await probe.after(None)


async def test_a_confirmation_that_nobody_asked_for_tells_of_another_connection(redis_url: str) -> None:
    async with client_of(redis_url) as client:
        probe = ConnectionProbe(as_port(client), cast("Subscription", Silent()), lambda: 0.0)
        told = [await probe.after(confirmed(channel)) for channel in CHANNELS]
    assert told == [True, False], "once for a connection"
