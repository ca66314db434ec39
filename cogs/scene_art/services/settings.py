"""Settings that moderators choose for their server and its channels. No Discord type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..domain.permissions import Requester
from ..domain.preferences import CHANNEL, SERVER, SETTINGS, ChannelSettings, StyleList
from ..domain.styles import Styles
from ..errors import CannotDoError
from ..i18n import gettext
from ..store.channel_settings import ChannelSettingsReader
from .access import AccessControl
from .audit_log import AuditLog

DOES_NOT_FIT = gettext("That value doesn't fit this setting. Nothing was changed. Try another value.")


class SettingsService:
    """Every method checks who asks. Every method may raise `TransientError` when Redis is away."""

    def __init__(
        self, *, channel_settings: ChannelSettingsReader, styles: Styles, access: AccessControl, audit: AuditLog
    ) -> None:
        self._channel_settings = channel_settings
        self._styles = styles
        self._access = access
        self._audit = audit

    async def channel_settings(self, channel_id: str, *, by: Requester) -> ChannelSettings:
        """Read the settings that hold in the channel.

        Raises:
            CannotDoError: they are no moderator.
        """
        await self._access.check_moderator_access(by)
        return await self._channel_settings.repository.of(self._channel_settings.channel_scope(channel_id, by.guild_id))

    async def chosen(self, channel_id: str, *, for_server: bool, by: Requester) -> Mapping[str, Any]:
        """Read what was chosen for the channel, or for the whole server, alone, by the settings' names.

        Raises:
            CannotDoError: they are no moderator.
        """
        await self._access.check_moderator_access(by)
        channel_scope = self._channel_settings.channel_scope(channel_id, by.guild_id)
        return await self._channel_settings.repository.chosen(channel_scope, SERVER if for_server else channel_id)

    async def choose(
        self, channel_id: str, name: str, value: object, *, for_server: bool, by: Requester
    ) -> ChannelSettings:
        """Make a choice for the channel or the whole server, or take it back with None; what holds then.

        Raises:
            CannotDoError: they are no moderator, or the value does not fit.
        """
        setting = SETTINGS.get(name)
        if setting is None or (SERVER if for_server else CHANNEL) not in setting.scopes:
            raise CannotDoError(DOES_NOT_FIT)
        await self._access.check_setting_access(by, setting)
        if isinstance(setting.widget, StyleList) and isinstance(value, str):
            value = self._known_style(value)
        channel_scope = self._channel_settings.channel_scope(channel_id, by.guild_id)
        try:
            found = await self._channel_settings.repository.choose(
                channel_scope, SERVER if for_server else channel_id, name, value
            )
        except ValueError:
            raise CannotDoError(DOES_NOT_FIT) from None
        line = gettext("{who} changed the setting “{name}”.", who=f"<@{by.user_id}>", name=setting.label)
        self._audit.note(channel_id, by.guild_id, line)
        return found

    def _known_style(self, wanted: str) -> str:
        style = self._styles.find(wanted)
        if style is None:
            raise CannotDoError(gettext("There's no style by that name. Choose one from the list."))
        return style.id
