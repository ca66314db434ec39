"""The game's events, validated and bounded before they cost anything.

The contract is `docs/events.md`. Unknown fields are ignored; what does not fit raises `EventError`, whose text is
one line that names the field and never quotes the message.
"""

from __future__ import annotations

import hashlib
import math
import re
import sys
from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar

from pydantic import BeforeValidator, ValidationError
from pydantic_core import from_json

from ..publish import REQUEST_CHANNEL, TURN_CHANNEL
from ..text import clean, one_line
from .painting import Frozen

MAX_MESSAGE_BYTES = 256 * 1024
MAX_NARRATIVE = 8_000  # characters kept; the prompt uses 2,000 of them after picture addresses were taken out
MAX_CAST = 64
MAX_NAME = 100
MAX_URL = 2_048
MAX_URL_BYTES = 24 * 1024
"""Of all addresses together; one that does not fit any more becomes an empty place."""
MAX_ID = 200
MAX_DEPTH = 16
MAX_TOKENS = 10_000
"""Strings, numbers, brackets and commas: some 3,000 keys, or 5,000 entries of a list."""
MAX_DIGITS = 1_000
EMPTY_WEIGHT = 2_000
"""Bytes of memory that an event without any text takes."""
RAW_PER_KEPT = 2
"""So much more of a text than is kept is looked at: some of it is folded or invisible."""

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{},]|[0-9][0-9.eE+-]*+', re.DOTALL)
_OPENING, _CLOSING, _DIGITS = frozenset(b"[{"), frozenset(b"]}"), frozenset(b"0123456789")
_BOM = b"\xef\xbb\xbf"
# An escape in JSON: two that make one character, half of such a pair, or any other.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
_HALF_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")
_SNOWFLAKE = re.compile(r"[0-9]{1,20}", re.ASCII)
_LARGEST_SNOWFLAKE = 2**63 - 1
_OURS = frozenset({"kind", "event_id", "followed"})  # no message says these about itself


class EventError(ValueError):
    """A message that is no event of ours. The text is one line for the operator."""


def _snowflake(value: object) -> object:
    """A Discord id: a string of digits, or a whole number that JSON carried as such."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not _SNOWFLAKE.fullmatch(value.strip()):
        raise ValueError("must be a string of digits")
    number = int(value)
    if not 0 < number <= _LARGEST_SNOWFLAKE:
        raise ValueError("is not a Discord id")
    return str(number)


def _optional_snowflake(value: object) -> object:
    """As `_snowflake`; what is absent, empty or no id at all is None, since only a nicety depends on it."""
    try:
        return _snowflake(value)
    except ValueError:
        return None


def _optional_id(value: object) -> object:
    """A turn's id as the game writes it: text, or a number. Of a long one the end is kept as a hash."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError("must be a string")  # noqa: TRY004  # pydantic turns ValueError into its own error
    text = value.strip()
    if len(text) <= MAX_ID:
        return _line(text, MAX_ID) or None
    mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{_line(text, MAX_ID - len(mark) - 1)}…{mark}"


