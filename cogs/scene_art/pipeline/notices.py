"""Says in a channel why there is no picture, where somebody waits for one or the channel wants to know."""

from __future__ import annotations

from contextlib import suppress

from ..discord_io.captions import is_late
from ..discord_io.poster import Poster
from ..domain.scene import Scene, SceneState, Source
from ..errors import SceneArtError
from ..store.channel_settings import ChannelSettingsReader
from .publisher import Publisher


class Notices:
    """Never fails: a notice is a nicety."""

    def __init__(self, poster: Poster, publisher: Publisher, channel_settings: ChannelSettingsReader) -> None:
        self._poster = poster
        self._publisher = publisher
        self._channel_settings = channel_settings

    async def tell(self, scene: Scene) -> None:
        """Tell how `scene` ended, if it has no picture and somebody is to know."""
        if scene.source is Source.PERSON:
            # Whoever asked can no longer be told by the line that they watched.
            if scene.state.finished and scene.state is not SceneState.POSTED and is_late(scene):
                await self._poster.notify(scene, mention=True)
        elif scene.state in {SceneState.REFUSED, SceneState.FAILED}:
            await self._tell_channel(scene)

    async def _tell_channel(self, scene: Scene) -> None:
        if not (await self._channel_settings.of(scene.channel_id, scene.guild_id)).notices:
            return
        with suppress(SceneArtError):  # where pictures may not be shown, nobody waits for one
            await self._publisher.check_audience(scene)
            await self._publisher.check_wanted(scene)
            await self._poster.notify(scene)
