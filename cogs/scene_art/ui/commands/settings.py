"""`/scene-art settings` and `style`: what holds in a channel is looked at and decided."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from ...i18n import Sentence, gettext
from ...services.services import FindServices, Services
from ..choices import Choices, style_choices
from ..components.settings_panel import show_panel
from ..components.styles import show_looks
from ..requester import requester_of
from ..responses import respond


class SettingsCommands(app_commands.Group):
    """Translates between Discord and the settings service."""

    def __init__(self, find: FindServices) -> None:
        super().__init__(name="settling", description="Decide how pictures are made")
        self._find = find

    @app_commands.command(
        name="settings", description="View and change the settings of this channel and server (moderators)"
    )
    async def settings(self, interaction: discord.Interaction[Any]) -> None:
        """Open the panel."""
        await show_panel(interaction, self._find)

    @app_commands.command(name="style", description="Browse the styles, or set this channel's style (moderators)")
    @app_commands.describe(preset="New style for this channel. Leave empty to see all styles")
    async def style(self, interaction: discord.Interaction[Any], preset: str = "") -> None:
        """List the presets, or set one for the channel."""
        if not str(preset).strip():
            await show_looks(interaction, self._find)
            return

        async def chosen(services: Services) -> Sentence:
            found = await services.settings.choose(
                str(interaction.channel_id), "style", str(preset), for_server=False, by=requester_of(interaction)
            )
            return gettext("From the next picture on, this channel uses the style {style}.", style=found.style)

        await respond(interaction, self._find, chosen)

    @style.autocomplete("preset")
    async def _choose_style(self, interaction: discord.Interaction[Any], current: str) -> Choices:
        return style_choices(self._find, current)
