"""Permissions: the rules that every command and button asks each time. No Discord type, no state."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ..errors import CannotDoError
from ..i18n import gettext
from ..settings import Settings
from .scene import Scene


@dataclass(frozen=True)
class Requester:
    """Somebody who uses a command or a button, as Discord describes them at that moment."""

    user_id: str
    guild_id: str | None = None
    """None: direct messages."""
    role_ids: frozenset[str] = frozenset()
    may_write: bool = True
    """True: they may write where they are, or Discord does not tell."""
    is_moderator: bool = False
    """True: they may manage messages there, or the server. In direct messages everybody may."""

    @property
    def mention(self) -> str:
        """The words by which Discord names them in a message."""
        return f"<@{self.user_id}>"

    def server_of(self, channel_id: str) -> str:
        """Return the id that a server's things are kept under: the server's, or the channel's in direct messages."""
        return self.guild_id or channel_id


def check_requester(
    person: Requester, channel_id: str, settings: Settings, blocked: Collection[str], roles: Collection[str] = ()
) -> None:
    """`blocked` are the ids of users and channels that the moderators of the person's server have blocked.

    `roles` are those that the channel's own settings name; one of them is needed, beside one of the operator's.

    Raises:
        CannotDoError: they may not use scene-art there; the sentence says why and who can change it.
    """
    check_not_blocked(person, settings, blocked)
    if channel_id in settings.blocked_channels:
        raise CannotDoError(gettext("The bot owner has turned pictures off in this channel. Try another channel."))
    if channel_id in blocked:
        raise CannotDoError(gettext("A moderator has turned pictures off in this channel. Try another channel."))
    if not person.may_write:
        raise CannotDoError(gettext("You can't send messages in this channel, so you can't ask for pictures here."))
    if settings.roles and person.guild_id is None:
        raise CannotDoError(
            gettext("Pictures need a server role, so they aren't available in direct messages. Ask in a server.")
        )
    for needed in (settings.roles, roles):
        if needed and not person.is_moderator and not person.role_ids & frozenset(needed):
            raise CannotDoError(gettext("You need a certain role to ask for pictures. Ask a moderator which one."))


def check_not_blocked(person: Requester, settings: Settings, blocked: Collection[str]) -> None:
    """Raise `CannotDoError` for somebody whom the operator or a moderator of the server has blocked."""
    if person.user_id in settings.blocked_users:
        raise CannotDoError(gettext("The bot owner has blocked you from using scene-art."))
    if person.user_id in blocked and not person.is_moderator:
        raise CannotDoError(
            gettext("A moderator has blocked you from using scene-art in this server. Ask a moderator to unblock you.")
        )


def check_moderator(person: Requester) -> None:
    """Raise `CannotDoError` for somebody who is no moderator."""
    if not person.is_moderator:
        raise CannotDoError(gettext("Only moderators can do that (Manage Messages or Manage Server)."))


def check_owner(person: Requester, scene: Scene, *, is_depicted: bool) -> None:
    """Raise `CannotDoError` for somebody who did not ask for the picture, is not in it, and is no moderator."""
    if not (scene.requested_by == person.user_id or is_depicted or person.is_moderator):
        raise CannotDoError(
            gettext(
                "Only the person who asked for this picture, people whose character is in it, and moderators can "
                "do that."
            )
        )
