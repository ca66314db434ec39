"""A character of the cast book and its looks: how records are read, and found by their names. Pure."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Collection, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from ..i18n import gettext
from ..text import cut_on_word, one_line
from .names import NAME_LIMIT, short_line
from .painting import Depicted, Frozen
from .spelling import fold, plain_fold

log = logging.getLogger(__name__)

LABEL_LIMIT, GAME_LIMIT = 50, 200
MOST_LOOKS = 8
LOOK_BYTES = 1024 * 1024
"""Upper limit of one prepared picture."""
CHARACTER_BYTES = 128 * 1024
"""Room for the names that the pictures show, too: see `depiction.kept`."""
_CHANNEL_GAME = re.compile(r"<#[0-9]{1,20}>")

_Id = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
_UserId = Annotated[str, Field(pattern=r"^[0-9]{1,20}$")]
_Time = Annotated[float, Field(ge=0, le=2**40, allow_inf_nan=False)]
_Side = Annotated[int, Field(ge=1, le=100_000)]


def _line(limit: int) -> AfterValidator:
    return AfterValidator(lambda text: cut_on_word(one_line(text), limit))


class Look(Frozen):
    """One picture of a character; its bytes are kept beside it."""

    id: _Id
    label: Annotated[str, _line(LABEL_LIMIT)] = ""
    mime: Annotated[str, Field(pattern=r"^image/(png|jpeg|webp)$")]
    size: Annotated[int, Field(ge=1, le=LOOK_BYTES)]
    """Bytes."""
    width: _Side
    height: _Side
    added_at: _Time
    added_by: _UserId
    is_confirmed: bool = False
    """True: a moderator added or chose it for this name, which counts whoever plays the character."""
    shows: Depicted | None = None
    """Whom it shows, where it comes from a scene's picture; None for other pictures, and in older records."""


def _fitting(given: object) -> tuple[Look, ...]:
    """Read the looks that fit this version. Drops each of the others with a warning."""
    looks = []
    for wanted in given if isinstance(given, (list, tuple)) else ():
        try:
            looks.append(Look.model_validate(wanted))
        except ValidationError:
            log.warning("A look in the cast book does not fit this version and is passed over")
    return tuple({look.id: look for look in looks}.values())[:MOST_LOOKS]


class Character(Frozen):
    """A character or a place of a game, with its looks. Frozen: every change makes a copy."""

    id: _Id
    name: Annotated[str, _line(NAME_LIMIT), Field(min_length=1)]
    game: Annotated[str, _line(GAME_LIMIT)] = ""
    """The game that the character belongs to, or a channel by `channel_game`; empty for every game of the server."""
    owner_id: _UserId
    looks: Annotated[tuple[Look, ...], BeforeValidator(_fitting)] = ()
    """Oldest first."""
    chosen: str = ""
    """The id of the look that is used; the last one is used when this is empty or names none."""
    added_at: _Time

    @property
    def look(self) -> Look | None:
        """The look that pictures are painted after; None when there is none."""
        return self.look_with(self.chosen) or (self.looks[-1] if self.looks else None)

    def look_with(self, look_id: str) -> Look | None:
        """Return the look with that id, or None."""
        return next((look for look in self.looks if look.id == look_id), None)

    @property
    def size(self) -> int:
        """The size of all looks, in bytes."""
        return sum(look.size for look in self.looks)

    def changed(self, **changes: Any) -> Character:
        """Return a copy with `changes`."""
        return self.model_copy(update=changes)

    @property
    def confirmed_look(self) -> Look | None:
        """The look in use among those that a moderator confirmed; None when there is none."""
        looks = tuple(look for look in self.looks if look.is_confirmed)
        return self.changed(looks=looks).look

    def confirmed(self, look_ids: Collection[str], *, is_confirmed: bool = True) -> Character:
        """Return a copy whose looks with these ids count, or no more, as confirmed by a moderator."""
        looks = (
            look.model_copy(update={"is_confirmed": is_confirmed}) if look.id in look_ids else look
            for look in self.looks
        )
        return self.changed(looks=tuple(looks))


def read_character(raw: bytes | None, character_id: str, game: str) -> Character | None:
    """Read the record of `character_id` in the game with the key `game`; None for a missing or unfitting record."""
    if raw is None:
        return None
    try:
        character = Character.model_validate_json(raw)
    except ValidationError:
        fault = "does not fit this version"
    else:
        if (character.id, game_key(character.game)) == (character_id, game):
            return character
        fault = "belongs to another one"
    log.warning("The record of character %s %s and is passed over", character_id, fault)
    return None


def game_name(game: str) -> str:
    """Bring a game's name into the form that the cast book keeps: one line, of bounded length."""
    return one_line(one_line(game)[:GAME_LIMIT])


def game_key(game: str) -> str:
    """Return the part of Redis keys that stands for a game: 16 hexadecimal digits, or `every` for all of a server."""
    folded = plain_fold(game_name(game))
    return hashlib.sha256(folded.encode()).hexdigest()[:16] if folded else "every"


def channel_game(channel_id: str) -> str:
    """Name what stands in for a game where a channel has none: the channel itself, as Discord mentions it."""
    return f"<#{channel_id}>"


def is_of_channel(character: Character) -> bool:
    """Tell whether a character belongs to a channel alone, where no game was known."""
    return _CHANNEL_GAME.fullmatch(character.game) is not None


def checked_label(label: str) -> str:
    """Bring `label`, which may be empty, on one line. Raises `CannotDoError` where it is too long."""
    return short_line(label, LABEL_LIMIT, gettext("The label"))


def named(characters: Sequence[Character], name: str) -> Character | None:
    """Return the character of that name, compared by `fold`; None when there is none.

    Earlier versions may have left several whose names look the same: the one that is spelled so goes first.
    """
    line = one_line(name)
    same = [character for character in characters if fold(character.name) == fold(line)]
    return next((one for one in same if plain_fold(one.name) == plain_fold(line)), next(iter(same), None))
