"""All settings: their types, limits and environment variables, and what is said of values that do not fit."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from annotated_types import Ge, Le
from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from .errors import wrong_setting
from .image_models import DEFAULT_MODEL, Price, facts

_ID = re.compile(r"[1-9][0-9]{0,19}")
_MODEL = re.compile(r"[!-+\--~]+")
"""Printable ASCII without blanks and commas."""
_KEY = _MODEL  # a header of HTTP takes no others
_NAMESPACE = re.compile(r"[a-z][a-z0-9_-]{0,40}")
MOST_PICTURES = 100_000
MOST_MEGABYTES = 1_000_000
LEAST_PAINT_SECONDS, MOST_PAINT_SECONDS = 10.0, 600.0
"""Limits of the painter's time limit. Gemini refuses a request with less."""

Fits = Callable[[str], object]


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None and int(text) < 2**64


def _is_paint_timeout(text: str) -> bool:
    try:
        return LEAST_PAINT_SECONDS <= float(text) <= MOST_PAINT_SECONDS
    except ValueError:
        return False


def _are(fits: Fits) -> Fits:
    """Make a check that a list has parts and all of them fit: an empty list of roles would let everybody in."""
    return lambda text: bool(_parts(text)) and all(map(fits, _parts(text)))


def _reading(read: Callable[[str], object]) -> BeforeValidator:
    """Make a validator of what `read` makes of a text; other values pass."""
    return BeforeValidator(lambda value: read(value) if isinstance(value, str) else value)


def _one(fits: Fits, takes: str) -> BeforeValidator:
    """Make a validator for texts that `fits` accepts; `takes` describes them."""

    def read(text: str) -> str:
        if not fits(text.strip()):
            raise ValueError(takes)
        return text.strip()

    return _reading(read)


def _list(fits: Fits, takes: str) -> BeforeValidator:
    """Make a validator for comma-separated parts that `fits` accepts. Its value is a tuple."""

    def read(text: str) -> tuple[str, ...]:
        if not _are(fits)(text):
            raise ValueError(f"{takes}, separated by commas")
        return _parts(text)

    return _reading(read)


def _table(text: str) -> dict[str, str]:
    """Parse `name=value, …`; empty where a name stands twice."""
    entries = [part.partition("=") for part in _parts(text)]
    table = {name.strip(): value.strip() for name, _, value in entries}
    return table if len(table) == len(entries) else {}


def _role_limits(text: str) -> dict[str, str]:
    limits = _table(text)
    fits = all(_is_id(role) and _ID.fullmatch(most) and int(most) <= MOST_PICTURES for role, most in limits.items())
    if not limits or not fits:
        raise ValueError(
            f"a role's id and its pictures per hour (1 to {MOST_PICTURES}), such as 123456789=120, separated by commas"
        )
    return limits


PRICES = "model=input/output in dollars per million tokens, such as a-model=1.5/30, separated by commas"


def _prices(text: str) -> dict[str, Price]:
    prices = {model: _price(price) for model, price in _table(text).items()}
    if not prices or not all(map(_MODEL.fullmatch, prices)):
        raise ValueError(PRICES)
    return prices


def _price(text: str) -> Price:
    dollars_in, _, dollars_out = text.partition("/")
    with suppress(ValueError):
        price = Price(float(dollars_in), float(dollars_out))
        if 0 <= price.input < 1e6 and 0 <= price.output < 1e6:
            return price
    raise ValueError(PRICES)


_Key = Annotated[SecretStr | None, _one(_KEY.fullmatch, "a key without blanks and commas, as Google shows it")]
_Keys = Annotated[
    SecretStr | None, _one(_are(_KEY.fullmatch), "keys without blanks, as Google shows them, separated by commas")
]
_Ids = Annotated[
    tuple[str, ...], NoDecode, _list(_is_id, "ids of Discord, which are numbers such as 123456789012345678")
]
_Model = Annotated[str, _one(_MODEL.fullmatch, f"a model such as {DEFAULT_MODEL}")]
_Models = Annotated[tuple[str, ...], NoDecode, _list(_MODEL.fullmatch, f"models such as {DEFAULT_MODEL}")]
_PaintTimeout = Annotated[
    float, _one(_is_paint_timeout, f"a number from {LEAST_PAINT_SECONDS:g} to {MOST_PAINT_SECONDS:g}")
]
_Namespace = Annotated[str, _one(_NAMESPACE.fullmatch, "at most 41 of a-z, 0-9, _ and -, a letter first")]


