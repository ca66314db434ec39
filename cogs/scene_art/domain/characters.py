"""A character of the cast book and its looks: how records are read, and names compared and found in a text. Pure."""

from __future__ import annotations

import hashlib
import logging
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from ..errors import CannotDoError
from ..i18n import Sentence, gettext
from ..text import LONGEST_TEXT, cut_on_word, one_line
from .painting import Depicted, Frozen

log = logging.getLogger(__name__)

NAME_LIMIT, LABEL_LIMIT, GAME_LIMIT = 80, 50, 200
MOST_LOOKS = 8
LOOK_BYTES = 1024 * 1024
"""Upper limit of one prepared picture."""
CHARACTER_BYTES = 128 * 1024
"""Room for the names that the pictures show, too: see `depiction.kept`."""
_TAKEN = "\0"
# Thai to Tibetan, Burmese, Hangul, Khmer, Chinese and Japanese.
_WITHOUT_BLANKS = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]"
)

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
    """The game that the character belongs to; empty for every game of the server."""
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


def fold(text: str) -> str:
    """Bring `text` into the form in which names are compared: one case, one width, one composition, single spaces."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(plain.split())


def game_name(game: str) -> str:
    """Bring a game's name into the form that the cast book keeps: one line, of bounded length."""
    return one_line(one_line(game)[:GAME_LIMIT])


def game_key(game: str) -> str:
    """Return the part of Redis keys that stands for a game: 16 hexadecimal digits, or `every` for all of a server."""
    folded = fold(game_name(game))
    return hashlib.sha256(folded.encode()).hexdigest()[:16] if folded else "every"


def checked_name(name: str) -> str:
    """Bring `name` on one line.

    Raises:
        CannotDoError: `name` is empty or too long, or has no letter, digit or symbol such as an emoji.
    """
    # Its length before anything is folded: what is cut off would else be lost in silence.
    line = _short(name, NAME_LIMIT, gettext("The name"))
    if not any(unicodedata.category(sign)[0] in "LN" or unicodedata.category(sign) == "So" for sign in line):
        raise CannotDoError(gettext("A name needs at least one letter or digit. Try another name."))
    return line


def checked_label(label: str) -> str:
    """Bring `label`, which may be empty, on one line. Raises `CannotDoError` where it is too long."""
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
    """Return the character of that name, compared by `fold`; None when there is none."""
    wanted = fold(one_line(name))
    return next((character for character in characters if fold(character.name) == wanted), None)


def names_in(text: str, names: Iterable[str]) -> list[str]:
    """Return those of `names` that stand in `text`, in the order of their first places; of equal names the first.

    A name counts where it stands as whole words. Where a script sets no blanks between words, as Japanese does, or
    hangs endings on to names, as Korean does, any occurrence counts. Longer names are looked for first: where
    `Mira Vael` stands, `Mira` does not.
    """
    rest = fold(text[:LONGEST_TEXT])
    starts = [at for at in range(len(rest)) if at == 0 or not _is_one_word(rest[at - 1], rest[at])]
    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(fold(name), name)
    first: dict[str, int] = {}
    for wanted in sorted(filter(None, folded), key=len, reverse=True):
        found = list(_places(rest, starts, wanted)) if wanted in rest else []
        if found:
            first[folded[wanted]] = found[0]
            rest = _without(rest, found, len(wanted))
    return sorted(first, key=lambda name: first[name])


def _places(text: str, starts: Iterable[int], name: str) -> Iterator[int]:
    """Find the offsets at which `name` stands as whole words, without overlaps."""
    free = 0
    for at in starts:
        end = at + len(name)
        if at >= free and text.startswith(name, at) and not _is_one_word(name[-1], text[end : end + 1]):
            free = end
            yield at


def _without(text: str, places: Iterable[int], length: int) -> str:
    signs = list(text)
    for at in places:
        signs[at : at + length] = _TAKEN * length
    return "".join(signs)


def _is_one_word(one: str, other: str) -> bool:
    """Tell whether two characters beside each other belong to the same word."""
    return all(sign and _is_in_words(sign) and not _WITHOUT_BLANKS.match(sign) for sign in (one, other))


def _is_in_words(sign: str) -> bool:
    return sign == "_" or unicodedata.category(sign)[0] in "LMN"
