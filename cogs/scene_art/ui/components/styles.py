"""The styles to choose from, each with a sample."""

from __future__ import annotations

from collections.abc import Collection

import discord

from ...domain.styles import Style
from ...i18n import gettext, translate
from ...text import escaped
from ..context import RequestContext
from ..layouts import AnyItem, illustrate, lay_out
from ..responses import Answer, AnswerFile

ABOUT_LIMIT = 160
MOST_SHOWN = 10
"""A message takes ten files, and a layout forty parts."""


async def build_styles(context: RequestContext) -> Answer:
    """Show the styles with their samples."""
    await context.services.history.recent(context.channel_id, by=context.requester)
    shown, samples = context.services.styles.all[:MOST_SHOWN], context.services.styles.samples
    files = tuple(AnswerFile(_name_file(style.id), samples[style.id]) for style in shown if samples.get(style.id))
    head = gettext("## Styles\nModerators choose this channel's style with `/scene-art style`.")
    there = {file.name for file in files}
    parts = (_build_entry(style, there, context.locale) for style in shown)
    return Answer(view=lay_out(discord.Colour.dark_gold(), (translate(head, context.locale), *parts)), files=files)


def _name_file(style_id: str) -> str:
    # Letters and digits alone: Discord changes other names, and the layout would not find the file.
    return f"style_{style_id.encode().hex()}.webp"


def _build_entry(style: Style, samples: Collection[str], locale: str) -> AnyItem | str:
    text = f"**{escaped(style.name, 60)}**\n{escaped(style.prompt, ABOUT_LIMIT)}"
    name = _name_file(style.id)
    if name not in samples:
        return text
    description = translate(gettext("Sample of the style {name}", name=style.name), locale)
    return illustrate(text, discord.ui.Thumbnail(f"attachment://{name}", description=description))
