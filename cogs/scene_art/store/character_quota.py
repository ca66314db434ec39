"""The quota of a server's cast book."""

from __future__ import annotations

from collections.abc import Sequence

from ..domain.characters import MOST_LOOKS, NAME_LIMIT, Character
from ..domain.permissions import Requester
from ..errors import CannotDoError
from ..i18n import gettext
from ..text import escaped
from .characters import MOST_IN_SERVER

MOST_CHARACTERS = 200
"""Most characters of one game."""
MEGABYTE = 1024 * 1024
MOST_BYTES = 64 * MEGABYTE
"""Most bytes of a server's pictures."""
MOST_OF_ONE, MOST_BYTES_OF_ONE = 50, 16 * MEGABYTE
"""Limits of a person who is no moderator, so that nobody fills the book for all others."""


def check_room(everybody: Sequence[Character], known: Character, size: int, by: Requester) -> None:
    """Check that one more look of `known` fits, of `size` bytes. `everybody` are the server's characters.

    Raises:
        CannotDoError: a limit is reached; the sentence says what to remove.
    """
    if len(known.looks) >= MOST_LOOKS:
        name = escaped(known.name, NAME_LIMIT)
        raise CannotDoError(
            gettext("{name} already has {most} pictures, the maximum. Remove one first.", name=name, most=MOST_LOOKS)
        )
    if not known.looks:
        _check_number(everybody, known)
    if sum(one.size for one in everybody) + size > MOST_BYTES:
        raise CannotDoError(
            gettext(
                "This server's space for reference pictures is full ({most} MB). Remove some first.",
                most=MOST_BYTES // MEGABYTE,
            )
        )
    if not by.is_moderator:
        _check_share([one for one in everybody if one.owner_id == by.user_id], known, size)


def _check_number(everybody: Sequence[Character], known: Character) -> None:
    in_game = sum(one.game == known.game for one in everybody)
    if in_game >= MOST_CHARACTERS:
        raise CannotDoError(
            gettext("This game already has {most} entries, the maximum. Remove one first.", most=MOST_CHARACTERS)
        )
    if len(everybody) >= MOST_IN_SERVER:
        raise CannotDoError(
            gettext("This server already has {most} entries, the maximum. Remove one first.", most=MOST_IN_SERVER)
        )


def _check_share(theirs: Sequence[Character], known: Character, size: int) -> None:
    if not known.looks and len(theirs) >= MOST_OF_ONE:
        raise CannotDoError(
            gettext("You already have {most} entries here, the maximum. Remove one first.", most=MOST_OF_ONE)
        )
    if sum(one.size for one in theirs) + size > MOST_BYTES_OF_ONE:
        raise CannotDoError(
            gettext(
                "Your space for reference pictures is full ({most} MB). Remove some first.",
                most=MOST_BYTES_OF_ONE // MEGABYTE,
            )
        )
