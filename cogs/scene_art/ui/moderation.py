"""`/scene-art-mod …`: what moderators of a server do. Hidden from everybody else by default."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord import app_commands

from ..errors import SceneArtError
from ..studio import Studio
from .person import person_of
from .progress import OUT_OF_REACH, say

SHOWN = 40
"""How many blocked users and channels are listed; a message has room for 2,000 characters."""

FindStudio = Callable[[], Studio | None]
Change = Callable[[Studio, str], Awaitable[None]]


class ModerationCommands(app_commands.Group):
    """A group of its own: Discord hides whole groups, not single commands of one."""

    def __init__(self, find_studio: FindStudio) -> None:
        super().__init__(
            name="scene-art-mod",
            description="Who may have pictures painted in this server, and where",
            default_permissions=discord.Permissions(manage_messages=True),
            guild_only=True,
        )
        self._find_studio = find_studio

    @app_commands.command(name="block", description="No more pictures for somebody, or in a channel")
    @app_commands.describe(user="Who may not ask for pictures any more", channel="Where there are no more pictures")
    async def block(
        self,
        interaction: discord.Interaction[Any],
        user: discord.User | None = None,
        channel: app_commands.AppCommandChannel | app_commands.AppCommandThread | None = None,
    ) -> None:
        """Block a user, a channel, or both."""
        person = person_of(interaction)
        await self._change(interaction, user, channel, lambda studio, what: studio.block(what, by=person))

    @app_commands.command(name="unblock", description="Undo a block")
    @app_commands.describe(user="Who may ask for pictures again", channel="Where there may be pictures again")
    async def unblock(
        self,
        interaction: discord.Interaction[Any],
        user: discord.User | None = None,
        channel: app_commands.AppCommandChannel | app_commands.AppCommandThread | None = None,
    ) -> None:
        """Undo the block of a user, a channel, or both."""
        person = person_of(interaction)
        await self._change(interaction, user, channel, lambda studio, what: studio.unblock(what, by=person))

    async def _change(
        self,
        interaction: discord.Interaction[Any],
        user: discord.User | None,
        channel: app_commands.AppCommandChannel | app_commands.AppCommandThread | None,
        change: Change,
    ) -> None:
        """Carry the change out for what was named, and show what is blocked now."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        studio = self._find_studio()
        text = OUT_OF_REACH
        if studio is not None:
            try:
                for thing in (user, channel):
                    if thing is not None:
                        await change(studio, str(thing.id))
                text = _listed(await studio.blocked(by=person_of(interaction)), interaction)
            except SceneArtError as exc:
                text = exc.sentence
        await say(interaction, text)


def _listed(blocked: tuple[str, ...], interaction: discord.Interaction[Any]) -> str:
    if not blocked:
        return "Nobody and no channel is blocked in this server. Name a user or a channel to block one."
    shown = ", ".join(_mention(what, interaction) for what in sorted(blocked)[:SHOWN])
    more = f" and {len(blocked) - SHOWN} more" if len(blocked) > SHOWN else ""
    return f"Blocked in this server: {shown}{more}."


def _mention(what: str, interaction: discord.Interaction[Any]) -> str:
    """An id is a user's or a channel's; the server knows its channels."""
    if not what.isascii() or not what.isdigit():
        return "?"
    guild = interaction.guild
    is_channel = guild is not None and guild.get_channel_or_thread(int(what)) is not None
    return f"<#{what}>" if is_channel else f"<@{what}>"
