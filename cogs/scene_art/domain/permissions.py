"""Permissions: the rules that every command and button asks each time. No Discord type, no state."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ..errors import CannotDoError
from ..i18n import Sentence, gettext
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
    """True: they may manage messages there, or the server. Nobody moderates direct messages."""
    is_operator: bool = False
    """True: the bot's application is theirs or their team's, wherever they are."""

    is_alone: bool = False
    """True in direct messages with the bot, where everything is their own."""

    @property
    def manages(self) -> bool:
        """True: what is in the place is theirs to change, since they moderate it or are alone there."""
        return self.is_moderator or self.is_alone

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
    check_place(person.guild_id, settings)
    if channel_id in settings.blocked_channels:
        raise CannotDoError(gettext("The bot owner has turned pictures off in this channel. Try another channel."))
    if channel_id in blocked:
        raise CannotDoError(gettext("A moderator has turned pictures off in this channel. Try another channel."))
    if not person.may_write:
        raise CannotDoError(gettext("You can't send messages in this channel, so you can't ask for pictures here."))
    if person.guild_id is not None:
        _check_roles(person, settings, roles)


def _check_roles(person: Requester, settings: Settings, roles: Collection[str]) -> None:
    """Check the operator's roles, and those of the channel, which are its moderators' own choice."""
    passes = person.is_moderator and settings.moderators_always
    if settings.roles and not passes and person.role_ids.isdisjoint(settings.roles):
        raise CannotDoError(gettext("You need a certain role to ask for pictures. Ask the bot owner which one."))
    if roles and not person.is_moderator and person.role_ids.isdisjoint(roles):
        raise CannotDoError(gettext("You need a certain role to ask for pictures. Ask a moderator which one."))


def check_place(guild_id: str | None, settings: Settings) -> None:
    """Raise `CannotDoError` where the operator wants no pictures; see `place_refusal`."""
    if (why := place_refusal(guild_id, settings)) is not None:
        raise CannotDoError(why)


def place_refusal(guild_id: str | None, settings: Settings) -> Sentence | None:
    """Tell why the operator wants no pictures in a server, or in direct messages (None); None where they may be."""
    if guild_id is None and not settings.allows_direct_messages:
        return gettext("The bot owner has turned pictures off in direct messages. Ask in a server.")
    if guild_id is not None and settings.guilds and guild_id not in settings.guilds:
        return gettext("The bot owner hasn't turned pictures on in this server. Only the bot owner can do that.")
    return None


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
    """Raise `CannotDoError` for somebody who did not ask for the picture, is not in it, and does not manage it."""
    if not (scene.requested_by == person.user_id or is_depicted or person.manages):
        raise CannotDoError(
            gettext(
                "Only the person who asked for this picture, people whose character is in it, and moderators can "
                "do that."
            )
        )
