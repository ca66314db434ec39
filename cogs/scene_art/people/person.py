"""Who may do what: the rules that every command and button asks each time. No Discord type, no state."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ..errors import CannotDoError
from ..scene import Scene
from ..settings import Settings
from ..speech import say


@dataclass(frozen=True)
class Person:
    """Somebody who uses a command or a button, as Discord describes them at that moment."""

    user_id: str
    guild_id: str | None = None
    """None: direct messages."""
    role_ids: frozenset[str] = frozenset()
    may_write: bool = True
    """Whether they may write where they are; true where Discord does not tell."""
    is_moderator: bool = False
    """Whether they may manage messages there, or the server. In direct messages everybody may."""


def check_person(person: Person, channel_id: str, settings: Settings, blocked: Collection[str]) -> None:
    """`blocked` are the ids of users and channels that the moderators of the person's server have blocked.

    Raises:
        CannotDoError: they may not use scene-art there; the sentence says why and who can change it.
    """
    _check_not_blocked(person, settings, blocked)
    if channel_id in settings.blocked_channels:
        raise CannotDoError(say("There are no pictures in this channel. Whoever runs this bot has switched them off."))
    if channel_id in blocked:
        raise CannotDoError(say("There are no pictures in this channel. A moderator has switched them off."))
    if not person.may_write:
        raise CannotDoError(say("You may not write in this channel, so I paint nothing for you here."))
    _check_roles(person, settings)


def _check_not_blocked(person: Person, settings: Settings, blocked: Collection[str]) -> None:
    if person.user_id in settings.blocked_users:
        raise CannotDoError(say("You may not use scene-art. Whoever runs this bot has blocked you."))
    if person.user_id in blocked and not person.is_moderator:
        raise CannotDoError(
            say("You may not use scene-art in this server. A moderator has blocked you and can undo that.")
        )


def _check_roles(person: Person, settings: Settings) -> None:
    if not settings.roles:
        return
    if person.guild_id is None:
        raise CannotDoError(say("I paint only in servers, for people with a certain role. Please ask me there."))
    if not person.is_moderator and not person.role_ids & frozenset(settings.roles):
        raise CannotDoError(say("You need a certain role to ask for pictures. A moderator can give it to you."))


def check_moderator(person: Person) -> None:
    """
    Raises:
        CannotDoError: they are none.
    """
    if not person.is_moderator:
        raise CannotDoError(say("Only moderators can do that: you need Manage Messages or Manage Server."))


def check_deletion(person: Person, scene: Scene, settings: Settings, blocked: Collection[str] = frozenset()) -> None:
    """Whether they may delete the scene's picture. Moderators may where no pictures are painted, too.

    Raises:
        CannotDoError: the scene is neither theirs, nor are they moderators; or they may not use scene-art there.
    """
    if person.is_moderator and person.guild_id is not None:
        _check_not_blocked(person, settings, blocked)
        return
    check_person(person, scene.channel_id, settings, blocked)
    if not person.is_moderator and (scene.requested_by is None or scene.requested_by != person.user_id):
        raise CannotDoError(say("Only whoever asked for this picture and moderators (Manage Messages) can delete it."))
