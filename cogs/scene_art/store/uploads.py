"""Pictures that people add to a request, kept as bytes, since Discord's own links to them expire.

{namespace}:{<channel>}:upload:<id>   a prepared picture: PNG, JPEG or WebP, at most about a megabyte

How much is kept for a person, a server and in total is bounded: the oldest ones make room for new ones (see `space`).
"""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from ..domain.permissions import Requester
from ..domain.scene import Scene
from ..errors import CannotDoError, TransientError
from ..i18n import gettext
from .connection import RedisClient
from .reading import tagged_key, transaction, values
from .space import MEGABYTE, Cap, Caps, Entry, Rules, Space, counted_size

UPLOAD_BYTES = 2 * 1024 * 1024
UPLOAD_SECONDS = 15.0
"""Time limit of one exchange with a picture."""
CAPS = Caps(user=64 * MEGABYTE, server=512 * MEGABYTE, total=4096 * MEGABYTE)
"""The most that is kept. Beyond it the oldest go, which a later rerender does without; none of the last minutes."""
SHELF = "upload"
RETRY_SECONDS = 15 * 60
"""Time to live of the uploads of a scene without picture and cost, whose requester may try it again."""


class Uploads:
    """Uploads of all channels. Every method may raise `TransientError`: Redis is away."""

    def __init__(
        self, client: RedisClient, namespace: str, keep: timedelta, now: Callable[[], float] = time.time
    ) -> None:
        """`now` is in unix seconds."""
        self._client = client
        self._namespace = namespace
        self._keep_seconds = max(1, int(keep.total_seconds()))
        rules = Rules(lifetime_seconds=self._keep_seconds, idle_seconds=RETRY_SECONDS, rolls=True)
        self._space = Space(client, (namespace, "uploads"), CAPS, rules, now)

    @asynccontextmanager
    async def keeping(
        self, channel_id: str, pictures: Sequence[bytes], *, by: Requester
    ) -> AsyncIterator[tuple[str, ...]]:
        """Keep prepared pictures and yield their ids. Removes them when the `with` block fails.

        Raises:
            CannotDoError: too many were added in the last minutes.
        """
        upload_ids = tuple(secrets.token_hex(8) for _ in pictures)
        keys = [self._key(channel_id, upload_id) for upload_id in upload_ids]
        entries = [
            Entry(by.user_id, by.server_of(channel_id), SHELF, f"{channel_id}/{upload_id}", counted_size(len(picture)))
            for upload_id, picture in zip(upload_ids, pictures, strict=True)
        ]
        try:
            for entry in entries:
                await self._reserve(entry)
            async with transaction(self._client, UPLOAD_SECONDS) as pipe:
                for key, picture in zip(keys, pictures, strict=True):
                    pipe.set(key, picture, ex=self._keep_seconds)
            yield upload_ids
        except BaseException:
            with suppress(TransientError):
                async with transaction(self._client) as pipe:
                    if keys:
                        pipe.delete(*keys)
                await self._space.change(removed=entries)
            raise

    async def _reserve(self, entry: Entry) -> None:
        refusal = await self._space.reserve(entry, self._evict)
        if refusal is None:
            return
        if refusal.cap is Cap.USER:
            raise CannotDoError(
                gettext(
                    "You added {used} of {most} MB of pictures in the last 15 minutes. Try again in 15 minutes.",
                    used=f"{refusal.used / MEGABYTE:.1f}",
                    most=CAPS.user // MEGABYTE,
                )
            )
        raise CannotDoError(gettext("Too many pictures were added in the last 15 minutes. Try again in 15 minutes."))

    async def remove_server(self, server: str) -> set[str]:
        """Remove every upload of the server, and return the channels that it had some in. May be repeated."""
        entries = await self._space.entries_in(server)
        for entry in entries:
            await self._evict(entry)
            await self._space.change(removed=[entry])
        return {entry.id.partition("/")[0] for entry in entries}

    async def _evict(self, entry: Entry) -> None:
        channel_id, _, upload_id = entry.id.partition("/")
        async with transaction(self._client) as pipe:
            pipe.delete(self._key(channel_id, upload_id))

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
