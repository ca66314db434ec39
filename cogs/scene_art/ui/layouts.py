"""Layouts with pictures and sections, and the same in plain words where Discord does not take them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import discord

from ..text import cut_on_word

MESSAGE_LIMIT = 2_000

AnyItem = discord.ui.Item[Any]


def lay_out(
    colour: discord.Colour, parts: Iterable[AnyItem | str], rows: Iterable[Iterable[AnyItem]] = ()
) -> discord.ui.LayoutView:
    """Build a layout: a box of texts and other parts, and below it rows of buttons and lists, without empty ones."""
    box: discord.ui.Container[Any] = discord.ui.Container(accent_colour=colour)
    for part in parts:
        box.add_item(discord.ui.TextDisplay(part) if isinstance(part, str) else part)
    layout = discord.ui.LayoutView(timeout=None)
    layout.add_item(box)
    for row in rows:
        if items := tuple(row):
            layout.add_item(discord.ui.ActionRow(*items))
    return layout


def collect_text(layout: discord.ui.LayoutView) -> str:
    """Collect the texts of `layout`."""
    texts = [item.content for item in layout.walk_children() if isinstance(item, discord.ui.TextDisplay)]
    return cut_on_word("\n".join(texts), MESSAGE_LIMIT)


def collect_view(layout: discord.ui.LayoutView) -> discord.ui.View:
    """Collect the buttons and lists of `layout`, row by row."""
    view = discord.ui.View(timeout=None)
    rows = [item for item in layout.walk_children() if isinstance(item, discord.ui.ActionRow)]
    for number, row in enumerate(rows):
        for item in list(row.children):
            view.add_item(_copy(item, number))
    return view


def _copy(item: AnyItem, row: int) -> AnyItem:
    if isinstance(item, discord.ui.Select):
        return discord.ui.Select(custom_id=item.custom_id, placeholder=item.placeholder, options=item.options, row=row)
    assert isinstance(item, discord.ui.Button)  # noqa: S101  # our layouts hold nothing else
    return discord.ui.Button(
        label=item.label, custom_id=item.custom_id, disabled=item.disabled, style=item.style, row=row
    )
