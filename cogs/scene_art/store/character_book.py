"""The cast book: the looks of the characters in a server's games, its quota, and the permission to change them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..domain.characters import (
    MOST_LOOKS,
    Character,
    Look,
    channel_game,
    checked_label,
    game_key,
    game_name,
    named,
)
from ..domain.names import NAME_LIMIT, checked_name
from ..domain.permissions import Requester
from ..domain.spelling import fold, plain_fold
from ..errors import CannotDoError
from ..i18n import Sentence, gettext
from ..text import escaped
from .characters import MOST_IN_SERVER, CharacterRepository
from .connection import RedisClient

EVERY_GAME = game_key("")
MOST_CHARACTERS = 200
"""Most characters of one game."""
MEGABYTE = 1024 * 1024
MOST_BYTES = 64 * MEGABYTE
"""Most bytes of a server's pictures."""
MOST_OF_ONE, MOST_BYTES_OF_ONE = 50, 16 * MEGABYTE
"""Limits of a person who is no moderator, so that nobody fills the book for all others."""


@dataclass(frozen=True)
class Prepared:
    """A picture that a worker process prepared."""

    data: bytes
    mime: str
    width: int
    height: int


class Cast:
    """The characters of a game or a channel, and those of every game. Its own win where names are equal."""

    def __init__(self, characters: Iterable[Character] = ()) -> None:
        own_first = sorted(characters, key=lambda one: (not one.game, one.added_at))
        self._by_name: dict[str, Character] = {}
        self._by_looks: dict[str, Character] = {}
        """Earlier versions may have left several whose names look the same."""
        for character in own_first:
            self._by_name.setdefault(plain_fold(character.name), character)
            self._by_looks.setdefault(fold(character.name), character)

    @property
    def characters(self) -> list[Character]:
        """All characters, sorted by name."""
        return [self._by_name[name] for name in sorted(self._by_name)]

    def find(self, name: str) -> Character | None:
        """Return the character of that name, compared by `fold`; None when there is none."""
        return self._by_name.get(plain_fold(name)) or self._by_looks.get(fold(name))


class CharacterBook:
    """The cast books of all servers. Every method may raise `TransientError`: Redis is away.

    `server` is a server's id, or the channel's id in direct messages. The name of a game may be empty. A character
    belongs to the person who added it first. Whatever changes one raises `CannotDoError` where `by` may not change it,
    or it is gone.
    """

    def __init__(self, client: RedisClient, namespace: str, now: Callable[[], float] = time.time) -> None:
        """`now` is in unix seconds."""
        self._repository = CharacterRepository(client, namespace)
        self._now = now

    async def cast(self, server: str, game: str, channel_id: str = "") -> Cast:
        """Read the characters of a game and of a channel, and keep them from expiring."""
        found = await self._repository.read(server, _keys(game, channel_id))
        await self._repository.renew(server, found)
        return Cast(found)

    async def picture(self, server: str, look: Look) -> bytes | None:
        """Read the picture of a look, unchecked; None when it is gone."""
        return await self._repository.picture(server, look)

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
        channel_id: str = "",
    ) -> Character:
        """Add a look to the character called `name`, or to a new one, and use it from then on.

        A character of every game or of the channel that has the name gets the look: otherwise a new one of the game
        could take its place against its owner's will. `owner_id` is for moderators: the new owner of the character.
        Whether the name is a common word is for the caller to check, who knows the game.

        Raises:
            CannotDoError: the book is full, or the name is not valid.
        """
        name = checked_name(name, by_game=True)
        look = self._new_look(picture, checked_label(label), by)
        async with self._repository.changing(server) as everybody:
            known = self._known(_of_game(everybody, game, channel_id), game, name, by)
            _check_room(everybody, known, look.size, by)
            owned = {"owner_id": owner_id} if owner_id else {}
            character = known.changed(looks=(*known.looks, look), chosen="", **owned)
            await self._repository.write(server, character, picture=(look, picture.data))
        return character

    async def check_room(self, server: str, game: str, name: str, *, by: Requester, channel_id: str = "") -> None:
        """Check that `by` may add one more look. For use before its picture is read.

        Raises:
            CannotDoError: the character is somebody else's, or the book is full.
        """
        everybody = await self._repository.read(server)
        known = self._known(_of_game(everybody, game, channel_id), game, checked_name(name, by_game=True), by)
        _check_room(everybody, known, 0, by)

    async def rename(self, server: str, character_id: str, name: str, *, by: Requester) -> Character:
        """Give a character another name.

        Raises:
            CannotDoError: another one has that name.
        """
        name = checked_name(name, by_game=True)
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
        return character

    async def remove_look(self, server: str, character_id: str, look_id: str, *, by: Requester) -> Character | None:
        """Remove a look. Removes the character with its last look, and returns None then."""
        async with self._repository.changing(server) as everybody:
            character, gone = _with_look(everybody, character_id, look_id, by)
            left = tuple(look for look in character.looks if look is not gone)
            if not left:
                await self._repository.remove(server, character)
                return None
            character = character.changed(looks=left)
            await self._repository.remove_look(server, character, gone)
        return character

    def _known(self, own: Sequence[Character], game: str, name: str, by: Requester) -> Character:
        """Find the character called `name` among `own`, or make it for `game`, and check that `by` may change it."""
        spelled = next((one.game for one in own if game_key(one.game) == game_key(game)), game_name(game))
        known = named(own, name) or Character(
            id=secrets.token_hex(8), name=name, game=spelled, owner_id=by.user_id, added_at=self._now()
        )
        known.check_change(by)
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


