"""The service for the cast book, and for opt-outs, by which people are not depicted. Without any Discord type."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from ..domain.characters import Character, Look, channel_game, checked_label
from ..domain.depiction import depicted_in
from ..domain.names import NAME_LIMIT, checked_name, short_line
from ..domain.ownership import Ownership
from ..domain.permissions import Requester, check_moderator
from ..domain.scene import Scene
from ..domain.spelling import plain_fold
from ..errors import CannotDoError
from ..i18n import gettext
from ..store.character_book import Cast, CharacterBook, Prepared
from ..store.game_state import GameState, character_of, read_game_context, read_ownership
from ..store.opt_outs import OptOuts
from ..store.scenes import SceneRepository
from ..text import escaped, one_line
from .access import SHOWS_HIDDEN, AccessControl
from .audit_log import AuditLog
from .uploads import Upload, UploadReader

LOOK_BACK_SCENES = 10
KNOWN_SCENES = 200
"""Scenes of a channel whose posted pictures are known again when somebody gives one as a look."""
_NAME = gettext("The name")


class CurrentGame:
    """Reads the game's state, and where that has no game, the channel's last scenes."""

    def __init__(self, state: GameState, repository: SceneRepository) -> None:
        self._state = state
        self._repository = repository

    async def name(self, channel_id: str) -> str:
        """Name the channel's game: that of its session, or else of its last scene; empty where none is known.

        May raise `TransientError`: Redis is away.
        """
        session = (await read_game_context(self._state, channel_id)).session
        if session is not None and session.active and session.game_name:
            return session.game_name
        scenes = await self._repository.recent(channel_id, LOOK_BACK_SCENES)
        return next((scene.game_name for scene in scenes if scene.game_name), "")

    async def character_name(self, user_id: str) -> str:
        """Name a player's active character; empty where they have none, or the state cannot be read."""
        character = await character_of(self._state, user_id)
        return character.name if character is not None else ""

    async def scene_shown(self, channel_id: str, digest: str) -> Scene | None:
        """Find the scene of the channel whose posted picture is the file with that digest."""
        scenes = await self._repository.recent(channel_id, KNOWN_SCENES) if digest else []
        return next((scene for scene in scenes if f"scene_{digest}." in scene.attachment_url), None)

    async def ownership(self, channel_id: str, *user_ids: str) -> Ownership:
        """Read whose the characters of the channel's session are, and the active ones of `user_ids`."""
        return await read_ownership(self._state, channel_id, set(user_ids))


