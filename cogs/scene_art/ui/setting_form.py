"""The form for one setting: a list, a line, roles or a channel, whatever it takes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import discord

from ..drawing.styles import Style
from ..keeping.preferences import HOUSE_RULES_LIMIT, MOST_ROLES, Preferences
from ..painters.models import RATIOS_14
from ..speech import Sentence, say, told
from .answers import Interaction

DEFAULT = "default"
MOST_OPTIONS = 24

WhenSent = Callable[[Interaction, object], Awaitable[None]]
_SWITCHES = {"automatic", "notices", "spoiler", "continuity"}
_NUMBERS = {"fallback_seconds", "cooldown_seconds", "budget_day"}
_PAINTERS = {
    "auto": say("Gemini, if there is a key"),
    "gemini": say("Gemini"),
    "storyboard": say("The built-in storyboard painter"),
}


class SettingForm(discord.ui.Modal):
    """Asks for the value of one setting of one layer."""

    def __init__(self, name: str, title: Sentence, layer: Preferences, styles: tuple[Style, ...], locale: str) -> None:
        super().__init__(title=told(title, locale)[:45], custom_id=f"scene_art:set:{name}")
        self._name = name
        self._sent: WhenSent | None = None
        self._field = _field(name, getattr(layer, name), styles, locale)
        hint = say("Leave it empty for the default.")
        self.add_item(
            discord.ui.Label(text=told(title, locale)[:45], description=told(hint, locale)[:100], component=self._field)
        )

    def when_sent(self, sent: WhenSent) -> None:
        """Have `sent` called with the value, None for the default; text that fits nowhere stays as it was written."""
        self._sent = sent

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Pass the value on."""
        if self._sent is not None:
            await self._sent(interaction, _value(self._name, self._field))


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
        return [("on", told(say("on"), locale)), ("off", told(say("off"), locale))]
    if name == "style":
        return [(style.id, style.name) for style in styles]
    if name == "painter":
        return [(value, told(label, locale)) for value, label in _PAINTERS.items()]
    return [(value, value) for value in (RATIOS_14 if name == "aspect" else ("512", "1K", "2K", "4K"))]


def _list(name: str, options: list[tuple[str, str]], now: Any, locale: str) -> discord.ui.Select[Any]:
    shown = {True: "on", False: "off"}.get(now, now) if isinstance(now, bool) else now
    default = discord.SelectOption(label=told(say("Default"), locale), value=DEFAULT, default=shown is None)
    choices = [
        discord.SelectOption(label=label[:100], value=value, default=value == shown)
        for value, label in options[:MOST_OPTIONS]
    ]
    return discord.ui.Select(custom_id=name, options=[default, *choices], required=False)


def _value(name: str, field: discord.ui.Item[Any]) -> object:
    if isinstance(field, discord.ui.TextInput):
        return _number(field.value) if name in _NUMBERS else field.value.strip() or None
    chosen: list[Any] = list(getattr(field, "values", ()))
    if name == "roles":
        return [_id_of(role) for role in chosen] or None
    if name == "log_channel":
        return _id_of(chosen[0]) if chosen else None
    value = str(chosen[0]) if chosen else DEFAULT
    if value == DEFAULT:
        return None
    return value == "on" if name in _SWITCHES else value


def _id_of(chosen: Any) -> str:
    """discord.py gives the bare id where it does not know the role or channel."""
    return str(getattr(chosen, "id", chosen))


def _number(text: str) -> object:
    """A number as people write it in several languages; anything else stays text, which fits nowhere."""
    plain = text.strip().lstrip("$").replace(",", ".").removesuffix("s").strip()
    try:
        return float(plain) if plain else None
    except ValueError:
        return text
