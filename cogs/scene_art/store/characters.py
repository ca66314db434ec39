"""The repository of the cast book. The pictures are kept as bytes, since Discord's links to them expire.

    {namespace}:{<server>}:cast             `game/character`, by the time of adding; direct messages are a server
    {namespace}:{<server>}:cast:work        the lock for changes
    {namespace}:{<server>}:character:<id>   a character and its looks, JSON
    {namespace}:{<server>}:look:<id>        a look's picture: PNG, JPEG or WebP

All of a server's keys share a hash tag, so that they change in one transaction. Changes are made one after the other
under a lock; reading needs none. Records that nobody used for more than a year expire.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager

from cachetools import TTLCache

from ..domain.characters import CHARACTER_BYTES, LOOK_BYTES, Character, Look, game_key, read_character
from ..errors import TransientError
from ..i18n import gettext
from .connection import RedisClient, RedisPipeline
from .lock import NO_KEY, Lock
from .reading import KEPT_SECONDS, sound_pipeline, tagged_key, transaction, values
from .records import texts
from .timeouts import within_timeout

MOST_IN_SERVER = 1_000
RENEW_SECONDS = 24 * 3600.0
REMEMBERED = 2_000
PICTURE_SECONDS = 15.0
"""Time limit of one exchange with a picture."""
PATIENT_SECONDS = 10.0
"""Time to wait for the lock while others change the book."""
POLL_SECONDS = 0.05
_ENTRY = re.compile(r"(every|[0-9a-f]{16})/([0-9a-f]{16})")


class CharacterRepository:
    """Reads and writes the records. Every method may raise `TransientError`: Redis is away."""

    def __init__(self, client: RedisClient, namespace: str) -> None:
        self._client = client
        self._namespace = namespace
        self._renewed: TTLCache[str, bool] = TTLCache(REMEMBERED, RENEW_SECONDS)

    async def read(self, server: str, games: Collection[str] | None = None) -> list[Character]:
        """Read the characters of the games with these keys, or of all games."""
        entries = [(game, one) for game, one in await self._entries(server) if games is None or game in games]
        if not entries:
            return []
        keys = [self._key(server, "character", character_id) for _, character_id in entries]
        records = await values(self._client, keys, CHARACTER_BYTES)
        found = (read_character(record, one, game) for record, (game, one) in zip(records, entries, strict=True))
        return [character for character in found if character is not None]

    async def picture(self, server: str, look: Look) -> bytes | None:
        """Read the picture of a look, unchecked; None when it is gone."""
        [raw] = await values(self._client, [self._key(server, "look", look.id)], LOOK_BYTES, PICTURE_SECONDS)
        return raw

    async def renew(self, server: str, characters: Sequence[Character]) -> list[Character]:
        """Extend the time to live of used characters, once a day at most. Return those whose turn it was."""
        due = [one for one in characters if one.id not in self._renewed]
        async with transaction(self._client) as pipe:
            for character in due:
                self._expire(pipe, server, character)
        self._renewed.update(dict.fromkeys((one.id for one in due), True))
        return due

    async def kept(self, server: str, look_ids: Sequence[str]) -> set[str]:
        """Select those of the looks whose pictures are there."""
        pipe = sound_pipeline(self._client)
        for look_id in look_ids:
            pipe.ttl(self._key(server, "look", look_id))
        async with within_timeout():
            left = await pipe.execute()
        return {look_id for look_id, seconds in zip(look_ids, left, strict=True) if seconds != NO_KEY}

    @asynccontextmanager
    async def changing(self, server: str) -> AsyncIterator[list[Character]]:
        """Lock the server's cast book for all processes, and yield all its characters.

        Raises:
            TransientError: Redis is away, or others keep the lock for `PATIENT_SECONDS`.
        """
        lock = Lock(self._client, self._key(server, "cast", "work"))
        end = time.monotonic() + PATIENT_SECONDS
        await lock.take()
        while lock.lost:
            if time.monotonic() >= end:
                raise TransientError(
                    "the cast book is being changed by others",
                    sentence=gettext("Someone else is changing the cast right now. Try again in a moment."),
                )
            await asyncio.sleep(POLL_SECONDS)
            await lock.take()
        async with lock.kept():
            yield await self.read(server)

    async def write(self, server: str, character: Character, *, picture: tuple[Look, bytes] | None = None) -> None:
        """Write a new or changed character, and the picture of one look."""
        async with transaction(self._client, PICTURE_SECONDS) as pipe:
            if picture is not None:
                look, data = picture
                pipe.set(self._key(server, "look", look.id), data, ex=KEPT_SECONDS)
            self._put(pipe, server, character)
            pipe.zadd(self._key(server, "cast"), {_entry(character): character.added_at})
            self._expire(pipe, server, character)

    async def remove_look(self, server: str, character: Character, gone: Look) -> Character | None:
        """Remove a look and its picture; the character, too, with its last look. Returns what is left of it."""
        left = tuple(look for look in character.looks if look.id != gone.id)
        if not left:
            await self.remove(server, character)
            return None
        character = character.changed(looks=left)
        async with transaction(self._client) as pipe:
            pipe.delete(self._key(server, "look", gone.id))
            self._put(pipe, server, character)
        return character

    async def drop_look(self, server: str, look_id: str) -> None:
        """Remove a look by its id alone, whatever it belongs to. May be repeated."""
        async with self.changing(server) as everybody:
            for character in everybody:
                if (look := character.look_with(look_id)) is not None:
                    await self.remove_look(server, character, look)
            async with transaction(self._client) as pipe:
                pipe.delete(self._key(server, "look", look_id))

    async def remove(self, server: str, character: Character) -> None:
        """Remove a character and every picture of it."""
        async with transaction(self._client) as pipe:
            pipe.zrem(self._key(server, "cast"), _entry(character))
            pipe.delete(*self._records(server, character))

    async def remove_all(self, server: str) -> None:
        """Remove every character of the server, also those whose records cannot be read. May be repeated."""
        async with self.changing(server) as everybody:
            for character in everybody:
                await self.remove(server, character)
            broken = [self._key(server, "character", character_id) for _, character_id in await self._entries(server)]
            async with transaction(self._client) as pipe:
                pipe.delete(self._key(server, "cast"), *broken)

    async def _entries(self, server: str) -> list[tuple[str, str]]:
        """List the characters as (game key, id)."""
        async with within_timeout():
            raw = await self._client.zrange(self._key(server, "cast"), 0, MOST_IN_SERVER - 1)
        return [(found[1], found[2]) for text in texts(raw) if (found := _ENTRY.fullmatch(text))]

    def _put(self, pipe: RedisPipeline, server: str, character: Character) -> None:
        pipe.set(self._key(server, "character", character.id), character.model_dump_json(), ex=KEPT_SECONDS)

    def _expire(self, pipe: RedisPipeline, server: str, character: Character) -> None:
        for key in (self._key(server, "cast"), *self._records(server, character)):
            pipe.expire(key, KEPT_SECONDS)

    def _records(self, server: str, character: Character) -> list[str]:
        """Name the records of a character and of its looks' pictures."""
        looks = [self._key(server, "look", look.id) for look in character.looks]
        return [self._key(server, "character", character.id), *looks]

    def _key(self, server: str, *rest: str) -> str:
        return tagged_key(self._namespace, server, *rest)


def _entry(character: Character) -> str:
    return f"{game_key(character.game)}/{character.id}"
