"""`/scene-art settings` and `style`: what holds in a channel is looked at and decided."""

from __future__ import annotations

from discord import app_commands

from ...i18n import Sentence, gettext
from ..choices import Choices, list_styles
from ..components.settings_panel import build_panel
from ..components.styles import build_styles
from ..context import Interaction, RequestContext
from .part import CommandPart


class SettingsCommands(CommandPart, name="settings", description="Decide how pictures are made"):
    """Translate between Discord and the settings service."""

    @app_commands.command(
        name="settings", description="View and change the settings of this channel and server (moderators)"
    )
    async def settings(self, interaction: Interaction) -> None:
        """Open the panel."""
        await self._respond(interaction, build_panel)

    @app_commands.command(name="style", description="Browse the styles, or set this channel's style (moderators)")
    @app_commands.describe(preset="New style for this channel. Leave empty to see all styles")
    async def style(self, interaction: Interaction, preset: str = "") -> None:
        """List the styles, or set one for the channel."""

        async def choose(context: RequestContext) -> Sentence:
            settings, by = context.services.settings, context.requester
            chosen = await settings.choose(context.channel_id, "style", str(preset), for_server=False, by=by)
            style = context.services.styles.chosen(chosen.style).name
            return gettext("From the next picture on, this channel uses the style {style}.", style=style)

        await self._respond(interaction, choose if str(preset).strip() else build_styles)

    @style.autocomplete("preset")
    async def _choose_style(self, interaction: Interaction, current: str) -> Choices:
        return await self._suggest(interaction, current, list_styles)
