"""What people did, told in the channel that moderators chose for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from ..domain.audit import Entry
from ..i18n import Sentence
from ..store.channel_settings import Customs

log = logging.getLogger(__name__)

WAITING_LINES = 200


Tell = Callable[[str, Entry], Awaitable[None]]
"""Writes an entry into a channel, by its id. Never fails."""


class Audit:
    """Takes lines at once and writes them one after the other; nobody waits for that."""

    def __init__(self, customs: Customs, tell: Tell) -> None:
        self._customs = customs
        self._tell = tell
        self._lines: asyncio.Queue[Entry] = asyncio.Queue(WAITING_LINES)

    def note(self, channel_id: str, guild_id: str | None, line: Sentence) -> None:
        """Have a line written, if the server has a channel for it."""
        try:
            self._lines.put_nowait(Entry(channel_id, guild_id, line))
        except asyncio.QueueFull:
            log.warning("Too many lines for the log channels; one of channel %s is left out", channel_id)

    async def run(self) -> None:
        """Write what is noted, until cancelled."""
        while True:
            entry = await self._lines.get()
            customs = await self._customs.of(entry.channel_id, entry.guild_id)
            if customs.log_channel is not None and entry.guild_id is not None:
                await self._tell(customs.log_channel, entry)
