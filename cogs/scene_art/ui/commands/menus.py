"""The context menus of a message."""

from __future__ import annotations

import discord

from ...domain.requests import SceneDraft
from ...domain.scene import Scene
from ...services.services import FindServices
from ..components.progress import show_progress
from ..context import Interaction, RequestContext
from ..localization import LocalisedMenu


def build_illustrate_menu(find: FindServices) -> LocalisedMenu:
    """ "Illustrate": a scene from the words of a message."""

    async def illustrate(interaction: Interaction, message: discord.Message) -> None:
        draft = SceneDraft(read_words(message), reply_to=str(message.id))

        async def begin(context: RequestContext) -> Scene:
            return await context.services.pictures.draw(context.channel_id, draft, by=context.requester)

        await show_progress(interaction, find, begin)

    return LocalisedMenu.build("Illustrate", illustrate)


def read_words(message: discord.Message) -> str:
    """Read the words of a message, also where a game writes in embeds."""
    parts = [message.content, *(part for embed in message.embeds for part in (embed.title, embed.description) if part)]
    return "\n".join(part for part in parts if part)
