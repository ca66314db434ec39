"""`/scene-art settings` and `style`: what holds in a channel is looked at and decided."""

from __future__ import annotations

from discord import app_commands

from ...i18n import Sentence, gettext
from ..components.settings_panel import build_panel
from ..components.styles import build_styles
from ..context import RequestContext
from ..responses import Answer
from .part import CommandPart, answered


class SettingsCommands(CommandPart, name="settings", description="Decide how pictures are made"):
    """Translate between Discord and the settings service."""

    @app_commands.command(
        name="settings", description="View and change the settings of this channel and server (moderators)"
    )
    @answered
    async def settings(self, context: RequestContext) -> Answer:
        """Open the panel."""
        return await build_panel(context)

    @app_commands.command(name="style", description="Browse the styles, or set this channel's style (moderators)")
    @app_commands.describe(preset="New style for this channel. Leave empty to see all styles")
    @app_commands.autocomplete(preset=CommandPart.suggest_styles)
    @answered
    async def style(self, context: RequestContext, preset: str = "") -> Answer | Sentence:
        """List the styles, or set one for the channel."""
        if not str(preset).strip():
            return await build_styles(context)
        settings, by = context.services.settings, context.requester
        chosen = await settings.choose(context.channel_id, "style", str(preset), for_server=False, by=by)
        style = context.services.styles.chosen(chosen.style).name
        return gettext("From the next picture on, this channel uses the style {style}.", style=style)
