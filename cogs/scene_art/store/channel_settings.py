"""What holds in a channel just now, for those who draw there: always an answer."""

from __future__ import annotations

import logging
from collections.abc import Callable

from ..domain.preferences import ChannelSettings, resolve
from ..errors import TransientError
from ..settings import Settings
from .preferences import PreferenceBook, Spot

log = logging.getLogger(__name__)

SpotOf = Callable[[str, str | None], Spot]
"""Where a channel is, by its id and by its server's, as far as that is known."""


class Customs:
    """Looks up the choices of a channel; where Redis is away, the operator's settings hold."""

    def __init__(self, book: PreferenceBook, settings: Settings, spot_of: SpotOf) -> None:
        self.book = book
        self._operators = resolve(settings)
        self._spot_of = spot_of

    def spot(self, channel_id: str, guild_id: str | None = None) -> Spot:
        """The channel and what its settings are laid over."""
        return self._spot_of(channel_id, guild_id)

    async def of(self, channel_id: str, guild_id: str | None = None) -> ChannelSettings:
        """What holds there. Never fails."""
        try:
            return await self.book.of(self.spot(channel_id, guild_id))
        except TransientError as exc:
            log.debug("The settings of channel %s cannot be read: %s", channel_id, exc.detail)
            return self._operators
