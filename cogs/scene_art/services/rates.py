"""How fast people may press and type: far faster than anybody who plays, so that no client keeps the bot busy."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from cachetools import LRUCache

from ..domain.permissions import Requester
from ..domain.token_bucket import Bucket, Rate
from ..errors import CannotDoError
from ..i18n import gettext

TOO_FAST = gettext("You're asking too fast. Wait a few seconds, then try again.")
SERVER_TOO_FAST = gettext("This server is asking too fast. Wait a few seconds, then try again.")
WATCHED = 10_000


@dataclass(frozen=True)
class Pace:
    """The rates of one kind of use, for a person and for a server."""

    person: Rate
    server: Rate


USING = Pace(Rate(200, 3), Rate(1_500, 50))
"""Of commands, buttons, lists and forms."""
TYPING = Pace(Rate(100, 5), Rate(1_000, 50))
"""Of suggestions, which Discord asks for while somebody types."""


class RequestRates:
    """The paces of the last `WATCHED` people and servers, in this process alone: they save no money, only time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: LRUCache[tuple[Rate, str], Bucket] = LRUCache(WATCHED)

    def check(self, person: Requester, channel_id: str, pace: Pace = USING) -> None:
        """Count a use by `person`.

        Raises:
            CannotDoError: it is one too many at present; it is not counted.
        """
        own = self._filled(pace.person, person.user_id)
        if own is None:
            raise CannotDoError(TOO_FAST)
        servers = self._filled(pace.server, person.server_of(channel_id))
        if servers is None:
            raise CannotDoError(SERVER_TOO_FAST)
        own.take(1)
        servers.take(1)

    def _filled(self, rate: Rate, whose: str) -> Bucket | None:
        """Find the bucket; None when nothing is left in it."""
        key, now = (rate, whose), self._clock()
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(rate, now)
        return bucket if bucket.has(1, rate, now) else None
