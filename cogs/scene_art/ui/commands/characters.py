"""`/scene-art cast …`: what characters look like, and who is not to be depicted."""

from __future__ import annotations

import logging
from typing import Any

import discord
from discord import app_commands

from ...domain.characters import GAME_LIMIT, NAME_LIMIT, Character
from ...errors import SceneArtError
from ...i18n import Sentence, gettext, ngettext
from ...services.characters import label_of
from ...services.services import FindServices, Services
from ...text import escaped
from ..choices import Choices, matching
from ..components.characters import show_cast, show_looks
from ..requester import requester_of
from ..responses import Interaction, respond, thinking
from ..uploads import UploadedFile

log = logging.getLogger(__name__)


class CastCommands(app_commands.Group):
    """Translates between Discord and the character service."""

    def __init__(self, find: FindServices) -> None:
        super().__init__(name="cast", description="Manage what characters look like")
        self._find = find

    @app_commands.command(name="add", description="Add a look: a picture that shows what a character looks like")
    @app_commands.describe(
        name="Character's name as it appears in the story",
        picture="Picture of the character (PNG, JPEG, WebP or GIF, up to 8 MB)",
        label="Name for this look, such as “winter coat”",
        everywhere="Use it in every game on this server, not only this channel's game",
        owner="Moderators only: whose character it is",
    )
    async def add(  # noqa: PLR0917  # discord.py reads the options from the signature
        self,
        interaction: discord.Interaction[Any],
        name: str,
        picture: discord.Attachment,
        label: str = "",
        everywhere: bool = False,
        owner: discord.User | None = None,
    ) -> None:
        """Put a look into the cast book."""

        async def added(services: Services) -> Sentence:
            character = await services.characters.add(
                str(interaction.channel_id),
                str(name),
                UploadedFile(picture),
                by=requester_of(interaction),
                label=str(label),
                owner_id=str(owner.id) if owner is not None else "",
                everywhere=everywhere is True,
            )
            return told_added(character)

        await respond(interaction, self._find, added)

    @app_commands.command(name="show", description="List the characters here, or show one character's looks")
    @app_commands.describe(
        name="Character to show (default: list everyone)",
        public="Show the answer to everyone in this channel",
    )
    async def show(
        self,
        interaction: discord.Interaction[Any],
        name: str = "",
        public: bool = False,
    ) -> None:
        """List the cast, or show one character's looks."""
        if not await thinking(interaction, alone=public is not True):
            return
        if str(name).strip():
            await show_looks(interaction, self._find, str(name))
        else:
            await show_cast(interaction, self._find)

    @app_commands.command(name="rename", description="Rename a character")
    @app_commands.describe(name="Current name", new_name="New name")
    async def rename(self, interaction: discord.Interaction[Any], name: str, new_name: str) -> None:
        """Change a name; the looks stay."""

        async def renamed(services: Services) -> Sentence:
            character = await services.characters.rename(
                str(interaction.channel_id), str(name), str(new_name), by=requester_of(interaction)
            )
            return gettext("Renamed to {name}.", name=shown(character))

        await respond(interaction, self._find, renamed)

    @app_commands.command(name="remove", description="Remove a look, or a whole character")
    @app_commands.describe(
        name="Character's name", look="Look to remove (leave empty to remove the character and all looks)"
    )
    async def remove(self, interaction: discord.Interaction[Any], name: str, look: str = "") -> None:
        """Take something out of the cast book; pictures already painted stay as they are."""

        async def removed(services: Services) -> Sentence:
            left = await services.characters.remove(
                str(interaction.channel_id), str(name), str(look), by=requester_of(interaction)
            )
            if left is None:
                return gettext("Character removed. Pictures already posted stay as they are.")
            return ngettext(
                "Look removed. {name} has {count} look left.",
                "Look removed. {name} has {count} looks left.",
                len(left.looks),
                name=shown(left),
                count=len(left.looks),
            )

        await respond(interaction, self._find, removed)

    @app_commands.command(name="use", description="Choose which of a character's looks to use")
    @app_commands.describe(name="Character's name", look="Look to use")
    async def use(self, interaction: discord.Interaction[Any], name: str, look: str) -> None:
        """Choose among the looks of a character."""

        async def chosen(services: Services) -> Sentence:
            character, found = await services.characters.use(
                str(interaction.channel_id), str(name), str(look), by=requester_of(interaction)
            )
            called = label_of(found, character.looks.index(found) + 1)
            return gettext(
                "From the next picture on, {name} uses this look: {look}",
                name=shown(character),
                look=escaped(called, NAME_LIMIT),
            )

        await respond(interaction, self._find, chosen)

    @app_commands.command(name="hide", description="Hide your character: show it only as a dark silhouette")
    @app_commands.describe(name="Character to hide (default: your character in the game)")
    async def hide(self, interaction: discord.Interaction[Any], name: str = "") -> None:
        """Somebody does not wish to be depicted."""

        async def hidden(services: Services) -> Sentence:
            names = await services.opt_outs.hide(str(interaction.channel_id), str(name), by=requester_of(interaction))
            return gettext(
                "Hidden. From the next picture on, you appear only as a dark silhouette, and pictures of you "
                "aren't used. Names: {names}. To undo, use `/scene-art cast unhide`.",
                names=", ".join(escaped(one, NAME_LIMIT) for one in names),
            )

        await respond(interaction, self._find, hidden)

    @app_commands.command(name="unhide", description="Show your hidden characters again")
    async def unhide(self, interaction: discord.Interaction[Any]) -> None:
        """Take the wish back."""

        async def depicted(services: Services) -> Sentence:
            await services.opt_outs.unhide(str(interaction.channel_id), by=requester_of(interaction))
            return gettext("From the next picture on, your characters are shown again.")

        await respond(interaction, self._find, depicted)

    @add.autocomplete("name")
    @show.autocomplete("name")
    @rename.autocomplete("name")
    @remove.autocomplete("name")
    @use.autocomplete("name")
    async def _choose_name(self, interaction: discord.Interaction[Any], current: str) -> Choices:
        names = [character.name for character in await self._known(interaction)]
        return matching(current, [(name, name) for name in names])

    @remove.autocomplete("look")
    @use.autocomplete("look")
    async def _choose_look(self, interaction: discord.Interaction[Any], current: str) -> Choices:
        name = str(getattr(interaction.namespace, "name", "") or "")
        looks = [look for one in await self._known(interaction, name) for look in one.looks]
        return matching(current, [(label_of(look, number), look.id) for number, look in enumerate(looks, start=1)])

    async def _known(self, interaction: Interaction, name: str | None = None) -> list[Character]:
        """The characters to choose from, or the one of that name; nobody when that cannot be told."""
        try:
            services, place, by = self._find(), str(interaction.channel_id), requester_of(interaction)
            if name is not None:
                return [await services.characters.character(place, name, by=by)]
            return await services.characters.characters(place, by=by)
        except SceneArtError as exc:
            log.debug("No characters to choose from: %s", exc.detail)
            return []


def told_added(character: Character) -> Sentence:
    """What came of adding a look."""
    if not character.game:
        return gettext(
            "Look added. From the next picture on, {name} looks like this in every game on this server. "
            "Looks: {count}.",
            name=shown(character),
            count=len(character.looks),
        )
    return gettext(
        "Look added. From the next picture on, {name} looks like this in {game}. Looks: {count}.",
        name=shown(character),
        game=escaped(character.game, GAME_LIMIT),
        count=len(character.looks),
    )


def shown(character: Character) -> str:
    """A character's name inside a sentence."""
    return escaped(character.name, NAME_LIMIT)
