"""The bytes of painted pictures.

{namespace}:{<channel>}:picture:<id>  a painted picture in pieces, until it is posted, with a time to live
{namespace}:{<channel>}:copy:<id>     a small copy of a posted picture that is too large to be opened again
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from ..domain.scene import Scene
from ..lanes import Bounds, FairSemaphore
from .connection import RedisClient, RedisPipeline
from .reading import sound_pipeline, tagged_key, transaction, values
from .records import read_picture
from .timeouts import within_timeout

PICTURE_TIMEOUT_SECONDS = 30.0
"""Time limit of one exchange with a picture of some megabytes."""
PIECE_BYTES = 1024 * 1024
MOST_PIECES = 64
COPY_BYTES = 2 * 1024 * 1024
WRITES = Bounds(at_once=2, at_once_of_server=2, inside_of_server=1_000)
"""Pictures on their way to Redis, each some megabytes in memory. As many may wait as scenes are drawn at once."""


class PictureStore:
    """Pictures beside the records of their scenes, written and removed in the records' own transactions.

    Every async method may raise `TransientError`.
    """

    def __init__(self, client: RedisClient, *, namespace: str, keep: timedelta, keep_pictures: timedelta) -> None:
        """`keep` is the time to live of small copies, the same as their records'."""
        self._client = client
        self._namespace = namespace
        self._keep_seconds = max(1, int(keep.total_seconds()))
        self._keep_picture_seconds = max(1, int(keep_pictures.total_seconds()))
        self._writing = FairSemaphore(WRITES)

    def keys(self, channel_id: str, scene_id: str) -> tuple[str, str]:
        """Name the keys of a scene's picture and of its small copy."""
        return (
            tagged_key(self._namespace, channel_id, "picture", scene_id),
            tagged_key(self._namespace, channel_id, "copy", scene_id),
        )

    async def write(self, scene: Scene, picture: bytes, copy: bytes, finish: Callable[[RedisPipeline], None]) -> None:
        """Write the picture, and add the commands of `finish` to the transaction of its last piece.

        Replaces an older picture. It is kept until `remove_needless` removes it or its time to live ends. A small
        `copy` is kept as long as the record.
        """
        key, copy_key = self.keys(scene.channel_id, scene.id)
        # In pieces: writing some megabytes at once would hold the host's event loop up.
        pieces = [picture[at : at + PIECE_BYTES] for at in range(0, len(picture), PIECE_BYTES)]
        async with self._writing.turn(scene.server_id), within_timeout(PICTURE_TIMEOUT_SECONDS):
            for number, piece in enumerate(pieces, start=1):
                async with transaction(self._client, PICTURE_TIMEOUT_SECONDS) as pipe:
                    if number == 1:
                        pipe.delete(key)
                    pipe.rpush(key, piece)
                    pipe.expire(key, self._keep_picture_seconds)
                    if number == len(pieces):
                        finish(pipe)
                        if copy:
                            pipe.set(copy_key, copy, ex=self._keep_seconds)

    def remove_needless(self, pipe: RedisPipeline, scene: Scene) -> None:
        """Add to `pipe` the removal of the pictures that a scene in this state no longer needs."""
        picture, copy = self.keys(scene.channel_id, scene.id)
        if scene.state.finished and scene.painted_at is not None and not scene.is_kept:
            pipe.delete(picture)
        if scene.has_copy and scene.state.finished and scene.message_id is None:
            pipe.delete(copy)

    async def picture(self, scene: Scene) -> bytes | None:
        """Read the kept picture of a scene; None when there is none any more, or it is corrupt."""
        key, _ = self.keys(scene.channel_id, scene.id)
        async with within_timeout(PICTURE_TIMEOUT_SECONDS):
            pieces = await self._client.lrange(key, 0, MOST_PIECES - 1)
        return read_picture(pieces, scene)

    async def copy(self, scene: Scene) -> bytes | None:
        """Read the small copy of a scene's picture; None when there is none any more."""
        _, key = self.keys(scene.channel_id, scene.id)
        [raw] = await values(self._client, [key], COPY_BYTES, PICTURE_TIMEOUT_SECONDS)
        return raw

    async def kept(self, scenes: Sequence[Scene]) -> list[Scene]:
        """Select those of `scenes` whose pictures are kept."""
        pipe = sound_pipeline(self._client)
        for scene in scenes:
            pipe.llen(self.keys(scene.channel_id, scene.id)[0])
        async with within_timeout():
            lengths = await pipe.execute()
        return [scene for scene, length in zip(scenes, lengths, strict=True) if length]
