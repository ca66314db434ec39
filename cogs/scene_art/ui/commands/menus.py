"""The context menus of a message."""

from __future__ import annotations

from typing import Any

import discord

from ...domain.requests import SceneDraft
from ...domain.scene import Scene
from ...services.services import FindServices, Services
from ..components.progress import Progress
from ..localization import LocalisedMenu
from ..requester import requester_of


def illustrate_menu(find: FindServices, progress: Progress) -> LocalisedMenu:
    """ "Illustrate": a scene from the words of a message."""

    async def illustrate(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        draft = SceneDraft(words_of(message), reply_to=str(message.id))

        async def begin(services: Services) -> Scene:
            return await services.pictures.draw(str(interaction.channel_id), draft, by=requester_of(interaction))

        await progress.run(interaction, begin)

    return LocalisedMenu(
        name="Illustrate",
        callback=illustrate,
        allowed_installs=discord.app_commands.AppInstallationType(guild=True),
        allowed_contexts=discord.app_commands.AppCommandContext(guild=True, dm_channel=True),
    )


def words_of(message: discord.Message) -> str:
    """What a message says, also where a game writes in embeds."""
    parts = [message.content, *(part for embed in message.embeds for part in (embed.title, embed.description) if part)]
    return "\n".join(part for part in parts if part)
