"""The settings' panel: what holds in a channel, which layer decided it, a list to change it with, and the forms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import discord

from ...domain.preferences import (
    CHANNEL,
    PARENT,
    SERVER,
    SETTINGS,
    ChannelSettings,
    Number,
    OneOf,
    Paragraph,
    RoleList,
    StyleList,
    Switch,
    TextChannel,
    offered,
)
from ...domain.styles import Style, Styles
from ...errors import SceneArtError
from ...i18n import Dollars, Sentence, gettext, translate
from ...services.services import FindServices
from ...text import escaped
from ..context import Interaction, RequestContext
from ..forms import FormKind, Values, build_list, open_form, read_text
from ..responses import OWN_FAULT, Answer, lay_out, respond
from .persistent import PersistentItem

DEFAULT = "default"
TEXT_SHOWN = 300
ON, OFF = gettext("on"), gettext("off")


async def build_panel(context: RequestContext, scope: str = CHANNEL) -> Answer:
    """Build the panel for whoever decides there."""
    settings, channel_id, person = context.services.settings, context.channel_id, context.requester
    holds = await settings.channel_settings(channel_id, by=person)
    chosen = await settings.chosen(channel_id, for_server=scope == SERVER, by=person)
    in_server = person.guild_id is not None
    lines = (_describe(name, holds, chosen, context) for name in offered(in_server=in_server))
    return Answer(view=_lay_out(context.lines(*lines), scope, context.locale, in_server=in_server))


def _lay_out(lines: str, scope: str, locale: str, *, in_server: bool) -> discord.ui.LayoutView:
    """Lay the panel out: `lines` about everything that holds, and what to change in `scope`."""
    head = (
        gettext("## Server defaults\n🔹 is set for this server. Channels can override each setting.")
        if scope == SERVER
        else gettext("## Channel settings\n🔹 is set for this channel. The rest comes from the server defaults.")
    )
    return lay_out(
        discord.Colour.dark_teal(),
        (translate(head, locale), discord.ui.Separator(), lines),
        ([_build_select(scope, locale, in_server=in_server)], [_build_switch(scope, locale)] if in_server else []),
    )


_ORIGINS = {
    CHANNEL: gettext("this channel"),
    PARENT: gettext("parent channel"),
    SERVER: gettext("server default"),
}


def _describe(name: str, holds: ChannelSettings, chosen: Mapping[str, Any], context: RequestContext) -> Sentence:
    """Tell a setting's value, and which layer chose it where that is not the operator."""
    label, mark = SETTINGS[name].label, "🔹" if name in chosen else "•"
    value = _describe_value(name, getattr(holds, name), context.services.styles, context.locale)
    origin = _ORIGINS.get(holds.origin(name) or "")
    if origin is None:
        return gettext("{mark} **{label}**: {value}", mark=mark, label=label, value=value)
    return gettext("{mark} **{label}**: {value} · *{origin}*", mark=mark, label=label, value=value, origin=origin)


def _build_select(scope: str, locale: str, *, in_server: bool) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(label=translate(SETTINGS[name].label, locale)[:100], value=name)
        for name in offered(in_server=in_server)
    ]
    return discord.ui.Select(
        custom_id=f"scene_art:setting:{scope}",
        placeholder=translate(gettext("Change a setting…"), locale),
        options=options,
    )


def _build_switch(scope: str, locale: str) -> discord.ui.Button[Any]:
    other = CHANNEL if scope == SERVER else SERVER
    label = gettext("Channel settings") if scope == SERVER else gettext("Server defaults")
    return discord.ui.Button(label=translate(label, locale), custom_id=f"scene_art:scope:{other}")


class ScopeButton(PersistentItem, template=r"scene_art:scope:(?P<scope>channel|server)"):
    """Show the other layer."""

    in_place = True

    async def answer(self, context: RequestContext) -> Answer:
        """Show the panel with it."""
        return await build_panel(context, self.about["scope"])


class SettingSelect(PersistentItem, template=r"scene_art:setting:(?P<scope>channel|server)"):
    """Open the form of one setting."""

    async def serve(self, interaction: Interaction) -> None:
        """Ask for the new value."""
        await open_form(interaction, self.find, partial(_build_form, self.chosen(interaction), self.about["scope"]))


async def _build_form(name: str, scope: str, context: RequestContext) -> discord.ui.Modal:
    """Build the form for one setting of one layer, filled in with what the layer has."""
    if name not in SETTINGS:
        raise SceneArtError("a list without such a setting was sent", sentence=OWN_FAULT)
    settings, by, locale = context.services.settings, context.requester, context.locale
    chosen = await settings.chosen(context.channel_id, for_server=scope == SERVER, by=by)
    title = translate(SETTINGS[name].label, locale)[:45]
    hint = translate(gettext("Leave empty to use the default."), locale)[:100]
    field = _build_field(name, chosen.get(name), context, partial(settings.allows, name))
    form = discord.ui.Modal(title=title, custom_id=f"scene_art:set:{scope}:{name}")
    form.add_item(discord.ui.Label(text=title, description=hint, component=field))
    return form


async def _serve(interaction: Interaction, find: FindServices, about: Mapping[str, str], values: Values) -> None:
    """Make the choice and show the panel as it is now; or say why not, and leave it."""

    async def choose(context: RequestContext) -> Answer:
        settings, by, value = context.services.settings, context.requester, _read_value(about["name"], values)
        await settings.choose(context.channel_id, about["name"], value, for_server=about["scope"] == SERVER, by=by)
        return await build_panel(context, about["scope"])

    await respond(interaction, find, choose, in_place=True)


SETTING_FORMS = FormKind(re.compile(rf"scene_art:set:(?P<scope>channel|server):(?P<name>{'|'.join(SETTINGS)})"), _serve)


def _read_value(name: str, values: Values) -> object:
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


def _describe_value(name: str, value: Any, styles: Styles, locale: str) -> str:
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


def _build_field(
    name: str, now: Any, context: RequestContext, allows: Callable[[object], bool]
) -> discord.ui.Item[Any]:
    """Build the field of a setting, filled in with `now`. A list offers what `allows` lets pass alone."""
    widget, locale = SETTINGS[name].widget, context.locale
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
    choices = [
        (_SWITCHED.get(value, value), label)
        for value, label in _list_choices(widget, context.services.styles.all)
        if allows(value)
    ]
    return build_list(name, unset, choices, _SWITCHED.get(now, now), locale)


_SWITCHED: Mapping[Any, str] = {True: "on", False: "off"}
"""The values of a switch as a list sends them."""


def _list_choices(
    widget: Switch | OneOf | StyleList, styles: tuple[Style, ...]
) -> Iterable[tuple[Any, str | Sentence]]:
    """List every value of a setting with its words."""
    match widget:
        case OneOf(options):
            return options.items()
        case Switch():
            return ((True, ON), (False, OFF))
    return ((style.id, style.name) for style in styles)


def _read_number(text: str) -> object:
    """Read a number as people write it in several languages; anything else stays text, which fits nowhere."""
    plain = text.lstrip("$").replace(",", ".").removesuffix("s").strip()
    try:
        return float(plain) if plain else None
    except ValueError:
        return text
