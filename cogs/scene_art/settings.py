"""Every setting, read once from the environment in `setup()` and passed on. Keys are secrets and stay so."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from .errors import ConfigurationError
from .painters.models import Price, facts


def _split(value: object) -> object:
    """Comma-separated text as a tuple of its non-empty parts."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _role_limits(value: object) -> object:
    """`role=pictures, …` as a table."""
    if not isinstance(value, str):
        return value
    entries = (part.strip().partition("=") for part in value.split(",") if part.strip())
    limits = {role.strip(): most.strip() for role, _, most in entries}
    if not all(role.isdecimal() and most.isdecimal() for role, most in limits.items()):
        raise ValueError("must look like 123456789=120, a role's id and its pictures per hour")
    return limits


def _prices(value: object) -> object:
    """`model=input/output, …` as a table."""
    if not isinstance(value, str):
        return value
    entries = (part.strip().partition("=") for part in value.split(",") if part.strip())
    return {model.strip(): _price(price) for model, _, price in entries}


def _price(text: str) -> Price:
    dollars_in, _, dollars_out = text.partition("/")
    try:
        price = Price(float(dollars_in), float(dollars_out))
    except ValueError:
        price = Price(-1, -1)
    if not (0 <= price.input < 1e6 and 0 <= price.output < 1e6):
        raise ValueError("must look like model=1.5/30, dollars per million tokens of input and output")
    return price


class Settings(BaseSettings):
    """The operator's settings. The README's table describes each, in the same order.

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
    model: str = "gemini-nano-banana-2.1"
    fallback_models: Annotated[tuple[str, ...], NoDecode] = ()
    image_size: Literal["512", "1K", "2K", "4K"] = "1K"
    paint_timeout_seconds: float = Field(default=90, gt=0, le=600)
    paint_attempts: int = Field(default=4, ge=1, le=10)
    prices: Annotated[dict[str, Price], NoDecode] = {}
    budget_guild_day: float | None = Field(default=None, ge=0)
    budget_day: float | None = Field(default=None, ge=0)
    budget_total: float | None = Field(default=None, ge=0)
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
    reference_fresh_seconds: float = Field(default=3600, ge=0)
    concurrency: int = Field(default=64, ge=1, le=1000)
    rerenders_per_channel: int = Field(default=3, ge=1, le=100)
    rerenders_per_user: int = Field(default=1, ge=1, le=100)
    user_pictures_per_hour: int = Field(default=60, ge=1, le=100_000)
    guild_pictures_per_hour: int = Field(default=600, ge=1, le=100_000)
    role_pictures_per_hour: Annotated[dict[str, int], NoDecode] = {}
    roles: Annotated[tuple[str, ...], NoDecode] = ()
    blocked_users: Annotated[tuple[str, ...], NoDecode] = ()
    blocked_channels: Annotated[tuple[str, ...], NoDecode] = ()
    message_menus: bool = True
    keep_scenes: int = Field(default=200, ge=1, le=10_000)
    keep_days: float = Field(default=30, gt=0, le=365)
    keep_pictures_hours: float = Field(default=24, gt=0, le=48)
    namespace: str = Field(default="scene_art", pattern=r"^[a-z][a-z0-9_-]{0,40}$")

    _split_lists = field_validator(
        "crown_bearers", "fallback_models", "roles", "blocked_users", "blocked_channels", mode="before"
    )(_split)
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
        """What `model` costs: the operator's price, else the published one."""
        return self.prices.get(model) or facts(model).price

    @property
    def fallback(self) -> timedelta:
        """How long a silent turn waits for the game's own request."""
        return timedelta(seconds=self.fallback_seconds)

    @property
    def cooldown(self) -> timedelta:
        """The least time between the starts of two automatic pictures of one channel."""
        return timedelta(seconds=self.cooldown_seconds)


def read_settings() -> Settings:
    """The settings as the environment has them.

    Raises:
        ConfigurationError: a value does not fit; one line with the variable's full name and never its value.
    """
    try:
        return Settings()
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False, include_context=False)[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        # Variables with a name of their own are told by it, the others by their field.
        variable = f"{Settings.model_config['env_prefix']}{name}" if name in Settings.model_fields else name
        raise ConfigurationError(f"the setting {variable.upper()}: {first['msg']}") from None
