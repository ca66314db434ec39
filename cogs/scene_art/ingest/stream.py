"""The events that publishers keep in a stream, for whoever was not listening when they were published."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from ..publish import STREAM
from ..store.connection import RedisClient, is_refusal
from ..store.reading import shown
from ..store.timeouts import within_timeout

log = logging.getLogger(__name__)

CATCH_UP_SECONDS = 600.0
"""How far back the stream is read for what was published while nobody listened."""
PAGE = 25
LARGEST = 2**64 - 1
"""Of both numbers of an id."""
FUTURE_SECONDS = 5.0
"""No id of a stream is farther ahead of its server's clock than this."""


@dataclass(frozen=True)
class KeptEvent:
    """One entry. `published` is unix seconds by Redis's clock; what the entry does not have is empty."""

    channel: str
    data: bytes
    published: float


class EventStream:
    """Reads on where it stopped, and never farther back than `CATCH_UP_SECONDS`."""

    def __init__(self, client: RedisClient, now: Callable[[], float]) -> None:
        """`now` tells unix seconds by Redis's clock, as the ids of the entries do."""
        self._client = client
        self._now = now
        self._next = (0, 0)
        self._refused = False

    async def next_page(self) -> list[KeptEvent]:
        """The oldest entries that were not read yet. Fewer than `PAGE`: there are no more, or they may not be read.

        Raises:
            TransientError: Redis is away.
        """
        page = await self._range(self._start())
        if page:
            milliseconds, counter = _id(page[-1][0])
            # Whoever may XADD may choose the ids; the largest counter has no next one.
            self._next = (milliseconds, counter + 1) if counter < LARGEST else (milliseconds + 1, 0)
        return [_kept(entry_id, fields) for entry_id, fields in page]

    def _start(self) -> str:
        now = self._now()
        # Else the server's clock was set back, or somebody chose the id: what follows may come before it.
        known = self._next if self._next[0] <= (now + FUTURE_SECONDS) * 1000 else (0, 0)
        milliseconds, counter = max(known, (int((now - CATCH_UP_SECONDS) * 1000), 0))
        return f"{milliseconds}-{counter}"

    async def _range(self, start: str) -> list[tuple[bytes, dict[bytes, bytes]]]:
        async with within_timeout():
            try:
                return await self._client.xrange(STREAM, start, "+", PAGE)
            except Exception as exc:
                if not is_refusal(exc):
                    raise
                self._tell_refusal(exc)
                return []

    def _tell_refusal(self, exc: Exception) -> None:
        """An ACL without XRANGE, a Redis without streams, or another program's key of that name."""
        if not self._refused:
            why = shown(str(exc))
            log.info("Redis lets nobody read %s (%s): what is published while scene-art is away is lost", STREAM, why)
        self._refused = True


def _id(entry_id: bytes) -> tuple[int, int]:
    """Stream ids are two numbers: milliseconds, and a counter within them."""
    milliseconds, _, counter = entry_id.partition(b"-")
    return int(milliseconds), int(counter or 0)


def _kept(entry_id: bytes, fields: dict[bytes, bytes]) -> KeptEvent:
    channel = fields.get(b"channel", b"").decode(errors="replace")
    return KeptEvent(channel, fields.get(b"data", b""), _id(entry_id)[0] / 1000)
