"""Who uses a command or a button, as Discord tells it with every interaction."""

from __future__ import annotations

from typing import Any

import discord

from ..people import Person


def person_of(interaction: discord.Interaction[Any]) -> Person:
    """The person, with what they may do in the interaction's channel at this moment."""
    granted = interaction.permissions
    in_server = interaction.guild_id is not None
    # Whoever is shown a channel may at least see it: no permission at all means that none were told.
    told = in_server and bool(granted.value)
    in_thread = isinstance(interaction.channel, discord.Thread)
    writes = granted.send_messages_in_threads if in_thread else granted.send_messages
    moderates = granted.administrator or granted.manage_messages or granted.manage_guild
    return Person(
        user_id=str(interaction.user.id),
        guild_id=str(interaction.guild_id) if in_server else None,
        role_ids=frozenset(str(role.id) for role in getattr(interaction.user, "roles", ())),
        may_write=not told or granted.administrator or writes,
        is_moderator=moderates if in_server else True,
    )
