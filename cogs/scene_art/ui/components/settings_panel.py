"""The settings' panel: what holds in a channel, which layer decided it, and a list to change it with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

import discord

from ...domain.preferences import CHANNEL, PARENT, SERVER, SETTINGS, ChannelSettings
from ...errors import SceneArtError
from ...i18n import gettext, translate
from ...services.services import FindServices
from ..context import Interaction, RequestContext
from ..forms.forms import FormKind, Values, open_form
from ..forms.setting import build_setting_form, describe_value, read_value
from ..layouts import lay_out
from ..responses import OWN_FAULT, Answer, respond
from .persistent import PersistentItem


async def build_panel(context: RequestContext, scope: str = CHANNEL) -> Answer:
    """Build the panel for a moderator."""
    settings, channel_id, person = context.services.settings, context.channel_id, context.requester
    holds = await settings.channel_settings(channel_id, by=person)
    chosen = await settings.chosen(channel_id, for_server=scope == SERVER, by=person)
    lines = "\n".join(_describe(name, holds, chosen, context) for name in SETTINGS)
    return Answer(view=_lay_out(lines, scope, context.locale, in_server=person.guild_id is not None))


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
        ([_build_select(scope, locale)], [_build_switch(scope, locale)] if in_server else []),
    )


_ORIGINS = {
    CHANNEL: gettext("this channel"),
    PARENT: gettext("parent channel"),
    SERVER: gettext("server default"),
}


def _describe(name: str, holds: ChannelSettings, chosen: Mapping[str, Any], context: RequestContext) -> str:
    """Tell a setting's value, and which layer chose it where that is not the operator."""
    styles, locale = context.services.styles, context.locale
    label, mark = SETTINGS[name].label, "🔹" if name in chosen else "•"
    value = describe_value(name, getattr(holds, name), styles, locale)
    origin = _ORIGINS.get(holds.origin(name) or "")
    line = (
        gettext("{mark} **{label}**: {value}", mark=mark, label=label, value=value)
        if origin is None
        else gettext("{mark} **{label}**: {value} · *{origin}*", mark=mark, label=label, value=value, origin=origin)
    )
    return translate(line, locale)


def _build_select(scope: str, locale: str) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(label=translate(setting.label, locale)[:100], value=name)
        for name, setting in SETTINGS.items()
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

    async def serve(self, interaction: Interaction) -> None:
        """Show it in the same place."""
        await respond(interaction, self.find, partial(build_panel, scope=self.about["scope"]), in_place=True)


class SettingSelect(PersistentItem, template=r"scene_art:setting:(?P<scope>channel|server)"):
    """Open the form of one setting."""

    async def serve(self, interaction: Interaction) -> None:
        """Ask for the new value."""
        await open_form(interaction, self.find, partial(_build_form, self.chosen(interaction), self.about["scope"]))


async def _build_form(name: str, scope: str, context: RequestContext) -> discord.ui.Modal:
    if name not in SETTINGS:
        raise SceneArtError("a list without such a setting was sent", sentence=OWN_FAULT)
    settings, by = context.services.settings, context.requester
    chosen = await settings.chosen(context.channel_id, for_server=scope == SERVER, by=by)
    return build_setting_form(name, scope, chosen, styles=context.services.styles.all, locale=context.locale)


def build_setting_forms(find: FindServices) -> FormKind:
    """Make the choice and show the panel as it is now; or say why not, and leave it."""

    async def serve(interaction: Interaction, about: Mapping[str, str], values: Values) -> None:
        name, for_server = about["name"], about["scope"] == SERVER

        async def choose(context: RequestContext) -> Answer:
            settings, by, value = context.services.settings, context.requester, read_value(name, values)
            await settings.choose(context.channel_id, name, value, for_server=for_server, by=by)
            return await build_panel(context, about["scope"])

        await respond(interaction, find, choose, in_place=True)

    return FormKind(re.compile(rf"scene_art:set:(?P<scope>channel|server):(?P<name>{'|'.join(SETTINGS)})"), serve)
