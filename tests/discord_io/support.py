"""Channels that the bot's cache does not have."""

from __future__ import annotations

from typing import Any

from sandbox import Channel, Guild
from sandbox.world import ChannelKind
from tests.stage import Stage


def unseen(stage: Stage, guild: Guild | None = None, parent: Channel | None = None, **how: Any) -> Channel:
    """A channel that Discord knows and the bot's cache does not: another shard's, or a thread that slept."""
    world = stage.sandbox.discord.world
    kind = ChannelKind.PUBLIC_THREAD if parent else ChannelKind.TEXT
    channel = Channel(world.new_id(), kind, "elsewhere", guild or stage.guild, parent, **how)
    world.channels[channel.id] = channel
    return channel
