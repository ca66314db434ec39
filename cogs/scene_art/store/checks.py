"""Startup checks of Redis: dangers to its data, in one log line each, and missing ACL rules."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoPermissionError, RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from .clock import SharedClock
from .connection import RedisClient, open_subscription, waits_in_threads
from .timeouts import noticing_cancellation

log = logging.getLogger(__name__)

CHECK_SECONDS = 5.0
"""Time limit of one check: a frozen server accepts a command and never answers."""
FAR_APART_SECONDS = 5.0

_SUBCOMMANDS = {"xgroup": "xgroup|create", "script": "script|load"}
"""Redis 6 refuses a subcommand by its command's name alone; from Redis 7 on it names both."""

Words = tuple[str, ...]


async def check_redis(client: RedisClient) -> None:
    """Log a line for every setting of Redis that may lose data, and for clocks that differ. Never raises.

    Checks that Redis does not know or does not allow are skipped; managed services forbid some of them.
    """
    if waits_in_threads(client):
        return
    for check in (_check_eviction, _check_persistence, _check_clock):
        try:
            with noticing_cancellation():
                async with asyncio.timeout(CHECK_SECONDS):
                    await check(client)
        except Exception as exc:  # noqa: BLE001  # a check is help, never an obstacle
            log.debug("%s could not be done: %s", check.__name__.strip("_"), type(exc).__name__)


async def _check_eviction(client: Any) -> None:
    memory = await client.info("memory")
    policy = str(memory["maxmemory_policy"])
    if policy == "noeviction":
        return
    when = "when its memory is full" if int(memory["maxmemory"]) else "as soon as it has a memory limit and reaches it"
    log.warning(
        "Redis throws keys away %s (maxmemory-policy %s): events, scenes and painted pictures may be lost; "
        "set maxmemory-policy noeviction",
        when,
        policy,
    )


async def _check_persistence(client: Any) -> None:
    if int((await client.info("persistence"))["aof_enabled"]):
        return
    kept = {
        True: "keeps snapshots only: what came after the last one is lost",
        False: "keeps nothing on disk: scenes and events are lost",
        None: "writes no append-only file: what came after its last snapshot, if it makes any, is lost",
    }
    log.warning("Redis %s when it restarts; set appendonly yes", kept[await _makes_snapshots(client)])


async def _makes_snapshots(client: Any) -> bool | None:
    """Tell whether Redis saves snapshots; None when it does not allow the question."""
    try:
        return bool((await client.config_get("save"))["save"])
    except RedisError:
        return None


async def _check_clock(client: RedisClient) -> None:
    clock = SharedClock()
    await clock.measure(client)
    if abs(clock.offset) > FAR_APART_SECONDS:
        log.warning(
            "This machine's clock is %.0f s %s Redis's; scene-art goes by Redis's, but set both by NTP",
            abs(clock.offset),
            "behind" if clock.offset > 0 else "ahead of",
        )


async def missing_rules(client: Any, prefix: str) -> list[str]:
    """List the ACL rules that the user lacks and docket needs below `prefix`; empty when none is known to be missing.

    docket's worker takes a refusal for a lost connection, and retries for ever without telling scene-art.
    """
    if waits_in_threads(client):
        return []
    missing: dict[str, None] = {}
    attempts = (
        partial(_subscribe, client, prefix),
        *(partial(client.execute_command, *words) for words in _commands(prefix)),
        *(partial(_abandon, client, words) for words in _changes(prefix)),
    )
    for attempt in attempts:
        try:
            with noticing_cancellation():
                async with asyncio.timeout(CHECK_SECONDS):
                    await attempt()
        except NoPermissionError as exc:
            missing[_rule(str(exc), prefix)] = None
        except (RedisTimeoutError, RedisConnectionError, OSError, TimeoutError) as exc:
            log.debug("The ACL cannot be told from a Redis that is away: %s", type(exc).__name__)
            break
        except RedisError as exc:
            log.debug("The ACL was not refused but: %s", type(exc).__name__)
    return list(missing)


async def _subscribe(client: RedisClient, prefix: str) -> None:
    subscription: Any = open_subscription(client)
    try:
        await subscription.psubscribe(f"{prefix}:cancel:*")
        await subscription.get_message(ignore_subscribe_messages=False, timeout=CHECK_SECONDS)
    finally:
        await subscription.aclose()


async def _abandon(client: Any, words: Words) -> None:
    """Queue the command in a transaction, which an invalid second command then aborts."""
    pipe = client.pipeline()
    pipe.execute_command(*words)
    pipe.execute_command("GET")
    await pipe.execute()


def _changes(prefix: str) -> Iterator[Words]:
    """List the commands by which docket's scripts and the store write."""
    key = f"{prefix}:scene-art-probe"
    yield from (("SET", key, "1"), ("DEL", key), ("EXPIRE", key, "1"), ("PEXPIRE", key, "1"), ("PUBLISH", key, "1"))
    yield from (("HSET", key, "a", "1"), ("HDEL", key, "a"), ("HINCRBY", key, "a", "1"))
    yield from (("RPUSH", key, "1"), ("LTRIM", key, "0", "1"), ("SADD", key, "1"))
    yield from (("ZADD", key, "1", "a"), ("ZREM", key, "a"), ("ZREMRANGEBYSCORE", key, "0", "0"))
    yield from (("XADD", key, "*", "a", "1"), ("XGROUP", "CREATE", key, "a", "0"))


def _commands(prefix: str) -> Iterator[Words]:
    """List the other commands of the worker and the store. They change nothing, since no such keys exist."""
    key = f"{prefix}:scene-art-probe"
    yield from (("GET", key), ("MGET", key), ("GETRANGE", key, "0", "1"), ("EXISTS", key), ("TTL", key))
    yield from (("HGET", key, "a"), ("HMGET", key, "a"), ("HGETALL", key), ("HEXISTS", key, "a"))
    yield from (("LLEN", key), ("LRANGE", key, "0", "1"))
    yield from (("ZCARD", key), ("ZCOUNT", key, "0", "1"), ("ZSCORE", key, "a"), ("ZRANGE", key, "0", "1"))
    yield from (("ZRANGEBYSCORE", key, "0", "1"), ("XLEN", key))
    stream, group, entry = f"{prefix}:stream", "scene-art-probe", "0-1"
    yield "XREADGROUP", "GROUP", group, group, "COUNT", "1", "STREAMS", stream, ">"
    yield "XAUTOCLAIM", stream, group, group, "0", "0-0"
    yield "XCLAIM", stream, group, group, "0", entry, "JUSTID"
    yield "XPENDING", stream, group
    yield "XRANGE", stream, entry, entry
    yield "XACK", stream, group, entry
    yield "XDEL", stream, entry
    yield "EVALSHA", "0" * 40, "1", stream
    yield "SCRIPT", "LOAD", "return 1"


def _rule(refusal: str, prefix: str) -> str:
    """Name the missing ACL rule. A refusal names a command, a key or a channel in the words of Redis 6, 7 or Valkey."""
    if command := re.search(r"run the '([a-z|]{1,40})'", refusal):
        return f"+{_SUBCOMMANDS.get(command[1], command[1])}"
    return f"&{prefix}:cancel:*" if "channel" in refusal else f"~{prefix}:*"
