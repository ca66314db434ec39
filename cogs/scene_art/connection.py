"""What scene-art needs of a Redis client: the commands that redis-py and docket's in-process server both have."""

from __future__ import annotations

from typing import Any, Protocol, cast

from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster


class RedisPipeline(Protocol):
    """Commands queued for one exchange; on a real Redis one transaction."""

    def set(self, name: str, value: str | bytes, /, *, ex: int | None = None) -> Any: ...
    def get(self, name: str, /) -> Any: ...
    def delete(self, *names: str) -> Any: ...
    def expire(self, name: str, time: int, /) -> Any: ...
    def rpush(self, name: str, *values: str | bytes) -> Any: ...
    def lrange(self, name: str, start: int, end: int, /) -> Any: ...
    def ltrim(self, name: str, start: int, end: int, /) -> Any: ...
    async def execute(self) -> list[Any]: ...


class Subscription(Protocol):
    """A pub/sub connection."""

    async def subscribe(self, *channels: str) -> Any: ...
    async def get_message(
        self,
        *,
        ignore_subscribe_messages: bool,
        timeout: float,  # noqa: ASYNC109  # redis-py's own signature
    ) -> dict[str, Any] | None: ...
    async def aclose(self) -> None: ...


class RedisClient(Protocol):
    """An asyncio client that answers in bytes."""

    async def get(self, name: str, /) -> bytes | None: ...
    async def mget(self, *names: str) -> list[bytes | None]: ...
    async def llen(self, name: str, /) -> int: ...
    async def lrange(self, name: str, start: int, end: int, /) -> list[bytes]: ...
    async def publish(self, channel: str, message: str, /) -> int: ...
    def pipeline(self) -> RedisPipeline: ...
    def pubsub(self) -> Subscription: ...


def open_subscription(client: RedisClient) -> Subscription:
    """A pub/sub connection of its own, also on a cluster, whose client has none: any node hears every message."""
    concrete: object = client
    if isinstance(concrete, RedisCluster):
        node = concrete.get_default_node()
        return cast("Subscription", Redis(**{**node.connection_kwargs, "host": node.host, "port": node.port}).pubsub())
    return client.pubsub()


def waits_in_threads(client: RedisClient) -> bool:
    """Whether a blocking read of pub/sub would hold a thread of the host's executor: the in-process server does."""
    return not isinstance(client, (Redis, RedisCluster))
