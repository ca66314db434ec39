"""`/scene-art settings` and `style`: what holds in a channel is looked at and decided."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from ..services import FindServices, Services
from ..speech import Sentence, say
from ..text import escaped
from .answers import lines, respond
from .choices import Choices, style_choices
from .panel import show_panel
from .person import person_of

ABOUT_LIMIT = 160


class SettlingCommands(app_commands.Group):
    """Translates between Discord and the office."""

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
        channel_id, person = str(interaction.channel_id), person_of(interaction)

        async def chosen(services: Services) -> str:
            if not preset.strip():
                return lines(interaction, *_presets(services))
            found = await services.office.choose(channel_id, "style", str(preset), for_server=False, by=person)
            return say("Pictures in this channel are painted in the style {style} from now on.", style=found.style)

        await respond(interaction, self._find, chosen)

    @style.autocomplete("preset")
    async def _choose_style(self, interaction: discord.Interaction[Any], current: str) -> Choices:
        return style_choices(self._find, current)


def _presets(services: Services) -> list[Sentence]:
    head = say("The looks to choose from. A moderator sets one for this channel with `/scene-art style`.")
    return [
        head,
        *(
            say("**{name}**: {about}", name=escaped(style.name, 60), about=escaped(style.prompt, ABOUT_LIMIT))
            for style in services.studio.styles
        ),
    ]
