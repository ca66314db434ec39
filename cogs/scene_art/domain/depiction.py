"""The people who do not want to be depicted, and the pictures that must not go to the painter for that. Pure.

Every picture is asked about here, wherever it comes from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from posixpath import normpath
from urllib.parse import unquote, urlsplit

from ..text import cut_on_word
from .characters import Character
from .mentions import names_in
from .ownership import Ownership
from .painting import Depicted, Role
from .scene import Scene
from .spelling import fold

UNDEPICTED = "wishes not to be depicted"
"""The reason in a record for somebody who is drawn as a silhouette."""
SHOWS_UNDEPICTED = "it shows somebody who wishes not to be depicted"
MOST_KEPT, KEPT_BYTES, KEPT_STORY = 64, 4_000, 1_000
"""User ids, bytes of names, and characters of the story that are kept with a picture."""
MODERATORS = "moderators"
"""Stands in the place of a user id for what moderators hid: it counts whoever plays the character."""
_FILE = re.compile(r"\.(?:png|jpe?g|webp|gif)$", re.IGNORECASE)
_SAME_HOST = {"media.discordapp.net": "cdn.discordapp.com"}


@dataclass(frozen=True)
class Hidden:
    """The people of a server who are hidden, as far as the channel's game agrees."""

    names: Mapping[str, str] = field(default_factory=dict)
    """Names that are drawn as silhouettes: by `fold`, each in its spelling."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Names of other characters of theirs in the cast book, whose earlier pictures are not used."""
    meant: frozenset[str] = frozenset()
    """Those of both that a story can mean, by `fold`: earlier versions hid any word."""
    user_ids: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    """The addresses of their pictures, by `address_key`."""

    @classmethod
    def of(cls, wishes: Mapping[str, Sequence[str]], ownership: Ownership, entries: Iterable[Character] = ()) -> Hidden:
        """`wishes` are the names that people hid, by user id. One counts where the game gives the name to no other.

        Those of `MODERATORS` always count.
        """
        named = [name for user, names in wishes.items() for name in names if _may_hide(ownership, name, user)]
        own = [one.name for one in entries if one.owner_id in wishes and not ownership.players_of(one.name)]
        given = ownership.names_of(wishes)
        return cls(
            names={fold(name): name for name in [*given, *named]},
            aliases={fold(name): name for name in own},
            meant=frozenset(fold(name) for name in [*given, *named, *own] if ownership.is_name(name)),
            user_ids=frozenset(wishes) - {MODERATORS},
        )

    def hides(self, name: str, players: Iterable[str] = ()) -> bool:
        """Tell whether the character called `name`, whose players these are, is drawn as a silhouette."""
        return fold(name) in self.names or not self.user_ids.isdisjoint(players)

    def is_in(self, picture: Depicted) -> bool:
        """Tell whether a picture shows somebody hidden: it must not go along then."""
        shown = set(map(fold, picture.silhouettes))
        names = {folded: name for folded, name in {**self.aliases, **self.names}.items() if folded not in shown}
        meant = [name for folded, name in names.items() if folded in self.meant]
        return (
            not self.user_ids.isdisjoint(picture.user_ids)
            or not names.keys().isdisjoint(map(fold, picture.names))
            or bool(names_in(picture.story, meant, sure=meant))
            or (bool(picture.address) and address_key(picture.address) in self.addresses)
        )


def _may_hide(ownership: Ownership, name: str, user_id: str) -> bool:
    players = ownership.players_of(name)
    return user_id == MODERATORS or not players or user_id in players


def depicted_in(scene: Scene) -> Depicted:
    """Tell whom the picture of `scene` shows. Records of earlier versions have names alone."""
    people = [ref for ref in scene.prompt_record.references if ref.role == Role.CHARACTER]
    drawn = [ref for ref in people if ref.missing_because != UNDEPICTED]
    return Depicted(
        names=tuple(ref.name for ref in drawn) if people else scene.character_names,
        user_ids=tuple({*scene.prompt_record.mentioned, *(user for ref in drawn for user in ref.people)}),
        story=scene.narrative,
        silhouettes=tuple(ref.name for ref in people if ref.missing_because == UNDEPICTED),
    )


def kept(picture: Depicted) -> Depicted:
    """Shorten whom a picture shows to at most 14 kB, to be kept with the picture."""
    return picture.model_copy(
        update={
            "names": tuple(_first(picture.names)),
            "user_ids": picture.user_ids[:MOST_KEPT],
            "silhouettes": tuple(_first(picture.silhouettes)),
            "story": cut_on_word(picture.story, KEPT_STORY),
        }
    )


def _first(names: Iterable[str]) -> Iterator[str]:
    size = 0
    for name in names:
        size += len(name.encode())
        if size <= KEPT_BYTES:
            yield name


def address_key(address: str) -> str:
    """Return what stays the same when a link to a picture is signed anew, or written in another way."""
    try:
        parts = urlsplit(address.strip())
        host = (parts.hostname or "") + (f":{parts.port}" if parts.port not in {None, 80, 443} else "")
    except ValueError:
        return address
    path = normpath(unquote(parts.path))
    # Where the path does not name a file, the query may say which picture it is.
    return _SAME_HOST.get(host, host) + path + ("" if _FILE.search(path) else f"?{parts.query}")
