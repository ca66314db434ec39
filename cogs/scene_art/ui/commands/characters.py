"""`/scene-art cast …`: what characters look like, and who is not to be depicted."""

from __future__ import annotations

from functools import partial

import discord
from discord import app_commands

from ...domain.characters import GAME_LIMIT, Character, is_of_channel
from ...domain.names import NAME_LIMIT
from ...i18n import Sentence, gettext, ngettext
from ...services.characters import label_of
from ...text import escaped
from ..components.characters import build_cast, show_looks
from ..context import Interaction, RequestContext, UploadedFile
from ..responses import respond
from .part import Choices, CommandPart, Labelled, answered


class CastCommands(CommandPart, name="cast", description="Manage what characters look like"):
    """Translate between Discord and the character service."""

    async def suggest_looks(self, interaction: Interaction, current: str) -> Choices:
        """Suggest the looks of the character that is named already. Never raises."""

        async def looks(context: RequestContext) -> Labelled:
            name = str(getattr(interaction.namespace, "name", "") or "")
            found = await context.services.characters.character(context.channel_id, name, by=context.requester)
            return [(label_of(look, number), look.id) for number, look in enumerate(found.looks, start=1)]

        return await self.suggest(interaction, current, looks)

    @app_commands.command(name="add", description="Add a look: a picture that shows what a character looks like")
    @app_commands.describe(
        name="Character's name as it appears in the story",
        picture="Picture of the character (PNG, JPEG, WebP or GIF, up to 8 MB)",
        label="Name for this look, such as “winter coat”",
        everywhere="Use it in every game on this server, not only this channel's game",
        owner="Moderators only: whose character it is",
    )
    @app_commands.autocomplete(name=CommandPart.suggest_characters)
    @answered
    async def add(  # noqa: PLR0917  # discord.py reads the options from the signature
        self,
        context: RequestContext,
        name: str,
        picture: discord.Attachment,
        label: str = "",
        everywhere: bool = False,
        owner: discord.User | None = None,
    ) -> Sentence:
        """Put a look into the cast book."""
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

    @app_commands.command(name="show", description="List the characters here, or show one character's looks")
    @app_commands.describe(
        name="Character to show (default: list everyone)",
        public="Show the answer to everyone in this channel",
    )
    @app_commands.autocomplete(name=CommandPart.suggest_characters)
    async def show(self, interaction: Interaction, name: str = "", public: bool = False) -> None:
        """List the cast, or show one character's looks."""
        work = partial(show_looks, name=str(name)) if str(name).strip() else build_cast
        await respond(interaction, self.find, work, alone=public is not True)

    @app_commands.command(name="rename", description="Rename a character")
    @app_commands.describe(name="Current name", new_name="New name")
    @app_commands.autocomplete(name=CommandPart.suggest_characters)
    @answered
    async def rename(self, context: RequestContext, name: str, new_name: str) -> Sentence:
        """Change a name; the looks stay."""
        characters, by = context.services.characters, context.requester
        character = await characters.rename(context.channel_id, str(name), str(new_name), by=by)
        return gettext("Renamed to {name}.", name=show_name(character))

    @app_commands.command(name="remove", description="Remove a look, or a whole character")
    @app_commands.describe(
        name="Character's name", look="Look to remove (leave empty to remove the character and all looks)"
    )
    @app_commands.autocomplete(name=CommandPart.suggest_characters, look=suggest_looks)
    @answered
    async def remove(self, context: RequestContext, name: str, look: str = "") -> Sentence:
        """Take something out of the cast book; pictures already painted stay as they are."""
        left = await context.services.characters.remove(context.channel_id, str(name), str(look), by=context.requester)
        if left is None:
            return gettext("Character removed. Pictures already posted stay as they are.")
        return ngettext(
            "Look removed. {name} has {count} look left.",
            "Look removed. {name} has {count} looks left.",
            len(left.looks),
            name=show_name(left),
            count=len(left.looks),
        )

    @app_commands.command(name="use", description="Choose which of a character's looks to use")
    @app_commands.describe(name="Character's name", look="Look to use")
    @app_commands.autocomplete(name=CommandPart.suggest_characters, look=suggest_looks)
    @answered
    async def use(self, context: RequestContext, name: str, look: str) -> Sentence:
        """Choose among the looks of a character."""
        characters, by = context.services.characters, context.requester
        character, found = await characters.use(context.channel_id, str(name), str(look), by=by)
        called = label_of(found, character.looks.index(found) + 1)
        return gettext(
            "From the next picture on, {name} uses this look: {look}",
            name=show_name(character),
            look=escaped(called, NAME_LIMIT),
        )

    @app_commands.command(name="hide", description="Hide your character: show it only as a dark silhouette")
    @app_commands.describe(name="Character to hide (default: your character in the game)")
    @answered
    async def hide(self, context: RequestContext, name: str = "") -> Sentence:
        """Hide whoever does not wish to be depicted."""
        names = await context.services.characters.hide(context.channel_id, str(name), by=context.requester)
        return gettext(
            "Hidden. From the next picture on, you appear only as a dark silhouette, and pictures of you "
            "aren't used. Names: {names}. To undo, use `/scene-art cast unhide`.",
            names=", ".join(escaped(one, NAME_LIMIT) for one in names),
        )

    @app_commands.command(name="unhide", description="Show your hidden characters again")
    @answered
    async def unhide(self, context: RequestContext) -> Sentence:
        """Show whoever was hidden again."""
        await context.services.characters.unhide(context.channel_id, by=context.requester)
        return gettext("From the next picture on, your characters are shown again.")


def describe_added(character: Character) -> Sentence:
    """Tell what came of adding a look."""
    if is_of_channel(character):
        return gettext(
            "Look added. No game is known in this channel, so {name} looks like this in this channel's scenes only, "
            "from the next picture on. Looks: {count}.",
            name=show_name(character),
            count=len(character.looks),
        )
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
