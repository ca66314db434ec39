"""Writes the audit log's lines into a server's log channel."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from ..i18n import Sentence
from .captions import NOBODY
from .channels import Channels
from .requests import TROUBLES

log = logging.getLogger(__name__)

SEND_SECONDS = 20.0


@dataclass(frozen=True)
class Entry:
    """One line of the log, with the channel and the server that it is about."""

    channel_id: str
    guild_id: str | None
    line: Sentence


async def write_entry(channels: Channels, channel_id: str, entry: Entry) -> None:
    """Send `entry` into a log channel through the bot's own connection. Never fails: what cannot be sent is logged."""
    # The id comes from a moderator or from Redis: it must not lead to another server's channel.
    if entry.guild_id is None or not channels.is_in(int(entry.guild_id), channel_id):
        log.debug("The log channel %s is not in server %s", channel_id, entry.guild_id)
        return
    send = channels.target(channel_id).send(
        content=f"<#{entry.channel_id}> {entry.line}", allowed_mentions=NOBODY, silent=True
    )
    try:
        await channels.requests.answer(send, SEND_SECONDS)
    except TROUBLES as exc:
        log.warning("A line for the log channel %s could not be written (%s)", channel_id, type(exc).__name__)
