"""Reading and writing keys that other programs may have changed: bounded, and stopped by no value of a wrong kind.

Whoever has the password of Redis, or a bug, can leave anything under our names. A key of another type would refuse our
commands for ever, and a value of some hundred megabytes would fill the bot's memory.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any, cast

from redis.exceptions import ResponseError

from ..text import one_line
from .connection import RedisClient, RedisPipeline, waits_in_threads

log = logging.getLogger(__name__)

LONGEST_NAME = 160
_READS = frozenset(
    {"get", "getrange", "ttl", "hget", "hmget", "hgetall", "llen", "lrange", "zcard", "zcount", "zrange"}
)

Command = tuple[str, tuple[Any, ...], dict[str, Any]]


def sound_pipeline(client: RedisClient) -> RedisPipeline:
    """A pipeline that removes what makes its commands impossible, one log line each, and sends those once more.

    It removes keys of another type than the command needs.
    """
    return cast("RedisPipeline", _SoundPipeline(client))


def get_at_most(client: RedisClient, pipe: RedisPipeline, name: str, most_bytes: int) -> None:
    """Queue the reading of a string, of which no more than `most_bytes` and one are transferred."""
    if waits_in_threads(client):  # nobody else writes the in-process server's keys, and it has no such command
        pipe.get(name)
    else:
        pipe.getrange(name, 0, most_bytes)


def value(name: str, raw: bytes | None, most_bytes: int) -> bytes | None:
    """What `get_at_most` found; None for nothing, and, with a log line, for what is longer than it may be."""
    if not raw:
        return None
    if len(raw) > most_bytes:
        log.error("What is stored as %s is longer than %d bytes and is passed over", shown(name), most_bytes)
        return None
    return raw


async def values(client: RedisClient, names: Sequence[str], most_bytes: int) -> list[bytes | None]:
    """The strings with these names, in their order; None for what is not there or cannot be taken."""
    pipe = sound_pipeline(client)
    for name in names:
        get_at_most(client, pipe, name, most_bytes)
    found = await pipe.execute()
    return [value(name, raw, most_bytes) for name, raw in zip(names, found, strict=True)]


async def fields(client: RedisClient, name: str, keys: Sequence[str], most_bytes: int) -> list[bytes | None]:
    """Read these fields of a hash, in their order; None for what is not there or is longer than `most_bytes`."""
    pipe = sound_pipeline(client)
    if waits_in_threads(client):  # the in-process server has no HMGET
        for key in keys:
            pipe.hget(name, key)
        found = await pipe.execute()
    else:
        pipe.hmget(name, keys)
        [found] = await pipe.execute()
    return [value(f"{name} {key}", raw, most_bytes) for key, raw in zip(keys, found, strict=True)]


def shown(name: str | bytes) -> str:
    """A name that anybody may have chosen, fit for a log line."""
    text = name.decode("utf-8", "replace") if isinstance(name, bytes) else name
    return one_line(text[:LONGEST_NAME])


class _SoundPipeline:
    def __init__(self, client: RedisClient) -> None:
        self._client = client
        self._commands: list[Command] = []

    def __getattr__(self, name: str) -> Any:
        return partial(self._queue, name)

    def _queue(self, name: str, /, *args: Any, **options: Any) -> None:
        self._commands.append((name, args, options))

    async def execute(self) -> list[Any]:
        commands, self._commands = self._commands, []
        answers = await _sent(self._client, commands)
        failed = [at for at, answer in enumerate(answers) if isinstance(answer, Exception)]
        if failed:
            again = [commands[at] for at in failed]
            remedies = [_remedy(commands[at], answers[at]) for at in failed]
            repeated = (await _sent(self._client, [*remedies, *again]))[len(remedies) :]
            for at, answer in zip(failed, repeated, strict=True):
                answers[at] = answer
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return answers


async def _sent(client: RedisClient, commands: Sequence[Command]) -> list[Any]:
    # Within MULTI a Redis whose memory is full refuses everything, reading too.
    only_reads = not waits_in_threads(client) and all(name in _READS for name, _, _ in commands)
    pipe = client.pipeline(transaction=False) if only_reads else client.pipeline()
    for name, args, options in commands:
        getattr(pipe, name)(*args, **options)
    return await pipe.execute(raise_on_error=False)


def _remedy(command: Command, problem: Exception) -> Command:
    """What makes `command` possible.

    Raises:
        Exception: `problem`, which is about something else.
    """
    _, args, _ = command
    if isinstance(problem, ResponseError) and str(problem).startswith("WRONGTYPE"):
        log.error("What is stored as %s is not of scene-art's kind and is removed", shown(args[0]))
        return "delete", args[:1], {}
    raise problem
