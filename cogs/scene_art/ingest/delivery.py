"""From the buffer into Redis: events are put into their channel's inbox, and its job is woken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from ..domain.events import Heard
from ..jobs.scheduler import Scheduler
from ..store.inbox import Inbox


class Delivery:
    """Delivers events. Delivering one twice does no harm."""

    def __init__(self, inbox: Inbox, scheduler: Scheduler, delivered: Callable[[Sequence[Heard]], None]) -> None:
        """`delivered` is told of what lies in its inbox now."""
        self._inbox = inbox
        self._scheduler = scheduler
        self._delivered = delivered

    async def deliver(self, channel_id: str, heard: Sequence[Heard]) -> None:
        """Put events into the channel's inbox and wake its job.

        Raises:
            TransientError: Redis is away; deliver again later.
        """
        await asyncio.gather(self._inbox.enqueue(channel_id, heard), self._scheduler.mark_due(channel_id))
        await self._scheduler.wake(channel_id)
        self._delivered(heard)
