"""The request behind a command, a button or a form: who asks, where, in which language, with which files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import discord

from ..discord_io.requests import TROUBLES
from ..domain.permissions import Requester
from ..errors import CannotDoError
from ..i18n import gettext, translate
from ..services.rates import TYPING, USING
from ..services.services import FindServices, Services

Interaction = discord.Interaction[Any]
LARGEST_UPLOAD = 8 * 1024 * 1024
OPERATORS = frozenset({discord.TeamMemberRole.admin, discord.TeamMemberRole.developer})
"""The roles in an application's team with which discord.py takes somebody for an owner."""


@dataclass(frozen=True)
class RequestContext:
    """One request, as Discord describes it at that moment."""

    services: Services
    requester: Requester
    channel_id: str
    """The channel that it is about: for a button, and a form behind it, the one that the button's message lies in."""
    locale: str
    """The requester's language, by Discord's name such as `de`."""
    message_id: str
    """The message whose button or list was used; empty for a command."""

    def lines(self, *texts: str | None) -> str:
        """Put texts below each other, in the requester's language; None and empty ones are left out."""
        return "\n".join(translate(text, self.locale) for text in texts if text)


def read_context(interaction: Interaction, find: FindServices) -> RequestContext:
    """Read the request out of `interaction`.

    Raises:
        SceneArtError: there are no services at present, the bot is not there, or they use it too fast; the sentence
            says so.
    """
    services = find()
    if not _is_member(interaction):
        raise CannotDoError(
            gettext("The bot isn't a member here, so scene-art can't draw here. Use it in a server that has the bot.")
        )
    thread = interaction.channel if isinstance(interaction.channel, discord.Thread) else None
    if thread is not None and _lies_outside(interaction.message, thread):
        channel_id, thread = str(thread.parent_id), None
    else:
        channel_id = str(interaction.channel_id)
    requester = _read_requester(interaction, in_thread=thread is not None)
    is_typing = interaction.type is discord.InteractionType.autocomplete
    services.rates.check(requester, channel_id, TYPING if is_typing else USING)
    message_id = str(interaction.message.id) if interaction.message else ""
    return RequestContext(services, requester, channel_id, str(interaction.locale), message_id)


@dataclass(frozen=True)
class UploadedFile:
    """A file at Discord, to be read when its turn has come, within the command: Discord's links to it expire."""

    attachment: discord.Attachment

    def check(self) -> None:
        """Check its size, as Discord tells it. Raises as `Upload.check`."""
        if self.attachment.size > LARGEST_UPLOAD:
            raise CannotDoError(
                gettext("That picture is too large. The limit is {limit} MB.", limit=LARGEST_UPLOAD // 1024**2)
            )

    async def read(self) -> bytes:
        """Read its bytes. Raises as `Upload.read`."""
        try:
            return await self.attachment.read()
        except TROUBLES:
            raise CannotDoError(gettext("Couldn't download that picture from Discord. Upload it again.")) from None


def _is_member(interaction: Interaction) -> bool:
    """Tell whether the bot is a member of the server, or this is a direct conversation with it.

    Discord may still offer a command that an earlier version registered for people's own installations. Where anybody
    presses a button under its answer, the interaction names the installation of whoever was answered.
    """
    if interaction.guild_id is None:
        return bool(interaction.context.dm_channel)
    return interaction.is_guild_integration() or interaction.client.get_guild(interaction.guild_id) is not None


def _lies_outside(message: discord.Message | None, thread: discord.Thread) -> bool:
    """Tell whether `message` lies in the channel around `thread`, although Discord shows it within.

    discord.py keeps no channel of the message's own. But Discord's ids grow with time, and a thread has the id of the
    message that it began at: what lies in it is younger, except for a forum post's first message, which has that id.
    """
    return message is not None and message.id <= thread.id and not isinstance(thread.parent, discord.ForumChannel)


def _read_requester(interaction: Interaction, *, in_thread: bool) -> Requester:
    granted = interaction.permissions
    in_server = interaction.guild_id is not None
    # Whoever is shown a channel may at least see it: no permission at all means that none were told.
    known = in_server and bool(granted.value)
    # Discord sends no permissions of a person's in direct messages, but those that everybody has there.
    moderates = in_server and (granted.administrator or granted.manage_messages or granted.manage_guild)
    return Requester(
        user_id=str(interaction.user.id),
        guild_id=str(interaction.guild_id) if in_server else None,
        role_ids=_read_role_ids(interaction.user),
        may_write=not known or granted.administrator or _may_write(interaction, in_thread=in_thread),
        is_moderator=moderates,
        is_operator=interaction.user.id in _list_operators(interaction.client.application),
        is_alone=not in_server,  # `read_context` has turned conversations of several people away
    )


def _list_operators(application: discord.AppInfo | None) -> frozenset[int]:
    """List the ids of those to whom the bot's application belongs; none before the bot has logged in."""
    if application is None:
        return frozenset()
    if application.team is None:
        return frozenset({application.owner.id})
    joined = [one for one in application.team.members if one.membership_state is discord.TeamMembershipState.accepted]
    return frozenset(one.id for one in joined if one.role in OPERATORS or one.id == application.team.owner_id)


def _read_role_ids(user: discord.User | discord.Member) -> frozenset[str]:
    # `Member.roles` leaves out roles that the host's cache does not know; without the guilds intent it knows none.
    ids = getattr(user, "_roles", ())
    return frozenset(str(role.id) for role in getattr(user, "roles", ())) | frozenset(str(role_id) for role_id in ids)


def _may_write(interaction: Interaction, *, in_thread: bool) -> bool:
    granted = interaction.permissions
    if in_thread:
        return granted.send_messages_in_threads
    if isinstance(interaction.channel, discord.abc.GuildChannel | discord.Thread):
        return granted.send_messages
    return granted.send_messages or granted.send_messages_in_threads
