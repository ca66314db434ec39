"""Pictures that people add to a wish, kept as bytes: Discord's own links to them expire.

{namespace}:{<channel>}:upload:<id>   a prepared picture: PNG, JPEG or WebP, at most about a megabyte
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from ..storage.connection import RedisClient
from ..storage.patience import within_patience
from ..storage.reading import get_at_most, sound_pipeline, value

UPLOAD_BYTES = 2 * 1024 * 1024
UPLOAD_SECONDS = 15.0
"""For one exchange about a picture."""


class Uploads:
    """Every method may raise `TransientError`: Redis is away."""

    def __init__(self, client: RedisClient, namespace: str, keep: timedelta) -> None:
        self._client = client
        self._namespace = namespace
        self._keep_seconds = max(1, int(keep.total_seconds()))

    async def put(self, channel_id: str, picture: bytes) -> str:
        """Keep a prepared picture; its id."""
        upload_id = secrets.token_hex(8)
        pipe = sound_pipeline(self._client)
        pipe.set(self._key(channel_id, upload_id), picture, ex=self._keep_seconds)
        async with within_patience(UPLOAD_SECONDS):
            await pipe.execute()
        return upload_id

    async def get(self, channel_id: str, upload_id: str) -> bytes | None:
        """The picture; None when it is not kept any more."""
        key = self._key(channel_id, upload_id)
        pipe = sound_pipeline(self._client)
        get_at_most(self._client, pipe, key, UPLOAD_BYTES)
        async with within_patience(UPLOAD_SECONDS):
            [raw] = await pipe.execute()
        return value(key, raw, UPLOAD_BYTES)

    def _key(self, channel_id: str, upload_id: str) -> str:
        return f"{self._namespace}:{{{channel_id}}}:upload:{upload_id}"
