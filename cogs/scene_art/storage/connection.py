"""What scene-art needs of a Redis client: the commands that redis-py and docket's in-process server both have."""

from __future__ import annotations

from typing import Any, Protocol, cast

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ClusterError, ResponseError, TryAgainError


class RedisPipeline(Protocol):
    """Commands queued for one exchange; on a real Redis one transaction."""

    def set(self, name: str, value: str | bytes, /, *, ex: int | None = None, nx: bool = False) -> Any: ...
    def get(self, name: str, /) -> Any: ...
    def getrange(self, name: str, start: int, end: int, /) -> Any: ...
    def ttl(self, name: str, /) -> Any: ...
    def delete(self, *names: str) -> Any: ...
    def expire(self, name: str, time: int, /) -> Any: ...
    def hget(self, name: str, key: str, /) -> Any: ...
    def hset(self, name: str, key: str, value: str | bytes, /) -> Any: ...
    def hdel(self, name: str, *keys: str) -> Any: ...
    def hincrby(self, name: str, key: str, amount: int, /) -> Any: ...
    def zadd(self, name: str, mapping: dict[str, float], /) -> Any: ...
    def zcount(self, name: str, low: float | str, high: float | str, /) -> Any: ...
    def zcard(self, name: str, /) -> Any: ...
    def zrange(self, name: str, start: int, end: int, /, *, withscores: bool = False) -> Any: ...
    def zremrangebyscore(self, name: str, low: float | str, high: float | str, /) -> Any: ...
    def zrem(self, name: str, *members: str) -> Any: ...
    def zrangebyscore(self, name: str, low: float | str, high: float | str, /, **page: int) -> Any: ...
    def llen(self, name: str, /) -> Any: ...
    def rpush(self, name: str, *values: str | bytes) -> Any: ...
    def lrange(self, name: str, start: int, end: int, /) -> Any: ...
    def ltrim(self, name: str, start: int, end: int, /) -> Any: ...
    async def execute(self, raise_on_error: bool = True) -> list[Any]: ...


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
    async def llen(self, name: str, /) -> int: ...
    async def lrange(self, name: str, start: int, end: int, /) -> list[bytes]: ...
    async def zrem(self, name: str, *members: str | bytes) -> int: ...
    async def xrange(
        self, name: str, first: str, last: str, count: int | None = None, /
    ) -> list[tuple[bytes, dict[bytes, bytes]]]: ...
    async def publish(self, channel: str, message: str, /) -> int: ...
    def pipeline(self) -> RedisPipeline: ...
    def pubsub(self) -> Subscription: ...


_ACCESS = frozenset({"username", "password", "credential_provider", "socket_connect_timeout", "socket_keepalive"})


def open_subscription(client: RedisClient) -> Subscription:
    """A pub/sub connection of its own, also on a cluster, whose client has none: any node hears every message.

    A lost connection is told by an exception, since the client must not connect anew in silence.
    """
    concrete: object = client
    if not isinstance(concrete, RedisCluster):
        return client.pubsub()
    node = concrete.get_default_node()
    # Most of what a cluster client gives its connections is about following the cluster, and fits no other client.
    access = {key: value for key, value in node.connection_kwargs.items() if key in _ACCESS or key.startswith("ssl")}
    pool = ConnectionPool(
        connection_class=node.connection_class,
        host=node.host,
        port=node.port,
        protocol=2,  # with 3, lost connections are not noticed: see engine.py
        retry=Retry(NoBackoff(), 0),
        # As docket has it. With a limit redis-py sends within wait_for, which on Python 3.11 swallows cancellations.
        socket_timeout=None,
        **access,
    )
    return cast("Subscription", Redis(connection_pool=pool).pubsub())


async def drop_idle_connections(client: RedisClient) -> None:
    """Close the connections that wait in the pool: where one was lost without a word, the others were, too."""
    concrete: object = client
    if isinstance(concrete, Redis):
        await concrete.connection_pool.disconnect(inuse_connections=False)


def shown_address(url: str) -> str:
    """`url` fit for a log line: without a user's name, a password, and the options, which may hold either."""
    scheme, _, rest = url.partition("://")
    path = rest.partition("?")[0].partition("#")[0]
    return f"{scheme}://{path.rpartition('@')[2]}"


def waits_in_threads(client: RedisClient) -> bool:
    """Whether a blocking read of pub/sub would hold a thread of the host's executor: the in-process server does."""
    return not isinstance(client, (Redis, RedisCluster))


def is_refusal(exc: Exception) -> bool:
    """Whether Redis understood and said no, so that asking again is no use. A cluster between two states did not."""
    return isinstance(exc, ResponseError) and not isinstance(exc, (ClusterError, TryAgainError))