def _narrative(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("must be a string")  # noqa: TRY004
    text = clean(_raw(value, MAX_NARRATIVE))[:MAX_NARRATIVE].rstrip()
    if not text:
        raise ValueError("must not be blank")
    return text


def _line(text: str, limit: int) -> str:
    """One clean line of at most `limit` characters."""
    return one_line(_raw(text, limit))[:limit].rstrip()


def _raw(text: str, limit: int) -> str:
    """The part of `text` that is worth cleaning, so that no text takes long to clean."""
    return text.strip()[: limit * RAW_PER_KEPT]


def _entries(value: object) -> list[str]:
    """A list of strings. An absent list is empty, and null inside a list is an empty place in it."""
    if value is None:
        return []
    if not isinstance(value, (list, tuple)):
        raise ValueError("must be a list of strings")  # noqa: TRY004
    if any(item is not None and not isinstance(item, str) for item in value):
        raise ValueError("must hold strings only")
    return [item or "" for item in value[:MAX_CAST]]


def _names(value: object) -> object:
    return tuple(_line(name, MAX_NAME) for name in _entries(value))


def _addresses(value: object) -> object:
    """Select those that fit, the short ones first. Each keeps its place, since the i-th picture shows the i-th name."""
    given = [address.strip() for address in _entries(value)]
    kept, room = [""] * len(given), MAX_URL_BYTES
    for at in sorted(range(len(given)), key=lambda at: len(given[at])):
        address = given[at]
        size = len(address.encode("utf-8", "surrogatepass"))
        # Half an address is none.
        if len(address) <= MAX_URL and size <= room:
            kept[at] = one_line(address)
            room -= size
    return tuple(kept)


def _short(limit: int) -> BeforeValidator:
    def shorten(value: object) -> object:
        if value is None:
            return ""
        if not isinstance(value, str):
            raise ValueError("must be a string")  # noqa: TRY004
        return _line(value, limit)

    return BeforeValidator(shorten)


def _timestamp(value: object) -> object:
    """Unix seconds. Only used to tell events apart, so that a strange one costs nothing."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    try:
        seconds = float(value)
    except OverflowError:
        return None
    return seconds if math.isfinite(seconds) else None


OptionalSnowflake = Annotated[str | None, BeforeValidator(_optional_snowflake)]


class GameEvent(Frozen):
    """The fields that all events share."""

    kind: str
    """Tells what it is where it waits; each kind gives it a default."""
    channel_id: Annotated[str, BeforeValidator(_snowflake)]
    narrative: Annotated[str, BeforeValidator(_narrative)]
    character_urls: Annotated[tuple[str, ...], BeforeValidator(_addresses)] = ()
    character_names: Annotated[tuple[str, ...], BeforeValidator(_names)] = ()
    game_name: Annotated[str, _short(200)] = ""
    ts: Annotated[float | None, BeforeValidator(_timestamp)] = None
    turn_id: Annotated[str | None, BeforeValidator(_optional_id)] = None
    message_id: OptionalSnowflake = None
    guild_id: OptionalSnowflake = None
    event_id: str = ""
    """Tells this event from every other: equal for every process that heard the same message.

    That a turn is drawn once, the plan sees by its `turn_id`.
    """

    @property
    def weight(self) -> int:
        """About how many bytes of memory it takes."""
        texts = (self.narrative, self.game_name, self.turn_id or "", *self.character_urls, *self.character_names)
        return EMPTY_WEIGHT + sum(map(sys.getsizeof, texts))


Heard = tuple[float, GameEvent]
"""An event, and when it was heard (unix seconds)."""
E = TypeVar("E", bound=GameEvent)


class ArtRequest(GameEvent):
    """The game asks for a picture now."""

    kind: Literal["request"] = "request"
    aspect_ratio: Annotated[str, _short(16)] = ""
    followed: bool = False
    """The host waits for its end: what becomes of it is written down under its `event_id`."""


class TurnComplete(GameEvent):
    """A turn was posted; it is drawn by itself when no request comes for it."""

    kind: Literal["turn"] = "turn"
    art: Annotated[bool, BeforeValidator(lambda value: True if value is None else value)] = True
    """False: no picture for this turn."""


MODELS: Mapping[str, type[GameEvent]] = {REQUEST_CHANNEL: ArtRequest, TURN_CHANNEL: TurnComplete}
"""The kinds of events, by the Redis channel on which games publish each.

A further kind is a model, a line here, and a rule in `ChannelPlan.apply`; its publisher goes into `publish.py`. One
that tells no story needs a base without `narrative` first.
"""
CHANNELS = tuple(MODELS)
_BY_KIND: Mapping[str, type[GameEvent]] = {model.model_fields["kind"].default: model for model in MODELS.values()}


def channel_of(event: GameEvent) -> str:
    """Name the Redis channel on which such events are published."""
    return next(channel for channel, model in MODELS.items() if isinstance(event, model))


def event_of(fields: dict[str, object]) -> GameEvent:
    """Rebuild the event whose `model_dump` gave `fields`.

    Raises:
        ValueError, KeyError, TypeError: it is none.
    """
    return _BY_KIND[str(fields["kind"])].model_validate(fields)


def parse_event(channel: str, payload: bytes | str) -> GameEvent:
    """Read the event in `payload` from the Redis channel `channel`; see `read_event`.

    Raises:
        EventError: it does not fit, or no event is heard on that channel.
    """
    if channel not in MODELS:
        raise EventError("on no channel of the game's events")
    return read_event(MODELS[channel], channel, payload)


def read_event(model: type[E], channel: str, payload: bytes | str) -> E:
    """Read the event in `payload`, heard on the Redis channel `channel`, in bounded time; keep a bounded part of it.

    Raises:
        EventError: larger than 256 KiB, not UTF-8, not JSON, too deep or of too many parts, or a field does not fit.
    """
    data = _bytes(payload)
    _check_structure(data)
    values = _json(data.removeprefix(_BOM))
    if not isinstance(values, dict):
        raise EventError("not a JSON object")
    try:
        event = model.model_validate({key: value for key, value in values.items() if key not in _OURS})
    except ValidationError as exc:
        raise EventError(_first_problem(exc)) from None
    identity = hashlib.sha256(channel.encode() + b"\0" + data).hexdigest()[:20]
    return event.model_copy(update={"event_id": identity})


def _json(data: bytes) -> object:
    try:
        return from_json(data, allow_inf_nan=False)  # NaN and Infinity are no JSON
    except ValueError:
        whole = whole_characters(data)
        if whole is data:
            raise EventError("not JSON in UTF-8") from None
    try:
        return from_json(whole, allow_inf_nan=False)
    except ValueError:
        raise EventError("not JSON in UTF-8, or nested too deeply") from None


def whole_characters(data: bytes) -> bytes:
    """JSON without escapes of half a character: JavaScript writes these where it cut a text within an emoji.

    `data` itself when there are none.
    """
    return _ESCAPE.sub(lambda escape: b"" if escape[1] else escape[0], data) if _HALF_CHARACTER.search(data) else data


def _bytes(payload: bytes | str) -> bytes:
    """
    Raises:
        EventError: it is too large.
    """
    if len(payload) <= MAX_MESSAGE_BYTES:
        data = payload.encode("utf-8", "surrogatepass") if isinstance(payload, str) else payload
        if len(data) <= MAX_MESSAGE_BYTES:
            return data
    unit = "characters" if isinstance(payload, str) else "bytes"
    raise EventError(f"larger than {MAX_MESSAGE_BYTES // 1024} KiB ({len(payload)} {unit})")


def _check_structure(data: bytes) -> None:
    """Look at JSON from afar, before anything is built of it. What is no JSON may pass.

    Raises:
        EventError: too deep, too many parts, or a number too long.
    """
    depth = 0
    for number, token in enumerate(_TOKEN.finditer(data)):
        first = data[token.start()]
        depth += (first in _OPENING) - (first in _CLOSING)
        if depth > MAX_DEPTH:
            raise EventError(f"nested too deeply (more than {MAX_DEPTH} levels)")
        if number > MAX_TOKENS:
            raise EventError(f"of too many parts (more than {MAX_TOKENS})")
        if first in _DIGITS and token.end() - token.start() > MAX_DIGITS:
            raise EventError(f"a number of more than {MAX_DIGITS} digits")


def _first_problem(exc: ValidationError) -> str:
    """Field and reason of the first problem, without the value (it may be a player's text)."""
    first = exc.errors(include_input=False, include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "message"
    return f"{field}: {first['msg'].removeprefix('Value error, ')}"
