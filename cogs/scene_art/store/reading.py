"""Our keys: their names, and how they are read and written.

What is read is bounded, and a Redis whose memory is full is read all the same. All keys of a channel, or of a server,
share its hash tag, so that they live on one node of a Redis Cluster and change in one transaction.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, cast

from ..text import one_line
from .connection import RedisClient, RedisPipeline, waits_in_threads
from .timeouts import TIMEOUT_SECONDS, within_timeout

log = logging.getLogger(__name__)

KEPT_SECONDS = 400 * 24 * 3600
"""Time to live of people's choices: long enough for a game that is played once a year."""
LONGEST_NAME = 160
_READS = frozenset({"get", "getrange", "ttl", "hget", "llen", "lrange"})

Command = tuple[str, tuple[Any, ...], dict[str, Any]]


def tagged_key(namespace: str, tag: str, *rest: str) -> str:
    """Build the name of a key of a channel or a server, such as `scene_art:{42}:scene:<id>`."""
    return ":".join((namespace, f"{{{tag}}}", *rest))


def sound_pipeline(client: RedisClient, *, atomic: bool = True) -> RedisPipeline:
    """A pipeline that is one transaction, unless it only reads: within MULTI a full Redis refuses reading, too.

    A single command is one anyhow. Commands that are not `atomic` go out together and happen in their order.
    """
    return cast("RedisPipeline", _SoundPipeline(client, atomic=atomic))


@asynccontextmanager
async def transaction(client: RedisClient, seconds: float = TIMEOUT_SECONDS) -> AsyncIterator[RedisPipeline]:
    """Collect writes of one channel or server, also of several stores, and send them at the end of the `with` block.

    All of them happen or none. Drops their answers; sends nothing where there are none.

    Raises:
        TransientError: Redis is away, frozen, or refused a command; it may have executed all of them or none.
    """
    pipe = sound_pipeline(client)
    yield pipe
    async with within_timeout(seconds):
        await pipe.execute()


def get_at_most(client: RedisClient, pipe: RedisPipeline, name: str, most_bytes: int) -> None:
    """Queue the reading of a string, of which no more than `most_bytes` and one are transferred."""
    if waits_in_threads(client):  # nobody else writes the in-process server's keys, and it has no such command
        pipe.get(name)
    else:
        pipe.getrange(name, 0, most_bytes)


def value(name: str, raw: bytes | None, most_bytes: int) -> bytes | None:
    """Return what `get_at_most` found; None for nothing and, with a log line, for what is too long."""
    if not raw:
        return None
    if len(raw) > most_bytes:
        log.error("What is stored as %s is longer than %d bytes and is passed over", shown(name), most_bytes)
        return None
    return raw


async def values(
    client: RedisClient, names: Sequence[str], most_bytes: int, seconds: float = TIMEOUT_SECONDS
) -> list[bytes | None]:
    """Read the strings with these names, in their order; None for what is not there or cannot be taken.

    Raises:
        TransientError: Redis is away, frozen for `seconds`, or refused the command.
    """
    pipe = sound_pipeline(client)
    for name in names:
        get_at_most(client, pipe, name, most_bytes)
    async with within_timeout(seconds):
        found = await pipe.execute()
    return [value(name, raw, most_bytes) for name, raw in zip(names, found, strict=True)]


async def small_values(client: RedisClient, names: Sequence[str], most_bytes: int) -> list[bytes | None]:
    """Read these strings with one command: for values that scene-art alone writes, and that are always short.

    All names share a hash tag.
    """
    found = await client.mget(*names)
    return [value(name, raw, most_bytes) for name, raw in zip(names, found, strict=True)]


async def fields(client: RedisClient, name: str, keys: Sequence[str], most_bytes: int) -> list[bytes | None]:
    """Read these fields of a hash, in their order; None for what is not there or is longer than `most_bytes`."""
    if waits_in_threads(client):  # the in-process server has no HMGET
        pipe = sound_pipeline(client)
        for key in keys:
            pipe.hget(name, key)
        found = await pipe.execute()
    else:
        found = await client.hmget(name, keys)
    return [value(f"{name} {key}", raw, most_bytes) for key, raw in zip(keys, found, strict=True)]


def shown(name: str | bytes) -> str:
    """A name that anybody may have chosen, fit for a log line."""
    text = name.decode("utf-8", "replace") if isinstance(name, bytes) else name
    return one_line(text[:LONGEST_NAME])


class _SoundPipeline:
    def __init__(self, client: RedisClient, *, atomic: bool) -> None:
        self._client = client
        self._atomic = atomic
        self._commands: list[Command] = []

    def __getattr__(self, name: str) -> Any:
        return partial(self._queue, name)

    def _queue(self, name: str, /, *args: Any, **options: Any) -> None:
        self._commands.append((name, args, options))

    async def execute(self) -> list[Any]:
        commands, self._commands = self._commands, []
        framed = self._atomic and len(commands) > 1 and not all(name in _READS for name, _, _ in commands)
        # The in-process server has transactions alone.
        plain = not framed and not waits_in_threads(self._client)
        pipe = self._client.pipeline(transaction=False) if plain else self._client.pipeline()
        for name, args, options in commands:
            getattr(pipe, name)(*args, **options)
        # Raised by redis-py itself, an error's text would hold the command.
        answers = await pipe.execute(raise_on_error=False)
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return answers
