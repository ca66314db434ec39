"""What people can do with the cast book, and with their wish not to be depicted. No Discord type."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ..domain.characters import NAME_LIMIT, Character, Look, checked_label, checked_name, fold
from ..domain.permissions import Requester, check_moderator
from ..errors import CannotDoError
from ..i18n import Sentence, gettext
from ..store.character_book import CharacterBook, Prepared
from ..store.game_state import GameState, character_of, look_around
from ..store.opt_outs import OptOuts
from ..store.scenes import SceneRepository
from ..text import escaped, one_line
from ..worker_process import WorkerProcesses
from .access import AccessControl
from .audit_log import AuditLog
from .uploads import Upload, UploadReader

LOOK_BACK_SCENES = 10


class CharacterService:
    """Every method checks who asks. Every method may raise `TransientError` when Redis is away.

    A character is named by its name, by its id, or as a list called it; a look likewise, or by its number.
    """

    def __init__(
        self,
        *,
        book: CharacterBook,
        hidden: OptOuts,
        access: AccessControl,
        state: GameState,
        repository: SceneRepository,
        workers: WorkerProcesses,
        reader: UploadReader,
        audit: AuditLog,
    ) -> None:
        self._book = book
        self._hidden = hidden
        self._access = access
        self._state = state
        self._repository = repository
        self._workers = workers
        self._reader = reader
        self._audit = audit

    async def characters(self, channel_id: str, *, by: Requester) -> list[Character]:
        """The characters of the channel's game, by their names.

        Raises:
            CannotDoError: they may not use scene-art here.
        """
        await self._access.check_access(by, channel_id)
        return (await self._book.cast(_server(channel_id, by), await self._game(channel_id))).characters

    async def character(self, channel_id: str, name: str, *, by: Requester) -> Character:
        """One of them.

        Raises:
            CannotDoError: they may not use scene-art here, or there is nobody of that name.
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
        """The looks of a character whose pictures are still there."""
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
        """Give a character of the channel's game, or of every game of the server, one look more.

        `picture` is an upload, or the address of a picture.
        `owner_id` is for moderators: whose the character is to be.

        Raises:
            CannotDoError: they may not, or there is no room, or a text does not fit.
            ReferenceUnavailableError: that is no picture, or too large, or cannot be fetched.
        """
        await self._access.check_access(by, channel_id)
        name, label = checked_name(name), checked_label(label)
        if owner_id not in {"", by.user_id}:
            check_moderator(by)
        game = "" if everywhere else await self._game(channel_id)
        await self._book.check_room(_server(channel_id, by), game, name, by=by)
        prepared = await self._prepared(picture, channel_id, by)
        character = await self._book.add_look(
            _server(channel_id, by), game, name, prepared, by=by, label=label, owner_id=owner_id
        )
        self._note(channel_id, by, gettext("{who} added a look for {name}.", who=_who(by), name=_shown(character.name)))
        return character

    async def rename(self, channel_id: str, name: str, new_name: str, *, by: Requester) -> Character:
        """
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
        """Take a character out of the book, or one of its looks; what is left of it, None if nothing is.

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
        """Have pictures painted after one of the looks from now on.

        Raises:
            CannotDoError: it is somebody else's, or there is none.
        """
        character = await self.character(channel_id, name, by=by)
        chosen = _look(character, look)
        return await self._book.choose(_server(channel_id, by), character.id, chosen.id, by=by), chosen

    async def hide(self, channel_id: str, name: str = "", *, by: Requester) -> tuple[str, ...]:
        """Have somebody drawn as a silhouette from now on: the character of that name, or the person's active one.

        Whoever is in a picture has a say in it, also who may not ask for pictures. All names that are hidden for them.

        Raises:
            CannotDoError: the name is somebody else's, or none is known.
        """
        server = _server(channel_id, by)
        own = await character_of(self._state, by.user_id)
        own_name = own.name if own is not None else ""
        wanted = checked_name(name) if name.strip() else own_name
        if not wanted:
            raise CannotDoError(
                gettext("Your character in the game couldn't be found. Run the command again with `name`.")
            )
        if fold(wanted) != fold(own_name):
            await self._check_free(channel_id, wanted, by)
        return await self._hidden.hide(server, by.user_id, [wanted])

    async def unhide(self, channel_id: str, *, by: Requester) -> None:
        """Take every such wish back."""
        await self._hidden.show(_server(channel_id, by), by.user_id)

    async def _check_free(self, channel_id: str, name: str, by: Requester) -> None:
        """Whether a name is theirs by the cast book, or nobody's; for nobody's they must be let in.

        Raises:
            CannotDoError: it is somebody else's.
        """
        server = _server(channel_id, by)
        found = (await self._book.cast(server, await self._game(channel_id))).find(name)
        if found is not None and found.owner_id == by.user_id:
            return
        if found is not None or fold(name) in await self._others(channel_id, by):
            raise CannotDoError(
                gettext("{name} is someone else's character. You can only hide your own.", name=_shown(name))
            )
        await self._access.check_access(by, channel_id)

    async def _others(self, channel_id: str, by: Requester) -> set[str]:
        """The names of the other players' active characters."""
        session = (await look_around(self._state, channel_id)).session
        players = [player for player in session.players if player != by.user_id] if session is not None else []
        found = await asyncio.gather(*(character_of(self._state, player) for player in players))
        return {fold(character.name) for character in found if character is not None}

    async def _game(self, channel_id: str) -> str:
        """The name of the channel's game: of its session, or else of its last scene."""
        session = (await look_around(self._state, channel_id)).session
        if session is not None and session.active and session.game_name:
            return session.game_name
        scenes = await self._repository.recent(channel_id, LOOK_BACK_SCENES)
        return next((scene.game_name for scene in scenes if scene.game_name), "")

    async def _prepared(self, picture: Upload | str, channel_id: str, by: Requester) -> Prepared:
        if not isinstance(picture, str):
            picture.check()
            return (await self._reader.prepared([picture], channel_id, by=by))[0]
        made = await self._workers.load_url(picture, group=_server(channel_id, by))
        return Prepared(await self._workers.bytes_of(made), made.mime, made.width, made.height)

    def _note(self, channel_id: str, by: Requester, line: Sentence) -> None:
        self._audit.note(channel_id, by.guild_id, line)


def _server(channel_id: str, by: Requester) -> str:
    """Whose book it is; a direct conversation has its own."""
    return by.guild_id or channel_id


def _who(by: Requester) -> str:
    return f"<@{by.user_id}>"


def _shown(name: str) -> str:
    return escaped(name, NAME_LIMIT)


def label_of(look: Look, number: int) -> str:
    """What a look is called in a list: `2: in armour`."""
    return f"{number}: {look.label}" if look.label else str(number)


def _named(characters: Sequence[Character], wanted: str) -> Character | None:
    line = one_line(wanted)
    return next((one for one in characters if line == one.id or fold(line) == fold(one.name)), None)


def _look(character: Character, wanted: str) -> Look:
    """
    Raises:
        CannotDoError: there is none that is called so.
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
