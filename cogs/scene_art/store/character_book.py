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
from ..domain.depiction import kept
from ..domain.names import NAME_LIMIT, checked_name
from ..domain.ownership import NO_GAME, Ownership
from ..domain.painting import Depicted
from ..domain.permissions import Requester
from ..domain.spelling import fold, plain_fold
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
    shows: Depicted | None = None
    """Whom it shows, where it is a scene's picture."""
    digest: str = ""
    """Of the file that it was made from: the same as in the name of a posted picture."""


class Cast:
    """The characters of a game or a channel, and those of every game. Its own win where names are equal."""

    def __init__(self, characters: Iterable[Character] = ()) -> None:
        self._own_first = sorted(characters, key=lambda one: (not one.game, one.added_at))
        self._by_name: dict[str, list[Character]] = {}
        """By `fold`: entries of a game and of every game, and of earlier versions such as look the same."""
        for character in self._own_first:
            self._by_name.setdefault(fold(character.name), []).append(character)

    @property
    def characters(self) -> list[Character]:
        """All characters, sorted by name."""
        first = {plain_fold(one.name): one for one in reversed(self._own_first)}
        return [first[name] for name in sorted(first)]

    def find(self, name: str) -> Character | None:
        """Return the character of that name, compared by `fold`; None when there is none."""
        return next(iter(self._named(name)), None)

    def look_of(self, name: str, ownership: Ownership) -> tuple[Look, str] | None:
        """Return the look to paint `name` after, and the owner of its entry; None when there is none.

        It is that of an entry of the name's player, or one that a moderator confirmed. Where the game gives the name to
        nobody, it is the look of the first entry.
        """
        entries = self._named(name)
        own = [(one.look, one.owner_id) for one in entries if ownership.is_look_used(one)]
        confirmed = [(one.confirmed_look, one.owner_id) for one in entries]
        return next(((look, owner_id) for look, owner_id in [*own, *confirmed] if look), None)

    def _named(self, name: str) -> list[Character]:
        """List the entries of that name; such as are spelled so go first."""
        return sorted(self._by_name.get(fold(name), ()), key=lambda one: plain_fold(one.name) != plain_fold(name))


