"""Pictures that people add to a request, kept as bytes, since Discord's own links to them expire.

{namespace}:{<channel>}:upload:<id>   a prepared picture: PNG, JPEG or WebP, at most about a megabyte
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from ..domain.scene import Scene
from ..errors import TransientError
from .connection import RedisClient
from .reading import tagged_key, transaction, values

UPLOAD_BYTES = 2 * 1024 * 1024
UPLOAD_SECONDS = 15.0
"""Time limit of one exchange with a picture."""
RETRY_SECONDS = 15 * 60
"""Time to live of the uploads of a scene without picture and cost, whose requester may try it again."""


class Uploads:
    """Uploads of all channels. Every method may raise `TransientError`: Redis is away."""

    def __init__(self, client: RedisClient, namespace: str, keep: timedelta) -> None:
        self._client = client
        self._namespace = namespace
        self._keep_seconds = max(1, int(keep.total_seconds()))

    @asynccontextmanager
    async def keeping(self, channel_id: str, pictures: Sequence[bytes]) -> AsyncIterator[tuple[str, ...]]:
        """Keep prepared pictures and yield their ids. Removes them when the `with` block fails."""
        upload_ids = tuple(secrets.token_hex(8) for _ in pictures)
        keys = [self._key(channel_id, upload_id) for upload_id in upload_ids]
        try:
            async with transaction(self._client, UPLOAD_SECONDS) as pipe:
                for key, picture in zip(keys, pictures, strict=True):
                    pipe.set(key, picture, ex=self._keep_seconds)
            yield upload_ids
        except BaseException:
            with suppress(TransientError):
                async with transaction(self._client) as pipe:
                    if keys:
                        pipe.delete(*keys)
            raise

    async def keep_as_long_as(self, scene: Scene) -> None:
        """Set the time to live of the uploads of `scene`, which has ended."""
        if not scene.uploads or (scene.rerender_of and not scene.was_had):
            return  # the original scene has the same uploads
        seconds = self._keep_seconds if scene.was_had else min(self._keep_seconds, RETRY_SECONDS)
        async with transaction(self._client) as pipe:
            for upload_id in scene.uploads:
                pipe.expire(self._key(scene.channel_id, upload_id), seconds)

    async def get(self, channel_id: str, upload_id: str) -> bytes | None:
        """Read an upload; None when it is not kept any more."""
        [raw] = await values(self._client, [self._key(channel_id, upload_id)], UPLOAD_BYTES, UPLOAD_SECONDS)
        return raw

    def _key(self, channel_id: str, upload_id: str) -> str:
        return tagged_key(self._namespace, channel_id, "upload", upload_id)
