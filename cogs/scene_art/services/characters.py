"""The service for the cast book. Without any Discord type."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ..domain.characters import NAME_LIMIT, Character, Look, checked_label, checked_name, fold
from ..domain.permissions import Requester, check_moderator
from ..errors import CannotDoError
from ..i18n import Sentence, gettext
from ..store.character_book import CharacterBook, Prepared
from ..text import escaped, one_line
from .access import AccessControl
from .audit_log import AuditLog
from .current_game import CurrentGame
from .uploads import Upload, UploadReader


class CharacterService:
    """Actions on the cast book. Every method checks the requester, and may raise `TransientError`: Redis is away.

    A character is identified by its name or id; a look by its id, number, label, or `label_of`.
    """

    def __init__(
        self,
        *,
        book: CharacterBook,
        access: AccessControl,
        game: CurrentGame,
        reader: UploadReader,
        audit: AuditLog,
    ) -> None:
        self._book = book
        self._access = access
        self._game = game
        self._reader = reader
        self._audit = audit

    async def characters(self, channel_id: str, *, by: Requester) -> list[Character]:
        """List the characters of the channel's game, sorted by name.

        Raises:
            CannotDoError: `by` may not use scene-art here.
        """
        await self._access.check_access(by, channel_id)
        return (await self._book.cast(_server(channel_id, by), await self._game.name(channel_id))).characters

    async def character(self, channel_id: str, name: str, *, by: Requester) -> Character:
        """Find a character of the channel's game by its name or id.

        Raises:
            CannotDoError: `by` may not use scene-art here, or there is no such character.
        """
        name = checked_name(name)
        found = _named(await self.characters(channel_id, by=by), name)
        if found is None:
            raise CannotDoError(
                gettext(
                    "There's no character called {name} here. See all with `/scene-art cast show`.",
                    name=_shown(name),
                )
            )
        return found

    async def pictures(self, channel_id: str, character: Character, *, by: Requester) -> list[tuple[Look, bytes]]:
        """Read the pictures of a character's looks, without those that are gone."""
        server = _server(channel_id, by)
        found = await asyncio.gather(*(self._book.picture(server, look) for look in character.looks))
        return [(look, data) for look, data in zip(character.looks, found, strict=True) if data is not None]

    async def add(
        self,
        channel_id: str,
        name: str,
        picture: Upload | str,
        *,
        by: Requester,
        label: str = "",
        owner_id: str = "",
        everywhere: bool = False,
    ) -> Character:
        """Add a look to a character of the channel's game, or of every game of the server with `everywhere`.

        Makes the character if there is none of that name. `picture` is an upload, or the address of a picture.
        `owner_id` is for moderators: the new owner of the character.

        Raises:
            CannotDoError: `by` may not, or the book is full, or a text does not fit.
            ReferenceUnavailableError: `picture` is no picture, or too large, or cannot be loaded.
        """
        await self._access.check_access(by, channel_id)
        name, label = checked_name(name), checked_label(label)
        if owner_id not in {"", by.user_id}:
            check_moderator(by)
        game = "" if everywhere else await self._game.name(channel_id)
        await self._book.check_room(_server(channel_id, by), game, name, by=by)
        prepared = await self._prepared(picture, channel_id, by)
        character = await self._book.add_look(
            _server(channel_id, by), game, name, prepared, by=by, label=label, owner_id=owner_id
        )
        self._note(channel_id, by, gettext("{who} added a look for {name}.", who=_who(by), name=_shown(character.name)))
        return character

    async def rename(self, channel_id: str, name: str, new_name: str, *, by: Requester) -> Character:
        """Give a character another name.

        Raises:
            CannotDoError: it is somebody else's, or there is none, or another one has the new name.
        """
        character = await self.character(channel_id, name, by=by)
        renamed = await self._book.rename(_server(channel_id, by), character.id, new_name, by=by)
        before, after = _shown(character.name), _shown(renamed.name)
        self._note(
            channel_id, by, gettext("{who} renamed {before} to {after}.", who=_who(by), before=before, after=after)
        )
        return renamed

    async def remove(self, channel_id: str, name: str, look: str = "", *, by: Requester) -> Character | None:
        """Remove a character, or one of its looks. Returns the rest of the character; None when nothing is left.

        Raises:
            CannotDoError: it is somebody else's, or there is none.
        """
        character = await self.character(channel_id, name, by=by)
        server, left = _server(channel_id, by), None
        if look:
            left = await self._book.remove_look(server, character.id, _look(character, look).id, by=by)
        else:
            await self._book.remove(server, character.id, by=by)
        shown = _shown(character.name)
        self._note(channel_id, by, gettext("{who} removed {name}, or one of their looks.", who=_who(by), name=shown))
        return left

    async def use(self, channel_id: str, name: str, look: str, *, by: Requester) -> tuple[Character, Look]:
        """Use one of a character's looks for pictures from now on.

        Raises:
            CannotDoError: it is somebody else's, or there is none.
        """
        character = await self.character(channel_id, name, by=by)
        chosen = _look(character, look)
        return await self._book.choose(_server(channel_id, by), character.id, chosen.id, by=by), chosen

    async def _prepared(self, picture: Upload | str, channel_id: str, by: Requester) -> Prepared:
        if isinstance(picture, str):
            return await self._reader.from_address(picture, channel_id, by=by)
        picture.check()
        return (await self._reader.prepared([picture], channel_id, by=by))[0]

    def _note(self, channel_id: str, by: Requester, line: Sentence) -> None:
        self._audit.note(channel_id, by.guild_id, line)


def _server(channel_id: str, by: Requester) -> str:
    """Return the id that the cast book is kept under: the server's, or the channel's in direct messages."""
    return by.guild_id or channel_id


def _who(by: Requester) -> str:
    return f"<@{by.user_id}>"


def _shown(name: str) -> str:
    return escaped(name, NAME_LIMIT)


def label_of(look: Look, number: int) -> str:
    """Label a look in a list, such as `2: in armour`."""
    return f"{number}: {look.label}" if look.label else str(number)


def _named(characters: Sequence[Character], wanted: str) -> Character | None:
    line = one_line(wanted)
    return next((one for one in characters if line == one.id or fold(line) == fold(one.name)), None)


def _look(character: Character, wanted: str) -> Look:
    """Find a look of `character` by its id, number, label, or label in a list.

    Raises:
        CannotDoError: there is none.
    """
    line = fold(one_line(wanted))
    numbered = list(enumerate(character.looks, start=1))
    for number, look in numbered:
        if line in {look.id, str(number), fold(label_of(look, number))}:
            return look
    labelled = next((look for _, look in numbered if look.label and fold(look.label) == line), None)
    if labelled is None:
        raise CannotDoError(
            gettext(
                "{name} has no look by that name. See the looks with `/scene-art cast show`.",
                name=_shown(character.name),
            )
        )
    return labelled
