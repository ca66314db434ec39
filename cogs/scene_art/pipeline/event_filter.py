"""The filter of inbox entries: drops those for channels that the bot is not in, and those of another server.

It runs before anything is planned, so that a dropped event leaves no scene and no plan behind.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from cachetools import TTLCache

from ..discord_io.channel_lookup import LookLaterError
from ..discord_io.channels import Channels
from ..errors import ChannelClosedError, PostError
from ..ingest.rate_limits import ThrottledLog
from ..settings import Settings
from ..store.blocks import Blocks
from ..store.inbox import ChannelRecord

MAX_WAITING = 200
"""Most unknown channels whose look-up waits for its turn. The events of further ones are dropped."""
WAITING_SECONDS = 600.0
DROPPED_LINES = 50


class EventFilter:
    """Filters the inbox entries of all channels. One per process."""

    def __init__(
        self, channels: Channels, blocks: Blocks, settings: Settings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._channels = channels
        self._blocks = blocks
        self._settings = settings
        self._waiting: TTLCache[str, bool] = TTLCache(MAX_WAITING, WAITING_SECONDS, clock)
        """Channels whose look-up waits, the oldest first."""
        self._reports = ThrottledLog("Dropped an event for", DROPPED_LINES, clock)

    async def filter_events(self, record: ChannelRecord) -> float | None:
        """Drop the entries of `record` that are not for the bot.

        Returns the seconds after which to try again, when the look-up of an unknown channel has to wait for Discord.
        Entries of a channel that the bot was in before stay when Discord cannot be asked.
        """
        if not any(record.entries):
            return None
        try:
            place = await self._channels.place(record.channel_id)
        except LookLaterError as exc:
            return None if record.plan.is_known else self._put_off(record, exc.retry_after or 1.0)
        except PostError as exc:
            self._waiting.pop(record.channel_id, None)
            if not (isinstance(exc, ChannelClosedError) and record.plan.is_known):
                self._drop(record, "unknown_channel", f"the bot is not in it: {exc.detail}")
            return None
        self._waiting.pop(record.channel_id, None)
        if place is not None:
            record.plan.home = place.guild_id or ""
        self._drop_strays(record)
        await self._drop_where_blocked(record)
        return None

    async def _drop_where_blocked(self, record: ChannelRecord) -> None:
        blocked = self._settings.blocked_channels, await self._blocks.of(record.plan.home or None)
        if any(record.channel_id in ids for ids in blocked):
            self._drop(record, "channel_blocked", "it is blocked")

    def _put_off(self, record: ChannelRecord, seconds: float) -> float | None:
        if record.channel_id not in self._waiting:
            if len(self._waiting) >= MAX_WAITING:
                self._drop(record, "busy", "too many unknown channels are to be looked up")
                return None
            self._waiting[record.channel_id] = True
        # Their channels are looked up one after the other.
        return seconds + list(self._waiting).index(record.channel_id)

    def _drop_strays(self, record: ChannelRecord) -> None:
        home = record.plan.home
        if home is None:
            return
        for at, entry in enumerate(record.entries):
            if entry is not None and entry[1].guild_id not in {None, home}:
                why = "the channel is not in the server that the event names"
                record.drop(at, "other_guild", why)
                self._reports.warn(f"channel {record.channel_id}", why)

    def _drop(self, record: ChannelRecord, code: str, why: str) -> None:
        lost = sum(entry is not None for entry in record.entries)
        for at in range(len(record.entries)):
            record.drop(at, code, why)
        self._reports.warn(f"channel {record.channel_id}", why, lost)
