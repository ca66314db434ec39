"""The context menu "Use as look of…": a picture in a message becomes a character's look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from ..errors import CannotDoError
from ..keeping.characters import LABEL_LIMIT, NAME_LIMIT
from ..services import FindServices, Services
from ..speech import Sentence, say, told
from ..text import cut_on_word, one_line
from .answers import in_words, respond
from .asking import read_upload
from .cast import told_added
from .localised import LocalisedMenu
from .person import person_of

_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif")
MOST_PICTURES = 10
"""As many as a message holds."""


def use_as_look_of(find: FindServices) -> LocalisedMenu:
    """The menu; it asks for a name, and for the picture when there are several."""

    async def ask(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        found = [attachment for attachment in message.attachments if _is_picture(attachment)][:MOST_PICTURES]
        if found:
            await interaction.response.send_modal(LookForm(found, find, str(interaction.locale)))
            return
        sentence = say("There is no picture in this message. Please choose one that holds a PNG, JPEG, WebP or GIF.")
        await interaction.response.send_message(in_words(interaction, sentence), ephemeral=True)

    return LocalisedMenu(
        name="Use as look of…",
        callback=ask,
        allowed_installs=discord.app_commands.AppInstallationType(guild=True, user=True),
        allowed_contexts=discord.app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
    )


def _is_picture(attachment: discord.Attachment) -> bool:
    return (attachment.content_type or "").startswith("image/") or attachment.filename.lower().endswith(_PICTURES)


class LookForm(discord.ui.Modal):
    """Whose look it is, what to call it, and which picture."""

    def __init__(self, attachments: Sequence[discord.Attachment], find: FindServices, locale: str) -> None:
        super().__init__(title=told(say("Use as a character's look"), locale), custom_id="scene_art:look")
        self._find = find
        self._attachments = attachments
        self._name: discord.ui.TextInput[Any] = discord.ui.TextInput(custom_id="name", max_length=NAME_LIMIT)
        self._label: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id="label", max_length=LABEL_LIMIT, required=False
        )
        self._which = _choice(attachments) if len(attachments) > 1 else None
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
                await read_upload(self._chosen()),
                by=person_of(interaction),
                label=self._label.value,
            )
            return told_added(character)

        await respond(interaction, self._find, added)

    def _chosen(self) -> discord.Attachment:
        if self._which is None:
            return self._attachments[0]
        chosen = self._which.values[0] if self._which.values else ""
        found = next((one for one in self._attachments if str(one.id) == chosen), None)
        if found is None:
            raise CannotDoError(say("Please choose one of the pictures."))
        return found


def _choice(attachments: Sequence[discord.Attachment]) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(
            label=f"{number}: {cut_on_word(one_line(attachment.filename), 90)}",
            value=str(attachment.id),
            default=number == 1,
        )
        for number, attachment in enumerate(attachments, start=1)
    ]
    return discord.ui.Select(custom_id="which", options=options)
