"""What became of the requests that a host's own code follows.

{namespace}:{<channel>}:asked:<event>  JSON: the request's scene, or why it got none; with a time to live
"""

from __future__ import annotations

from collections.abc import Mapping

from .connection import RedisClient, RedisPipeline
from .keys import channel_key
from .reading import values
from .records import FOLLOWED_BYTES, FollowedRequest, read_followed
from .timeouts import within_timeout

KEPT_SECONDS = 24 * 3600
"""A host that waits may itself be cut off from Redis."""


class FollowedRequests:
    """Written together with the plan of their channel, read by whoever made them."""

    def __init__(self, client: RedisClient, namespace: str) -> None:
        self._client = client
        self._namespace = namespace

    def write(self, pipe: RedisPipeline, channel_id: str, became: Mapping[str, FollowedRequest]) -> None:
        """Add to `pipe` what became of requests, by their events' identities."""
        for event_id, request in became.items():
            pipe.set(self._key(channel_id, event_id), request.model_dump_json(), ex=KEPT_SECONDS)

    async def read(self, channel_id: str, event_id: str) -> FollowedRequest | None:
        """Read what became of a request; None: nothing yet.

        Raises:
            TransientError: Redis is away.
        """
        async with within_timeout():
            [raw] = await values(self._client, [self._key(channel_id, event_id)], FOLLOWED_BYTES)
        return read_followed(raw)

    def _key(self, channel_id: str, event_id: str) -> str:
        return channel_key(self._namespace, channel_id, "asked", event_id)
