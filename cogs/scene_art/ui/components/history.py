"""`/scene-art history`: a gallery of the channel's pictures, page by page."""

from __future__ import annotations

import asyncio
import hashlib
import re
from typing import Any

import discord

from ...discord_io.captions import alt_text, message_link
from ...domain.scene import Scene
from ...errors import SceneArtError
from ...i18n import gettext, ngettext, translate
from ...services.history import Page, cast_of
from ...services.services import FindServices, Services
from ...text import cut_on_word, escaped
from ..requester import requester_of
from ..responses import Interaction, in_words, outcome
from ..rich_responses import defer, edit_rich, only_text
from .kept_pictures import kept_button

NOBODY = "0"
MOST_NAMES = 24
STORY_LIMIT = 220


async def show_history(
    interaction: Interaction, find: FindServices, *, number: int = 0, mark: str = NOBODY, character: str = ""
) -> None:
    """Show a page to the person alone; `mark` or `character` says who must be in the pictures.

    The deferred answer is edited: that of a command, or of a button on the page before.
    """
    if not await defer(interaction):
        return
    layout: discord.ui.LayoutView | None = None

    async def look(services: Services) -> str:
        nonlocal layout
        layout = await _page(interaction, services, number, mark, character)
        return ""

    sentence = await outcome(find, look)
    await edit_rich(interaction, layout or only_text(in_words(interaction, sentence)))


async def _page(
    interaction: Interaction, services: Services, number: int, mark: str, character: str
) -> discord.ui.LayoutView:
    channel_id, person = str(interaction.channel_id), requester_of(interaction)
    if mark != NOBODY:
        everything = await services.history.history(channel_id, by=person)
        character = next((name for name in everything.names if mark_of(name) == mark), character)
    page = await services.history.history(channel_id, number, by=person, character=character)
    links = await asyncio.gather(*(_link(services, scene) for scene in page.scenes))
    return layout(page, links, mark_of(character) if character else NOBODY, str(interaction.locale))


async def _link(services: Services, scene: Scene) -> str | None:
    """A fresh link to the picture; None when it is gone, or cannot be looked at just now."""
    if scene.is_kept:
        return None
    try:
        message = await services.posted.message(scene)
    except SceneArtError:
        return None
    return message.attachments[0].url if message is not None and message.attachments else None


def layout(page: Page, links: list[str | None], mark: str, locale: str) -> discord.ui.LayoutView:
    """The page as Discord shows it. `links` are those of the pictures, in their order."""
    container: discord.ui.Container[Any] = discord.ui.Container(accent_colour=discord.Colour.dark_purple())
    head = ngettext(
        "## Pictures in this channel\nPage {page} of {pages} · {total} picture",
        "## Pictures in this channel\nPage {page} of {pages} · {total} pictures",
        page.total,
        page=page.number + 1,
        pages=page.pages,
        total=page.total,
    )
    container.add_item(discord.ui.TextDisplay(translate(head, locale)))
    for scene, link in zip(page.scenes, links, strict=True):
        text = discord.ui.TextDisplay[Any](_told(scene, locale, gone=link is None))
        if link is None:
            container.add_item(text)
        else:
            picture = discord.ui.Thumbnail[Any](link, description=alt_text(scene, locale), spoiler=scene.hidden)
            container.add_item(discord.ui.Section(text, accessory=picture))
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(container)
    if kept := [scene for scene in page.scenes if scene.is_kept]:
        view.add_item(discord.ui.ActionRow(*(kept_button(scene, locale) for scene in kept)))
    if page.names:
        view.add_item(discord.ui.ActionRow(_filter(page.names, mark, locale)))
    view.add_item(_turning(page, mark, locale))
    return view


def _told(scene: Scene, locale: str, *, gone: bool) -> str:
    lines = [escaped(scene.narrative, STORY_LIMIT)]
    if names := cast_of(scene):
        lines.append(translate(gettext("With {names}", names=escaped(", ".join(names), 200)), locale))
    link = message_link(scene, scene.message_id or "")
    when = f"<t:{int(scene.painted_at or scene.heard_at)}:R>"
    if scene.is_kept:
        lines.append(
            translate(gettext("{when} · Cancelled and charged: not posted, but kept for a while", when=when), locale)
        )
    elif gone:
        lines.append(translate(gettext("{when} · Picture deleted, or not available right now", when=when), locale))
    else:
        lines.append(translate(gettext("{when} · {link}", when=when, link=link), locale))
    return "\n".join(lines)


def _filter(names: tuple[str, ...], mark: str, locale: str) -> discord.ui.Select[Any]:
    everybody = discord.SelectOption(
        label=translate(gettext("All characters"), locale), value=NOBODY, default=mark == NOBODY
    )
    marks = {mark_of(name): name for name in names}
    options = [
        discord.SelectOption(label=cut_on_word(name, 100), value=own, default=own == mark)
        for own, name in list(marks.items())[:MOST_NAMES]
    ]
    return discord.ui.Select(
        custom_id="scene_art:who",
        placeholder=translate(gettext("Filter by character…"), locale),
        options=[everybody, *options],
    )


def _turning(page: Page, mark: str, locale: str) -> discord.ui.ActionRow[Any]:
    def button(label: str, number: int, *, way: str) -> discord.ui.Button[Any]:
        return discord.ui.Button(
            label=label,
            custom_id=f"scene_art:page:{way}:{max(0, number)}:{mark}",
            disabled=not 0 <= number < page.pages,
        )

    return discord.ui.ActionRow(
        button(translate(gettext("Newer"), locale), page.number - 1, way="newer"),
        button(translate(gettext("Older"), locale), page.number + 1, way="older"),
    )


def mark_of(name: str) -> str:
    """Eight hexadecimal digits that stand for a name where there is little room."""
    return hashlib.sha256(name.casefold().encode()).hexdigest()[:8]


class PageButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.LayoutView]],
    template=r"scene_art:page:(?P<way>newer|older):(?P<number>[0-9]{1,4}):(?P<mark>0|[0-9a-f]{8})",
):
    """Turns the page."""

    find: FindServices

    def __init__(self, custom_id: str, number: int, mark: str) -> None:
        super().__init__(discord.ui.Button(custom_id=custom_id))
        self.number, self.mark = number, mark

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> PageButton:
        """The button that was pressed."""
        return cls(match.string, int(match["number"]), match["mark"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Show the other page in the same place."""
        await show_history(interaction, self.find, number=self.number, mark=self.mark)


class WhoSelect(
    discord.ui.DynamicItem[discord.ui.Select[discord.ui.LayoutView]],
    template=r"scene_art:who",
):
    """Chooses whose pictures are shown."""

    find: FindServices

    def __init__(self) -> None:
        super().__init__(discord.ui.Select(custom_id="scene_art:who", options=[discord.SelectOption(label="-")]))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> WhoSelect:
        """The list that was chosen from."""
        return cls()

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Show the first page of theirs in the same place."""
        # Not the item's own values: discord.py builds it from the id alone.
        data: dict[str, Any] = dict(interaction.data or {})
        mark = str((data.get("values") or [NOBODY])[0])
        await show_history(interaction, self.find, mark=mark if re.fullmatch(r"[0-9a-f]{8}", mark) else NOBODY)
