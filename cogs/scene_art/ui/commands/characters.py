"""`/scene-art cast …`: what characters look like, and who is not to be depicted."""

from __future__ import annotations

from functools import partial

import discord
from discord import app_commands

from ...domain.characters import GAME_LIMIT, NAME_LIMIT, Character
from ...i18n import Sentence, gettext, ngettext
from ...services.characters import label_of
from ...text import escaped
from ..choices import Choices, Labelled, list_characters
from ..components.characters import build_cast, show_looks
from ..context import Interaction, RequestContext
from ..uploads import UploadedFile
from .part import CommandPart


class CastCommands(CommandPart, name="cast", description="Manage what characters look like"):
    """Translate between Discord and the character service."""

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
        interaction: Interaction,
        name: str,
        picture: discord.Attachment,
        label: str = "",
        everywhere: bool = False,
        owner: discord.User | None = None,
    ) -> None:
        """Put a look into the cast book."""

        async def added(context: RequestContext) -> Sentence:
            character = await context.services.characters.add(
                context.channel_id,
                str(name),
                UploadedFile(picture),
                by=context.requester,
                label=str(label),
                owner_id=str(owner.id) if owner is not None else "",
                everywhere=everywhere is True,
            )
            return describe_added(character)

        await self._respond(interaction, added)

    @app_commands.command(name="show", description="List the characters here, or show one character's looks")
    @app_commands.describe(
        name="Character to show (default: list everyone)",
        public="Show the answer to everyone in this channel",
    )
    async def show(
        self,
        interaction: Interaction,
        name: str = "",
        public: bool = False,
    ) -> None:
        """List the cast, or show one character's looks."""
        work = partial(show_looks, name=str(name)) if str(name).strip() else build_cast
        await self._respond(interaction, work, alone=public is not True)

    @app_commands.command(name="rename", description="Rename a character")
    @app_commands.describe(name="Current name", new_name="New name")
    async def rename(self, interaction: Interaction, name: str, new_name: str) -> None:
        """Change a name; the looks stay."""

        async def renamed(context: RequestContext) -> Sentence:
            character = await context.services.characters.rename(
                context.channel_id, str(name), str(new_name), by=context.requester
            )
            return gettext("Renamed to {name}.", name=show_name(character))

        await self._respond(interaction, renamed)

    @app_commands.command(name="remove", description="Remove a look, or a whole character")
    @app_commands.describe(
        name="Character's name", look="Look to remove (leave empty to remove the character and all looks)"
    )
    async def remove(self, interaction: Interaction, name: str, look: str = "") -> None:
        """Take something out of the cast book; pictures already painted stay as they are."""

        async def removed(context: RequestContext) -> Sentence:
            left = await context.services.characters.remove(
                context.channel_id, str(name), str(look), by=context.requester
            )
            if left is None:
                return gettext("Character removed. Pictures already posted stay as they are.")
            return ngettext(
                "Look removed. {name} has {count} look left.",
                "Look removed. {name} has {count} looks left.",
                len(left.looks),
                name=show_name(left),
                count=len(left.looks),
            )

        await self._respond(interaction, removed)

    @app_commands.command(name="use", description="Choose which of a character's looks to use")
    @app_commands.describe(name="Character's name", look="Look to use")
    async def use(self, interaction: Interaction, name: str, look: str) -> None:
        """Choose among the looks of a character."""

        async def chosen(context: RequestContext) -> Sentence:
            character, found = await context.services.characters.use(
                context.channel_id, str(name), str(look), by=context.requester
            )
            called = label_of(found, character.looks.index(found) + 1)
            return gettext(
                "From the next picture on, {name} uses this look: {look}",
                name=show_name(character),
                look=escaped(called, NAME_LIMIT),
            )

        await self._respond(interaction, chosen)

    @app_commands.command(name="hide", description="Hide your character: show it only as a dark silhouette")
    @app_commands.describe(name="Character to hide (default: your character in the game)")
    async def hide(self, interaction: Interaction, name: str = "") -> None:
        """Hide whoever does not wish to be depicted."""

        async def hidden(context: RequestContext) -> Sentence:
            names = await context.services.characters.hide(context.channel_id, str(name), by=context.requester)
            return gettext(
                "Hidden. From the next picture on, you appear only as a dark silhouette, and pictures of you "
                "aren't used. Names: {names}. To undo, use `/scene-art cast unhide`.",
                names=", ".join(escaped(one, NAME_LIMIT) for one in names),
            )

        await self._respond(interaction, hidden)

    @app_commands.command(name="unhide", description="Show your hidden characters again")
    async def unhide(self, interaction: Interaction) -> None:
        """Show whoever was hidden again."""

        async def depicted(context: RequestContext) -> Sentence:
            await context.services.characters.unhide(context.channel_id, by=context.requester)
            return gettext("From the next picture on, your characters are shown again.")

        await self._respond(interaction, depicted)

    @add.autocomplete("name")
    @show.autocomplete("name")
    @rename.autocomplete("name")
    @remove.autocomplete("name")
    @use.autocomplete("name")
    async def _choose_name(self, interaction: Interaction, current: str) -> Choices:
        return await self._suggest(interaction, current, list_characters)

    @remove.autocomplete("look")
    @use.autocomplete("look")
    async def _choose_look(self, interaction: Interaction, current: str) -> Choices:
        async def looks(context: RequestContext) -> Labelled:
            name = str(getattr(interaction.namespace, "name", "") or "")
            found = await context.services.characters.character(context.channel_id, name, by=context.requester)
            return [(label_of(look, number), look.id) for number, look in enumerate(found.looks, start=1)]

        return await self._suggest(interaction, current, looks)


def describe_added(character: Character) -> Sentence:
    """Tell what came of adding a look."""
    if not character.game:
        return gettext(
            "Look added. From the next picture on, {name} looks like this in every game on this server. "
            "Looks: {count}.",
            name=show_name(character),
            count=len(character.looks),
        )
    return gettext(
        "Look added. From the next picture on, {name} looks like this in {game}. Looks: {count}.",
        name=show_name(character),
        game=escaped(character.game, GAME_LIMIT),
        count=len(character.looks),
    )


def show_name(character: Character) -> str:
    """Write a character's name inside a sentence."""
    return escaped(character.name, NAME_LIMIT)
