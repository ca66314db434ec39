"""The settings' panel: what holds in a channel, which layer decided it, and a list to change it with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import discord

from ...discord_io.captions import NOBODY
from ...domain.preferences import CHANNEL, PARENT, SERVER, SETTINGS, ChannelSettings
from ...errors import SceneArtError
from ...i18n import gettext, translate
from ...services.services import FindServices, Services
from ..forms.forms import FormKind, Values, open_form
from ..forms.setting import setting_form, value_of, value_sent
from ..requester import requester_of
from ..responses import OWN_FAULT, Interaction, in_words, outcome
from ..rich_responses import defer, edit_rich, only_text


async def show_panel(interaction: Interaction, find: FindServices, scope: str = CHANNEL) -> None:
    """Show the panel to the moderator alone, or say why not; edits the message of a button or form."""
    if not await defer(interaction):
        return
    panel: discord.ui.LayoutView | None = None

    async def look(services: Services) -> str:
        nonlocal panel
        panel = await _panel(interaction, services, scope)
        return ""

    sentence = await outcome(find, look)
    await edit_rich(interaction, panel or only_text(in_words(interaction, sentence)))


async def _panel(interaction: Interaction, services: Services, scope: str) -> discord.ui.LayoutView:
    channel_id, person = str(interaction.channel_id), requester_of(interaction)
    holds = await services.settings.channel_settings(channel_id, by=person)
    chosen = await services.settings.chosen(channel_id, for_server=scope == SERVER, by=person)
    return layout(holds, chosen, scope, str(interaction.locale), in_server=person.guild_id is not None)


def layout(
    holds: ChannelSettings, chosen: Mapping[str, Any], scope: str, locale: str, *, in_server: bool
) -> discord.ui.LayoutView:
    """The panel as Discord shows it: everything that holds, and what to change in `scope`."""
    head = (
        gettext("## Server defaults\n🔹 is set for this server. Channels can override each setting.")
        if scope == SERVER
        else gettext("## Channel settings\n🔹 is set for this channel. The rest comes from the server defaults.")
    )
    container: discord.ui.Container[Any] = discord.ui.Container(accent_colour=discord.Colour.dark_teal())
    container.add_item(discord.ui.TextDisplay(translate(head, locale)))
    container.add_item(discord.ui.Separator())
    container.add_item(discord.ui.TextDisplay("\n".join(_line(name, holds, chosen, locale) for name in SETTINGS)))
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(container)
    view.add_item(discord.ui.ActionRow(_select(scope, locale)))
    if in_server:
        view.add_item(discord.ui.ActionRow(_switch(scope, locale)))
    return view


def _line(name: str, holds: ChannelSettings, chosen: Mapping[str, Any], locale: str) -> str:
    origins = {
        CHANNEL: gettext("this channel"),
        PARENT: gettext("parent channel"),
        SERVER: gettext("server default"),
    }
    origin = origins.get(holds.origin(name) or "", gettext("bot default"))
    line = gettext(
        "{mark} **{label}**: {value} · *{origin}*",
        mark="🔹" if name in chosen else "•",
        label=SETTINGS[name].label,
        value=value_of(name, getattr(holds, name), locale),
        origin=origin,
    )
    return translate(line, locale)


def _select(scope: str, locale: str) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(label=translate(setting.label, locale)[:100], value=name)
        for name, setting in SETTINGS.items()
        if scope in setting.scopes
    ]
    return discord.ui.Select(
        custom_id=f"scene_art:setting:{scope}",
        placeholder=translate(gettext("Change a setting…"), locale),
        options=options,
    )


def _switch(scope: str, locale: str) -> discord.ui.Button[Any]:
    other = CHANNEL if scope == SERVER else SERVER
    label = gettext("Channel settings") if scope == SERVER else gettext("Server defaults")
    return discord.ui.Button(label=translate(label, locale), custom_id=f"scene_art:scope:{other}")


class ScopeButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.LayoutView]],
    template=r"scene_art:scope:(?P<scope>channel|server)",
):
    """Shows the other layer."""

    find: FindServices

    def __init__(self, scope: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"scene_art:scope:{scope}"))
        self.scope = scope

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> ScopeButton:
        """The button that was pressed."""
        return cls(match["scope"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Show it in the same place."""
        await show_panel(interaction, self.find, self.scope)


class SettingSelect(
    discord.ui.DynamicItem[discord.ui.Select[discord.ui.LayoutView]],
    template=r"scene_art:setting:(?P<scope>channel|server)",
):
    """Opens the form of one setting."""

    find: FindServices

    def __init__(self, scope: str) -> None:
        options = [discord.SelectOption(label="-")]
        super().__init__(discord.ui.Select(custom_id=f"scene_art:setting:{scope}", options=options))
        self.scope = scope

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> SettingSelect:
        """The list that was chosen from."""
        return cls(match["scope"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Ask for the new value."""
        data: dict[str, Any] = dict(interaction.data or {})
        name = str((data.get("values") or [""])[0])
        sentence: str = OWN_FAULT
        if name in SETTINGS:
            try:
                services = self.find()
                chosen = await services.settings.chosen(
                    str(interaction.channel_id), for_server=self.scope == SERVER, by=requester_of(interaction)
                )
            except SceneArtError as exc:
                sentence = exc.sentence
            else:
                styles, locale = services.styles.all, str(interaction.locale)
                form = setting_form(name, self.scope, chosen, styles=styles, locale=locale)
                await open_form(interaction, form)
                return
        await interaction.response.send_message(
            in_words(interaction, sentence), ephemeral=True, allowed_mentions=NOBODY
        )


def setting_forms(find: FindServices) -> FormKind:
    """Makes the choice and shows the panel as it is now; or says why not, and leaves it."""

    async def serve(interaction: Interaction, about: Mapping[str, str], values: Values) -> None:
        name, scope = about["name"], about["scope"]

        async def choose(services: Services) -> str:
            await services.settings.choose(
                str(interaction.channel_id),
                name,
                value_sent(name, values),
                for_server=scope == SERVER,
                by=requester_of(interaction),
            )
            return ""

        if not await defer(interaction):
            return
        problem = await outcome(find, choose)
        if problem:
            await interaction.followup.send(in_words(interaction, problem), ephemeral=True, allowed_mentions=NOBODY)
            return
        await show_panel(interaction, find, scope)

    return FormKind(re.compile(rf"scene_art:set:(?P<scope>channel|server):(?P<name>{'|'.join(SETTINGS)})"), serve)
