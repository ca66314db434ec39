"""The list of characters, page by page, and the looks of one of them as pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...domain.characters import Character, Look, is_of_channel
from ...domain.file_types import FILE_TYPES
from ...domain.names import NAME_LIMIT
from ...domain.ownership import Ownership
from ...i18n import Sentence, gettext
from ...services.characters import label_of
from ...text import escaped
from ..context import RequestContext
from ..responses import Answer, AnswerFile
from .persistent import PageButton, gather_buttons

ON_A_PAGE = 10
NAME_SHOWN, LABEL_SHOWN = 40, 24
"""Characters, so that a page fits into a message of 2,000."""


async def build_cast(context: RequestContext, number: int = 0) -> Answer:
    """Build a page of the list, counted from 0, with buttons when there are more."""
    service, by = context.services.characters, context.requester
    characters = await service.characters(context.channel_id, by=by)
    ownership = await service.ownership(context.channel_id, by=by)
    pages = max(1, -(-len(characters) // ON_A_PAGE))
    page = min(number, pages - 1)
    text = context.lines(*_describe_page(characters, ownership, page, pages))
    return Answer(text, gather_buttons(*CastPageButton.build_pair(page, pages, context.locale)) if pages > 1 else None)


def _describe_page(characters: Sequence[Character], ownership: Ownership, page: int, pages: int) -> Iterator[Sentence]:
    if characters:
        yield gettext(
            "Characters here: {total}. Page {page} of {pages}.", total=len(characters), page=page + 1, pages=pages
        )
        shown = characters[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]
        yield from (_describe(character, ownership) for character in shown)
    else:
        yield gettext(
            "No characters here yet. Add one with `/scene-art cast add`; until then, they are drawn from the story."
        )


def _describe(character: Character, ownership: Ownership) -> Sentence:
    look = character.look
    used = label_of(look, character.looks.index(look) + 1) if look is not None else "-"
    owners = ownership.owners_of(character.name, character.owner_id)
    line = gettext(
        "**{name}** · {owner} · looks: {count}, in use: {look}",
        name=escaped(character.name, NAME_SHOWN),
        count=len(character.looks),
        look=escaped(used, LABEL_SHOWN),
        owner=", ".join(f"<@{owner}>" for owner in sorted(owners)),
    )
    if is_of_channel(character):
        return gettext("{line} · only this channel", line=line)
    return line if character.game else gettext("{line} · every game", line=line)


class CastPageButton(PageButton, template=r"scene_art:cast:(?P<way>back|on):(?P<number>[0-9]{1,3})"):
    """Turn the page; whoever may not is told so alone, and the list stays."""

    name, ways = "cast", (("back", gettext("Previous")), ("on", gettext("Next")))

    async def answer(self, context: RequestContext) -> Answer:
        """Show the other page."""
        return await build_cast(context, int(self.about["number"]))


async def show_looks(context: RequestContext, name: str) -> Answer:
    """Show every look of a character as a picture, with its name as text."""
    service, by = context.services.characters, context.requester
    character = await service.character(context.channel_id, name, by=by)
    found = await service.pictures(context.channel_id, character, by=by)
    ownership = await service.ownership(context.channel_id, by=by)
    text = context.lines(_describe(character, ownership), *_describe_looks(character, [look for look, _ in found]))
    return Answer(text, files=tuple(_build_file(character, look, data) for look, data in found))


def _build_file(character: Character, look: Look, data: bytes) -> AnswerFile:
    number = character.looks.index(look) + 1
    title = f"{character.name}, {label_of(look, number)}"
    return AnswerFile(f"look_{number}.{FILE_TYPES[look.mime].ending}", data, title)


def _describe_looks(character: Character, there: Sequence[Look]) -> Iterator[Sentence]:
    for number, look in enumerate(character.looks, start=1):
        label = escaped(label_of(look, number), NAME_LIMIT)
        when = f"<t:{int(look.added_at)}:d>"
        if look not in there:
            yield gettext("{look} (picture missing; remove it and add it again)", look=label)
        elif look is character.look:
            yield gettext("{look} (in use, added {when})", look=label, when=when)
        else:
            yield gettext("{look} (added {when})", look=label, when=when)
