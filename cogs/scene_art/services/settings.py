"""What moderators decide for their server and its channels: settings, and who is blocked. No Discord type.

In direct messages people decide for themselves, but for what is a server's alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..domain.permissions import Requester
from ..domain.preferences import SERVER, SETTINGS, ChannelSettings, StyleList
from ..domain.styles import Styles
from ..errors import CannotDoError
from ..i18n import gettext
from ..store.blocks import Blocks
from ..store.channel_settings import ChannelSettingsReader
from .access import AccessControl
from .audit_log import AuditLog

DOES_NOT_FIT = gettext("That value doesn't fit this setting. Nothing was changed. Try another value.")


class SettingsService:
    """Every method raises `CannotDoError` for who may not decide there, and `TransientError` when Redis is away."""

    def __init__(
        self,
        *,
        channel_settings: ChannelSettingsReader,
        blocks: Blocks,
        styles: Styles,
        access: AccessControl,
        audit: AuditLog,
    ) -> None:
        self._channel_settings = channel_settings
        self._blocks = blocks
        self._styles = styles
        self._access = access
        self._audit = audit

    async def channel_settings(self, channel_id: str, *, by: Requester) -> ChannelSettings:
        """Read the settings that hold in the channel."""
        await self._access.check_manager_access(by)
        return await self._channel_settings.repository.of(self._channel_settings.channel_scope(channel_id, by.guild_id))

    async def chosen(self, channel_id: str, *, for_server: bool, by: Requester) -> Mapping[str, Any]:
        """Read what was chosen for the channel, or for the whole server, alone, by the settings' names."""
        await self._access.check_manager_access(by)
        channel_scope = self._channel_settings.channel_scope(channel_id, by.guild_id)
        return await self._channel_settings.repository.chosen(channel_scope, SERVER if for_server else channel_id)

    def allows(self, name: str, value: object) -> bool:
        """Tell whether the operator leaves this value of the setting `name` to moderators."""
        return self._channel_settings.repository.allows(name, value)

    async def choose(
        self, channel_id: str, name: str, value: object, *, for_server: bool, by: Requester
    ) -> ChannelSettings:
        """Make a choice for the channel or the whole server, or take it back with None; what holds then.

        Raises:
            CannotDoError: the value does not fit, or goes beyond what the operator allows, or too much is chosen.
        """
        await self._access.check_manager_access(by)
        setting = SETTINGS.get(name)
        if setting is None:
            raise CannotDoError(DOES_NOT_FIT)
        if isinstance(setting.widget, StyleList) and isinstance(value, str):
            value = self._known_style(value)
        channel_scope = self._channel_settings.channel_scope(channel_id, by.guild_id)
        try:
            found = await self._channel_settings.repository.choose(
                channel_scope, SERVER if for_server else channel_id, name, value, by=by.user_id
            )
        except ValueError:
            raise CannotDoError(DOES_NOT_FIT) from None
        line = gettext("{who} changed the setting “{name}”.", who=by.mention, name=setting.label)
        self._audit.note(channel_id, by.guild_id, line)
        return found

    async def blocked(self, *, by: Requester) -> tuple[str, ...]:
        """List the ids of the users and channels that are blocked in the person's server, in no order."""
        await self._access.check_moderator_access(by)
        return tuple(await self._blocks.of(by.guild_id))

    async def block(self, blocked_id: str, *, by: Requester) -> None:
        """Block a user or channel of the person's server by its id.

        Raises:
            CannotDoError: too many are blocked.
        """
        await self._access.check_moderator_access(by)
        await self._blocks.block(_server_of(by), blocked_id)

    async def unblock(self, blocked_id: str, *, by: Requester) -> None:
        """Undo a block."""
        await self._access.check_moderator_access(by)
        await self._blocks.unblock(_server_of(by), blocked_id)

    def _known_style(self, wanted: str) -> str:
        style = self._styles.find(wanted)
        if style is None:
            raise CannotDoError(gettext("There's no style by that name. Choose one from the list."))
        return style.id


def _server_of(person: Requester) -> str:
    if person.guild_id is None:
        raise CannotDoError(gettext("Blocks only work in servers. Run this command in a server."))
    return person.guild_id
