"""What moderators choose for their server and its channels, and what holds in a channel then. Pure values.

One layer lies over the other: the channel's own choices, those of the channel that a thread is in, the server's
defaults, and below them the operator's settings. A choice that is None is left to the layer below.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import from_json

from ..i18n import Sentence, gettext
from ..image_models import RATIOS_14
from ..settings import Settings
from ..text import clean, cut_on_word, one_line

log = logging.getLogger(__name__)

HOUSE_RULES_LIMIT = 1_000
STYLE_LIMIT = 60
MOST_ROLES = 25

PainterName = Literal["auto", "gemini", "storyboard"]


def _ratio(text: str) -> str:
    if text not in RATIOS_14:
        raise ValueError("no aspect ratio")
    return text


def _rules(text: str) -> str:
    return cut_on_word(clean(text), HOUSE_RULES_LIMIT)


_Seconds = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)]
_Id = Annotated[str, Field(pattern=r"^[0-9]{1,20}$")]


class Preferences(BaseModel):
    """One layer of choices."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    automatic: bool | None = None
    """Whether turns and requests of the game are painted by themselves."""
    fallback_seconds: _Seconds | None = None
    cooldown_seconds: _Seconds | None = None
    aspect: Annotated[str, AfterValidator(_ratio)] | None = None
    """For scenes whose event names none."""
    size: Literal["512", "1K", "2K", "4K"] | None = None
    style: Annotated[str, Field(max_length=STYLE_LIMIT), AfterValidator(one_line)] | None = None
    house_rules: Annotated[str, AfterValidator(_rules)] | None = None
    """Added below the operator's."""
    painter: PainterName | None = None
    tier: Literal["standard", "relaxed"] | None = None
    """How fast, and at what price: `relaxed` is Gemini's flex tier."""
    notices: bool | None = None
    spoiler: bool | None = None
    """Whether pictures are hidden until somebody clicks on them."""
    continuity: bool | None = None
    """Whether the channel's last picture goes along as a reference."""
    roles: Annotated[tuple[_Id, ...], Field(max_length=MOST_ROLES)] | None = None
    """Who may ask for pictures; everybody, if there are none."""
    budget_day: Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)] | None = None
    """US dollars a day, for the channel and its threads, or for the whole server; within what the operator allows."""
    log_channel: _Id | None = None
    """Where a line is written about what people have painted, deleted and changed."""

    @property
    def chosen(self) -> dict[str, Any]:
        """What was chosen, by name."""
        return {name: value for name in type(self).model_fields if (value := getattr(self, name)) is not None}


def checked(name: str, value: object) -> object:
    """`value` as the choice `name` takes it.

    Raises:
        ValueError: there is no such choice, or the value does not fit.
    """
    if name not in SETTINGS_OF_CHANNEL:
        raise ValueError(f"no choice {name!r}")
    return getattr(Preferences.model_validate({name: value}), name)


def read_preferences(found: Mapping[str, bytes | None], where: str) -> Preferences:
    """A layer, from the JSON of each choice. What does not fit, as from another version, costs that choice alone."""
    fitting: dict[str, Any] = {}
    for name, raw in found.items():
        if raw is None:
            continue
        try:
            fitting[name] = checked(name, from_json(raw, allow_inf_nan=False))
        except ValueError:
            log.warning("The setting %s of %s does not fit; the default holds", name, where)
    return Preferences(**fitting)


SERVER = "server"
"""The scope of what holds in the whole server."""
SETTINGS_OF_CHANNEL = tuple(Preferences.model_fields)
LABELS: dict[str, Sentence] = {
    "automatic": gettext("Automatic pictures"),
    "fallback_seconds": gettext("If the game doesn't ask, draw after"),
    "cooldown_seconds": gettext("Cooldown between automatic pictures"),
    "aspect": gettext("Aspect ratio"),
    "size": gettext("Resolution"),
    "style": gettext("Style"),
    "house_rules": gettext("House rules"),
    "painter": gettext("Painter"),
    "tier": gettext("Speed and price"),
    "notices": gettext("Post a notice when a picture fails"),
    "spoiler": gettext("Post pictures as spoilers"),
    "continuity": gettext("Use the last picture as a reference"),
    "roles": gettext("Who can ask for pictures"),
    "budget_day": gettext("Daily budget"),
    "log_channel": gettext("Log channel"),
}
"""What people read for each of the choices."""
TIERS: dict[str, Sentence] = {
    "standard": gettext("Standard"),
    "relaxed": gettext("Relaxed: half the price, and slower"),
}
"""What people read for each value of `tier`."""


class ChannelSettings(BaseModel):
    """What holds in a channel: every choice made, by whichever layer."""

    model_config = ConfigDict(frozen=True)

    automatic: bool
    fallback_seconds: float
    cooldown_seconds: float
    aspect: str
    size: str
    style: str
    house_rules: str
    painter: PainterName
    tier: str
    notices: bool
    spoiler: bool
    continuity: bool
    roles: tuple[str, ...]
    budget_day: float | None
    """The topmost of the two below, in US dollars."""
    channel_budget_day: float | None = None
    budget_channel: str | None = None
    """Whose `channel_budget_day` it is, by its id: the channel's own, or that of the one around it."""
    server_budget_day: float | None = None
    log_channel: str | None
    origin: Mapping[str, str] = {}
    """Which layer made the choice, by name; the operator's are not among them."""

    @property
    def fallback(self) -> timedelta:
        """How long a silent turn waits for the game's own request."""
        return timedelta(seconds=self.fallback_seconds)

    @property
    def cooldown(self) -> timedelta:
        """The least time between the starts of two automatic pictures."""
        return timedelta(seconds=self.cooldown_seconds)


def resolve(settings: Settings, layers: Sequence[tuple[str, str, Preferences]] = ()) -> ChannelSettings:
    """Resolve what holds where `layers` lie over the operator's settings; the topmost comes first.

    Each has a name, a channel's id or `SERVER`, and its choices.
    """
    values: dict[str, Any] = _operators(settings)
    origin: dict[str, str] = {}
    rules = [settings.house_rules]
    for name, scope, chosen in reversed(layers):
        values |= chosen.chosen
        if chosen.budget_day is not None:
            # A budget of the channel's own holds within the server's, and not in its place.
            values |= (
                {"server_budget_day": chosen.budget_day}
                if scope == SERVER
                else {"channel_budget_day": chosen.budget_day, "budget_channel": scope}
            )
        origin |= dict.fromkeys(chosen.chosen, name)
        rules += [chosen.house_rules or ""]
    values["house_rules"] = "\n".join(rule for rule in rules if rule.strip())
    return ChannelSettings(**values, origin=origin)


def _operators(settings: Settings) -> dict[str, Any]:
    return {
        "automatic": True,
        "fallback_seconds": settings.fallback_seconds,
        "cooldown_seconds": settings.cooldown_seconds,
        "aspect": "",
        "size": settings.image_size,
        "style": settings.style,
        "painter": settings.painter,
        "tier": "standard",
        "notices": settings.notices,
        "spoiler": settings.spoiler,
        "continuity": settings.continuity,
        "roles": (),
        "budget_day": None,
        "log_channel": None,
    }