class CharacterService:
    """Actions on the cast book and on opt-outs.

    Every method raises `CannotDoError` for somebody who may not, as where a character is somebody else's, and
    `TransientError` when Redis is away. A character is identified by its name or id; a look by its id, number, label,
    or `label_of`.
    """

    def __init__(
        self,
        *,
        book: CharacterBook,
        access: AccessControl,
        game: CurrentGame,
        reader: UploadReader,
        audit: AuditLog,
        opt_outs: OptOuts,
    ) -> None:
        self._book = book
        self._access = access
        self._game = game
        self._reader = reader
        self._audit = audit
        self._opt_outs = opt_outs

    async def characters(self, channel_id: str, *, by: Requester) -> list[Character]:
        """List the characters of the channel's game, sorted by name."""
        await self._access.check_access(by, channel_id)
        return (await self._cast(channel_id, by)).characters

    async def _cast(self, channel_id: str, by: Requester) -> Cast:
        return await self._book.cast(by.server_of(channel_id), await self._game.name(channel_id), channel_id)

    async def _ownership(self, channel_id: str, name: str, by: Requester, owner_id: str = "") -> Ownership:
        """Read whose names are, as far as it matters to `by`, `owner_id` and the owner of the entry of `name`."""
        entry = (await self._cast(channel_id, by)).find(name)
        people = {by.user_id, owner_id, entry.owner_id if entry else ""} - {""}
        return await self._game.ownership(channel_id, *people)

    async def ownership(self, channel_id: str, *, by: Requester) -> Ownership:
        """Read whose the characters of the channel's game are, by the game."""
        await self._access.check_access(by, channel_id)
        return await self._game.ownership(channel_id)

    async def character(self, channel_id: str, name: str, *, by: Requester) -> Character:
        """Find a character of the channel's game by its name or id.

        Raises:
            CannotDoError: there is no such character.
        """
        name = short_line(name, NAME_LIMIT, _NAME)
        await self._access.check_access(by, channel_id)
        cast = await self._cast(channel_id, by)
        found = next((one for one in cast.characters if name == one.id), None) or cast.find(name)
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
        server = by.server_of(channel_id)
        found = await asyncio.gather(*(self._book.picture(server, look, is_used=False) for look in character.looks))
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

        Where no game is known, a new character is the channel's, or of every game if a moderator adds it. Makes the
        character if there is none of that name. `picture` is an upload, or the address of a picture.
        `owner_id` is for moderators: the new owner of the character.

        Raises:
            CannotDoError: the book is full, a text does not fit, or `picture` shows somebody who is hidden.
            ReferenceUnavailableError: `picture` is no picture, or too large, or cannot be loaded.
        """
        await self._access.check_access(by, channel_id)
        name, label = short_line(name, NAME_LIMIT, _NAME), checked_label(label)
        if owner_id not in {"", by.user_id}:
            check_moderator(by)
        ownership = await self._ownership(channel_id, name, by, owner_id)
        name = _checked(name, ownership)
        game, server = await self._game_for(channel_id, by, everywhere=everywhere), by.server_of(channel_id)
        await self._book.check_room(server, game, name, by=by, channel_id=channel_id, ownership=ownership)
        prepared = await self._prepared(picture, channel_id, by)
        character = await self._book.add_look(
            server,
            game,
            name,
            prepared,
            by=by,
            label=label,
            owner_id=owner_id,
            channel_id=channel_id,
            ownership=ownership,
        )
        line = gettext("{who} added a look for {name}.", who=by.mention, name=_shown(character.name))
        self._audit.note(channel_id, by.guild_id, line)
        return character

    async def rename(self, channel_id: str, name: str, new_name: str, *, by: Requester) -> Character:
        """Give a character another name.

        Raises:
            CannotDoError: there is none, or another one has the new name.
        """
        character = await self.character(channel_id, name, by=by)
        ownership = await self._ownership(channel_id, character.name, by)
        new_name = _checked(new_name, ownership)
        renamed = await self._book.rename(by.server_of(channel_id), character.id, new_name, by=by, ownership=ownership)
        before, after = _shown(character.name), _shown(renamed.name)
        line = gettext("{who} renamed {before} to {after}.", who=by.mention, before=before, after=after)
        self._audit.note(channel_id, by.guild_id, line)
        return renamed

    async def remove(self, channel_id: str, name: str, look: str = "", *, by: Requester) -> Character | None:
        """Remove a character, or one of its looks. Returns the rest of the character; None when nothing is left.

        Raises:
            CannotDoError: there is none.
        """
        character = await self.character(channel_id, name, by=by)
        server, left = by.server_of(channel_id), None
        ownership = await self._ownership(channel_id, character.name, by)
        if look:
            look_id = _look(character, look).id
            left = await self._book.remove_look(server, character.id, look_id, by=by, ownership=ownership)
        else:
            await self._book.remove(server, character.id, by=by, ownership=ownership)
        line = gettext("{who} removed {name}, or one of their looks.", who=by.mention, name=_shown(character.name))
        self._audit.note(channel_id, by.guild_id, line)
        return left

    async def use(self, channel_id: str, name: str, look: str, *, by: Requester) -> tuple[Character, Look]:
        """Use one of a character's looks for pictures from now on.

        Raises:
            CannotDoError: there is none.
        """
        character = await self.character(channel_id, name, by=by)
        chosen, server = _look(character, look), by.server_of(channel_id)
        ownership = await self._ownership(channel_id, character.name, by)
        changed = await self._book.choose(server, character.id, chosen.id, by=by, ownership=ownership)
        return changed, changed.look or chosen

    async def hide(self, channel_id: str, name: str = "", *, by: Requester) -> tuple[str, ...]:
        """Have a character drawn as a silhouette from now on: the one called `name`, or the person's active one.

        People may hide their own character even where they may not ask for pictures. Returns all their hidden names.

        Raises:
            CannotDoError: `name` is empty, and no active character is known.
        """
        wanted = short_line(name, NAME_LIMIT, _NAME) or await self._game.character_name(by.user_id)
        if not wanted:
            raise CannotDoError(
                gettext("Your character in the game couldn't be found. Run the command again with `name`.")
            )
        is_for_others = await self._is_others(channel_id, wanted, by)
        server = by.server_of(channel_id)
        return await self._opt_outs.hide(server, by.user_id, [wanted], is_for_others=is_for_others)

    async def unhide(self, channel_id: str, *, by: Requester) -> None:
        """Undo all opt-outs of the person."""
        await self._opt_outs.show(by.server_of(channel_id), by.user_id)

    async def _game_for(self, channel_id: str, by: Requester, *, everywhere: bool) -> str:
        """Choose the game of a new character. What every scene of a server uses is for moderators.

        Raises:
            CannotDoError: `everywhere`, and `by` may not.
        """
        if everywhere:
            self._access.check_reach(by)
            return ""
        if game := await self._game.name(channel_id):
            return game
        try:
            self._access.check_reach(by)
        except CannotDoError:
            return channel_game(channel_id)
        return ""

    async def _is_others(self, channel_id: str, name: str, by: Requester) -> bool:
        """Tell whether a name is another person's, which only moderators may hide.

        One's own needs no access, and may be any: the game or the cast book knows whom it means.
        """
        found = (await self._cast(channel_id, by)).find(name)
        ownership = await self._ownership(channel_id, name, by)
        owners = ownership.owners_of(name, found.owner_id if found is not None else "")
        is_others = bool(owners) and by.user_id not in owners
        if is_others and not by.is_moderator:
            raise CannotDoError(
                gettext("{name} is someone else's character. You can only hide your own.", name=_shown(name))
            )
        if by.user_id not in owners:
            await self._access.check_access(by, channel_id)
            _checked(name, ownership)
        return is_others

    async def _prepared(self, picture: Upload | str, channel_id: str, by: Requester) -> Prepared:
        if isinstance(picture, str):
            return await self._reader.from_address(picture, channel_id, by=by)
        picture.check()
        [prepared] = await self._reader.prepared([picture], channel_id, by=by)
        scene = await self._game.scene_shown(channel_id, prepared.digest)
        if scene is None:
            return prepared
        shows = depicted_in(scene)
        if (await self._access.hidden(channel_id, by, scene.game_name)).is_in(shows):
            raise CannotDoError(SHOWS_HIDDEN)
        return replace(prepared, shows=shows)


def _checked(name: str, ownership: Ownership) -> str:
    """Check a name. One that the game gives to somebody may be a common word: it knows whom it means."""
    line = short_line(name, NAME_LIMIT, _NAME)
    return checked_name(line, by_game=ownership.gives(line))


def _shown(name: str) -> str:
    return escaped(name, NAME_LIMIT)


def label_of(look: Look, number: int) -> str:
    """Label a look in a list, such as `2: in armour`."""
    return f"{number}: {look.label}" if look.label else str(number)


def _look(character: Character, wanted: str) -> Look:
    """Find a look of `character` by its id, number, label, or label in a list.

    Raises:
        CannotDoError: there is none.
    """
    line = plain_fold(one_line(wanted))
    numbered = list(enumerate(character.looks, start=1))
    for number, look in numbered:
        if line in {look.id, str(number), plain_fold(label_of(look, number))}:
            return look
    labelled = next((look for _, look in numbered if look.label and plain_fold(look.label) == line), None)
    if labelled is None:
        raise CannotDoError(
            gettext(
                "{name} has no look by that name. See the looks with `/scene-art cast show`.",
                name=_shown(character.name),
            )
        )
    return labelled
