"""Writes the audit log's lines into a server's log channel."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import aiohttp
import discord

from ..i18n import Sentence
from .channels import Channels

log = logging.getLogger(__name__)

SEND_SECONDS = 20.0


@dataclass(frozen=True)
class Entry:
    """One line of the log, with the channel and the server that it is about."""

    channel_id: str
    guild_id: str | None
    line: Sentence


class LogChannel:
    """Sends through the bot's own connection. A line that cannot be sent is logged."""

    def __init__(self, channels: Channels) -> None:
        self._channels = channels

    async def tell(self, channel_id: str, entry: Entry) -> None:
        """Send one line. Never fails."""
        # The id comes from a moderator or from Redis: it must not lead to another server's channel.
        if entry.guild_id is None or not self._channels.is_in(int(entry.guild_id), channel_id):
            log.debug("The log channel %s is not in server %s", channel_id, entry.guild_id)
            return
        send = self._channels.target(channel_id).send(
            content=f"<#{entry.channel_id}> {entry.line}",
            allowed_mentions=discord.AllowedMentions.none(),
            silent=True,
        )
        try:
            await self._channels.requests.answer(send, SEND_SECONDS)
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as exc:
            log.warning("A line for the log channel %s could not be written (%s)", channel_id, type(exc).__name__)