class CharacterBook:
    """The cast books of all servers. Every method may raise `TransientError`: Redis is away.

    `server` is a server's id, or the channel's id in direct messages. The name of a game may be empty. A character
    belongs to the person to whom the game gives its name (`ownership`), and else to the one who added it first.
    Whatever changes one raises `CannotDoError` where `by` may not change it, or it is gone; by the name's player, it
    becomes their own.
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

    async def cast(self, server: str, game: str, channel_id: str = "") -> Cast:
        """Read the characters of a game and of a channel, and keep them from expiring."""
        found = await self._repository.read(server, _keys(game, channel_id))
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
        channel_id: str = "",
        ownership: Ownership = NO_GAME,
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
        # Before others make room for it.
        await self.check_room(server, game, name, by=by, channel_id=channel_id, ownership=ownership)
        async with (
            self._references.reserved(self._shelf, server, look),
            self._repository.changing(server) as everybody,
        ):
            known = self._known(everybody, game, name, by=by, channel_id=channel_id, ownership=ownership)
            owned = {"owner_id": owner_id} if owner_id else {}
            character = known.changed(looks=(*known.looks, look), chosen="", **owned)
            await self._repository.write(server, character, picture=(look, picture.data))
        return character

    async def check_room(
        self,
        server: str,
        game: str,
        name: str,
        *,
        by: Requester,
        channel_id: str = "",
        ownership: Ownership = NO_GAME,
    ) -> None:
        """Check that `by` may add one more look. For use before its picture is read.

        Raises:
            CannotDoError: the character is somebody else's, or the book is full.
        """
        name, everybody = checked_name(name, by_game=True), await self._repository.read(server)
        self._known(everybody, game, name, by=by, channel_id=channel_id, ownership=ownership)

    async def rename(
        self, server: str, character_id: str, name: str, *, by: Requester, ownership: Ownership = NO_GAME
    ) -> Character:
        """Give a character another name.

        Raises:
            CannotDoError: another one has that name, or it is somebody else's.
        """
        name = checked_name(name, by_game=True)
        async with self._repository.changing(server) as everybody:
            before = _own(everybody, character_id, by, ownership)
            others = [one for one in _of_game(everybody, before.game) if one.id != character_id]
            if other := named(others, name):
                raise CannotDoError(
                    gettext(
                        "There's already a character called {name}. Choose another name.",
                        name=escaped(other.name, NAME_LIMIT),
                    )
                )
            looks = [look.id for look in before.looks]
            # What a moderator confirmed was confirmed for the old name.
            character = before.changed(name=name).confirmed(looks, is_confirmed=by.is_moderator)
            _check_name(everybody, character, by, ownership)
            await self._repository.write(server, character)
        return character

    async def choose(
        self, server: str, character_id: str, look_id: str, *, by: Requester, ownership: Ownership = NO_GAME
    ) -> Character:
        """Use this look for pictures from now on."""
        async with self._repository.changing(server) as everybody:
            character, look = _with_look(everybody, character_id, look_id, by, ownership)
            character = character.changed(chosen=look.id).confirmed([look.id] if by.is_moderator else ())
            await self._repository.write(server, character)
        return character

    async def remove(
        self, server: str, character_id: str, *, by: Requester, ownership: Ownership = NO_GAME
    ) -> Character:
        """Remove a character with all its looks."""
        async with self._repository.changing(server) as everybody:
            character = _own(everybody, character_id, by, ownership)
            await self._repository.remove(server, character)
        await self._references.forget(self._shelf, server, character.looks)
        return character

    async def remove_look(
        self, server: str, character_id: str, look_id: str, *, by: Requester, ownership: Ownership = NO_GAME
    ) -> Character | None:
        """Remove a look. Removes the character with its last look, and returns None then."""
        async with self._repository.changing(server) as everybody:
            character, gone = _with_look(everybody, character_id, look_id, by, ownership)
            left = await self._repository.remove_look(server, character, gone)
        await self._references.forget(self._shelf, server, [gone])
        return left

    def _known(
        self,
        everybody: Sequence[Character],
        game: str,
        name: str,
        *,
        by: Requester,
        channel_id: str,
        ownership: Ownership,
    ) -> Character:
        """Find or make the character called `name`, and check that it may get one more look."""
        own = _of_game(everybody, game, channel_id)
        spelled = next((one.game for one in own if game_key(one.game) == game_key(game)), game_name(game))
        if known := named(own, name):
            ownership.check_change(known, by)
            known = ownership.adopted(known, by)
        else:
            known = Character(
                id=secrets.token_hex(8), name=name, game=spelled, owner_id=by.user_id, added_at=self._now()
            )
            _check_name(everybody, known, by, ownership)
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
            is_confirmed=by.is_moderator,
            shows=kept(picture.shows) if picture.shows is not None else None,
        )


def _of_game(everybody: Iterable[Character], game: str, channel_id: str = "") -> list[Character]:
    """Select the characters of `game` and of the channel, then those of every game."""
    found = [one for one in everybody if game_key(one.game) in _keys(game, channel_id)]
    return sorted(found, key=lambda one: not one.game)


def _keys(game: str, channel_id: str) -> set[str]:
    return {game_key(game), EVERY_GAME} | ({game_key(channel_game(channel_id))} if channel_id else set())


def _check_name(everybody: Iterable[Character], character: Character, by: Requester, ownership: Ownership) -> None:
    """Check that the character's new name is free for `by`, or their own, wherever the character will be seen."""
    seen_with = () if character.game else everybody
    for one in [character, *(one for one in seen_with if fold(one.name) == fold(character.name))]:
        ownership.check_change(one, by)


def _own(everybody: Iterable[Character], character_id: str, by: Requester, ownership: Ownership) -> Character:
    """Find the character, which `by` may change; by the name's player, it becomes their own."""
    character = next((one for one in everybody if one.id == character_id), None)
    if character is None:
        raise CannotDoError(gettext("Someone has already removed it."))
    ownership.check_change(character, by)
    return ownership.adopted(character, by)


def _with_look(
    everybody: Iterable[Character], character_id: str, look_id: str, by: Requester, ownership: Ownership
) -> tuple[Character, Look]:
    character = _own(everybody, character_id, by, ownership)
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
