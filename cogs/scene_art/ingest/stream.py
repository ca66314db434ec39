"""The stream of published events, for processes that were not subscribed at the time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from ..publish import STREAM
from ..store.connection import RedisClient, is_refusal
from ..store.timeouts import within_timeout

log = logging.getLogger(__name__)

CATCH_UP_SECONDS = 600.0
"""Age of the oldest events that are read from the stream."""
PAGE = 25
LARGEST = 2**64 - 1
"""Upper limit of both numbers of a stream id."""
FUTURE_SECONDS = 5.0
"""An id that is farther ahead of the server's clock is not one that Redis made."""


@dataclass(frozen=True)
class KeptEvent:
    """One entry of the stream. `published` is in unix seconds by Redis's clock. Missing fields are empty."""

    channel: str
    data: bytes
    published: float


class EventStream:
    """Reads the stream on from its last entry, and never farther back than `CATCH_UP_SECONDS`."""

    def __init__(self, client: RedisClient, now: Callable[[], float]) -> None:
        """`now` is in unix seconds by Redis's clock, like the ids of the entries."""
        self._client = client
        self._now = now
        self._next = (0, 0)
        self._refused = False

    async def next_page(self) -> list[KeptEvent]:
        """Read the oldest unread entries. Fewer than `PAGE`: there are no more, or Redis does not allow reading them.

        Raises:
            TransientError: Redis is away.
        """
        page = await self._range(self._start())
        if page:
            milliseconds, counter = _id(page[-1][0])
            # Anybody with XADD may choose the ids; the largest counter has no next one.
            self._next = (milliseconds, counter + 1) if counter < LARGEST else (milliseconds + 1, 0)
        return [_kept(entry_id, fields) for entry_id, fields in page]

    def _start(self) -> str:
        now = self._now()
        # Otherwise the server's clock was set back, or somebody chose the id: later entries may have smaller ids.
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
        """Log once that the stream cannot be read, say for an ACL without XRANGE or a key of another type."""
        if not self._refused:
            # Not by Redis's own words: a server that does not know a command repeats it, and AUTH is one.
            why = type(exc).__name__
            log.info("Redis does not allow reading %s (%s): events are lost while scene-art is away", STREAM, why)
        self._refused = True


def _id(entry_id: bytes) -> tuple[int, int]:
    """Read a stream id: (milliseconds, counter)."""
    milliseconds, _, counter = entry_id.partition(b"-")
    return int(milliseconds), int(counter or 0)


def _kept(entry_id: bytes, fields: dict[bytes, bytes]) -> KeptEvent:
    channel = fields.get(b"channel", b"").decode(errors="replace")
    return KeptEvent(channel, fields.get(b"data", b""), _id(entry_id)[0] / 1000)
