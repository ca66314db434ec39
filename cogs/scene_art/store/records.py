"""What comes back from Redis, checked like any input before anything goes by it. Pure functions.

A record that does not fit costs itself and one log line. Nothing of it reaches the log, a key, a path or Discord: the
lines name what was asked for, and texts are cleaned like those of events.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json

from ..domain.channel_plan import ChannelPlan
from ..domain.events import ArtRequest, TurnComplete
from ..domain.file_types import FILE_TYPES
from ..domain.scene import PromptRecord, Scene
from ..i18n import Sentence
from ..text import clean, one_line

log = logging.getLogger(__name__)

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
LONGEST_LINE, LONGEST_TEXT, LONGEST_EVENT_ID = 500, 50_000, 80

InboxEntry = tuple[float, ArtRequest | TurnComplete]

_SCENE_ID = re.compile(r"[0-9a-f]{16}")
_CHANNEL_ID = re.compile(r"[0-9]{1,20}", re.ASCII)


def is_scene_id(text: object) -> bool:
    """Whether this can be a scene's id."""
    return isinstance(text, str) and _SCENE_ID.fullmatch(text) is not None


def is_channel_id(text: object) -> bool:
    """Whether this can be a Discord channel's id."""
    return isinstance(text, str) and _CHANNEL_ID.fullmatch(text) is not None


def is_work_item(text: str) -> bool:
    """Whether this is a channel's id, or `channel/scene`."""
    channel_id, slash, scene_id = text.partition("/")
    return is_channel_id(channel_id) and (is_scene_id(scene_id) if slash else True)


def texts(raw: Iterable[bytes]) -> list[str]:
    """Names that stand in lists; what is no text becomes one that fits nowhere."""
    return [name.decode("ascii", "replace") if len(name) <= LONGEST_EVENT_ID else "" for name in raw]


def read_scene(raw: bytes | None, channel_id: str, scene_id: str, now: float) -> Scene | None:
    """The scene under the key of that id in that channel; None when there is none, or it does not fit."""
    if raw is None:
        return None
    try:
        scene = Scene.model_validate_json(raw)
    except ValidationError:
        fault: str | None = "does not fit this version"
    else:
        fault = _fault_of_scene(scene, channel_id, scene_id, now)
    if fault is not None:
        log.warning("The record of scene %s %s and is passed over", scene_id, fault)
        return None
    return _cleaned(scene)


def _fault_of_scene(scene: Scene, channel_id: str, scene_id: str, now: float) -> str | None:
    if (scene.id, scene.channel_id) != (scene_id, channel_id):
        return "belongs to another one"
    times = (scene.heard_at, scene.started_at, scene.asked_at, scene.painted_at, scene.finished_at, scene.resume_at)
    if not _are_times(times, now):
        return "holds a time that cannot be"
    if not all(
        0 <= count <= MOST_COUNTED for count in (scene.attempts, scene.prohibited, scene.starts, scene.put_offs)
    ):
        return "holds a count that cannot be"
    usage = (scene.usage.prompt_tokens, scene.usage.output_tokens, scene.usage.thought_tokens)
    amounts = (*usage, scene.cost, scene.reserved or 0, scene.paint_seconds, scene.price)
    if not all(0 <= amount <= MOST_TOKENS for amount in amounts) or not 0 <= scene.seed < 2**64:
        return "holds a number that cannot be"
    if scene.has_picture and scene.mime not in FILE_TYPES:
        return "names no kind of picture"
    return None


def _are_times(times: Iterable[float | None], now: float) -> bool:
    """Whether all are unix seconds that can be; NaN is none."""
    return all(time is None or 0 <= time <= now + LATEST_SECONDS for time in times)


def _cleaned(scene: Scene) -> Scene:
    """`scene` with texts fit to be shown, and without ids that are none. Usually the same one."""
    given = {name: getattr(scene, name) for name in Scene.model_fields}
    fit = {name: _FIT[name](value) for name, value in given.items() if name in _FIT}
    changes = {name: value for name, value in fit.items() if value != given[name]}
    return scene.model_copy(update=changes) if changes else scene


def _line(text: str) -> str:
    # Far quicker than looking at each character, and true of nearly every text.
    return (text if text.isprintable() and "  " not in text else one_line(text))[:LONGEST_LINE]


def _sentence(sentence: Sentence) -> Sentence:
    plain = sentence.isprintable() and len(sentence) <= LONGEST_LINE
    return sentence if plain else Sentence(_line(sentence))


def _text(text: str) -> str:
    return (text if text.replace("\n", "").isprintable() else clean(text))[:LONGEST_TEXT]


def _lines(given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_line(text) for text in given)


