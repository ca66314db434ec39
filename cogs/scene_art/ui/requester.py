"""Who uses a command or a button, as Discord tells it with every interaction."""

from __future__ import annotations

from typing import Any

import discord

from ..domain.permissions import Requester
from ..errors import CannotDoError
from ..i18n import gettext


def requester_of(interaction: discord.Interaction[Any]) -> Requester:
    """The person, with what they may do in the interaction's channel at this moment.

    Raises:
        CannotDoError: the bot is not there.
    """
    # Discord may still offer a command that an earlier version registered for people's own installations.
    by_server = interaction.is_guild_integration() or not interaction.is_user_integration()
    if not (by_server or interaction.context.dm_channel):
        raise CannotDoError(
            gettext("The bot isn't a member here, so scene-art can't draw here. Use it in a server that has the bot.")
        )
    granted = interaction.permissions
    in_server = interaction.guild_id is not None
    # Whoever is shown a channel may at least see it: no permission at all means that none were told.
    told = in_server and bool(granted.value)
    moderates = granted.administrator or granted.manage_messages or granted.manage_guild
    return Requester(
        user_id=str(interaction.user.id),
        guild_id=str(interaction.guild_id) if in_server else None,
        role_ids=_role_ids(interaction.user),
        may_write=not told or granted.administrator or _writes(interaction),
        is_moderator=moderates if in_server else True,
    )


def _role_ids(user: discord.User | discord.Member) -> frozenset[str]:
    # `Member.roles` leaves out roles that the host's cache does not know; without the guilds intent it knows none.
    told = getattr(user, "_roles", ())
    return frozenset(str(role.id) for role in getattr(user, "roles", ())) | frozenset(str(role_id) for role_id in told)


def _writes(interaction: discord.Interaction[Any]) -> bool:
    granted = interaction.permissions
    if isinstance(interaction.channel, discord.Thread):
        return granted.send_messages_in_threads
    if isinstance(interaction.channel, discord.abc.GuildChannel):
        return granted.send_messages
    return granted.send_messages or granted.send_messages_in_threads
