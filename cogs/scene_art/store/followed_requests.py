"""Outcomes of the requests that a host's own code follows.

{namespace}:{<channel>}:asked:<event>  JSON: the request's scene, or the reason why it got none; with a time to live
"""

from __future__ import annotations

from collections.abc import Mapping

from .connection import RedisClient, RedisPipeline
from .keys import tagged_key
from .reading import values
from .records import FOLLOWED_BYTES, FollowedRequest, read_followed

KEPT_SECONDS = 24 * 3600
"""Long enough for a waiting host that is cut off from Redis itself."""


class FollowedRequests:
    """Outcomes by event, written together with the channel's plan, and read by the host."""

    def __init__(self, client: RedisClient, namespace: str) -> None:
        self._client = client
        self._namespace = namespace

    def write(self, pipe: RedisPipeline, channel_id: str, became: Mapping[str, FollowedRequest]) -> None:
        """Add to `pipe` the outcomes of requests, by the identities of their events."""
        for event_id, request in became.items():
            pipe.set(self._key(channel_id, event_id), request.model_dump_json(), ex=KEPT_SECONDS)

    async def read(self, channel_id: str, event_id: str) -> FollowedRequest | None:
        """Read the outcome of a request; None while there is none. May raise `TransientError`: Redis is away."""
        [raw] = await values(self._client, [self._key(channel_id, event_id)], FOLLOWED_BYTES)
        return read_followed(raw)

    def _key(self, channel_id: str, event_id: str) -> str:
        return tagged_key(self._namespace, channel_id, "asked", event_id)
