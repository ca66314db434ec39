"""The form for one setting: a list, a line, roles or a channel, whatever it takes."""

from __future__ import annotations

from typing import Any

import discord

from ...domain.preferences import HOUSE_RULES_LIMIT, MOST_ROLES, TIERS, Preferences
from ...domain.styles import Style
from ...i18n import Sentence, gettext, told
from ...image_models import RATIOS_14
from .forms import Values, text_of

DEFAULT = "default"
MOST_OPTIONS = 24

_SWITCHES = {"automatic", "notices", "spoiler", "continuity"}
_NUMBERS = {"fallback_seconds", "cooldown_seconds", "budget_day"}
_PAINTERS = {
    "auto": gettext("Automatic (Gemini if there's a key)"),
    "gemini": gettext("Gemini"),
    "storyboard": gettext("Built-in storyboard"),
}


def setting_form(
    name: str, title: Sentence, scope: str, chosen: Preferences, *, styles: tuple[Style, ...], locale: str
) -> discord.ui.Modal:
    """Asks for the value of one setting of one layer; filled in with what the layer has."""
    form = discord.ui.Modal(title=told(title, locale)[:45], custom_id=f"scene_art:set:{scope}:{name}")
    hint = told(gettext("Leave empty to use the default."), locale)[:100]
    field = _field(name, getattr(chosen, name), styles, locale)
    form.add_item(discord.ui.Label(text=told(title, locale)[:45], description=hint, component=field))
    return form


def value_sent(name: str, values: Values) -> object:
    """The value of the setting as it was filled in, None for the default; text that fits nowhere stays as it is."""
    chosen = values.get(name, ())
    if name == "roles":
        return list(chosen) or None
    text = text_of(values, name).strip()
    if name in _NUMBERS:
        return _number(text)
    if text in {"", DEFAULT}:
        return None
    return text == "on" if name in _SWITCHES else text


def _field(name: str, now: Any, styles: tuple[Style, ...], locale: str) -> discord.ui.Item[Any]:
    if name == "roles":
        chosen = [discord.Object(int(role)) for role in now or ()]
        return discord.ui.RoleSelect(
            custom_id=name, min_values=0, max_values=MOST_ROLES, default_values=chosen, required=False
        )
    if name == "log_channel":
        chosen = [discord.Object(int(now))] if now else []
        return discord.ui.ChannelSelect(
            custom_id=name,
            min_values=0,
            max_values=1,
            channel_types=[discord.ChannelType.text],
            default_values=chosen,
            required=False,
        )
    if name in _NUMBERS:
        return discord.ui.TextInput(
            custom_id=name, default=None if now is None else f"{now:g}", required=False, max_length=10
        )
    if name == "house_rules":
        return discord.ui.TextInput(
            custom_id=name,
            style=discord.TextStyle.paragraph,
            default=now or None,
            required=False,
            max_length=HOUSE_RULES_LIMIT,
        )
    return _list(name, _options(name, styles, locale), now, locale)


def _options(name: str, styles: tuple[Style, ...], locale: str) -> list[tuple[str, str]]:
    if name in _SWITCHES:
        return [("on", told(gettext("on"), locale)), ("off", told(gettext("off"), locale))]
    if name == "style":
        return [(style.id, style.name) for style in styles]
    if name == "painter":
        return [(value, told(label, locale)) for value, label in _PAINTERS.items()]
    if name == "tier":
        return [(value, told(label, locale)) for value, label in TIERS.items()]
    return [(value, value) for value in (RATIOS_14 if name == "aspect" else ("512", "1K", "2K", "4K"))]


def _list(name: str, options: list[tuple[str, str]], now: Any, locale: str) -> discord.ui.Select[Any]:
    shown = {True: "on", False: "off"}.get(now, now) if isinstance(now, bool) else now
    default = discord.SelectOption(label=told(gettext("Use the default"), locale), value=DEFAULT, default=shown is None)
    choices = [
        discord.SelectOption(label=label[:100], value=value, default=value == shown)
        for value, label in options[:MOST_OPTIONS]
    ]
    return discord.ui.Select(custom_id=name, options=[default, *choices], required=False)


def _number(text: str) -> object:
    """A number as people write it in several languages; anything else stays text, which fits nowhere."""
    plain = text.strip().lstrip("$").replace(",", ".").removesuffix("s").strip()
    try:
        return float(plain) if plain else None
    except ValueError:
        return text
