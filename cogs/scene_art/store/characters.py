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
from .lock import Lock
from .reading import get_at_most, sound_pipeline, value, values
from .records import texts
from .retention import KEPT_SECONDS
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
        keys = [self._character(server, character_id) for _, character_id in entries]
        async with within_timeout():
            records = await values(self._client, keys, CHARACTER_BYTES)
        found = (read_character(record, one, game) for record, (game, one) in zip(records, entries, strict=True))
        return [character for character in found if character is not None]

    async def picture(self, server: str, look: Look) -> bytes | None:
        """Read the picture of a look, unchecked; None when it is gone."""
        key = self._look(server, look.id)
        pipe = sound_pipeline(self._client)
        get_at_most(self._client, pipe, key, LOOK_BYTES)
        async with within_timeout(PICTURE_SECONDS):
            [raw] = await pipe.execute()
        return value(key, raw, LOOK_BYTES)

    async def renew(self, server: str, characters: Sequence[Character]) -> None:
        """Extend the time to live of used characters, once a day at most."""
        due = [one for one in characters if one.id not in self._renewed]
        if not due:
            return
        pipe = sound_pipeline(self._client)
        for character in due:
            self._expire(pipe, server, character)
        async with within_timeout():
            await pipe.execute()
        self._renewed.update(dict.fromkeys((one.id for one in due), True))

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
        pipe = sound_pipeline(self._client)
        if picture is not None:
            look, data = picture
            pipe.set(self._look(server, look.id), data, ex=KEPT_SECONDS)
        pipe.set(self._character(server, character.id), character.model_dump_json(), ex=KEPT_SECONDS)
        pipe.zadd(self._index(server), {_entry(character): character.added_at})
        self._expire(pipe, server, character)
        async with within_timeout(PICTURE_SECONDS):
            await pipe.execute()

    async def remove_look(self, server: str, character: Character, gone: Look) -> None:
        """Write a character that has lost a look, and remove its picture."""
        pipe = sound_pipeline(self._client)
        pipe.delete(self._look(server, gone.id))
        pipe.set(self._character(server, character.id), character.model_dump_json(), ex=KEPT_SECONDS)
        async with within_timeout():
            await pipe.execute()

    async def remove(self, server: str, character: Character) -> None:
        """Remove a character and every picture of it."""
        pipe = sound_pipeline(self._client)
        pipe.zrem(self._index(server), _entry(character))
        pipe.delete(self._character(server, character.id), *(self._look(server, look.id) for look in character.looks))
        async with within_timeout():
            await pipe.execute()

    async def _entries(self, server: str) -> list[tuple[str, str]]:
        """List the characters as (game key, id)."""
        pipe = sound_pipeline(self._client)
        pipe.zrange(self._index(server), 0, MOST_IN_SERVER - 1)
        async with within_timeout():
            [raw] = await pipe.execute()
        return [(found[1], found[2]) for text in texts(raw) if (found := _ENTRY.fullmatch(text))]

    def _expire(self, pipe: RedisPipeline, server: str, character: Character) -> None:
        pipe.expire(self._index(server), KEPT_SECONDS)
        pipe.expire(self._character(server, character.id), KEPT_SECONDS)
        for look in character.looks:
            pipe.expire(self._look(server, look.id), KEPT_SECONDS)

    def _index(self, server: str) -> str:
        return self._key(server, "cast")

    def _character(self, server: str, character_id: str) -> str:
        return self._key(server, "character", character_id)

    def _look(self, server: str, look_id: str) -> str:
        return self._key(server, "look", look_id)

    def _key(self, server: str, *rest: str) -> str:
        return ":".join((self._namespace, f"{{{server}}}", *rest))


def _entry(character: Character) -> str:
    return f"{game_key(character.game)}/{character.id}"
