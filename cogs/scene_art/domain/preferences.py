"""The settings of a channel: each is declared once, and what holds follows from the layers. Pure values.

The topmost layer are the channel's own choices. Below it lie those of the channel that a thread is in, the server's
defaults, and the operator's settings. What a layer does not choose is left to the one below.

A new setting is one more field of `ChannelSettings`: its type says what fits, its `Setting` how people see it, and how
far they may go from the operator's. The record in Redis, the panel, the form and the table in `docs/settings.md`
follow. A list whose entries the operator configures needs a widget of its own, such as `StyleList`.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal, TypeAlias, get_type_hints

from pydantic import AfterValidator, Field, TypeAdapter
from pydantic_core import from_json

from ..errors import CannotDoError
from ..i18n import Sentence, gettext
from ..image_models import RATIOS_14
from ..settings import Settings
from ..text import clean, cut_on_word, one_line
from .bounds import BESIDES, BUDGET, CONTINUITY, COOLDOWN, FREE, PAINTER, SIZE, SIZES, SPOILER, Bound

log = logging.getLogger(__name__)

HOUSE_RULES_LIMIT = 1_000
STYLE_LIMIT = 60
MOST_ROLES = 25
MOST_SECONDS = 3_600
MOST_DOLLARS = 1_000_000

CHANNEL, PARENT, SERVER = "channel", "parent", "server"
"""The layers over the operator's settings; `SERVER` is also the scope of what holds in the whole server."""

NONE = gettext("none")


class Switch:
    """A widget: on or off."""


@dataclass(frozen=True)
class Number:
    """A widget: an amount that is typed."""

    unit: Literal["seconds", "dollars"]
    most: int


@dataclass(frozen=True)
class OneOf:
    """A widget: one value of a list, each with the words that people read."""

    options: Mapping[str, str | Sentence]


class StyleList:
    """A widget: one of the styles that the operator has."""


@dataclass(frozen=True)
class Paragraph:
    """A widget: a text of at most `limit` characters."""

    limit: int


@dataclass(frozen=True)
class RoleList:
    """A widget: at most `most` roles of the server."""

    most: int


class TextChannel:
    """A widget: one text channel of the server."""


Widget: TypeAlias = Switch | Number | OneOf | StyleList | Paragraph | RoleList | TextChannel


@dataclass(frozen=True)
class Setting:
    """A setting as people see it, with its default where no layer chooses."""

    label: Sentence
    widget: Widget
    operators: str = ""
    """The name of the operator's setting that is the default."""
    default: Any = None
    """The default where the operator has no such setting."""
    nothing: Sentence = NONE
    """The words for an empty value."""
    bound: Bound = FREE
    """How far a layer may go from the operator's settings."""
    servers_only: bool = False
    """True: it is for a server's moderators to decide, and nothing in direct messages."""


def _ratio(text: str) -> str:
    if text not in RATIOS_14:
        raise ValueError("no aspect ratio")
    return text


def _rules(text: str) -> str:
    return cut_on_word(clean(text), HOUSE_RULES_LIMIT)


_Seconds = Annotated[float, Field(ge=0, le=MOST_SECONDS, allow_inf_nan=False)]
_Dollars = Annotated[float, Field(ge=0, le=MOST_DOLLARS, allow_inf_nan=False)]
_Id = Annotated[str, Field(pattern=r"^[0-9]{1,20}$")]


