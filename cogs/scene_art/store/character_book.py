"""The cast book: the looks of the characters in a server's games, its quota, and the permission to change them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..domain.characters import (
    MOST_LOOKS,
    NAME_LIMIT,
    Character,
    Look,
    checked_label,
    checked_name,
    fold,
    game_key,
    game_name,
    named,
)
from ..domain.permissions import Requester
from ..errors import CannotDoError
from ..i18n import Sentence, gettext
from ..text import escaped
from .characters import MOST_IN_SERVER, CharacterRepository
from .connection import RedisClient
from .references import References, Shelf

EVERY_GAME = game_key("")
MOST_CHARACTERS = 200
"""Most characters of one game."""
MOST_OF_ONE = 50
"""Most characters of a person who is no moderator, so that nobody fills the book for all others."""


@dataclass(frozen=True)
class Prepared:
    """A picture that a worker process prepared."""

    data: bytes
    mime: str
    width: int
    height: int


class Cast:
    """The characters of a game: its own, and those of every game. Its own win where names are equal."""

    def __init__(self, characters: Iterable[Character] = ()) -> None:
        own_first = sorted(characters, key=lambda one: (not one.game, one.added_at))
        self._by_name: dict[str, Character] = {}
        for character in own_first:
            self._by_name.setdefault(fold(character.name), character)

    @property
    def characters(self) -> list[Character]:
        """All characters, sorted by name."""
        return [self._by_name[name] for name in sorted(self._by_name)]

    def find(self, name: str) -> Character | None:
        """Return the character of that name, compared by `fold`; None when there is none."""
        return self._by_name.get(fold(name))


class CharacterBook:
    """The cast books of all servers. Every method may raise `TransientError`: Redis is away.

    `server` is a server's id, or the channel's id in direct messages. The name of a game may be empty. A character
    belongs to the person who added it first. Whatever changes one raises `CannotDoError` where `by` may not change it,
    or it is gone.
    """

    def __init__(
        self,
        client: RedisClient,
        namespace: str,
        now: Callable[[], float] = time.time,
        *,
        references: References | None = None,
        shelf: Shelf = Shelf.CAST,
    ) -> None:
        """`now` is in unix seconds. `references` are what both books share; None: those of this book alone."""
        self._repository = CharacterRepository(client, shelf.namespace(namespace))
        self._references = references or References(client, namespace, now=now)
        self._shelf = shelf
        self._now = now

    async def cast(self, server: str, game: str) -> Cast:
        """Read the characters of a game, and keep them from expiring."""
        found = await self._repository.read(server, {game_key(game), EVERY_GAME})
        if due := await self._repository.renew(server, found):
            await self._references.note(self._shelf, server, due)
        return Cast(found)

    async def picture(self, server: str, look: Look, *, is_used: bool = True) -> bytes | None:
        """Read the picture of a look, unchecked; None when it is gone. `is_used`: a scene is painted after it."""
        raw = await self._repository.picture(server, look)
        if raw is not None and is_used:
            await self._references.note_use(self._shelf, server, look)
        return raw

    async def add_look(
        self,
        server: str,
        game: str,
        name: str,
        picture: Prepared,
        *,
        by: Requester,
        label: str = "",
        owner_id: str = "",
    ) -> Character:
        """Add a look to the character called `name`, or to a new one, and use it from then on.

        A character of every game that has the name gets the look: otherwise a new one of the game could take its place
        against its owner's will. `owner_id` is for moderators: the new owner of the character.

        Raises:
            CannotDoError: the book is full, or the name is not valid.
        """
        name = checked_name(name)
        look = self._new_look(picture, checked_label(label), by)
        await self.check_room(server, game, name, by=by)  # before others make room for it
        async with (
            self._references.reserved(self._shelf, server, look),
            self._repository.changing(server) as everybody,
        ):
            known = self._known(everybody, game, name, by)
            owned = {"owner_id": owner_id} if owner_id else {}
            character = known.changed(looks=(*known.looks, look), chosen="", **owned)
            await self._repository.write(server, character, picture=(look, picture.data))
        return character

    async def check_room(self, server: str, game: str, name: str, *, by: Requester) -> None:
        """Check that `by` may add one more look. For use before its picture is read.

        Raises:
            CannotDoError: the character is somebody else's, or the book is full.
        """
        self._known(await self._repository.read(server), game, checked_name(name), by)

    async def rename(self, server: str, character_id: str, name: str, *, by: Requester) -> Character:
        """Give a character another name.

        Raises:
            CannotDoError: another one has that name.
        """
        name = checked_name(name)
        async with self._repository.changing(server) as everybody:
            character = _own(everybody, character_id, by)
            others = [one for one in _of_game(everybody, character.game) if one.id != character_id]
            if other := named(others, name):
                raise CannotDoError(
                    gettext(
                        "There's already a character called {name}. Choose another name.",
                        name=escaped(other.name, NAME_LIMIT),
                    )
                )
            character = character.changed(name=name)
            await self._repository.write(server, character)
        return character

    async def choose(self, server: str, character_id: str, look_id: str, *, by: Requester) -> Character:
        """Use this look for pictures from now on."""
        async with self._repository.changing(server) as everybody:
            character, look = _with_look(everybody, character_id, look_id, by)
            character = character.changed(chosen=look.id)
            await self._repository.write(server, character)
        return character

    async def remove(self, server: str, character_id: str, *, by: Requester) -> Character:
        """Remove a character with all its looks."""
        async with self._repository.changing(server) as everybody:
            character = _own(everybody, character_id, by)
            await self._repository.remove(server, character)
        await self._references.forget(self._shelf, server, character.looks)
        return character

    async def remove_look(self, server: str, character_id: str, look_id: str, *, by: Requester) -> Character | None:
        """Remove a look. Removes the character with its last look, and returns None then."""
        async with self._repository.changing(server) as everybody:
            character, gone = _with_look(everybody, character_id, look_id, by)
            left = await self._repository.remove_look(server, character, gone)
        await self._references.forget(self._shelf, server, [gone])
        return left

    def _known(self, everybody: Sequence[Character], game: str, name: str, by: Requester) -> Character:
        """Find or make the character called `name`, and check that it may get one more look."""
        own = _of_game(everybody, game)
        spelled = next((one.game for one in own if one.game), game_name(game))
        known = named(own, name) or Character(
            id=secrets.token_hex(8), name=name, game=spelled, owner_id=by.user_id, added_at=self._now()
        )
        known.check_change(by)
        _check_room(everybody, known, by)
        return known

    def _new_look(self, picture: Prepared, label: str, by: Requester) -> Look:
        return Look(
            id=secrets.token_hex(8),
            label=label,
            mime=picture.mime,
            size=len(picture.data),
            width=picture.width,
            height=picture.height,
            added_at=self._now(),
            added_by=by.user_id,
        )


def _of_game(everybody: Iterable[Character], game: str) -> list[Character]:
    """Select the characters of `game`, then those of every game."""
    found = [one for one in everybody if game_key(one.game) in {game_key(game), EVERY_GAME}]
    return sorted(found, key=lambda one: not one.game)


def _own(everybody: Sequence[Character], character_id: str, by: Requester) -> Character:
    character = next((one for one in everybody if one.id == character_id), None)
    if character is None:
        raise CannotDoError(gettext("Someone has already removed it."))
    character.check_change(by)
    return character


def _with_look(
    everybody: Sequence[Character], character_id: str, look_id: str, by: Requester
) -> tuple[Character, Look]:
    character = _own(everybody, character_id, by)
    look = character.look_with(look_id)
    if look is None:
        raise CannotDoError(gettext("Someone has already removed this look."))
    return character, look


def _check_room(everybody: Sequence[Character], known: Character, by: Requester) -> None:
    """Check that one more look of `known` fits. `everybody` are the server's characters.

    Raises:
        CannotDoError: a limit is reached; the sentence says what to remove.
    """
    reached = list(_limits_reached(everybody, known))
    if not (known.looks or by.is_moderator) and sum(one.owner_id == by.user_id for one in everybody) >= MOST_OF_ONE:
        reached.append(
            gettext("You already have {most} entries here, the maximum. Remove one first.", most=MOST_OF_ONE)
        )
    if reached:
        raise CannotDoError(reached[0])


def _limits_reached(everybody: Sequence[Character], known: Character) -> Iterator[Sentence]:
    if len(known.looks) >= MOST_LOOKS:
        name = escaped(known.name, NAME_LIMIT)
        yield gettext("{name} already has {most} pictures, the maximum. Remove one first.", name=name, most=MOST_LOOKS)
    if not known.looks and sum(one.game == known.game for one in everybody) >= MOST_CHARACTERS:
        yield gettext("This game already has {most} entries, the maximum. Remove one first.", most=MOST_CHARACTERS)
    if not known.looks and len(everybody) >= MOST_IN_SERVER:
        yield gettext("This server already has {most} entries, the maximum. Remove one first.", most=MOST_IN_SERVER)
