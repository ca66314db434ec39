"""The owners of characters: by the game first, and by the cast book where the game gives a name to nobody."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from ..errors import CannotDoError
from ..i18n import gettext
from ..text import escaped
from .characters import Character
from .names import NAME_LIMIT, are_kindred, is_name
from .permissions import Requester
from .spelling import fold

Pairs = Iterable[tuple[str, str]]
"""Names of characters, each with the user id of its player."""


class Ownership:
    """The names that a game gives to people. Names are compared by `fold`."""

    def __init__(self, players: Pairs = (), outside: Pairs = ()) -> None:
        """`players` play in the channel's session, `outside` are the active characters of others.

        Where both have a name, it is the player's.
        """
        self._pairs = [(name, user_id) for name, user_id in players if fold(name)]
        self._players = _by_name(self._pairs)
        self._outside = _by_name(outside)

    @property
    def names(self) -> list[str]:
        """The names that the session gives to its players."""
        return [name for name, _ in self._pairs]

    def players_of(self, name: str) -> frozenset[str]:
        """Return the user ids of the players in the session to whom the game gives `name`, or else one that is its kin.

        Otherwise a stranger's `Captain Mira` would stand in the place of the player's `Mira`.
        """
        return _given(self._players, name)

    def gives(self, name: str) -> bool:
        """Tell whether the game gives `name` to anybody known."""
        return bool(fold(name) in self._players or fold(name) in self._outside)

    def is_name(self, name: str) -> bool:
        """Tell whether a story can mean `name`; what the game gives to somebody may be a common word."""
        return is_name(name, by_game=self.gives(name))

    def names_of(self, user_ids: Collection[str]) -> list[str]:
        """List the names that the session gives to these people."""
        return [name for name, user_id in self._pairs if user_id in user_ids]

    def owners_of(self, name: str, book_owner: str = "") -> frozenset[str]:
        """Return the user ids of those whose character `name` is; empty when it is nobody's.

        `book_owner` is the owner of the cast book's entry of that name. Of people outside the session who share the
        name, they come first.
        """
        if players := self.players_of(name):
            return players
        given = _given(self._outside, name)
        in_book = frozenset({book_owner} - {""})
        return given if given and not in_book & given else in_book

    def check_change(self, character: Character, by: Requester) -> None:
        """Raise `CannotDoError` unless the character is `by`'s own, or `by` is a moderator.

        What a moderator put into the book is not taken by a character of a game that is played elsewhere.
        """
        owners = self.owners_of(character.name, character.owner_id)
        if character.confirmed_look is not None and not self.players_of(character.name):
            owners = frozenset({character.owner_id})
        if not by.is_moderator and owners and by.user_id not in owners:
            raise CannotDoError(
                gettext(
                    "{name} belongs to {owner}. Only they and moderators can change it.",
                    name=escaped(character.name, NAME_LIMIT),
                    owner=", ".join(f"<@{owner}>" for owner in sorted(owners)),
                )
            )

    def adopted(self, character: Character, by: Requester) -> Character:
        """Return the entry as `by`'s own, if the game gives its name to them and the entry is a stranger's."""
        owners = self.owners_of(character.name, character.owner_id)
        is_adopted = by.user_id in owners and character.owner_id not in owners
        return character.changed(owner_id=by.user_id) if is_adopted else character

    def is_look_used(self, character: Character) -> bool:
        """Tell whether every look of the entry counts: its owner is the player of that name, or nobody is."""
        players = self.players_of(character.name)
        return not players or character.owner_id in players


def _given(names: Mapping[str, frozenset[str]], name: str) -> frozenset[str]:
    kin = (names[known] for known in names if are_kindred(known, name))
    return names.get(fold(name)) or frozenset().union(*kin)


def _by_name(pairs: Pairs) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for name, user_id in pairs:
        if folded := fold(name):
            found[folded] = found.get(folded, frozenset()) | {user_id}
    return found


NO_GAME = Ownership()
"""Where no game gives a name to anybody: the cast book decides alone."""