@dataclass(frozen=True)
class Layer:
    """The choices of one layer, by the settings' names."""

    name: str
    """`CHANNEL`, `PARENT` or `SERVER`."""
    scope: str
    """The channel's id, or `SERVER`."""
    choices: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ChannelSettings:
    """The settings that hold in a channel, whichever layer chose each. Every field but the last is a setting."""

    automatic: Annotated[bool, Setting(gettext("Automatic pictures"), Switch(), default=True)]
    """True: turns and requests of the game are painted by themselves."""
    fallback_seconds: Annotated[
        _Seconds,
        Setting(
            gettext("If the game doesn't ask, draw after"),
            Number("seconds", MOST_SECONDS),
            operators="fallback_seconds",
        ),
    ]
    cooldown_seconds: Annotated[
        _Seconds,
        Setting(
            gettext("Cooldown between automatic pictures"),
            Number("seconds", MOST_SECONDS),
            operators="cooldown_seconds",
            bound=COOLDOWN,
        ),
    ]
    aspect: Annotated[
        str,
        AfterValidator(_ratio),
        Setting(
            gettext("Aspect ratio"),
            OneOf({ratio: ratio for ratio in RATIOS_14}),
            default="",
            nothing=gettext("chosen by the game"),
        ),
    ]
    """For scenes whose event names none."""
    size: Annotated[
        Literal["512", "1K", "2K", "4K"],
        Setting(gettext("Resolution"), OneOf({size: size for size in SIZES}), operators="image_size", bound=SIZE),
    ]
    style: Annotated[
        str,
        Field(max_length=STYLE_LIMIT),
        AfterValidator(one_line),
        Setting(gettext("Style"), StyleList(), operators="style"),
    ]
    house_rules: Annotated[
        str,
        AfterValidator(_rules),
        Setting(
            gettext("House rules"),
            Paragraph(HOUSE_RULES_LIMIT),
            operators="house_rules",
            bound=BESIDES,
            servers_only=True,
        ),
    ]
    """Of all layers, one below the other: none takes another's away."""
    painter: Annotated[
        Literal["auto", "gemini", "storyboard"],
        Setting(
            gettext("Painter"),
            OneOf(
                {
                    "auto": gettext("Automatic (Gemini if there's a key)"),
                    "gemini": gettext("Gemini"),
                    "storyboard": gettext("Built-in storyboard"),
                }
            ),
            operators="painter",
            bound=PAINTER,
        ),
    ]
    tier: Annotated[
        Literal["standard", "relaxed"],
        Setting(
            gettext("Speed and price"),
            OneOf({"standard": gettext("Standard"), "relaxed": gettext("Relaxed: half the price, and slower")}),
            default="standard",
        ),
    ]
    """`relaxed` is Gemini's flex tier."""
    notices: Annotated[bool, Setting(gettext("Post a notice when a picture fails"), Switch(), operators="notices")]
    spoiler: Annotated[
        bool, Setting(gettext("Post pictures as spoilers"), Switch(), operators="spoiler", bound=SPOILER)
    ]
    """True: pictures are covered until somebody clicks on them."""
    continuity: Annotated[
        bool,
        Setting(gettext("Use the last picture as a reference"), Switch(), operators="continuity", bound=CONTINUITY),
    ]
    roles: Annotated[
        tuple[_Id, ...],
        Field(max_length=MOST_ROLES),
        Setting(
            gettext("Who can ask for pictures"),
            RoleList(MOST_ROLES),
            default=(),
            nothing=gettext("everyone"),
            bound=BESIDES,
            servers_only=True,
        ),
    ]
    budget_day: Annotated[
        _Dollars | None,
        Setting(
            gettext("Daily budget"),
            Number("dollars", MOST_DOLLARS),
            nothing=gettext("no limit"),
            bound=BUDGET,
            servers_only=True,
        ),
    ]
    """US dollars a day, for the channel and its threads, or for the whole server; within what the operator allows."""
    log_channel: Annotated[_Id | None, Setting(gettext("Log channel"), TextChannel(), servers_only=True)]
    """The channel for lines about what people have painted, deleted and changed."""
    layers: tuple[Layer, ...] = ()
    """The topmost first."""

    def origin(self, name: str) -> str | None:
        """Name the layer that chose a setting; None for the operator's."""
        return next((layer.name for layer in self.layers if name in layer.choices), None)

    @property
    def wishes(self) -> tuple[tuple[str, str], ...]:
        """The house rules of every layer, without the operator's, the lowest layer first: its name and its text."""
        rules = ((layer.name, layer.choices.get("house_rules", "")) for layer in reversed(self.layers))
        return tuple((name, text) for name, text in rules if text.strip())

    @property
    def channel_budget(self) -> Layer | None:
        """The layer with the channel's own budget, or that of the channel around it. It lies within the server's."""
        return next((layer for layer in self.layers if layer.scope != SERVER and "budget_day" in layer.choices), None)

    @property
    def server_budget_day(self) -> float | None:
        """US dollars a day for the whole server."""
        return next((layer.choices.get("budget_day") for layer in self.layers if layer.scope == SERVER), None)

    @property
    def fallback(self) -> timedelta:
        """The wait of a silent turn for the game's own request."""
        return timedelta(seconds=self.fallback_seconds)

    @property
    def cooldown(self) -> timedelta:
        """The least time between the starts of two automatic pictures."""
        return timedelta(seconds=self.cooldown_seconds)


