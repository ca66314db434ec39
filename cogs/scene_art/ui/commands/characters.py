"""`/scene-art cast …`: what characters look like, and who is not to be depicted."""

from __future__ import annotations

import logging
from typing import Any

import discord
from discord import app_commands

from ...domain.characters import GAME_LIMIT, NAME_LIMIT, Character
from ...errors import SceneArtError
from ...i18n import Sentence, gettext
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
        super().__init__(name="cast", description="What characters look like in this server's games")
        self._find = find

    @app_commands.command(name="add", description="Give a character a look: a picture to paint them after")
    @app_commands.describe(
        name="The character's name, as the story writes it",
        picture="What the character looks like; PNG, JPEG, WebP or GIF",
        label="What to call this look, such as: in armour",
        everywhere="For every game of this server, not only for this channel's game",
        owner="For moderators: whose character it is",
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

    @app_commands.command(name="show", description="The characters that I know here, or the looks of one of them")
    @app_commands.describe(
        name="Whose looks to show; leave it empty for a list of all",
        public="Show it to everybody in this channel",
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

    @app_commands.command(name="rename", description="Call a character by another name")
    @app_commands.describe(name="The character's name now", new_name="The character's name from now on")
    async def rename(self, interaction: discord.Interaction[Any], name: str, new_name: str) -> None:
        """Change a name; the looks stay."""

        async def renamed(services: Services) -> Sentence:
            character = await services.characters.rename(
                str(interaction.channel_id), str(name), str(new_name), by=requester_of(interaction)
            )
            return gettext("This character is called {name} now.", name=shown(character))

        await respond(interaction, self._find, renamed)

    @app_commands.command(name="remove", description="Forget a look of a character, or the whole character")
    @app_commands.describe(
        name="The character's name", look="Which look; leave it empty to forget the character with all looks"
    )
    async def remove(self, interaction: discord.Interaction[Any], name: str, look: str = "") -> None:
        """Take something out of the cast book; pictures already painted stay as they are."""

        async def removed(services: Services) -> Sentence:
            left = await services.characters.remove(
                str(interaction.channel_id), str(name), str(look), by=requester_of(interaction)
            )
            if left is None:
                return gettext("This character is forgotten. Pictures already painted stay as they are.")
            return gettext("This look of {name} is forgotten; {count} left.", name=shown(left), count=len(left.looks))

        await respond(interaction, self._find, removed)

    @app_commands.command(name="use", description="Choose the look that a character is painted after")
    @app_commands.describe(name="The character's name", look="Which look")
    async def use(self, interaction: discord.Interaction[Any], name: str, look: str) -> None:
        """Choose among the looks of a character."""

        async def chosen(services: Services) -> Sentence:
            character, found = await services.characters.use(
                str(interaction.channel_id), str(name), str(look), by=requester_of(interaction)
            )
            called = label_of(found, character.looks.index(found) + 1)
            return gettext(
                "{name} is painted after this look from now on: {look}",
                name=shown(character),
                look=escaped(called, NAME_LIMIT),
            )

        await respond(interaction, self._find, chosen)

    @app_commands.command(name="hide", description="Have your character drawn as a dark silhouette from now on")
    @app_commands.describe(name="The name; leave it empty for your character in the game")
    async def hide(self, interaction: discord.Interaction[Any], name: str = "") -> None:
        """Somebody does not wish to be depicted."""

        async def hidden(services: Services) -> Sentence:
            names = await services.opt_outs.hide(str(interaction.channel_id), str(name), by=requester_of(interaction))
            return gettext(
                "From the next picture on you are a dark silhouette, without any picture of yours, under the name "
                "{names}. `/scene-art cast unhide` takes that back.",
                names=", ".join(escaped(one, NAME_LIMIT) for one in names),
            )

        await respond(interaction, self._find, hidden)

    @app_commands.command(name="unhide", description="Let your characters be depicted again")
    async def unhide(self, interaction: discord.Interaction[Any]) -> None:
        """Take the wish back."""

        async def depicted(services: Services) -> Sentence:
            await services.opt_outs.unhide(str(interaction.channel_id), by=requester_of(interaction))
            return gettext("Your characters are depicted again from the next picture on.")

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
            "{name} is painted after this picture from now on, in every game of this server. Looks so far: {count}.",
            name=shown(character),
            count=len(character.looks),
        )
    return gettext(
        "{name} is painted after this picture from now on, in {game}. Looks so far: {count}.",
        name=shown(character),
        game=escaped(character.game, GAME_LIMIT),
        count=len(character.looks),
    )


def shown(character: Character) -> str:
    """A character's name inside a sentence."""
    return escaped(character.name, NAME_LIMIT)