def _ids(given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(given_id for given_id in given if is_scene_id(given_id))[:MOST_UPLOADS]


def _urls(given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(url if url.isprintable() else one_line(url) for url in given)


def _optional_line(text: str | None) -> str | None:
    return None if text is None else _line(text)


def _optional_id(text: str | None) -> str | None:
    return text if is_channel_id(text) else None


def _optional_scene_id(text: str | None) -> str | None:
    return text if is_scene_id(text) else None


def _prompt(brief: PromptRecord) -> PromptRecord:
    references = tuple(
        ref.model_copy(
            update={
                "name": _line(ref.name),
                "role": _line(ref.role),
                "missing_because": _line(ref.missing_because),
                "told_because": _sentence(ref.told_because) if ref.told_because else None,
            }
        )
        for ref in brief.references
    )
    return PromptRecord(prompt=_text(brief.prompt), references=references)


_FIT: dict[str, Callable[[Any], object]] = {
    **dict.fromkeys(("reason", "code", "attachment_url", "progress", "game_name", "aspect_ratio", "style"), _line),
    **dict.fromkeys(("painter", "model", "mime", "finish_reason"), _line),
    "uploads": _ids,
    **dict.fromkeys(("narrative", "notes"), _text),
    **dict.fromkeys(
        ("guild_id", "reply_to", "message_id", "origin_message_id", "requested_by", "deleted_by"), _optional_id
    ),
    "sentence": _sentence,
    "redo_of": _optional_scene_id,
    "turn_id": _optional_line,
    "put_offs": partial(min, MOST_PUT_OFFS),
    "character_names": _lines,
    "character_urls": _urls,
    "brief": _prompt,
}


def read_plan(raw: bytes | None, channel_id: str, now: float) -> ChannelPlan:
    """The channel's plan; an empty one where there is none, or it does not fit."""
    if raw is None:
        return ChannelPlan()
    try:
        plan = ChannelPlan.model_validate_json(raw)
    except ValidationError:
        fault: str | None = "does not fit this version"
    else:
        fault = _fault_of_plan(plan, now)
    if fault is not None:
        log.warning("The plan of channel %s %s; the channel starts afresh", channel_id, fault)
        return ChannelPlan()
    return _not_ahead(plan, now)


def _fault_of_plan(plan: ChannelPlan, now: float) -> str | None:
    ids = [turn.scene_id for turn in plan.turns]
    if not all(is_scene_id(scene_id) for scene_id in ids) or len(set(ids)) < len(ids):
        return "names scenes that cannot be"
    if not all(0 <= order <= MOST_ORDER for order in (plan.next_order, *(turn.order for turn in plan.turns))):
        return "holds a number that cannot be"
    times = [time for turn in plan.turns for time in (turn.heard_at, turn.due_at, turn.requested_at, turn.resume_at)]
    if not _are_times([*times, *plan.seen.values(), plan.cooldown_from, plan.cooldown_before], now):
        return "holds a time that cannot be"
    if any(len(event_id) > LONGEST_EVENT_ID for event_id in plan.seen):
        return "remembers what is no event"
    return None


def _not_ahead(plan: ChannelPlan, now: float) -> ChannelPlan:
    """`plan` without a cooldown that would begin in the future."""
    begun = {"cooldown_from": plan.cooldown_from, "cooldown_before": plan.cooldown_before}
    ahead = {name: now for name, time in begun.items() if time is not None and time > now}
    turns = [turn.model_copy(update={"turn_id": _optional_line(turn.turn_id)}) for turn in plan.turns]
    changes = ahead | ({"turns": turns} if turns != plan.turns else {})
    return plan.model_copy(update=changes) if changes else plan


def read_entries(raw: Sequence[bytes], channel_id: str, now: float) -> list[InboxEntry | None]:
    """The events of the channel's inbox, each with the time at which it was heard; None for what does not fit."""
    entries = [_read_entry(entry, channel_id, now) for entry in raw]
    if unread := entries.count(None):
        log.warning("%d events in the inbox of channel %s do not fit and are passed over", unread, channel_id)
    return entries


def _read_entry(raw: bytes, channel_id: str, now: float) -> InboxEntry | None:
    if len(raw) > ENTRY_BYTES:
        return None
    try:
        entry = from_json(raw, allow_inf_nan=False)
        kind = ArtRequest if entry["event"]["kind"] == "request" else TurnComplete
        event, at = kind.model_validate(entry["event"]), float(entry["at"])
    except (ValueError, KeyError, TypeError, OverflowError):
        return None
    fits = event.channel_id == channel_id and _are_times([at], now) and len(event.event_id) <= LONGEST_EVENT_ID
    return (at, event) if fits else None


class FollowedRequest(BaseModel):
    """What became of a request that a host follows: its scene, or why it got none."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    scene_id: Annotated[str, AfterValidator(lambda text: text if is_scene_id(text) else "")] = ""
    code: Annotated[str, AfterValidator(_line)] = ""
    detail: Annotated[str, AfterValidator(_line)] = ""


def read_followed(raw: bytes | None) -> FollowedRequest | None:
    """Read the record of a followed request; None where there is nothing, or it does not fit."""
    try:
        return None if raw is None else FollowedRequest.model_validate_json(raw)
    except ValidationError:
        return None


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
