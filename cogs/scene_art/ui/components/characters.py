"""The list of characters, page by page, and the looks of one of them as pictures."""

from __future__ import annotations

import contextlib
import io
import logging
import re
from collections.abc import Sequence
from typing import Any

import discord

from ...discord_io.captions import NOBODY
from ...domain.characters import NAME_LIMIT, Character, Look
from ...domain.file_types import FILE_TYPES
from ...i18n import Sentence, gettext, translate
from ...services.characters import label_of
from ...services.services import FindServices, Services
from ...text import escaped
from ..requester import requester_of
from ..responses import TROUBLES, Interaction, edit, in_words, outcome
from ..rich_responses import defer

log = logging.getLogger(__name__)

ON_A_PAGE = 10
NAME_SHOWN, LABEL_SHOWN = 40, 24
"""Characters, so that a page fits into a message of 2,000."""


async def show_cast(interaction: Interaction, find: FindServices, number: int = 0) -> None:
    """Edit the deferred answer: a page of the list, counted from 0, with buttons when there are more.

    Whoever may not turn the page of somebody else's list is told so alone, and the list stays.
    """
    found: tuple[str, discord.ui.View | None] | None = None

    async def listed(services: Services) -> str:
        nonlocal found
        characters = await services.characters.characters(str(interaction.channel_id), by=requester_of(interaction))
        pages = max(1, -(-len(characters) // ON_A_PAGE))
        page, locale = min(number, pages - 1), str(interaction.locale)
        found = _page(characters, page, pages, locale), _turning(page, pages, locale) if pages > 1 else None
        return ""

    sentence = await outcome(find, listed)
    if found is not None:
        await edit(interaction, *found)
    elif interaction.type is discord.InteractionType.component:
        with contextlib.suppress(*TROUBLES):
            await interaction.followup.send(in_words(interaction, sentence), ephemeral=True, allowed_mentions=NOBODY)
    else:
        await edit(interaction, sentence)


def _page(characters: Sequence[Character], page: int, pages: int, locale: str) -> str:
    if not characters:
        return gettext(
            "No characters here yet. Add one with `/scene-art cast add`; until then, they are drawn from the story."
        )
    head = gettext(
        "Characters here: {total}. Page {page} of {pages}.", total=len(characters), page=page + 1, pages=pages
    )
    some = characters[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]
    return "\n".join([translate(head, locale), *(translate(_line(character), locale) for character in some)])


def _line(character: Character) -> Sentence:
    look = character.look
    used = label_of(look, character.looks.index(look) + 1) if look is not None else "-"
    line = gettext(
        "**{name}** · {owner} · looks: {count}, in use: {look}",
        name=escaped(character.name, NAME_SHOWN),
        count=len(character.looks),
        look=escaped(used, LABEL_SHOWN),
        owner=f"<@{character.owner_id}>",
    )
    return line if character.game else gettext("{line} · every game", line=line)


def _turning(page: int, pages: int, locale: str) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    for label, number, way in ((gettext("Previous"), page - 1, "back"), (gettext("Next"), page + 1, "on")):
        view.add_item(
            discord.ui.Button(
                label=translate(label, locale),
                custom_id=f"scene_art:cast:{way}:{max(0, number)}",
                disabled=not 0 <= number < pages,
            )
        )
    return view


class CastPageButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=r"scene_art:cast:(?P<way>back|on):(?P<number>[0-9]{1,3})",
):
    """Turns the page."""

    find: FindServices

    def __init__(self, custom_id: str, number: int) -> None:
        super().__init__(discord.ui.Button(custom_id=custom_id))
        self.number = number

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> CastPageButton:
        """The button that was pressed."""
        return cls(match.string, int(match["number"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Show the other page in the same place."""
        if await defer(interaction):
            await show_cast(interaction, self.find, self.number)


async def show_looks(interaction: Interaction, find: FindServices, name: str) -> None:
    """Edit the deferred answer: every look of a character as a picture, with its name as text."""
    files: list[discord.File] = []

    async def looks(services: Services) -> str:
        place, by = str(interaction.channel_id), requester_of(interaction)
        character = await services.characters.character(place, name, by=by)
        found = await services.characters.pictures(place, character, by=by)
        files.extend(_file(character, look, data) for look, data in found)
        return _told(character, [look for look, _ in found], str(interaction.locale))

    sentence = await outcome(find, looks)
    try:
        await interaction.edit_original_response(
            content=in_words(interaction, sentence), attachments=files, allowed_mentions=NOBODY
        )
    except TROUBLES as exc:
        log.debug("The looks of a character could not be shown (%s)", type(exc).__name__)
        await edit(interaction, sentence)


def _file(character: Character, look: Look, data: bytes) -> discord.File:
    number = character.looks.index(look) + 1
    title = f"{character.name}, {label_of(look, number)}"
    return discord.File(io.BytesIO(data), filename=f"look_{number}.{FILE_TYPES[look.mime].ending}", description=title)


def _told(character: Character, there: Sequence[Look], locale: str) -> str:
    lines = [translate(_line(character), locale)]
    for number, look in enumerate(character.looks, start=1):
        label = escaped(label_of(look, number), NAME_LIMIT)
        when = f"<t:{int(look.added_at)}:d>"
        if look not in there:
            line = gettext("{look} (picture missing; remove it and add it again)", look=label)
        elif look is character.look:
            line = gettext("{look} (in use, added {when})", look=label, when=when)
        else:
            line = gettext("{look} (added {when})", look=label, when=when)
        lines.append(translate(line, locale))
    return "\n".join(lines)
