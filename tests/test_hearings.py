"""What was published twice, and what is only heard twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cogs.scene_art.events import TurnComplete
from cogs.scene_art.hearings import REMEMBERED_EVENTS, Hearings, Known
from cogs.scene_art.scene import Scene
from cogs.scene_art.schedule import BARE_EVENT_SECONDS, ChannelPlan


def test_equal_bare_messages_are_told_apart_for_a_few_seconds() -> None:
    now = 100.0
    first, late = Hearings(lambda: now), Hearings(lambda: now)
    event = TurnComplete(channel_id="42", narrative="Again.", event_id="e")
    ids = [first.told_apart(event).event_id for _ in range(2)]
    assert ids == ["e", "e-2"]
    now += BARE_EVENT_SECONDS
    assert first.told_apart(event).event_id == late.told_apart(event).event_id == "e", "a process that came later"


@pytest.mark.parametrize("joins_at", [0, 1, 2])
@pytest.mark.parametrize("pauses", [(1.0, 1.0, 1.0, 1.0), (6.0, 60.0), (0.0, 0.0), (4.0, 6.0, 4.0, 4.0, 6.0)])
def test_a_bare_publication_counts_once_however_many_processes_hear_it_and_whenever_they_came(
    pauses: tuple[float, ...], joins_at: int
) -> None:
    """A process that starts, or starts again, counts from one; the others go on."""
    now = [1_000.0]
    event = TurnComplete(channel_id="42", narrative="Again.", event_id="e")
    first, late = Hearings(lambda: now[0]), Hearings(lambda: now[0])
    plan, scenes = ChannelPlan(), dict[str, Scene]()
    for number, pause in enumerate((*pauses, 0.0)):
        processes = [first, late] if number >= joins_at else [first]
        for process in processes if number % 2 else reversed(processes):
            plan.hear(process.told_apart(event), scenes, now[0], timedelta(seconds=60))
        assert len(scenes) == number + 1
        now[0] += pause


@pytest.mark.parametrize("joins_at", [0, 1])
def test_a_process_that_missed_one_bare_publication_of_a_long_run_draws_none_twice(joins_at: int) -> None:
    test_a_bare_publication_counts_once_however_many_processes_hear_it_and_whenever_they_came((4.9,) * 8, joins_at)


def test_only_the_last_events_are_remembered() -> None:
    known = Known()
    events = [TurnComplete(channel_id="42", narrative="x", event_id=f"e{n}") for n in range(REMEMBERED_EVENTS + 1)]
    for event in events:
        known.add(event)
    assert events[0] not in known
    assert events[1] in known
    assert events[-1] in known
