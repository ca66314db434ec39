"""One table tells of every kind of event where it is heard, how it waits, and what it does to a plan."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from cogs.scene_art.domain.channel_plan import ChannelPlan
from cogs.scene_art.domain.event_kinds import EVENT_KINDS, EventKind, apply_event, channel_of, event_of, parse_event
from cogs.scene_art.domain.events import EventError
from cogs.scene_art.domain.scene import Scene

MESSAGE = json.dumps({"channel_id": "42", "narrative": "A door.", "turn_id": "t-1"})


@pytest.mark.parametrize("kind", EVENT_KINDS, ids=lambda kind: kind.channel)
def test_what_is_heard_waits_under_its_name_and_is_the_same_afterwards(kind: EventKind[Any]) -> None:
    heard = parse_event(kind.channel, MESSAGE)

    assert type(heard) is kind.model
    assert channel_of(heard) == kind.channel
    assert event_of(json.loads(json.dumps(heard.model_dump()))) == heard


@pytest.mark.parametrize("kind", EVENT_KINDS, ids=lambda kind: kind.channel)
def test_an_event_is_taken_in_once(kind: EventKind[Any]) -> None:
    plan, scenes = ChannelPlan(), dict[str, Scene]()
    event = parse_event(kind.channel, MESSAGE)
    apply_event(plan, event, scenes, 1_000.0, timedelta(seconds=60))
    before = plan.model_copy(deep=True), dict(scenes)

    assert apply_event(plan, event, scenes, 1_000.0, timedelta(seconds=60)) is None
    assert (plan, scenes) == before


def test_no_two_kinds_share_a_channel_or_a_name() -> None:
    assert len({kind.channel for kind in EVENT_KINDS}) == len(EVENT_KINDS)
    assert len({kind.model.model_fields["kind"].default for kind in EVENT_KINDS}) == len(EVENT_KINDS)


@pytest.mark.parametrize("channel", ["game:art", "game:art:requests", ""])
def test_nothing_is_heard_on_another_channel(channel: str) -> None:
    with pytest.raises(EventError, match="channel"):
        parse_event(channel, MESSAGE)


@pytest.mark.parametrize("fields", [{}, {"kind": "dance", "channel_id": "42", "narrative": "A door."}, {"kind": None}])
def test_what_names_no_kind_is_no_event(fields: dict[str, object]) -> None:
    with pytest.raises((ValueError, KeyError)):
        event_of(fields)
