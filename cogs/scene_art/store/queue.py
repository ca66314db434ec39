"""People who wait for a picture, in the order of asking.

{namespace}:queue    `channel/scene` of what people asked for and nobody has begun yet, by its time (unix seconds)
"""

from __future__ import annotations

import math

from ..domain.scene import Scene
from .connection import RedisClient
from .reading import transaction
from .records import work_item
from .timeouts import within_timeout

LONGEST_SECONDS = 3600
"""After so long a scene is drawn or lost, and counts no more."""


class Queue:
    """Tells positions; nothing is drawn by it. Every method may raise `TransientError`."""

    def __init__(self, client: RedisClient, namespace: str) -> None:
        self._client = client
        self._key = f"{namespace}:queue"

    async def enter(self, scene: Scene) -> None:
        """Note that somebody waits for `scene`."""
        async with transaction(self._client) as pipe:
            pipe.zremrangebyscore(self._key, "-inf", scene.heard_at - LONGEST_SECONDS)
            pipe.zadd(self._key, {work_item(scene): scene.heard_at})
            pipe.expire(self._key, LONGEST_SECONDS)

    async def leave(self, scene: Scene) -> None:
        """Note that it was begun, or is not wanted any more."""
        async with within_timeout():
            await self._client.zrem(self._key, work_item(scene))

    async def position(self, scene: Scene) -> int:
        """Tell the scene's place in the queue; 1 is the next."""
        before = math.nextafter(scene.heard_at, 0.0)
        async with within_timeout():
            return 1 + await self._client.zcount(self._key, scene.heard_at - LONGEST_SECONDS, before)

    async def length(self) -> int:
        """Count those who wait."""
        async with within_timeout():
            return await self._client.zcard(self._key)
