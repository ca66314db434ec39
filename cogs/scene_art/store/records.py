"""Checks of what comes back from Redis, like those of any input. Pure functions.

A record that does not fit counts as absent, with one log line that names what was asked for. Ids, numbers and kinds
are checked; texts are as they were written, clean.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from ..domain.channel_plan import ChannelPlan
from ..domain.events import Heard, event_of
from ..domain.file_types import FILE_TYPES
from ..domain.scene import Scene

log = logging.getLogger(__name__)

Model = TypeVar("Model", bound=BaseModel)

SCENE_BYTES = 2 * 1024 * 1024
PLAN_BYTES = 8 * 1024 * 1024
FOLLOWED_BYTES = 16 * 1024
ENTRY_BYTES = 1024 * 1024
"""An event is at most 256 KiB, and JSON may write a character in six bytes."""
LATEST_SECONDS = 2 * 24 * 3600 + 3600
"""Nothing is planned farther ahead: scenes are put off for two days at most."""
MOST_COUNTED = 10**6
MOST_PUT_OFFS = 1_000
"""The pauses, which double each time, have reached their longest long before."""
MOST_UPLOADS = 4
MOST_TOKENS = 10**9
MOST_ORDER = 2**53
LONGEST_EVENT_ID = 80

_SCENE_ID = re.compile(r"[0-9a-f]{16}")
_CHANNEL_ID = re.compile(r"[0-9]{1,20}", re.ASCII)


def work_item(scene: Scene) -> str:
    """Name a scene in the lists of work: `channel/scene`."""
    return f"{scene.channel_id}/{scene.id}"


def is_scene_id(text: object) -> bool:
    """Tell whether this can be a scene's id."""
    return isinstance(text, str) and _SCENE_ID.fullmatch(text) is not None


def is_channel_id(text: object) -> bool:
    """Tell whether this can be a Discord channel's id."""
    return isinstance(text, str) and _CHANNEL_ID.fullmatch(text) is not None


def is_work_item(text: str) -> bool:
    """Tell whether this is a channel's id, or `channel/scene`."""
    channel_id, slash, scene_id = text.partition("/")
    return is_channel_id(channel_id) and (is_scene_id(scene_id) if slash else True)


def texts(raw: Iterable[bytes]) -> list[str]:
    """Names that stand in lists; what is no text becomes one that fits nowhere."""
    return [name.decode("ascii", "replace") if len(name) <= LONGEST_EVENT_ID else "" for name in raw]


def read_scene(raw: bytes | None, channel_id: str, scene_id: str, now: float) -> Scene | None:
    """The scene under the key of that id in that channel; None when there is none, or it does not fit."""
    scene = _parsed(Scene, raw)
    if scene and (scene.id, scene.channel_id) == (scene_id, channel_id) and _fits_scene(scene, now):
        return scene
    if raw is not None:
        log.warning("The record of scene %s does not fit this version and counts as absent", scene_id)
    return None


def _parsed(kind: type[Model], raw: bytes | None) -> Model | None:
    try:
        return None if raw is None else kind.model_validate_json(raw)
    except ValidationError:
        return None


def _fits_scene(scene: Scene, now: float) -> bool:
    ids = (scene.guild_id, scene.reply_to, scene.message_id, scene.origin_message_id)
    times = (scene.heard_at, scene.started_at, scene.asked_at, scene.painted_at, scene.finished_at, scene.resume_at)
    counts = (scene.attempts, scene.prohibited, scene.starts)
    usage = (scene.usage.prompt_tokens, scene.usage.output_tokens, scene.usage.thought_tokens)
    amounts = (*usage, scene.cost, scene.reserved or 0, scene.paint_seconds, scene.price)
    return (
        all(given is None or is_channel_id(given) for given in (*ids, scene.requested_by, scene.deleted_by))
        and all(map(is_scene_id, (*scene.uploads, scene.rerender_of or scene.id)))
        and len(scene.uploads) <= MOST_UPLOADS
        and _are_times(times, now)
        and all(0 <= count <= MOST_COUNTED for count in counts)
        and 0 <= scene.put_offs <= MOST_PUT_OFFS
        and all(0 <= amount <= MOST_TOKENS for amount in amounts)
        and 0 <= scene.seed < 2**64
        and (scene.mime in FILE_TYPES or not scene.has_picture)
    )


def _are_times(times: Iterable[float | None], now: float) -> bool:
    """Tell whether all are possible unix seconds; NaN is none."""
    return all(time is None or 0 <= time <= now + LATEST_SECONDS for time in times)


def read_plan(raw: bytes | None, channel_id: str, now: float) -> ChannelPlan:
    """The channel's plan; an empty one where there is none, or it does not fit."""
    plan = _parsed(ChannelPlan, raw)
    if plan and _fits_plan(plan, now):
        return plan
    if raw is not None:
        log.warning("The plan of channel %s does not fit this version; the channel starts afresh", channel_id)
    return ChannelPlan()


def _fits_plan(plan: ChannelPlan, now: float) -> bool:
    ids = [turn.scene_id for turn in plan.turns]
    times = [time for turn in plan.turns for time in (turn.heard_at, turn.due_at, turn.requested_at, turn.resume_at)]
    return (
        all(map(is_scene_id, ids))
        and len(set(ids)) == len(ids)
        and all(0 <= order <= MOST_ORDER for order in (plan.next_order, *(turn.order for turn in plan.turns)))
        and _are_times([*times, *plan.seen.values(), plan.cooldown_from, plan.cooldown_before], now)
        and all(len(event_id) <= LONGEST_EVENT_ID for event_id in plan.seen)
    )


def read_entries(raw: Sequence[bytes], channel_id: str, now: float) -> list[Heard | None]:
    """The events of the channel's inbox, each with the time at which it was heard; None for what does not fit."""
    entries = [_read_entry(entry, channel_id, now) for entry in raw]
    if unread := entries.count(None):
        log.warning("%d events in the inbox of channel %s do not fit and are passed over", unread, channel_id)
    return entries


def _read_entry(raw: bytes, channel_id: str, now: float) -> Heard | None:
    if len(raw) > ENTRY_BYTES:
        return None
    try:
        entry = from_json(raw, allow_inf_nan=False)
        event, at = event_of(entry["event"]), float(entry["at"])
    except (ValueError, KeyError, TypeError, OverflowError):
        return None
    fits = event.channel_id == channel_id and _are_times([at], now) and len(event.event_id) <= LONGEST_EVENT_ID
    return (at, event) if fits else None


class FollowedRequest(BaseModel):
    """The fate of a request that a host follows: its scene, or the reason why it got none."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    scene_id: Annotated[str, Field(pattern="^([0-9a-f]{16})?$")] = ""
    code: str = ""
    detail: str = ""


def read_followed(raw: bytes | None) -> FollowedRequest | None:
    """Read the record of a followed request; None where there is nothing, or it does not fit."""
    return _parsed(FollowedRequest, raw)


def read_picture(pieces: Sequence[bytes], scene: Scene) -> bytes | None:
    """The kept picture of `scene`; None when there is none, or it is no picture of the kind that the record names."""
    picture = b"".join(pieces)
    if not picture:
        return None
    kind = FILE_TYPES.get(scene.mime)
    if kind is None or not picture.startswith(kind.signature):
        log.warning("scene %s: what is kept is no picture and is passed over", scene.id)
        return None
    return picture


def read_time(raw: bytes | None, now: float, longest_seconds: float) -> float:
    """A time until which something rests; 0 for what cannot be one."""
    try:
        until = float(raw or 0)
    except ValueError:
        return 0.0
    return until if 0 <= until <= now + longest_seconds else 0.0