def _of_game(everybody: Iterable[Character], game: str, channel_id: str = "") -> list[Character]:
    """Select the characters of `game` and of the channel, then those of every game."""
    found = [one for one in everybody if game_key(one.game) in _keys(game, channel_id)]
    return sorted(found, key=lambda one: not one.game)


def _keys(game: str, channel_id: str) -> set[str]:
    return {game_key(game), EVERY_GAME} | ({game_key(channel_game(channel_id))} if channel_id else set())


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


def _check_room(everybody: Sequence[Character], known: Character, size: int, by: Requester) -> None:
    """Check that one more look of `known` fits, of `size` bytes. `everybody` are the server's characters.

    Raises:
        CannotDoError: a limit is reached; the sentence says what to remove.
    """
    reached = list(_limits_reached(everybody, known, size))
    if not by.is_moderator:
        reached += _own_limits_reached([one for one in everybody if one.owner_id == by.user_id], known, size)
    if reached:
        raise CannotDoError(reached[0])


def _limits_reached(everybody: Sequence[Character], known: Character, size: int) -> Iterator[Sentence]:
    if len(known.looks) >= MOST_LOOKS:
        name = escaped(known.name, NAME_LIMIT)
        yield gettext("{name} already has {most} pictures, the maximum. Remove one first.", name=name, most=MOST_LOOKS)
    if not known.looks and sum(one.game == known.game for one in everybody) >= MOST_CHARACTERS:
        yield gettext("This game already has {most} entries, the maximum. Remove one first.", most=MOST_CHARACTERS)
    if not known.looks and len(everybody) >= MOST_IN_SERVER:
        yield gettext("This server already has {most} entries, the maximum. Remove one first.", most=MOST_IN_SERVER)
    if sum(one.size for one in everybody) + size > MOST_BYTES:
        most = MOST_BYTES // MEGABYTE
        yield gettext("This server's space for reference pictures is full ({most} MB). Remove some first.", most=most)


def _own_limits_reached(theirs: Sequence[Character], known: Character, size: int) -> Iterator[Sentence]:
    if not known.looks and len(theirs) >= MOST_OF_ONE:
        yield gettext("You already have {most} entries here, the maximum. Remove one first.", most=MOST_OF_ONE)
    if sum(one.size for one in theirs) + size > MOST_BYTES_OF_ONE:
        most = MOST_BYTES_OF_ONE // MEGABYTE
        yield gettext("Your space for reference pictures is full ({most} MB). Remove some first.", most=most)
