"""The due work items of all channels.

{namespace}:open  channels, and people's scenes as `channel/scene`, by the time when they were marked (unix seconds)
"""

from __future__ import annotations

import logging

from .connection import RedisClient, waits_in_threads
from .reading import sound_pipeline
from .records import is_work_item, texts
from .timeouts import within_timeout

log = logging.getLogger(__name__)

KEPT_SECONDS = 3 * 24 * 3600
"""Longer than any delay of a scene."""
OPEN_LIMIT = 100
"""Most work items in one round."""


class DueList:
    """Work items that survive a lost wake-up. Every method may raise `TransientError`."""

    def __init__(self, client: RedisClient, namespace: str) -> None:
        self._client = client
        self._key = f"{namespace}:open"

    async def mark_due(self, work_item: str, now: float) -> None:
        """Mark a channel (its id) or a scene (`channel/scene`) as due at `now`, in unix seconds."""
        pipe = sound_pipeline(self._client, atomic=False)
        pipe.zadd(self._key, {work_item: now})
        pipe.expire(self._key, KEPT_SECONDS)
        async with within_timeout():
            await pipe.execute()

    async def mark_done(self, work_item: str) -> None:
        """Remove a work item. May be repeated."""
        async with within_timeout():
            await self._client.zrem(self._key, work_item)

    async def long_open(self, since: float) -> list[str]:
        """List at most `OPEN_LIMIT` work items that were last marked at `since` or earlier."""
        # The in-process server gives all of them, or none.
        page = {} if waits_in_threads(self._client) else {"start": 0, "num": OPEN_LIMIT}
        async with within_timeout():
            found = await self._client.zrangebyscore(self._key, "-inf", since, **page)
            work_items = {raw: text for raw, text in zip(found, texts(found), strict=True) if is_work_item(text)}
            if len(work_items) < len(found):  # lest real ones stand behind the others for ever
                log.error("%d entries of %s are no work items", len(found) - len(work_items), self._key)
                await self._client.zrem(self._key, *(raw for raw in found if raw not in work_items))
        return list(work_items.values())[:OPEN_LIMIT]
