"""A channel's setting as people see it: the form for its value, the value that was sent, and the value in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import discord

from ...domain.preferences import SETTINGS, Number, OneOf, Paragraph, RoleList, StyleList, Switch, TextChannel, Widget
from ...domain.styles import Style, Styles
from ...i18n import Dollars, Sentence, gettext, translate
from ...text import escaped
from .forms import Values, build_list, read_text

DEFAULT = "default"
TEXT_SHOWN = 300
ON, OFF = gettext("on"), gettext("off")


def build_setting_form(
    name: str, scope: str, chosen: Mapping[str, Any], *, styles: tuple[Style, ...], locale: str
) -> discord.ui.Modal:
    """Build the form for one setting of one layer, filled in with what the layer has."""
    setting = SETTINGS[name]
    title = translate(setting.label, locale)[:45]
    form = discord.ui.Modal(title=title, custom_id=f"scene_art:set:{scope}:{name}")
    hint = translate(gettext("Leave empty to use the default."), locale)[:100]
    field = _build_field(name, setting.widget, chosen.get(name), styles, locale)
    form.add_item(discord.ui.Label(text=title, description=hint, component=field))
    return form


def read_value(name: str, values: Values) -> object:
    """Read the value of the setting from a form; None for the default. Text that fits nowhere stays as it is."""
    text = read_text(values, name).strip()
    match SETTINGS[name].widget:
        case RoleList():
            return list(values.get(name, ())) or None
        case Number():
            return _read_number(text)
        case Switch() if text in {"on", "off"}:
            return text == "on"
    return None if text in {"", DEFAULT} else text


def describe_value(name: str, value: Any, styles: Styles, locale: str) -> str:
    """Tell a setting's value in words."""
    setting = SETTINGS[name]
    if value is None or value in {"", ()}:
        return translate(setting.nothing, locale)
    match setting.widget:
        case Switch():
            text: str = ON if value else OFF
        case OneOf(options) if value in options:
            text = options[value]
        case Number(unit):
            text = gettext("{sum}", sum=Dollars(value)) if unit == "dollars" else gettext("{seconds} s", seconds=value)
        case TextChannel():
            text = f"<#{value}>"
        case StyleList() if (style := styles.find(value)) is not None:
            text = escaped(style.name, TEXT_SHOWN)
        case RoleList():
            text = ", ".join(f"<@&{role}>" for role in value)
        case _:
            text = escaped(str(value), TEXT_SHOWN)
    return translate(text, locale)


def _build_field(name: str, widget: Widget, now: Any, styles: tuple[Style, ...], locale: str) -> discord.ui.Item[Any]:
    match widget:
        case RoleList(most):
            roles = [discord.Object(int(role)) for role in now or ()]
            return discord.ui.RoleSelect(
                custom_id=name, min_values=0, max_values=most, default_values=roles, required=False
            )
        case TextChannel():
            return discord.ui.ChannelSelect(
                custom_id=name,
                min_values=0,
                channel_types=[discord.ChannelType.text],
                default_values=[discord.Object(int(now))] if now else [],
                required=False,
            )
        case Number():
            text = None if now is None else f"{now:g}"
            return discord.ui.TextInput(custom_id=name, default=text, required=False, max_length=10)
        case Paragraph(limit):
            return discord.ui.TextInput(
                custom_id=name,
                style=discord.TextStyle.paragraph,
                default=now or None,
                required=False,
                max_length=limit,
            )
    unset = discord.SelectOption(
        label=translate(gettext("Use the default"), locale), value=DEFAULT, default=now is None
    )
    chosen = {True: "on", False: "off"}.get(now, now)
    return build_list(name, unset, _list_choices(widget, styles), chosen, locale)


def _list_choices(
    widget: Switch | OneOf | StyleList, styles: tuple[Style, ...]
) -> Iterable[tuple[str, str | Sentence]]:
    match widget:
        case OneOf(options):
            return options.items()
        case Switch():
            return (("on", ON), ("off", OFF))
    return ((style.id, style.name) for style in styles)


def _read_number(text: str) -> object:
    """Read a number as people write it in several languages; anything else stays text, which fits nowhere."""
    plain = text.lstrip("$").replace(",", ".").removesuffix("s").strip()
    try:
        return float(plain) if plain else None
    except ValueError:
        return text
