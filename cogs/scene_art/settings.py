"""All settings, with their types and limits. `startup_checks` reads them once and passes them on."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from .image_models import DEFAULT_MODEL, Price, facts

_ID = re.compile(r"[1-9][0-9]{0,19}")
_MODEL = re.compile(r"[!-+\--~]+")
"""Printable ASCII without blanks and commas."""
_KEY = _MODEL  # a header of HTTP takes no others
_NAMESPACE = re.compile(r"[a-z][a-z0-9_-]{0,40}")
MOST_PICTURES = 100_000
LEAST_PAINT_SECONDS, MOST_PAINT_SECONDS = 10.0, 600.0
"""Limits of the painter's time limit. Gemini refuses a request with less."""

Fits = Callable[[str], object]
Reader = Callable[[object], object]


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None and int(text) < 2**64


def _is_paint_timeout(text: str) -> bool:
    try:
        return LEAST_PAINT_SECONDS <= float(text) <= MOST_PAINT_SECONDS
    except ValueError:
        return False


def _one(fits: Fits, takes: str) -> Reader:
    """Make a validator for texts that `fits` accepts; `takes` describes them."""

    def read(value: object) -> object:
        if isinstance(value, str) and not fits(value.strip()):
            raise ValueError(takes)
        return value.strip() if isinstance(value, str) else value

    return read


def _are(fits: Fits) -> Callable[[str], bool]:
    """Make a check that a list has parts and all of them fit: an empty list of roles would let everybody in."""
    return lambda text: bool(_parts(text)) and all(map(fits, _parts(text)))


def _list(fits: Fits, takes: str) -> Reader:
    """Make a validator for comma-separated parts that `fits` accepts. Its value is a tuple."""
    read = _one(_are(fits), f"{takes}, separated by commas")
    return lambda value: _parts(str(read(value))) if isinstance(value, str) else value


def _role_limits(value: object) -> object:
    """Parse `role=pictures, …` into a table."""
    if not isinstance(value, str):
        return value
    entries = [part.partition("=") for part in _parts(value)]
    limits = {role.strip(): most.strip() for role, _, most in entries}
    fits = all(_is_id(role) and _ID.fullmatch(most) and int(most) <= MOST_PICTURES for role, most in limits.items())
    if not limits or not fits or len(limits) < len(entries):
        raise ValueError(
            f"a role's id and its pictures per hour (1 to {MOST_PICTURES}), such as 123456789=120, separated by commas"
        )
    return limits


def _prices(value: object) -> object:
    """Parse `model=input/output, …` into a table."""
    if not isinstance(value, str):
        return value
    entries = [part.partition("=") for part in _parts(value)]
    prices = {model.strip(): _price(price) for model, _, price in entries}
    if not prices or not all(map(_MODEL.fullmatch, prices)) or len(prices) < len(entries):
        raise ValueError(PRICES)
    return prices


PRICES = "model=input/output in dollars per million tokens, such as a-model=1.5/30, separated by commas"


def _price(text: str) -> Price:
    dollars_in, _, dollars_out = text.partition("/")
    try:
        price = Price(float(dollars_in), float(dollars_out))
    except ValueError:
        price = Price(-1, -1)
    if not (0 <= price.input < 1e6 and 0 <= price.output < 1e6):
        raise ValueError(PRICES)
    return price


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

    redis_url: SecretStr = Field(
        default=SecretStr("memory://"), validation_alias=AliasChoices("REDIS_URL", "redis_url")
    )
    gemini_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("GEMINI_API_KEY", "gemini_api_key")
    )
    google_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("GOOGLE_API_KEY", "google_api_key")
    )
    gemini_api_keys: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("GEMINI_API_KEYS", "gemini_api_keys")
    )

    fallback_seconds: float = Field(default=60, ge=0, le=3600)
    cooldown_seconds: float = Field(default=30, ge=0, le=3600)
    painter: Literal["auto", "gemini", "storyboard"] = "auto"
    model: str = DEFAULT_MODEL
    fallback_models: Annotated[tuple[str, ...], NoDecode] = ()
    image_size: Literal["512", "1K", "2K", "4K"] = "1K"
    paint_timeout_seconds: float = 90
    paint_attempts: int = Field(default=4, ge=1, le=10)
    prices: Annotated[dict[str, Price], NoDecode] = {}
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
    crown_bearers: Annotated[tuple[str, ...], NoDecode] = ()
    game_state: str = ""
    trusted_hosts: str = ""
    age_restricted_only: bool = False
    reference_fresh_seconds: float = Field(default=3600, ge=0, allow_inf_nan=False)
    concurrency: int = Field(default=64, ge=1, le=1000)
    rerenders_per_channel: int = Field(default=3, ge=1, le=100)
    rerenders_per_user: int = Field(default=1, ge=1, le=100)
    user_pictures_per_hour: int = Field(default=60, ge=1, le=MOST_PICTURES)
    guild_pictures_per_hour: int = Field(default=600, ge=1, le=MOST_PICTURES)
    role_pictures_per_hour: Annotated[dict[str, int], NoDecode] = {}
    roles: Annotated[tuple[str, ...], NoDecode] = ()
    blocked_users: Annotated[tuple[str, ...], NoDecode] = ()
    blocked_channels: Annotated[tuple[str, ...], NoDecode] = ()
    message_menus: bool = True
    keep_scenes: int = Field(default=200, ge=1, le=10_000)
    keep_days: float = Field(default=30, ge=0.01, le=365)
    keep_pictures_hours: float = Field(default=24, ge=0.01, le=48)
    namespace: str = "scene_art"

    _read_ids = field_validator("crown_bearers", "roles", "blocked_users", "blocked_channels", mode="before")(
        _list(_is_id, "ids of Discord, which are numbers such as 123456789012345678")
    )
    _read_model = field_validator("model", mode="before")(_one(_MODEL.fullmatch, f"a model such as {DEFAULT_MODEL}"))
    _read_models = field_validator("fallback_models", mode="before")(
        _list(_MODEL.fullmatch, f"models such as {DEFAULT_MODEL}")
    )
    _read_key = field_validator("gemini_api_key", "google_api_key", mode="before")(
        _one(_KEY.fullmatch, "a key without blanks and commas, as Google shows it")
    )
    _read_pool = field_validator("gemini_api_keys", mode="before")(
        _one(_are(_KEY.fullmatch), "keys without blanks, as Google shows them, separated by commas")
    )
    _read_paint_timeout = field_validator("paint_timeout_seconds", mode="before")(
        _one(_is_paint_timeout, f"a number from {LEAST_PAINT_SECONDS:g} to {MOST_PAINT_SECONDS:g}")
    )
    _read_namespace = field_validator("namespace", mode="before")(
        _one(_NAMESPACE.fullmatch, "at most 41 of a-z, 0-9, _ and -, a letter first")
    )
    _read_role_limits = field_validator("role_pictures_per_hour", mode="before")(_role_limits)
    _read_prices = field_validator("prices", mode="before")(_prices)

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
    def models(self) -> tuple[str, ...]:
        """Gemini's models, the preferred one first."""
        return tuple(dict.fromkeys((self.model, *self.fallback_models)))

    def price(self, model: str) -> Price:
        """Return the price of `model`: the operator's, else the published one."""
        return self.prices.get(model) or facts(model).price
