"""`/scene-art recap`: a session to keep."""

from __future__ import annotations

import io
from typing import Any

import discord
from discord import app_commands

from ...discord_io.captions import NOBODY
from ...i18n import Sentence, gettext, ngettext
from ...services.recap import Recap
from ...services.services import FindServices, Services
from ..requester import requester_of
from ..responses import TROUBLES, Interaction, edit, in_words, lines, outcome, thinking

REQUEST_LIMIT = 24 * 1024 * 1024
"""Discord's cap on a whole request, for both files."""


class RecapCommands(app_commands.Group):
    """Translates between Discord and the recap service."""

    def __init__(self, find: FindServices) -> None:
        super().__init__(name="keeping", description="Keep a session")
        self._find = find

    @app_commands.command(name="recap", description="Turn the last session into a comic page and a chapter to keep")
    @app_commands.describe(title="Title (default: the game's name)")
    async def recap(self, interaction: discord.Interaction[Any], title: app_commands.Range[str, 0, 100] = "") -> None:
        """Bind the channel's last session."""
        if not await thinking(interaction):
            return
        await edit(interaction, gettext("Gathering pictures and laying out the page…"))
        recap: Recap | None = None

        async def bind(services: Services) -> str:
            nonlocal recap
            recap = await services.recap.bind(
                str(interaction.channel_id),
                str(title) or _name_of(interaction),
                by=requester_of(interaction),
                locale=str(interaction.locale),
                upload_limit=min(interaction.filesize_limit, REQUEST_LIMIT // 2),
            )
            return ""

        sentence = await outcome(self._find, bind)
        if recap is None:
            await edit(interaction, sentence)
            return
        await _show(interaction, recap)


async def _show(interaction: Interaction, recap: Recap) -> None:
    files = [
        discord.File(io.BytesIO(recap.page), filename=recap.page_name, description=recap.alt),
        discord.File(io.BytesIO(recap.chapter), filename="chapter.html"),
    ]
    try:
        await interaction.edit_original_response(
            content=lines(interaction, *_told(recap)), attachments=files, allowed_mentions=NOBODY
        )
    except TROUBLES:
        await edit(interaction, gettext("Discord didn't accept the recap. Try again in a minute."))


def _told(recap: Recap) -> list[Sentence]:
    sentences = [
        ngettext(
            "Recap of the last session ({count} scene): a comic page, and a chapter to keep.",
            "Recap of the last session ({count} scenes): a comic page, and a chapter to keep.",
            len(recap.scenes),
            count=len(recap.scenes),
        ),
        gettext("Open `chapter.html` in a browser. Print it there to get a PDF."),
    ]
    if recap.missing:
        sentences.append(
            ngettext(
                "{count} picture is gone; its text is shown instead.",
                "{count} pictures are gone; their text is shown instead.",
                recap.missing,
                count=recap.missing,
            )
        )
    return sentences


def _name_of(interaction: Interaction) -> str:
    name = getattr(interaction.channel, "name", None)
    return f"#{name}" if name else in_words(interaction, gettext("Our story"))
