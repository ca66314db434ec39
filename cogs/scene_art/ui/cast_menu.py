"""The context menu "Use as look of…": a picture in a message becomes a character's look."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord

from ..errors import CannotDoError
from ..keeping.characters import LABEL_LIMIT, NAME_LIMIT
from ..services import FindServices, Services
from ..speech import Sentence, say, told
from ..text import cut_on_word, one_line
from .answers import TROUBLES, respond
from .asking import read_upload
from .cast import told_added
from .localised import LocalisedMenu
from .person import person_of

_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif")
MOST_PICTURES = 25
"""As many as Discord shows in a list."""


@dataclass(frozen=True)
class Found:
    """A picture in a message."""

    title: str
    source: discord.Attachment | str
    """A file, or the address of what an embed shows."""

    async def read(self) -> bytes | str:
        """As the wardrobe takes it.

        Raises:
            CannotDoError: the file is too large, or gone.
        """
        return self.source if isinstance(self.source, str) else await read_upload(self.source)


def pictures_of(message: discord.Message) -> list[Found]:
    """Every picture in a message, forwarded ones among them; games often show theirs in embeds."""
    parts: list[discord.Message | discord.MessageSnapshot] = [message, *message.message_snapshots]
    files = [file for part in parts for file in part.attachments if _is_picture(file)]
    media = [media for part in parts for embed in part.embeds for media in (embed.image, embed.thumbnail)]
    # Discord's own copy, if it made one, rather than somebody's server.
    shown = dict.fromkeys(one.proxy_url or one.url or "" for one in media)
    found = [Found(one_line(file.filename), file) for file in files]
    found += [Found(_last_part(url), url) for url in shown if url.startswith(("http://", "https://"))]
    return found[:MOST_PICTURES]


def _is_picture(attachment: discord.Attachment) -> bool:
    return (attachment.content_type or "").startswith("image/") or attachment.filename.lower().endswith(_PICTURES)


def _last_part(url: str) -> str:
    return one_line(url.partition("?")[0].rpartition("/")[2])


def use_as_look_of(find: FindServices) -> LocalisedMenu:
    """The menu; it asks for a name, and for the picture when there are several."""

    async def ask(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        if found := pictures_of(message):
            with contextlib.suppress(*TROUBLES):
                await interaction.response.send_modal(LookForm(found, find, str(interaction.locale)))
            return

        async def refused(_: Services) -> Sentence:
            return say("There is no picture in this message. Please choose one that holds a PNG, JPEG, WebP or GIF.")

        await respond(interaction, find, refused)

    return LocalisedMenu(
        name="Use as look of…",
        callback=ask,
        allowed_installs=discord.app_commands.AppInstallationType(guild=True, user=True),
        allowed_contexts=discord.app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
    )


class LookForm(discord.ui.Modal):
    """Whose look it is, what to call it, and which picture."""

    def __init__(self, pictures: Sequence[Found], find: FindServices, locale: str) -> None:
        super().__init__(title=told(say("Use as a character's look"), locale), custom_id="scene_art:look")
        self._find = find
        self._pictures = pictures
        self._name: discord.ui.TextInput[Any] = discord.ui.TextInput(custom_id="name", max_length=NAME_LIMIT)
        self._label: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id="label", max_length=LABEL_LIMIT, required=False
        )
        self._which = _choice(pictures) if len(pictures) > 1 else None
        self.add_item(discord.ui.Label(text=told(say("The character's name"), locale), component=self._name))
        self.add_item(discord.ui.Label(text=told(say("What to call this look"), locale), component=self._label))
        if self._which is not None:
            self.add_item(discord.ui.Label(text=told(say("Which picture"), locale), component=self._which))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Put the picture into the cast book."""

        async def added(services: Services) -> Sentence:
            character = await services.wardrobe.add(
                str(interaction.channel_id),
                self._name.value,
                await self._chosen().read(),
                by=person_of(interaction),
                label=self._label.value,
            )
            return told_added(character)

        await respond(interaction, self._find, added)

    def _chosen(self) -> Found:
        chosen = self._which.values[0] if self._which is not None and self._which.values else "1"
        if not chosen.isdecimal() or not 1 <= int(chosen) <= len(self._pictures):
            raise CannotDoError(say("Please choose one of the pictures."))
        return self._pictures[int(chosen) - 1]


def _choice(pictures: Sequence[Found]) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(
            label=cut_on_word(f"{number}: {picture.title}", 100), value=str(number), default=number == 1
        )
        for number, picture in enumerate(pictures, start=1)
    ]
    return discord.ui.Select(custom_id="which", options=options)
