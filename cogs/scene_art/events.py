"""What the game says: the two events, validated and bounded before they cost anything.

The contract is `docs/events.md`. Unknown fields are ignored; what does not fit raises `EventError`, whose text is
one line that names the field and never quotes the message.
"""

from __future__ import annotations

import hashlib
import math
import re
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from .publish import REQUEST_CHANNEL
from .text import clean, one_line

MAX_MESSAGE_BYTES = 256 * 1024
MAX_NARRATIVE = 8_000  # characters kept; the prompt uses 2,000 of them after picture addresses were taken out
MAX_CAST = 64
MAX_NAME = 100
MAX_URL = 2_048
MAX_URLS = 24_000
"""Characters of all addresses of an event together; those beyond leave an empty place."""
MAX_TURN_ID = 200
_BOM = b"\xef\xbb\xbf"
_SNOWFLAKE = re.compile(r"[0-9]{1,20}", re.ASCII)
_LARGEST_SNOWFLAKE = 2**63 - 1
# An escape in JSON: two that make one character, half of such a pair, or any other.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)


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
    """A turn's id as the game writes it: text, or a number."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError("must be a string")  # noqa: TRY004  # pydantic turns ValueError into its own error
    return _line(value, MAX_TURN_ID) or None


def _line(text: str, limit: int) -> str:
    """`text` on one line, cut before anything is done to it: every character costs the event loop time."""
    return one_line(text[: 4 * limit])[:limit].rstrip()


def _narrative(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("must be a string")  # noqa: TRY004
    text = clean(value)[:MAX_NARRATIVE]
    if not text:
        raise ValueError("must not be blank")
    return text


def _strings(value: object) -> list[str]:
    """A list of strings. An absent list is empty, and null inside a list is an empty place in it."""
    if value is None:
        return []
    if not isinstance(value, (list, tuple)):
        raise ValueError("must be a list of strings")  # noqa: TRY004
    items = value[:MAX_CAST]
    if any(item is not None and not isinstance(item, str) for item in items):
        raise ValueError("must hold strings only")
    return [item or "" for item in items]


def _names(value: object) -> object:
    return tuple(_line(name, MAX_NAME) for name in _strings(value))


def _urls(value: object) -> object:
    """Half an address is none: one that is too long, or too much with those before it, leaves an empty place."""
    kept, room = [], MAX_URLS
    for url in _strings(value):
        line = one_line(url) if len(url) <= MAX_URL else ""
        kept.append(line if len(line) <= room else "")
        room -= len(kept[-1])
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


def _art(value: object) -> object:
    return True if value is None else value


Snowflake = Annotated[str, BeforeValidator(_snowflake)]
OptionalSnowflake = Annotated[str | None, BeforeValidator(_optional_snowflake)]
OptionalId = Annotated[str | None, BeforeValidator(_optional_id)]
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]
Urls = Annotated[tuple[str, ...], BeforeValidator(_urls)]


class GameEvent(BaseModel):
    """What both events share."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    channel_id: Snowflake
    narrative: Annotated[str, BeforeValidator(_narrative)]
    character_urls: Urls = ()
    character_names: Names = ()
    game_name: Annotated[str, _short(200)] = ""
    ts: Annotated[float | None, BeforeValidator(_timestamp)] = None
    turn_id: OptionalId = None
    message_id: OptionalSnowflake = None
    guild_id: OptionalSnowflake = None
    event_id: str = Field(default="", exclude=False)
    """Tells this event from every other: equal for every process that heard the same message."""

    @property
    def size(self) -> int:
        """About how many characters are kept of it."""
        return len(self.narrative) + sum(map(len, (*self.character_urls, *self.character_names)))


class ArtRequest(GameEvent):
    """The game asks for a picture now."""

    kind: Literal["request"] = "request"
    aspect_ratio: Annotated[str, _short(16)] = ""


class TurnComplete(GameEvent):
    """A turn was posted; it is drawn by itself when no request comes for it."""

    kind: Literal["turn"] = "turn"
    art: Annotated[bool, BeforeValidator(_art)] = True
    """False: no picture for this turn."""


_THEIRS = (ArtRequest.model_fields.keys() | TurnComplete.model_fields.keys()) - {"kind", "event_id"}
"""The fields that a message may have; whatever else it says is not looked at."""


def parse_event(channel: str, payload: bytes | str) -> ArtRequest | TurnComplete:
    """The event in `payload`, heard on the Redis channel `channel`.

    Raises:
        EventError: larger than 256 KiB, not UTF-8, not JSON, nested too deeply, or a field does not fit.
    """
    data = payload.encode("utf-8", "surrogatepass") if isinstance(payload, str) else payload
    if len(data) > MAX_MESSAGE_BYTES:
        raise EventError(f"larger than {MAX_MESSAGE_BYTES // 1024} KiB ({len(data)} bytes)")
    values = _json(data.removeprefix(_BOM))
    if not isinstance(values, dict):
        raise EventError("not a JSON object")
    event = _validated(channel, {key: values[key] for key in _THEIRS & values.keys()})
    return event.model_copy(update={"event_id": _identity(channel, data)})


def _json(data: bytes) -> object:
    try:
        # Refuses deep nesting by itself; NaN and Infinity are no JSON.
        return from_json(data, allow_inf_nan=False)
    except ValueError:
        # JavaScript writes such an escape where it cut a text within an emoji.
        whole = _ESCAPE.sub(lambda escape: b"" if escape[1] else escape[0], data)
    try:
        return from_json(whole, allow_inf_nan=False)
    except ValueError:
        raise EventError("not JSON in UTF-8, or nested too deeply") from None


def _validated(channel: str, values: dict[str, object]) -> ArtRequest | TurnComplete:
    try:
        kind = ArtRequest if channel == REQUEST_CHANNEL else TurnComplete
        return kind.model_validate(values)
    except ValidationError as exc:
        raise EventError(_first_problem(exc)) from None


def _first_problem(exc: ValidationError) -> str:
    """Field and reason of the first problem, without the value (it may be a player's text)."""
    first = exc.errors(include_input=False, include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "message"
    return f"{field}: {first['msg'].removeprefix('Value error, ')}"


def _identity(channel: str, data: bytes) -> str:
    """Equal for every process that heard the same message. That a turn is drawn once, the plan sees by its id."""
    return hashlib.sha256(channel.encode() + b"\0" + data).hexdigest()[:20]
