"""Users and channels that the moderators of a server have blocked.

{namespace}:{<guild>}:blocked    ids of users and channels, by the time of the block (unix seconds)

A server's blocks are forgotten together, `KEPT_SECONDS` after its last one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from cachetools import TTLCache

from ..domain.scene import Scene
from ..errors import CannotDoError, RefusedError
from ..i18n import gettext
from .connection import RedisClient
from .reading import KEPT_SECONDS, tagged_key, transaction
from .records import is_channel_id, texts
from .timeouts import within_timeout

MOST = 500
FRESH_SECONDS = 3.0
"""Another process's change is seen here after so long at the latest."""
REMEMBERED_GUILDS = 1_000


class ChannelBlockedError(RefusedError):
    """The channel is blocked by its moderators or by the operator."""

    code = "channel_blocked"
    default_sentence = gettext(
        "A moderator or the bot owner has turned pictures off in this channel. Try another channel."
    )


class Blocks:
    """The blocks of all servers. Every method may raise `TransientError`: Redis is away."""

    def __init__(self, client: RedisClient, namespace: str, now: Callable[[], float] = time.time) -> None:
        """`now` is in unix seconds."""
        self._client = client
        self._namespace = namespace
        self._now = now
        self._known: TTLCache[str, frozenset[str]] = TTLCache(REMEMBERED_GUILDS, FRESH_SECONDS)

    async def of(self, guild_id: str | None) -> frozenset[str]:
        """Read the blocked ids of a server; none for direct messages."""
        if guild_id is None:
            return frozenset()
        if (known := self._known.get(guild_id)) is not None:
            return known
        async with within_timeout():
            found = await self._client.zrange(self._key(guild_id), 0, MOST - 1)
        self._known[guild_id] = blocked = frozenset(what for what in texts(found) if is_channel_id(what))
        return blocked

    async def check(self, scene: Scene, always: Collection[str]) -> None:
        """Check that the scene's channel is not blocked. `always` are channels that the operator blocked.

        Raises:
            ChannelBlockedError: it is blocked.
        """
        if scene.channel_id in always or scene.channel_id in await self.of(scene.guild_id):
            raise ChannelBlockedError(f"channel {scene.channel_id} is blocked")

    async def block(self, guild_id: str, what: str) -> None:
        """Block a user or channel, by its id. May be repeated.

        Raises:
            CannotDoError: the server has too many blocks already.
        """
        self._known.pop(guild_id, None)
        if len(await self.of(guild_id) - {what}) >= MOST:
            raise CannotDoError(
                gettext("This server already has {most} blocks, the maximum. Unblock some first.", most=MOST)
            )
        async with transaction(self._client) as pipe:
            pipe.zadd(self._key(guild_id), {what: self._now()})
            pipe.expire(self._key(guild_id), KEPT_SECONDS)
        self._known.pop(guild_id, None)

    async def unblock(self, guild_id: str, what: str) -> None:
        """Undo a block. May be repeated."""
        async with within_timeout():
            await self._client.zrem(self._key(guild_id), what)
        self._known.pop(guild_id, None)

    async def remove(self, guild_id: str) -> None:
        """Undo every block of a server. May be repeated."""
        async with transaction(self._client) as pipe:
            pipe.delete(self._key(guild_id))
        self._known.pop(guild_id, None)

    def _key(self, guild_id: str) -> str:
        return tagged_key(self._namespace, guild_id, "blocked")
