"""The due work items of all channels.

{namespace}:open  channels, and people's scenes as `channel/scene`, by the time when they were marked (unix seconds)
"""

from __future__ import annotations

import logging

from .connection import RedisClient, waits_in_threads
from .reading import sound_pipeline
from .records import is_work_item, texts
from .timeouts import within_timeout
from .transaction import transaction

log = logging.getLogger(__name__)

KEPT_SECONDS = 3 * 24 * 3600
"""Longer than any delay of a scene."""
OPEN_LIMIT = 100
"""Most work items in one round."""
OPEN_PAGE, OPEN_PAGES = 1_000, 50
"""Corrupt entries are removed in pages of this size, and at most so many pages in one round."""


class DueList:
    """Work items that survive a lost wake-up. Every method may raise `TransientError`."""

    def __init__(self, client: RedisClient, namespace: str) -> None:
        self._client = client
        self._key = f"{namespace}:open"

    async def mark_due(self, work_item: str, now: float) -> None:
        """Mark a channel (its id) or a scene (`channel/scene`) as due at `now`, in unix seconds."""
        async with transaction(self._client) as pipe:
            pipe.zadd(self._key, {work_item: now})
            pipe.expire(self._key, KEPT_SECONDS)

    async def mark_done(self, work_item: str) -> None:
        """Remove a work item. May be repeated."""
        async with transaction(self._client) as pipe:
            pipe.zrem(self._key, work_item)

    async def long_open(self, since: float) -> list[str]:
        """List at most `OPEN_LIMIT` work items that were last marked by `since`. Removes corrupt entries."""
        for _ in range(OPEN_PAGES):
            page = await self._open_page(since)
            work_items = {raw: text for raw, text in zip(page, texts(page), strict=True) if is_work_item(text)}
            if corrupt := [raw for raw in page if raw not in work_items]:
                log.error("%d entries of %s are no work items and are removed", len(corrupt), self._key)
                async with within_timeout():
                    await self._client.zrem(self._key, *corrupt)
            if work_items or not page:
                return list(work_items.values())[:OPEN_LIMIT]
        return []

    async def _open_page(self, since: float) -> list[bytes]:
        """Read the oldest entries, up to `OPEN_PAGE`; the in-process server returns all of them."""
        pipe = sound_pipeline(self._client)
        if waits_in_threads(self._client):  # the in-process server gives all of them, or none
            pipe.zrangebyscore(self._key, "-inf", since)
        else:
            pipe.zrangebyscore(self._key, "-inf", since, start=0, num=OPEN_PAGE)
        async with within_timeout():
            [found] = await pipe.execute()
        return list(found)
