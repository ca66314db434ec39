"""The kinds of events: the Redis channel, the model and the planning rule of each.

Subscriber, parser, inbox and plan go by this one table. A further kind is a model in `events.py`, a rule in
`channel_plan.py`, and a line here; its publisher for games goes into `publish.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic

from ..publish import REQUEST_CHANNEL, TURN_CHANNEL
from .channel_plan import ChannelPlan, RuleContext
from .events import ArtRequest, E, EventError, GameEvent, TurnComplete, read_event
from .scene import Scene


@dataclass(frozen=True)
class EventKind(Generic[E]):
    """One kind of event."""

    channel: str
    """The Redis channel on which the game publishes it."""
    model: type[E]
    """The event's model; the default of its `kind` names the event in the inboxes."""
    rule: Callable[[ChannelPlan, E, RuleContext], str | None]
    """Puts the event into a plan. Returns the id of the scene that it requests, if any."""


EVENT_KINDS: tuple[EventKind[Any], ...] = (
    EventKind(REQUEST_CHANNEL, ArtRequest, ChannelPlan.apply_request),
    EventKind(TURN_CHANNEL, TurnComplete, ChannelPlan.apply_turn),
)
CHANNELS = tuple(kind.channel for kind in EVENT_KINDS)
_BY_CHANNEL = {kind.channel: kind for kind in EVENT_KINDS}
_BY_NAME: dict[str, EventKind[Any]] = {kind.model.model_fields["kind"].default: kind for kind in EVENT_KINDS}


def channel_of(event: GameEvent) -> str:
    """Name the Redis channel on which such events are published."""
    return _BY_NAME[event.kind].channel


def parse_event(channel: str, payload: bytes | str) -> GameEvent:
    """Read the event in `payload` from the Redis channel `channel`; see `read_event`.

    Raises:
        EventError: it does not fit, or no event is heard on that channel.
    """
    kind = _BY_CHANNEL.get(channel)
    if kind is None:
        raise EventError("on no channel of the game's events")
    event: GameEvent = read_event(kind.model, channel, payload)
    return event


def event_of(fields: dict[str, object]) -> GameEvent:
    """Rebuild the event whose `model_dump` gave `fields`.

    Raises:
        ValueError, KeyError, TypeError: it is none.
    """
    event: GameEvent = _BY_NAME[str(fields["kind"])].model.model_validate(fields)
    return event


def apply_event(
    plan: ChannelPlan, event: GameEvent, scenes: dict[str, Scene], heard_at: float, fallback: timedelta
) -> str | None:
    """Take `event` into `plan`; new and changed scenes are put into `scenes`. Doing it twice changes nothing.

    Returns the id of the scene that a request belongs to; None for other events, and when it was heard before.
    """
    if not plan.remember(event, heard_at):
        return None
    return _BY_NAME[event.kind].rule(plan, event, RuleContext(scenes, heard_at, fallback))
