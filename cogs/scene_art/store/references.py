"""The space of reference pictures: the looks of characters and places, of all servers together.

What is counted is never less than what is stored: a look is counted before it is written, and forgotten after it is
removed. What a crash, an expiry or somebody's deletion leaves counted is found by looking at what is stored.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from enum import StrEnum

from cachetools import TTLCache

from ..domain.characters import Character, Look
from ..errors import CannotDoError, TransientError
from ..i18n import Sentence, gettext
from .characters import CharacterRepository
from .connection import RedisClient
from .space import MEGABYTE, Cap, Caps, Entry, Refusal, Rules, Space, Usage, counted_size

DAY_SECONDS = 24 * 3600
REMEMBERED = 20_000
UNWRITTEN_SECONDS = 600
"""A counted look without a picture after so long was never written, or is gone."""


class Shelf(StrEnum):
    """The books that share the space; the value stands in entries."""

    CAST = "cast"
    PLACES = "place"

    def namespace(self, namespace: str) -> str:
        """Return the first part of the keys of the shelf's records."""
        return namespace if self is Shelf.CAST else f"{namespace}:{self}"


class References:
    """The looks of both books. Every method may raise `TransientError`: Redis is away."""

    def __init__(
        self, client: RedisClient, namespace: str, caps: Caps | None = None, now: Callable[[], float] = time.time
    ) -> None:
        """`now` is in unix seconds."""
        self.space = Space(client, (namespace, "references"), caps or Caps(), Rules(), now)
        self._now = now
        self._shelves: Mapping[str, CharacterRepository] = {
            shelf: CharacterRepository(client, shelf.namespace(namespace)) for shelf in Shelf
        }
        self._used: TTLCache[Entry, None] = TTLCache(REMEMBERED, DAY_SECONDS)
        self._verified: TTLCache[str, None] = TTLCache(REMEMBERED, UNWRITTEN_SECONDS)

    @property
    def caps(self) -> Caps:
        """The operator's caps, in bytes."""
        return self.space.caps

    @asynccontextmanager
    async def reserved(self, shelf: Shelf, server: str, look: Look) -> AsyncIterator[None]:
        """Count a new look for whoever adds it, before it is written. Not if the block refuses it.

        Raises:
            CannotDoError: a cap has no room; the sentence says how much is used, and what to remove.
        """
        entry = _entry(shelf, server, look)
        refusal = await self.space.reserve(entry, self._evict)
        if refusal is not None and await self._verify(entry, refusal):
            refusal = await self.space.reserve(entry, self._evict)
        if refusal is not None:
            raise CannotDoError(_refused(refusal, self.caps))
        try:
            yield
        except CannotDoError:
            await self.forget(shelf, server, [look])
            raise

    async def usage(self, user_id: str, server: str) -> Usage:
        """Count the bytes that are kept for the person, in the server, and in total."""
        return await self.space.usage(user_id, server)

    async def note(self, shelf: Shelf, server: str, characters: Iterable[Character]) -> None:
        """Count looks that are stored and may not be counted, as those of an earlier version."""
        await self.space.change(noted=[_entry(shelf, server, look) for one in characters for look in one.looks])

    async def note_use(self, shelf: Shelf, server: str, look: Look) -> None:
        """Note that a picture is painted after the look, once a day at most. Never fails."""
        entry = _entry(shelf, server, look)
        if entry in self._used:
            return
        self._used[entry] = None
        with suppress(TransientError):
            await self.space.change(used=[entry])

    async def forget(self, shelf: Shelf, server: str, looks: Iterable[Look]) -> None:
        """Stop counting removed looks. Never fails: what stays counted is found later."""
        with suppress(TransientError):
            await self.space.change(removed=[_entry(shelf, server, look) for look in looks])

    async def reconcile(self) -> None:
        """Compare what is counted with what is stored, for servers that were not looked at for a day: some at once."""
        for server in await self.space.unchecked(self._now() - DAY_SECONDS):
            await self.reconcile_server(server)
            await self.space.note_checked(server)

    async def reconcile_server(self, server: str) -> None:
        """Count what is stored for the server, and nothing else."""
        counted = await self.space.entries_in(server)
        stored = {
            _entry(Shelf(shelf), server, look)
            for shelf, repository in self._shelves.items()
            for character in await repository.read(server)
            for look in character.looks
        }
        there = await self._there({*stored, *counted})
        await self.space.change(noted=there - counted.keys(), removed=self._gone(counted, there))

    async def remove_server(self, server: str) -> None:
        """Remove every character and place of the server. May be repeated, also after half of it was done."""
        for repository in self._shelves.values():
            await repository.remove_all(server)
        for entry in await self.space.entries_in(server):
            await self._evict(entry)
            await self.space.change(removed=[entry])

    async def _verify(self, entry: Entry, refusal: Refusal) -> bool:
        """Forget what is counted below the cap and not stored, once in a while. True: try again."""
        own = refusal.cap is Cap.USER
        key = f"user/{entry.user_id}" if own else f"server/{entry.server}"
        if refusal.cap is Cap.TOTAL or key in self._verified:
            return False
        self._verified[key] = None
        counted = await (self.space.entries_of(entry.user_id) if own else self.space.entries_in(entry.server))
        gone = self._gone(counted, await self._there(counted))
        await self.space.change(removed=gone)
        return bool(gone)

    def _gone(self, counted: Mapping[Entry, float], there: set[Entry]) -> list[Entry]:
        """Select what is counted without being stored, and is not just being written."""
        old = self._now() - UNWRITTEN_SECONDS
        return [entry for entry, at in counted.items() if entry not in there and at < old]

    async def _there(self, entries: Iterable[Entry]) -> set[Entry]:
        """Select the entries whose pictures are stored."""
        groups: dict[tuple[str, str], dict[str, Entry]] = {}
        for entry in entries:
            groups.setdefault((entry.shelf, entry.server), {})[entry.id] = entry
        found: set[Entry] = set()
        for (shelf, server), by_id in groups.items():
            if (repository := self._shelves.get(shelf)) is not None:
                found |= {by_id[look_id] for look_id in await repository.kept(server, list(by_id))}
        return found

    async def _evict(self, entry: Entry) -> None:
        if (repository := self._shelves.get(entry.shelf)) is not None:
            await repository.drop_look(entry.server, entry.id)


