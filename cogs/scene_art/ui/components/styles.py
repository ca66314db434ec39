"""The looks to choose from, each with a sample."""

from __future__ import annotations

from typing import Any

import discord

from ...domain.styles import Style
from ...i18n import gettext, translate
from ...services.services import FindServices, Services
from ...text import escaped
from ..requester import requester_of
from ..responses import Interaction, in_words, outcome
from ..rich_responses import defer, edit_rich, only_text

ABOUT_LIMIT = 160
MOST_SHOWN = 10
"""A message takes ten files, and a layout forty parts."""


async def show_looks(interaction: Interaction, find: FindServices) -> None:
    """Show the presets to the person alone."""
    if not await defer(interaction):
        return
    layout: discord.ui.LayoutView | None = None
    files: list[tuple[str, bytes]] = []

    async def look(services: Services) -> str:
        nonlocal layout
        await services.scenes.recent(str(interaction.channel_id), by=requester_of(interaction))
        samples = {style.id: services.styles.samples.get(style.id) for style in services.styles.all[:MOST_SHOWN]}
        files.extend((_file_name(style_id), sample) for style_id, sample in samples.items() if sample)
        layout = _layout(services.styles.all[:MOST_SHOWN], {name for name, _ in files}, str(interaction.locale))
        return ""

    sentence = await outcome(find, look)
    await edit_rich(interaction, layout or only_text(in_words(interaction, sentence)), files)


def _file_name(style_id: str) -> str:
    # Letters and digits alone: Discord changes other names, and the layout would not find the file.
    return f"style_{style_id.encode().hex()}.webp"


def _layout(styles: tuple[Style, ...], samples: set[str], locale: str) -> discord.ui.LayoutView:
    container: discord.ui.Container[Any] = discord.ui.Container(accent_colour=discord.Colour.dark_gold())
    head = gettext("## Styles\nModerators choose this channel's style with `/scene-art style`.")
    container.add_item(discord.ui.TextDisplay(translate(head, locale)))
    for style in styles:
        about = f"**{escaped(style.name, 60)}**\n{escaped(style.prompt, ABOUT_LIMIT)}"
        text = discord.ui.TextDisplay[Any](about)
        name = _file_name(style.id)
        if name in samples:
            description = translate(gettext("Sample of the style {name}", name=style.name), locale)
            picture = discord.ui.Thumbnail[Any](f"attachment://{name}", description=description)
            container.add_item(discord.ui.Section(text, accessory=picture))
        else:
            container.add_item(text)
    layout = discord.ui.LayoutView(timeout=None)
    layout.add_item(container)
    return layout
