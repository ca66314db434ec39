"""The audit log: people's actions, in the channel that moderators chose for it."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace

from ..discord_io.log_channel import Entry
from ..i18n import Sentence, ngettext
from ..store.channel_settings import ChannelSettingsReader

log = logging.getLogger(__name__)

LINES_OF_SERVER, LINES_OF_PERSON = 50, 20
"""Lines that wait. Discord takes about one a second in a channel."""
SERVERS_WAITING = 1_000

Tell = Callable[[str, Entry], Awaitable[None]]
"""Writes an entry into a channel, by its id. Never fails."""


class AuditLog:
    """Queues lines, so that no caller waits, and writes those of each server one after the other.

    A server with many lines, or a slow log channel, keeps no other one waiting. What is too much for a server, or for
    a person in it, is counted, and told in one line behind those that wait.
    """

    def __init__(self, channel_settings: ChannelSettingsReader, tell: Tell) -> None:
        self._channel_settings = channel_settings
        self._tell = tell
        self._waiting: dict[str, _Lines] = {}
        """The lines of the servers that are written to, or will be."""
        self._new: deque[str] = deque()
        self._news = asyncio.Event()

    def note(self, channel_id: str, guild_id: str | None, line: Sentence) -> None:
        """Queue a line for the server's log channel, if there is one."""
        if guild_id is None:
            return
        lines = self._waiting.get(guild_id)
        if lines is None:
            if len(self._waiting) >= SERVERS_WAITING:
                log.warning("Too many servers wait for their log channels; a line of %s is left out", guild_id)
                return
            lines = self._waiting[guild_id] = _Lines()
            self._new.append(guild_id)
            self._news.set()
        lines.add(Entry(channel_id, guild_id, line))

    async def run(self) -> None:
        """Write queued lines until cancelled."""
        async with asyncio.TaskGroup() as writers:
            while True:
                await self._news.wait()
                self._news.clear()
                while self._new:
                    server = self._new.popleft()
                    writers.create_task(self._write_all(server), name=f"scene-art audit {server}")

    async def _write_all(self, server: str) -> None:
        """Write the lines of a server until none is left."""
        try:
            while (entry := self._waiting[server].take()) is not None:
                channel_settings = await self._channel_settings.of(entry.channel_id, server)
                if channel_settings.log_channel is not None:
                    await self._tell(channel_settings.log_channel, entry)
        finally:
            del self._waiting[server]


class _Lines:
    """The lines of one server that wait, and how many were left out."""

    def __init__(self) -> None:
        self._lines: deque[Entry] = deque()
        self._left_out: Entry | None = None
        self._count = 0

    def add(self, entry: Entry) -> None:
        person = _person(entry)
        own = sum(_person(one) == person for one in self._lines)
        if len(self._lines) < LINES_OF_SERVER and own < LINES_OF_PERSON:
            self._lines.append(entry)
        else:
            self._left_out, self._count = entry, self._count + 1

    def take(self) -> Entry | None:
        """Take the oldest line out; at the end the one that tells how many are missing; None: there is no more."""
        if self._lines:
            return self._lines.popleft()
        last, count = self._left_out, self._count
        if last is None:
            return None
        self._left_out, self._count = None, 0
        return replace(last, line=ngettext("… and {count} more line.", "… and {count} more lines.", count, count=count))


def _person(entry: Entry) -> object:
    """Tell who did it: every line names them as `who`."""
    return entry.line.values.get("who")