class Settings(BaseSettings):
    """The operator's settings. `docs/settings.md` describes each, in the same order.

    Raises:
        pydantic.ValidationError: a value does not fit; its text names the setting and never shows a secret.
    """

    model_config = SettingsConfigDict(
        env_prefix="SCENE_ART_",
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
        env_ignore_empty=True,
        populate_by_name=True,
    )

    redis_url: SecretStr = Field(default=SecretStr("memory://"), validation_alias="REDIS_URL")
    gemini_api_key: _Key = Field(default=None, validation_alias="GEMINI_API_KEY")
    google_api_key: _Key = Field(default=None, validation_alias="GOOGLE_API_KEY")
    gemini_api_keys: _Keys = Field(default=None, validation_alias="GEMINI_API_KEYS")

    fallback_seconds: float = Field(default=60, ge=0, le=3600)
    cooldown_seconds: float = Field(default=30, ge=0, le=3600)
    painter: Literal["auto", "gemini", "storyboard"] = "auto"
    model: _Model = DEFAULT_MODEL
    fallback_models: _Models = ()
    image_size: Literal["512", "1K", "2K", "4K"] = "1K"
    paint_timeout_seconds: _PaintTimeout = 90
    paint_attempts: int = Field(default=4, ge=1, le=10)
    prices: Annotated[dict[str, Price], NoDecode, _reading(_prices)] = {}
    budget_guild_day: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    budget_day: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    budget_total: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    notices: bool = False
    spoiler: bool = False
    continuity: bool = True
    show_prices: bool = True
    style: str = "console"
    styles_file: Path | None = None
    words_file: Path | None = None
    house_rules: str = ""
    personas_file: Path | None = None
    crown_bearers: _Ids = ()
    game_state: str = ""
    trusted_hosts: str = ""
    age_restricted_only: bool = False
    reference_fresh_seconds: float = Field(default=3600, ge=0, allow_inf_nan=False)
    concurrency: int = Field(default=64, ge=1, le=1000)
    rerenders_per_channel: int = Field(default=3, ge=1, le=100)
    rerenders_per_user: int = Field(default=1, ge=1, le=100)
    user_pictures_per_hour: int = Field(default=60, ge=1, le=MOST_PICTURES)
    guild_pictures_per_hour: int = Field(default=600, ge=1, le=MOST_PICTURES)
    role_pictures_per_hour: Annotated[dict[str, int], NoDecode, _reading(_role_limits)] = {}
    roles: _Ids = ()
    moderators_always: bool = False
    guilds: _Ids = ()
    direct_messages: bool | None = None
    blocked_users: _Ids = ()
    blocked_channels: _Ids = ()
    members_pin: bool = False
    references_mb: int = Field(default=1024, ge=1, le=MOST_MEGABYTES)
    guild_references_mb: int = Field(default=64, ge=1, le=MOST_MEGABYTES)
    user_references_mb: int = Field(default=16, ge=1, le=MOST_MEGABYTES)
    message_menus: bool = True
    keep_scenes: int = Field(default=200, ge=1, le=10_000)
    keep_days: float = Field(default=30, ge=0.01, le=365)
    keep_pictures_hours: float = Field(default=24, ge=0.01, le=48)
    namespace: _Namespace = "scene_art"

    @property
    def keys(self) -> tuple[SecretStr, ...]:
        """Gemini's keys, each once: the pool first, then `GEMINI_API_KEY`, then `GOOGLE_API_KEY`."""
        pool = self.gemini_api_keys.get_secret_value().split(",") if self.gemini_api_keys else []
        single = [key.get_secret_value() for key in (self.gemini_api_key, self.google_api_key) if key]
        return tuple(SecretStr(key) for key in dict.fromkeys(k.strip() for k in [*pool, *single]) if key)

    @property
    def chosen_painter(self) -> Literal["gemini", "storyboard"]:
        """`auto` resolved: Gemini with a key, else the storyboard painter."""
        if self.painter == "auto":
            return "gemini" if self.keys else "storyboard"
        return self.painter

    @property
    def allows_direct_messages(self) -> bool:
        """True: there are pictures in direct messages. Unless it is set, only where everybody may have them."""
        unrestricted = not (self.roles or self.guilds)
        return unrestricted if self.direct_messages is None else self.direct_messages

    @property
    def models(self) -> tuple[str, ...]:
        """Gemini's models, the preferred one first."""
        return tuple(dict.fromkeys((self.model, *self.fallback_models)))

    def price(self, model: str) -> Price:
        """Return the price of `model`: the operator's, else the published one."""
        return self.prices.get(model) or facts(model).price


_PREFIX = str(Settings.model_config.get("env_prefix"))


def variables() -> dict[str, str]:
    """Map each field of the settings to its environment variable."""
    return {
        name: (name if field.validation_alias else f"{_PREFIX}{name}").upper()
        for name, field in Settings.model_fields.items()
    }


def read_settings() -> tuple[Settings, list[str]]:
    """Read the settings, with the default for each that does not fit, and a sentence about each of those."""
    try:
        return Settings(), []
    except ValidationError as exc:
        errors = exc.errors(include_url=False)
    # Errors name a field with an alias by the alias.
    wrong = {str(error["loc"][0]).lower(): error for error in errors}
    defaults: dict[str, Any] = {name: Settings.model_fields[name].default for name in wrong}
    return Settings(**defaults), [_describe(name, error) for name, error in wrong.items()]


def _describe(name: str, error: ErrorDetails) -> str:
    cause = error.get("ctx", {}).get("error")
    takes = str(cause) if cause is not None else _takes(Settings.model_fields[name])
    variable = variables()[name]
    if SecretStr in _kinds(Settings.model_fields[name]):
        return f"{variable} holds something else (not shown here); it takes {takes}"
    return wrong_setting(variable, error["input"], takes).detail


def _takes(field: FieldInfo) -> str:
    """Describe the values that fit."""
    kinds = _kinds(field)
    if bool in kinds:
        return "true or false"
    if not {int, float} & kinds:
        return f"one of {', '.join(map(str, get_args(field.annotation)))}"
    number = "a whole number" if int in kinds else "a number"
    least = next(str(limit.ge) for limit in field.metadata if isinstance(limit, Ge))
    most = next((str(limit.le) for limit in field.metadata if isinstance(limit, Le)), "")
    return f"{number} from {least} to {most}" if most else f"{number} of at least {least}"


def _kinds(field: FieldInfo) -> set[Any]:
    return {field.annotation, *get_args(field.annotation)}


def misspelt() -> Iterator[tuple[str, str]]:
    """Yield the environment variables with our prefix that are no settings, each with the setting of the nearest name.

    The second is empty where no name is near.
    """
    known = {variable.removeprefix(_PREFIX): variable for variable in variables().values()}
    for variable in sorted({name.upper() for name in os.environ} - set(known.values())):
        if variable.startswith(_PREFIX):
            near = difflib.get_close_matches(variable.removeprefix(_PREFIX), known, n=1)
            yield variable, known[near[0]] if near else ""
