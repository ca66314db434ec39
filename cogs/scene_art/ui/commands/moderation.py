"""`/scene-art-mod …`: what moderators of a server do. Hidden from everybody else by default."""

from __future__ import annotations

import discord
from discord import app_commands

from ...i18n import Sentence, gettext
from ...services.services import FindServices
from ..command_tree import LocalisedGroup
from ..context import Interaction, RequestContext
from ..responses import respond

SHOWN = 40
"""Blocked users and channels that are listed; a message has room for 2,000 characters."""

AnyChannel = app_commands.AppCommandChannel | app_commands.AppCommandThread


class ModerationCommands(LocalisedGroup):
    """A group of its own: Discord hides whole groups, not single commands of one."""

    def __init__(self, find: FindServices) -> None:
        super().__init__(
            name="scene-art-mod",
            description="Control who can ask for pictures, and where",
            default_permissions=discord.Permissions(manage_messages=True),
            guild_only=True,
            allowed_installs=app_commands.AppInstallationType(guild=True),
        )
        self._find = find

    @app_commands.command(name="block", description="Block a user or a channel, or list what is blocked")
    @app_commands.describe(user="User to block", channel="Channel to block")
    async def block(
        self, interaction: Interaction, user: discord.User | None = None, channel: AnyChannel | None = None
    ) -> None:
        """Block a user, a channel, or both."""
        await self._change(interaction, user, channel, block=True)

    @app_commands.command(name="unblock", description="Unblock a user or a channel, or list what is blocked")
    @app_commands.describe(user="User to unblock", channel="Channel to unblock")
    async def unblock(
        self, interaction: Interaction, user: discord.User | None = None, channel: AnyChannel | None = None
    ) -> None:
        """Undo the block of a user, a channel, or both."""
        await self._change(interaction, user, channel, block=False)

    async def _change(
        self, interaction: Interaction, user: discord.User | None, channel: AnyChannel | None, *, block: bool
    ) -> None:
        """Carry the change out for what was named, and show what is blocked now."""

        async def change_blocks(context: RequestContext) -> Sentence:
            settings, person = context.services.settings, context.requester
            change = settings.block if block else settings.unblock
            for thing in (user, channel):
                if thing is not None:
                    await change(str(thing.id), by=person)
            return _list(await settings.blocked(by=person), interaction)

        await respond(interaction, self._find, change_blocks)


def _list(blocked: tuple[str, ...], interaction: Interaction) -> Sentence:
    if not blocked:
        return gettext(
            "Nothing is blocked in this server. To block, run `/scene-art-mod block` with a user or a channel."
        )
    shown = ", ".join(_mention(what, interaction) for what in sorted(blocked)[:SHOWN])
    if len(blocked) > SHOWN:
        return gettext("Blocked in this server: {shown} and {more} more.", shown=shown, more=len(blocked) - SHOWN)
    return gettext("Blocked in this server: {shown}.", shown=shown)


def _mention(what: str, interaction: Interaction) -> str:
    """An id is a user's or a channel's; the server knows its channels."""
    if not what.isascii() or not what.isdigit():
        return "?"
    guild = interaction.guild
    is_channel = guild is not None and guild.get_channel_or_thread(int(what)) is not None
    return f"<#{what}>" if is_channel else f"<@{what}>"