_TYPES: Mapping[str, Any] = get_type_hints(ChannelSettings, include_extras=True)
SETTINGS: Mapping[str, Setting] = {
    field.name: setting
    for field in dataclasses.fields(ChannelSettings)
    for setting in getattr(_TYPES[field.name], "__metadata__", ())
    if isinstance(setting, Setting)
}
"""Every setting of a channel, by its name."""
_ADAPTERS: Mapping[str, TypeAdapter[Any]] = {name: TypeAdapter(_TYPES[name]) for name in SETTINGS}


def offered(*, in_server: bool) -> list[str]:
    """List the names of the settings that somebody may choose in a server, or in direct messages."""
    return [name for name, setting in SETTINGS.items() if in_server or not setting.servers_only]


def checked(name: str, value: object) -> Any:
    """Return `value` as the setting `name` takes it; None leaves the setting to the layer below.

    Raises:
        ValueError: there is no such setting, or the value does not fit.
    """
    if name not in SETTINGS:
        raise ValueError(f"no setting {name!r}")
    return None if value is None else _ADAPTERS[name].validate_python(value)


def check_allowed(name: str, value: object, settings: Settings, *, in_server: bool) -> None:
    """Check that a layer may have this fitting value of the setting `name`.

    Raises:
        CannotDoError: the operator's `settings` do not allow it, or it is nothing for direct messages.
    """
    bound = SETTINGS[name].bound
    if name not in offered(in_server=in_server):
        raise CannotDoError(gettext("That setting only works in servers. Nothing was changed."))
    if not bound.allows(value, settings):
        raise CannotDoError(bound.told(settings))


def read_choices(found: Mapping[str, bytes | None], where: str) -> dict[str, Any]:
    """Read a layer from the JSON of each choice. What does not fit, as from another version, costs that one alone."""
    choices: dict[str, Any] = {}
    for name, raw in found.items():
        if raw is None:
            continue
        try:
            value = checked(name, from_json(raw, allow_inf_nan=False))
        except ValueError:
            log.warning("The setting %s of %s does not fit; the default holds", name, where)
        else:
            choices |= {} if value is None else {name: value}
    return choices


def resolve(settings: Settings, layers: Sequence[Layer] = (), *, in_server: bool = True) -> ChannelSettings:
    """Resolve what holds where `layers` lie over the operator's settings; the topmost comes first.

    What goes beyond the operator's settings, as an earlier version kept it, is brought within them.
    """
    layers = [_narrowed(layer, settings, in_server=in_server) for layer in layers]
    values = {
        name: getattr(settings, setting.operators) if setting.operators else setting.default
        for name, setting in SETTINGS.items()
    }
    for layer in reversed(layers):
        values |= layer.choices
    rules = (settings.house_rules, *(layer.choices.get("house_rules", "") for layer in reversed(layers)))
    values["house_rules"] = "\n".join(rule for rule in rules if rule.strip())
    return ChannelSettings(**values, layers=tuple(layers))


def _narrowed(layer: Layer, settings: Settings, *, in_server: bool) -> Layer:
    choices = {
        name: SETTINGS[name].bound.within(value, settings)
        for name, value in layer.choices.items()
        if name in offered(in_server=in_server)
    }
    return dataclasses.replace(layer, choices=choices)
