"""`/scene-art history`: a gallery of the channel's pictures, page by page."""

from __future__ import annotations

import asyncio
import hashlib
import re
from functools import partial
from typing import Any

import discord

from ...discord_io.captions import alt_text, message_link
from ...domain.file_types import FILE_TYPES
from ...domain.scene import Scene
from ...domain.spelling import fold
from ...errors import SceneArtError
from ...i18n import gettext, ngettext, translate
from ...services.history import Page
from ...services.services import Services
from ...text import cut_on_word, escaped
from ..context import Interaction, RequestContext
from ..responses import Answer, AnswerFile, AnyItem, lay_out, respond
from .persistent import SCENE_ID, PageButton, PersistentItem

EVERYBODY = "0"
MOST_NAMES = 24
STORY_LIMIT = 220
TITLE_LIMIT = 60


async def build_history(
    context: RequestContext, *, number: int = 0, mark: str = EVERYBODY, character: str = ""
) -> Answer:
    """Build page `number` of the channel's pictures; `mark` or `character` says who must be in them."""
    history, channel_id, person = context.services.history, context.channel_id, context.requester
    if mark != EVERYBODY:
        everything = await history.history(channel_id, by=person)
        character = next((name for name in everything.names if mark in {hash_name(name), _hash(name)}), character)
    page = await history.history(channel_id, number, by=person, character=character)
    links = await asyncio.gather(*(_find_link(context.services, scene) for scene in page.scenes))
    return Answer(view=_lay_out(page, links, hash_name(character) if character else EVERYBODY, context.locale))


async def _find_link(services: Services, scene: Scene) -> str | None:
    """Find a fresh link to the picture; None when it is gone, or cannot be looked at just now."""
    if scene.is_kept:
        return None
    try:
        message = await services.posted.message(scene)
    except SceneArtError:
        return None
    return message.attachments[0].url if message is not None and message.attachments else None


def _lay_out(page: Page, links: list[str | None], mark: str, locale: str) -> discord.ui.LayoutView:
    """Lay the page out. `links` are those of the pictures, in their order."""
    head = ngettext(
        "## Pictures in this channel\nPage {page} of {pages} · {total} picture",
        "## Pictures in this channel\nPage {page} of {pages} · {total} pictures",
        page.total,
        page=page.number + 1,
        pages=page.pages,
        total=page.total,
    )
    scenes = (_build_entry(scene, link, locale) for scene, link in zip(page.scenes, links, strict=True))
    return lay_out(
        discord.Colour.dark_purple(),
        (translate(head, locale), *scenes),
        (
            [_build_kept_button(scene, locale) for scene in page.scenes if scene.is_kept],
            [_build_filter(page.names, mark, locale)] if page.names else [],
            HistoryPageButton.build_pair(page.number, page.pages, locale, f":{mark}"),
        ),
    )


def _build_entry(scene: Scene, link: str | None, locale: str) -> AnyItem | str:
    text = _describe(scene, locale, gone=link is None)
    if link is None:
        return text
    picture = discord.ui.Thumbnail[Any](link, description=alt_text(scene, locale), spoiler=scene.is_spoiler)
    return discord.ui.Section(text, accessory=picture)


def _describe(scene: Scene, locale: str, *, gone: bool) -> str:
    lines = [escaped(scene.narrative, STORY_LIMIT)]
    if names := scene.cast:
        lines.append(translate(gettext("With {names}", names=escaped(", ".join(names), 200)), locale))
    link = message_link(scene, scene.message_id or "")
    when = f"<t:{int(scene.painted_at or scene.heard_at)}:R>"
    if scene.is_kept:
        state = gettext("{when} · Cancelled and charged: not posted, but kept for a while", when=when)
    elif gone:
        state = gettext("{when} · Picture deleted, or not available right now", when=when)
    else:
        state = gettext("{when} · {link}", when=when, link=link)
    return "\n".join([*lines, translate(state, locale)])


def _build_kept_button(scene: Scene, locale: str) -> discord.ui.Button[Any]:
    label = translate(gettext("Show: {title}", title=scene.title(TITLE_LIMIT)), locale)
    return discord.ui.Button(label=label, emoji="🖼️", custom_id=f"scene_art:kept:{scene.id}")


def _build_filter(names: tuple[str, ...], mark: str, locale: str) -> discord.ui.Select[Any]:
    everybody = discord.SelectOption(
        label=translate(gettext("All characters"), locale), value=EVERYBODY, default=mark == EVERYBODY
    )
    marks = {hash_name(name): name for name in names}
    options = [
        discord.SelectOption(label=cut_on_word(name, 100), value=own, default=own == mark)
        for own, name in list(marks.items())[:MOST_NAMES]
    ]
    return discord.ui.Select(
        custom_id="scene_art:who",
        placeholder=translate(gettext("Filter by character…"), locale),
        options=[everybody, *options],
    )


def hash_name(name: str) -> str:
    """Hash a name to eight hexadecimal digits, for where there is little room."""
    return _hash(fold(name))


def _hash(name: str) -> str:
    """Hash a name as it is spelled, which is how buttons of earlier versions know it."""
    return hashlib.sha256(name.casefold().encode()).hexdigest()[:8]


class HistoryPageButton(
    PageButton, template=r"scene_art:page:(?P<way>newer|older):(?P<number>[0-9]{1,4}):(?P<mark>0|[0-9a-f]{8})"
):
    """Turn the page."""

    name, ways = "page", (("newer", gettext("Newer")), ("older", gettext("Older")))

    async def answer(self, context: RequestContext) -> Answer:
        """Show the other page."""
        return await build_history(context, number=int(self.about["number"]), mark=self.about["mark"])


class CharacterSelect(PersistentItem, template=r"scene_art:who"):
    """Choose whose pictures are shown."""

    async def serve(self, interaction: Interaction) -> None:
        """Show the first page of theirs in the same place."""
        mark = self.chosen(interaction)
        work = partial(build_history, mark=mark if re.fullmatch(r"[0-9a-f]{8}", mark) else EVERYBODY)
        await respond(interaction, self.find, work, in_place=True)


class KeptPictureButton(PersistentItem, template=f"scene_art:kept:{SCENE_ID}"):
    """Show a picture that came after its scene was cancelled: kept for a while, and for whoever asked for it."""

    async def answer(self, context: RequestContext) -> Answer:
        """Show it to the person alone."""
        history = context.services.history
        scene, picture = await history.kept_picture(context.channel_id, self.about["scene"], by=context.requester)
        name = f"scene_{hashlib.sha256(picture).hexdigest()[:12]}.{FILE_TYPES[scene.mime].ending}"
        return Answer(
            gettext(
                "This picture arrived after it was cancelled. It is charged but not posted; only you can see it here."
            ),
            files=(AnswerFile(name, picture, alt_text(scene, context.locale), is_spoiler=scene.is_spoiler),),
            without_files=gettext("Discord didn't accept the picture. Try again in a minute."),
        )
