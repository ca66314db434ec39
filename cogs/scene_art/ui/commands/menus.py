"""The context menus of a message: a scene from its words, and a character's look from a picture in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord
from cachetools import LRUCache

from ...domain.characters import LABEL_LIMIT
from ...domain.names import NAME_LIMIT
from ...domain.requests import SceneDraft
from ...domain.scene import Scene
from ...errors import CannotDoError
from ...i18n import Sentence, gettext, translate
from ...services.services import FindServices
from ...services.uploads import Upload
from ...text import cut_on_word, one_line
from ..command_tree import LocalisedMenu
from ..components.progress import show_progress
from ..context import Interaction, RequestContext, UploadedFile
from ..forms import FormKind, Values, open_form, read_text
from ..responses import answer_errors, respond
from .characters import describe_added

_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif")
MOST_ASKED = 500
"""Forms of one process that may be open at once; the oldest is forgotten."""
MOST_PICTURES = 25
"""As many as Discord shows in a list."""


def build_illustrate_menu(find: FindServices) -> LocalisedMenu:
    """ "Illustrate": a scene from the words of a message."""

    async def illustrate(interaction: Interaction, message: discord.Message) -> None:
        draft = SceneDraft(_read_words(message), reply_to=str(message.id))

        async def begin(context: RequestContext) -> Scene:
            return await context.services.pictures.draw(context.channel_id, draft, by=context.requester)

        await show_progress(interaction, find, begin)

    return LocalisedMenu.build("Illustrate", illustrate)


def _read_words(message: discord.Message) -> str:
    """Read the words of a message, also where a game writes in embeds."""
    parts = [message.content, *(part for embed in message.embeds for part in (embed.title, embed.description) if part)]
    return "\n".join(part for part in parts if part)


@dataclass(frozen=True)
class Found:
    """A picture in a message."""

    title: str
    source: Upload | str
    """A file, or the address of what an embed shows."""


def _list_pictures(message: discord.Message) -> list[Found]:
    """List every picture in a message, forwarded ones among them; games often show theirs in embeds."""
    parts: list[discord.Message | discord.MessageSnapshot] = [message, *message.message_snapshots]
    files = [file for part in parts for file in part.attachments if _is_picture(file)]
    media = [media for part in parts for embed in part.embeds for media in (embed.image, embed.thumbnail)]
    # Discord's own copy, if it made one, rather than somebody's server.
    shown = dict.fromkeys(one.proxy_url or one.url or "" for one in media)
    found = [Found(one_line(file.filename), UploadedFile(file)) for file in files]
    found += [
        Found(one_line(url.partition("?")[0].rpartition("/")[2]), url)
        for url in shown
        if url.startswith(("http://", "https://"))
    ]
    return found[:MOST_PICTURES]


def _is_picture(attachment: discord.Attachment) -> bool:
    return (attachment.content_type or "").startswith("image/") or attachment.filename.lower().endswith(_PICTURES)


class LookMenu:
    """The menu, and the form in which it asks for a name, and for the picture when there are several.

    Which pictures they were is remembered in this process alone, and for whoever opened the form: an address of
    Discord's does not fit into an id, and the id of a form is data from a stranger.
    """

    def __init__(self, find: FindServices) -> None:
        self._find = find
        self._asked: LRUCache[tuple[int, str], list[Found]] = LRUCache(MOST_ASKED)

    @property
    def command(self) -> LocalisedMenu:
        """The menu, to be added to the bot's tree."""
        return LocalisedMenu.build("Use as look of…", self._ask)

    @property
    def forms(self) -> FormKind:
        """The kind of its forms, which put the picture into the cast book."""
        return FormKind(re.compile(r"scene_art:look:(?P<asked>\d{1,20})"), self._serve)

    async def _ask(self, interaction: Interaction, message: discord.Message) -> None:
        async def build(context: RequestContext) -> discord.ui.Modal:
            await context.services.limits.check_access(context.requester, context.channel_id)
            found = _list_pictures(message)
            if not found:
                raise CannotDoError(gettext("This message has no picture. Choose one with a PNG, JPEG, WebP or GIF."))
            self._asked[interaction.user.id, str(interaction.id)] = found
            return _build_form(str(interaction.id), found, context.locale)

        async with answer_errors(interaction):
            await open_form(interaction, self._find, build)

    async def _serve(
        self, interaction: Interaction, find: FindServices, about: Mapping[str, str], values: Values
    ) -> None:
        async def add(context: RequestContext) -> Sentence:
            asked = self._asked.get((interaction.user.id, about["asked"]))
            picture = _choose(asked, read_text(values, "which") or "1")
            character = await context.services.characters.add(
                context.channel_id,
                read_text(values, "name"),
                picture.source,
                by=context.requester,
                label=read_text(values, "label"),
            )
            return describe_added(character)

        await respond(interaction, find, add)


def _build_form(asked: str, pictures: Sequence[Found], locale: str) -> discord.ui.Modal:
    """Build the form: whose look it is, its name, and which picture."""
    form = discord.ui.Modal(
        title=translate(gettext("Use as character look"), locale)[:45], custom_id=f"scene_art:look:{asked}"
    )
    name: discord.ui.TextInput[Any] = discord.ui.TextInput(custom_id="name", max_length=NAME_LIMIT)
    label: discord.ui.TextInput[Any] = discord.ui.TextInput(custom_id="label", max_length=LABEL_LIMIT, required=False)
    form.add_item(discord.ui.Label(text=translate(gettext("Character's name"), locale), component=name))
    form.add_item(discord.ui.Label(text=translate(gettext("Name for this look (optional)"), locale), component=label))
    if len(pictures) > 1:
        form.add_item(
            discord.ui.Label(text=translate(gettext("Picture to use"), locale), component=_build_list(pictures))
        )
    return form


def _choose(pictures: Sequence[Found] | None, number: str) -> Found:
    if pictures is None:
        raise CannotDoError(
            gettext("The bot restarted while this form was open. Open it again from the message's Apps menu.")
        )
    if not number.isdecimal() or not 1 <= int(number) <= len(pictures):
        raise CannotDoError(gettext("Choose one of the pictures in the list."))
    return pictures[int(number) - 1]


def _build_list(pictures: Sequence[Found]) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(
            label=cut_on_word(f"{number}: {picture.title}", 100), value=str(number), default=number == 1
        )
        for number, picture in enumerate(pictures, start=1)
    ]
    return discord.ui.Select(custom_id="which", options=options)
