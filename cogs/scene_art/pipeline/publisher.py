"""Puts painted pictures into their channels: where they are wanted, and where they may be shown."""

from __future__ import annotations

import contextlib

from ..discord_io.channels import Channels
from ..discord_io.poster import PictureTooLargeError, Posted, Poster
from ..domain.painting import Painting
from ..domain.permissions import place_refusal
from ..domain.scene import Scene
from ..domain.scene_log import remark
from ..errors import RefusedError, TransientError
from ..settings import Settings
from ..store.blocks import Blocks
from ..store.pictures import PictureStore
from ..store.timeouts import retry
from ..worker_process import WorkerProcesses

UNWANTED = "the operator wants no pictures there"


class PlaceClosedError(RefusedError):
    """The operator wants no pictures in this server, or in direct messages."""

    code = "place_closed"


class Publisher:
    """One per process; holds nothing that the store does not know."""

    def __init__(
        self,
        channels: Channels,
        poster: Poster,
        *,
        blocks: Blocks,
        settings: Settings,
        pictures: PictureStore,
        workers: WorkerProcesses,
    ) -> None:
        self._channels = channels
        self._poster = poster
        self._blocks = blocks
        self._settings = settings
        self._pictures = pictures
        self._workers = workers

    def guild_of(self, scene: Scene) -> str | None:
        """Find the scene's server: the event's word, or what is known of the channel."""
        return scene.guild_id or self._channels.channel_scope(scene.channel_id).guild_id

    async def check(self, scene: Scene) -> None:
        """Check that `scene` may be posted, before anything is paid. Raises as `Channels.check` and `check_wanted`."""
        await self._channels.check(scene)
        await self.check_wanted(scene)

    async def _check_place(self, scene: Scene) -> None:
        """Check the server that Discord tells: a game may name another. Raises as `Channels.home`."""
        if self._settings.guilds or not self._settings.allows_direct_messages:
            why = place_refusal(await self._channels.home(scene.channel_id), self._settings)
            if why is not None:
                raise PlaceClosedError(UNWANTED, sentence=why)

    async def check_wanted(self, scene: Scene) -> None:
        """Check that pictures are wanted in the scene's channel.

        Raises:
            PlaceClosedError: not by the operator.
            ChannelBlockedError: it is blocked, as far as Redis can tell.
            PostError, TransientError: see `Channels.home`.
        """
        await self._check_place(scene)
        with contextlib.suppress(TransientError):
            await self._blocks.check(scene, self._settings.blocked_channels)

    async def check_audience(self, scene: Scene) -> None:
        """Check that pictures may be shown to those who read the channel. Raises as `Channels.check_audience`."""
        await self._channels.check_audience(scene)

    def upload_limit(self, scene: Scene) -> int:
        """Tell how many bytes a file may have in the scene's channel."""
        return self._channels.upload_limit(scene.channel_id)

    def may_go_on(self, scene: Scene) -> bool:
        """Tell whether a painted scene waited for its channel, which may be open again."""
        return scene.has_picture and scene.closed and self._channels.seems_open(scene.channel_id)

    async def kept(self, scene: Scene) -> tuple[Painting, bytes] | None:
        """Find the picture that was painted before; None when there is none, or it is gone."""
        if not scene.has_picture:
            return None
        picture = await retry(lambda: self._pictures.picture(scene))
        if picture is None:
            remark(scene.id, "its picture is not kept any more, so that it is painted again")
            return None
        painting = Painting(
            mime=scene.mime, width=0, height=0, painter=scene.painter, model=scene.model, usage=scene.usage
        )
        return await self._workers.take_up(painting, picture), picture

    async def publish(self, scene: Scene, painting: Painting, picture: bytes, *, look_first: bool) -> Posted:
        """Post `picture`, the bytes of `painting`, as a smaller one where it is too large. Raises as `Poster.post`.

        `look_first`: an attempt before may have posted it.
        """
        try:
            return await self._poster.post(scene, painting, picture, look_first=look_first)
        except PictureTooLargeError as exc:
            remark(scene.id, f"{exc.detail}; trying a smaller one")
        limit = min(self.upload_limit(scene), painting.size) // 2
        smaller = await self._workers.shrink(painting, limit, group=scene.server_id)
        return await self._poster.post(scene, smaller, smaller.data)
