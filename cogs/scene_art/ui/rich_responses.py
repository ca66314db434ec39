"""Answers with pictures and sections beside the text, and the same in plain words where Discord does not take them."""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from typing import Any

import discord

from ..text import cut_on_word
from .responses import TROUBLES, Interaction, thinking

log = logging.getLogger(__name__)

MESSAGE_LIMIT = 2_000
_NOBODY = discord.AllowedMentions.none()


async def defer(interaction: Interaction) -> bool:
    """Win time: a command's answer is being thought of, a button's or form's message will be edited.

    False when Discord waits for no answer any more.
    """
    if interaction.type is discord.InteractionType.application_command:
        return await thinking(interaction)
    try:
        if not interaction.response.is_done():
            await interaction.response.defer()
    except TROUBLES as exc:
        log.info("A button or form was not answered in time (%s)", type(exc).__name__)
        return False
    return True


async def edit_rich(
    interaction: Interaction, layout: discord.ui.LayoutView, files: Sequence[tuple[str, bytes]] = ()
) -> None:
    """Edit the deferred answer. Never fails: one that expired or was deleted stays as it is.

    `files` are pictures that the layout shows, as (name, bytes).
    """
    # Its buttons are found by their ids; the library need not remember the view.
    layout.stop()
    try:
        await interaction.edit_original_response(view=layout, attachments=_opened(files), allowed_mentions=_NOBODY)
    except discord.HTTPException as exc:
        if exc.status != 400:
            log.debug("An answer could not be edited (%s)", exc.status)
            return
        await _edit_plain(interaction, layout, files)
    except TROUBLES as exc:
        log.debug("An answer could not be edited (%s)", type(exc).__name__)


async def _edit_plain(
    interaction: Interaction, layout: discord.ui.LayoutView, files: Sequence[tuple[str, bytes]]
) -> None:
    """The same in words: a message that began without components of the second kind may not take any."""
    view = plain_view(layout)
    view.stop()
    try:
        await interaction.edit_original_response(
            content=plain_text(layout), view=view, attachments=_opened(files), allowed_mentions=_NOBODY
        )
    except TROUBLES as exc:
        log.debug("An answer could not be edited (%s)", type(exc).__name__)


def _opened(files: Sequence[tuple[str, bytes]]) -> list[discord.File]:
    return [discord.File(io.BytesIO(data), filename=name) for name, data in files]


def only_text(text: str) -> discord.ui.LayoutView:
    """A layout that is a sentence."""
    layout = discord.ui.LayoutView(timeout=None)
    layout.add_item(discord.ui.TextDisplay(text))
    return layout


def plain_text(layout: discord.ui.LayoutView) -> str:
    """Everything that stands in `layout`."""
    texts = [item.content for item in layout.walk_children() if isinstance(item, discord.ui.TextDisplay)]
    return cut_on_word("\n".join(texts), MESSAGE_LIMIT)


def plain_view(layout: discord.ui.LayoutView) -> discord.ui.View:
    """The buttons and lists of `layout`, row by row."""
    view = discord.ui.View(timeout=None)
    rows = [item for item in layout.walk_children() if isinstance(item, discord.ui.ActionRow)]
    for number, row in enumerate(rows):
        for item in list(row.children):
            view.add_item(_copied(item, number))
    return view


def _copied(item: discord.ui.Item[Any], row: int) -> discord.ui.Item[Any]:
    if isinstance(item, discord.ui.Select):
        return discord.ui.Select(custom_id=item.custom_id, placeholder=item.placeholder, options=item.options, row=row)
    assert isinstance(item, discord.ui.Button)  # noqa: S101  # our layouts hold nothing else
    return discord.ui.Button(
        label=item.label, custom_id=item.custom_id, disabled=item.disabled, style=item.style, row=row
    )
