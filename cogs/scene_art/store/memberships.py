"""The servers that bots are in, as far as their processes have told: so that one that a bot left is found out later.

All keys share a hash tag:

    {namespace}:{bots}:all       the ids of bots, by the time when they were last at work (unix seconds)
    {namespace}:{bots}:<bot>     the servers that the bot was seen in, by the time when it was seen there last

Several bots, each in several processes, may share one namespace. A server is in a bot's list until what it left behind
is removed; nobody takes it off because one process does not know it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from .connection import RedisClient
from .reading import KEPT_SECONDS, tagged_key, transaction
from .records import is_channel_id, texts
from .scripts import Script
from .timeouts import within_timeout

NOTED_AT_ONCE = 500
MOST_SERVERS = 200_000

_IS_WITH_ANOTHER = Script(
    "for _, bot in ipairs(redis.call('ZRANGE', KEYS[1], '0', '-1')) do "
    "if bot ~= ARGV[2] and redis.call('ZSCORE', ARGV[1] .. bot, ARGV[3]) then return 1 end end return 0"
)


class Memberships:
    """The lists. Every method may raise `TransientError`: Redis is away. Each may be repeated without harm."""

    def __init__(self, client: RedisClient, namespace: str, now: Callable[[], float] = time.time) -> None:
        """`now` is in unix seconds."""
        self._client = client
        self._prefix = f"{tagged_key(namespace, 'bots')}:"
        self._now = now

    async def note(self, bot_id: str, servers: Collection[str]) -> None:
        """Note that the bot is in these servers."""
        listed, now = sorted(servers), self._now()
        for at in range(0, len(listed), NOTED_AT_ONCE):
            async with transaction(self._client) as pipe:
                pipe.zadd(self._prefix + bot_id, dict.fromkeys(listed[at : at + NOTED_AT_ONCE], now))
                pipe.expire(self._prefix + bot_id, KEPT_SECONDS)
                pipe.zadd(f"{self._prefix}all", {bot_id: now})
                pipe.expire(f"{self._prefix}all", KEPT_SECONDS)

    async def servers(self, bot_id: str) -> list[str]:
        """List the servers that the bot was seen in, those first that were seen longest ago."""
        async with within_timeout():
            found = await self._client.zrange(self._prefix + bot_id, 0, MOST_SERVERS - 1)
        return [server for server in texts(found) if is_channel_id(server)]

    async def is_with_another(self, bot_id: str, server: str) -> bool:
        """Tell whether another bot of this namespace is in the server."""
        return bool(await _IS_WITH_ANOTHER.run(self._client, [f"{self._prefix}all"], [self._prefix, bot_id, server]))

    async def forget(self, bot_id: str, server: str) -> None:
        """Take the server off the bot's list, after nothing is left of it."""
        async with within_timeout():
            await self._client.zrem(self._prefix + bot_id, server)
