"""A character of the cast book and its looks. Pure values, and what is read of their records."""

from __future__ import annotations

import hashlib
import logging
import unicodedata
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ..errors import CannotDoError
from ..i18n import Sentence, gettext
from ..text import cut_on_word, escaped, one_line
from .permissions import Requester

log = logging.getLogger(__name__)

NAME_LIMIT, LABEL_LIMIT, GAME_LIMIT = 80, 50, 200
MOST_LOOKS = 8
LOOK_BYTES = 1024 * 1024
"""Of one prepared picture."""
CHARACTER_BYTES = 64 * 1024

_Id = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
_UserId = Annotated[str, Field(pattern=r"^[0-9]{1,20}$")]
_Time = Annotated[float, Field(ge=0, le=2**40, allow_inf_nan=False)]
_Side = Annotated[int, Field(ge=1, le=100_000)]


def _line(limit: int) -> AfterValidator:
    return AfterValidator(lambda text: cut_on_word(one_line(text), limit))


class Look(BaseModel):
    """One picture of a character; its bytes are kept beside it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: _Id
    label: Annotated[str, _line(LABEL_LIMIT)] = ""
    mime: Annotated[str, Field(pattern=r"^image/(png|jpeg|webp)$")]
    size: Annotated[int, Field(ge=1, le=LOOK_BYTES)]
    """Bytes."""
    width: _Side
    height: _Side
    added_at: _Time
    added_by: _UserId


def _fitting(given: object) -> tuple[Look, ...]:
    """The looks that fit: one of another version costs itself."""
    looks = []
    for wanted in given if isinstance(given, (list, tuple)) else ():
        try:
            looks.append(Look.model_validate(wanted))
        except ValidationError:
            log.warning("A look in the cast book does not fit this version and is passed over")
    return tuple({look.id: look for look in looks}.values())[:MOST_LOOKS]


class Character(BaseModel):
    """Somebody of the game, with at least one look. Frozen: every change makes a copy."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: _Id
    name: Annotated[str, _line(NAME_LIMIT), Field(min_length=1)]
    game: Annotated[str, _line(GAME_LIMIT)] = ""
    """Empty: every game of the server."""
    owner_id: _UserId
    looks: Annotated[tuple[Look, ...], BeforeValidator(_fitting)] = ()
    """In the order in which they were added."""
    chosen: str = ""
    """The id of the look that is used; empty, or gone: the last one."""
    added_at: _Time

    @property
    def look(self) -> Look | None:
        """The one that pictures are painted after."""
        return self.look_with(self.chosen) or (self.looks[-1] if self.looks else None)

    def look_with(self, look_id: str) -> Look | None:
        """The look with that id."""
        return next((look for look in self.looks if look.id == look_id), None)

    @property
    def size(self) -> int:
        """Bytes of all looks."""
        return sum(look.size for look in self.looks)

    def changed(self, **changes: Any) -> Character:
        """A copy."""
        return self.model_copy(update=changes)

    def check_change(self, by: Requester) -> None:
        """
        Raises:
            CannotDoError: it is neither theirs, nor are they a moderator.
        """
        if by.user_id != self.owner_id and not by.is_moderator:
            raise CannotDoError(
                gettext(
                    "{name} belongs to {owner}. Only they and moderators can change it.",
                    name=escaped(self.name, NAME_LIMIT),
                    owner=f"<@{self.owner_id}>",
                )
            )


def read_character(raw: bytes | None, character_id: str, game: str) -> Character | None:
    """The record of that id, in the game with that key; None when there is none, or it does not fit."""
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


def fold(text: str) -> str:
    """`text` as names are compared: the same in any case and width, however it is composed and spaced."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(plain.split())


def game_name(game: str) -> str:
    """A game's name as the book has it: one line, of bounded length."""
    return one_line(one_line(game)[:GAME_LIMIT])


def game_key(game: str) -> str:
    """What stands for a game in names of keys: 16 hexadecimal digits; `every` for every game of the server."""
    folded = fold(game_name(game))
    return hashlib.sha256(folded.encode()).hexdigest()[:16] if folded else "every"


def checked_name(name: str) -> str:
    """`name` on one line.

    Raises:
        CannotDoError: it is empty or too long, or holds nothing that could be called.
    """
    # Its length before anything is folded: what is cut off would else be lost in silence.
    line = _short(name, NAME_LIMIT, gettext("The name"))
    if not any(unicodedata.category(sign)[0] in "LN" or unicodedata.category(sign) == "So" for sign in line):
        raise CannotDoError(gettext("A name needs at least one letter or digit. Try another name."))
    return line


def checked_label(label: str) -> str:
    """`label` on one line, maybe empty.

    Raises:
        CannotDoError: it is too long.
    """
    return _short(label, LABEL_LIMIT, gettext("The label"))


def _short(text: str, limit: int, what: Sentence) -> str:
    line = one_line(text)
    if len(line) > limit:
        raise CannotDoError(
            gettext(
                "{what} is too long ({length} of {limit} characters). Shorten it.",
                what=what,
                limit=limit,
                length=len(text),
            )
        )
    return line


def named(characters: Sequence[Character], name: str) -> Character | None:
    """The one of that name."""
    wanted = fold(one_line(name))
    return next((character for character in characters if fold(character.name) == wanted), None)
