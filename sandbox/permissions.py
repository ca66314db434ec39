"""Permission bits, and what the bot may do where."""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING

from sandbox.errors import missing_access, missing_permissions

if TYPE_CHECKING:
    from sandbox.world import Channel


class Permission(IntFlag):
    """The bits that this sandbox looks at, with Discord's numbers."""

    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    USE_APPLICATION_COMMANDS = 1 << 31
    CREATE_PUBLIC_THREADS = 1 << 35
    SEND_MESSAGES_IN_THREADS = 1 << 38
    MANAGE_GUILD = 1 << 5
    ADMINISTRATOR = 1 << 3


ALL_BITS = (1 << 53) - 1

BOT_DEFAULT = int(
    Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
)
"""The permissions of a bot that was invited with sensible ones."""

PERSON_DEFAULT = BOT_DEFAULT
"""The permissions of `@everyone`; `add_user(permissions=...)` adds to a person's own."""


def bot_permissions(channel: Channel) -> int:
    """The bot's computed bits in `channel`; a thread has its parent's."""
    if not channel.has_bot:
        return 0
    if channel.guild is None:
        return BOT_DEFAULT
    owner = channel.parent or channel
    return BOT_DEFAULT if owner.bot_bits is None else owner.bot_bits


def may(channel: Channel, permission: Permission) -> bool:
    """Tell whether the bot has `permission` in `channel`."""
    return bool(bot_permissions(channel) & (permission | Permission.ADMINISTRATOR))


def require(channel: Channel, *permissions: Permission) -> None:
    """Check that the bot sees `channel` and has `permissions` there.

    Raises:
        DiscordError: 50001 without sight of the channel, 50013 without one of the permissions.
    """
    if not may(channel, Permission.VIEW_CHANNEL):
        raise missing_access()
    if not all(may(channel, permission) for permission in permissions):
        raise missing_permissions()


def sending_in(channel: Channel) -> Permission:
    """The permission that posting in `channel` takes."""
    return Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
