"""`/scene-art settings` and `style`: what holds in a channel is looked at and decided."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from ...domain.styles import Style
from ...i18n import Sentence, gettext, translate
from ...text import escaped
from ..components.settings_panel import build_panel
from ..context import RequestContext
from ..responses import Answer, AnswerFile, AnyItem, lay_out
from .part import CommandPart, answered

ABOUT_LIMIT = 160
MOST_SHOWN = 10
"""A message takes ten files, and a layout forty parts."""


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
            return await _build_styles(context)
        settings, by = context.services.settings, context.requester
        chosen = await settings.choose(context.channel_id, "style", str(preset), for_server=False, by=by)
        style = context.services.styles.chosen(chosen.style).name
        return gettext("From the next picture on, this channel uses the style {style}.", style=style)


async def _build_styles(context: RequestContext) -> Answer:
    """Show the styles with their samples."""
    await context.services.limits.check_access(context.requester, context.channel_id)
    shown, samples = context.services.styles.all[:MOST_SHOWN], context.services.styles.samples
    files = tuple(AnswerFile(_name_file(style.id), samples[style.id]) for style in shown if samples.get(style.id))
    head = gettext("## Styles\nModerators choose this channel's style with `/scene-art style`.")
    parts = (_build_entry(style, context.locale, has_sample=bool(samples.get(style.id))) for style in shown)
    return Answer(view=lay_out(discord.Colour.dark_gold(), (translate(head, context.locale), *parts)), files=files)


def _name_file(style_id: str) -> str:
    # Letters and digits alone: Discord changes other names, and the layout would not find the file.
    return f"style_{style_id.encode().hex()}.webp"


def _build_entry(style: Style, locale: str, *, has_sample: bool) -> AnyItem | str:
    text = f"**{escaped(style.name, 60)}**\n{escaped(style.prompt, ABOUT_LIMIT)}"
    if not has_sample:
        return text
    description = translate(gettext("Sample of the style {name}", name=style.name), locale)
    picture = discord.ui.Thumbnail[Any](f"attachment://{_name_file(style.id)}", description=description)
    return discord.ui.Section(text, accessory=picture)
