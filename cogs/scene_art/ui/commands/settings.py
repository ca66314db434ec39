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

    @app_commands.command(name="settings", description="What holds in this channel, and the server's defaults")
    async def settings(self, interaction: discord.Interaction[Any]) -> None:
        """Open the panel."""
        await show_panel(interaction, self._find)

    @app_commands.command(name="style", description="The looks to choose from, and the one of this channel")
    @app_commands.describe(preset="The look of this channel's pictures from now on; leave it empty for a list")
    async def style(self, interaction: discord.Interaction[Any], preset: str = "") -> None:
        """List the presets, or set one for the channel."""
        if not str(preset).strip():
            await show_looks(interaction, self._find)
            return

        async def chosen(services: Services) -> Sentence:
            found = await services.settings.choose(
                str(interaction.channel_id), "style", str(preset), for_server=False, by=requester_of(interaction)
            )
            return gettext("Pictures in this channel are painted in the style {style} from now on.", style=found.style)

        await respond(interaction, self._find, chosen)

    @style.autocomplete("preset")
    async def _choose_style(self, interaction: discord.Interaction[Any], current: str) -> Choices:
        return style_choices(self._find, current)
