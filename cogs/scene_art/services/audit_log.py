"""The audit log: people's actions, in the channel that moderators chose for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from ..discord_io.log_channel import Entry
from ..i18n import Sentence
from ..store.channel_settings import ChannelSettingsReader

log = logging.getLogger(__name__)

WAITING_LINES = 200

Tell = Callable[[str, Entry], Awaitable[None]]
"""Writes an entry into a channel, by its id. Never fails."""


class AuditLog:
    """Queues lines and writes them one after the other, so that no caller waits."""

    def __init__(self, channel_settings: ChannelSettingsReader, tell: Tell) -> None:
        self._channel_settings = channel_settings
        self._tell = tell
        self._lines: asyncio.Queue[Entry] = asyncio.Queue(WAITING_LINES)

    def note(self, channel_id: str, guild_id: str | None, line: Sentence) -> None:
        """Queue a line for the server's log channel, if there is one. Drops it with a warning when too many wait."""
        try:
            self._lines.put_nowait(Entry(channel_id, guild_id, line))
        except asyncio.QueueFull:
            log.warning("Too many lines for the log channels; one of channel %s is left out", channel_id)

    async def run(self) -> None:
        """Write queued lines until cancelled."""
        while True:
            entry = await self._lines.get()
            channel_settings = await self._channel_settings.of(entry.channel_id, entry.guild_id)
            if channel_settings.log_channel is not None and entry.guild_id is not None:
                await self._tell(channel_settings.log_channel, entry)