def _entry(shelf: Shelf, server: str, look: Look) -> Entry:
    return Entry(look.added_by, server, shelf.value, look.id, counted_size(look.size))


def _refused(refusal: Refusal, caps: Caps) -> Sentence:
    most = {Cap.USER: caps.user, Cap.SERVER: caps.server, Cap.TOTAL: caps.total}[refusal.cap]
    return Sentence(_FULL[refusal.cap], {"used": megabytes(refusal.used), "most": most // MEGABYTE})


def megabytes(size: int) -> str:
    """Write a number of bytes in megabytes, to a tenth."""
    return f"{size / MEGABYTE:.1f}"


_FULL = {
    Cap.USER: gettext(
        "Your reference pictures take up {used} of {most} MB, over all servers and direct messages. Remove some of "
        "yours first (`/scene-art cast remove`, `/scene-art place unpin`)."
    ),
    Cap.SERVER: gettext(
        "The reference pictures here take up {used} of {most} MB. Remove some first (`/scene-art cast remove`, "
        "`/scene-art place unpin`), or ask their owners or a moderator to."
    ),
    Cap.TOTAL: gettext(
        "The bot's space for reference pictures is full ({used} of {most} MB), and everything that could make room was "
        "used lately. Remove some of yours first (`/scene-art cast remove`, `/scene-art place unpin`), or try again "
        "tomorrow."
    ),
}
"""The refusals, by the cap that has no room."""
