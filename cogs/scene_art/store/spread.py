"""How many servers and direct conversations a person keeps something in: bounded, so that nobody fills any number.

{namespace}:kept:<kind>:<user>    the ids of servers and conversations, by the time of the last change (unix seconds)
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from .connection import RedisClient
from .reading import KEPT_SECONDS
from .records import is_channel_id, texts
from .scripts import Script
from .timeouts import within_timeout

_TAKE = Script(
    "if not redis.call('ZSCORE', KEYS[1], ARGV[1]) and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then "
    "return 0 end redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1]) redis.call('EXPIRE', KEYS[1], ARGV[4]) return 1"
)


class Spread:
    """The places of one kind of record. Every method may raise `TransientError`; each may be repeated."""

    def __init__(
        self, client: RedisClient, kind: str, most: int, is_there: Callable[[str, str], Awaitable[bool]]
    ) -> None:
        """`kind` is the first part of the keys; `is_there(server, user)` tells whether such a record still exists."""
        self._client = client
        self._kind = kind
        self._most = most
        self._is_there = is_there

    async def take(self, user_id: str, server: str) -> bool:
        """Count the server for the person. False: they have something in too many others."""
        if await self._take(user_id, server):
            return True
        await self._drop_what_is_gone(user_id)
        return await self._take(user_id, server)

    async def give_back(self, user_id: str, server: str) -> None:
        """Count it no longer."""
        async with within_timeout():
            await self._client.zrem(self._key(user_id), server)

    async def _take(self, user_id: str, server: str) -> bool:
        words: list[str | int] = [server, self._most, f"{time.time():.0f}", KEPT_SECONDS]
        return bool(await _TAKE.run(self._client, [self._key(user_id)], words))

    async def _drop_what_is_gone(self, user_id: str) -> None:
        """Forget places whose records have expired or were deleted: they are not told of here."""
        async with within_timeout():
            found = texts(await self._client.zrange(self._key(user_id), 0, self._most))
        for server in found:
            if not (is_channel_id(server) and await self._is_there(server, user_id)):
                await self.give_back(user_id, server)

    def _key(self, user_id: str) -> str:
        return f"{self._kind}:{user_id}"
