"""The settings that hold in a channel, for those who draw there: always an answer."""

from __future__ import annotations

import logging
from collections.abc import Callable

from ..domain.preferences import ChannelSettings, resolve
from ..errors import TransientError
from ..settings import Settings
from .preferences import ChannelScope, PreferenceRepository

log = logging.getLogger(__name__)

ChannelScopeOf = Callable[[str, str | None], ChannelScope]
"""Finds the scope of a channel by its id and by its server's, as far as that is known."""


class ChannelSettingsReader:
    """Looks up the choices of a channel; where Redis is away, the operator's settings hold."""

    def __init__(self, repository: PreferenceRepository, settings: Settings, channel_scope_of: ChannelScopeOf) -> None:
        self.repository = repository
        self.channel_scope = channel_scope_of
        self._operators = resolve(settings)

    async def of(self, channel_id: str, guild_id: str | None = None) -> ChannelSettings:
        """Read the settings that hold there. Never fails."""
        try:
            return await self.repository.of(self.channel_scope(channel_id, guild_id))
        except TransientError as exc:
            log.debug("The settings of channel %s cannot be read: %s", channel_id, exc.detail)
            return self._operators
