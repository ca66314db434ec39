"""docket's worker, hardened for a bot: no entry of the stream can end it, and it leaves no job running.

docket trusts every entry. One that it cannot read ends its worker, which starts no further job until the running ones
are done, and the entry comes again after every lease, for ever.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Self, cast

from docket import Disposition, Docket, Execution, Timeout, Worker
from docket.strikelist import StrikeList
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from ..store.health import ConnectionHealth
from .docket_log import docket_at_work
from .entries import Message, UnsoundEntryError, execution_of, named, sound_entry, unknown_job
from .waiting_client import WaitingClient

log = logging.getLogger(__name__)

MOST_DELIVERIES = 8
"""A job that was started so often and never finished probably crashes its process each time."""
EXCHANGE_SECONDS = 5.0
"""Time limit of one exchange with Redis: a frozen server accepts a command and never answers."""
HAND_BACK_SECONDS = 3.0
END_ATTEMPTS, END_SECONDS = 3, 1.0
"""Cancellations of a job at the end, and the seconds that it may take after each."""
PUT_ASIDE = timedelta(days=1)
"""So long the place where an earlier version puts jobs aside is kept after its last alarm: it may still be used."""
POLL_SECONDS = 0.05
JOB_FIELDS = {b"key", b"when", b"function", b"args", b"kwargs", b"attempt"}

Entry = tuple[bytes | None, Message | None]
"""An id and its message. Redis 6 answers without either for an entry that was deleted while somebody held it."""


def worker_name() -> str:
    """Make a name that no other worker has, even in another container with the same host name and process id."""
    return f"{socket.gethostname()}#{os.getpid()}#{secrets.token_hex(4)}"


class CarefulWorker(Worker):
    """docket's worker, which receives only valid entries, and whose jobs never outlive it."""

    def __init__(self, docket: Docket, health: ConnectionHealth, **options: Any) -> None:
        super().__init__(docket, fallback_task=unknown_job, **options)
        self._health = health
        self._jobs: set[asyncio.Task[None]] = set()

    async def _worker_loop(self, redis: Any, forever: bool = False) -> None:
        try:
            careful = WaitingClient(_Quarantine(redis, self.docket), self._health)
            await super()._worker_loop(cast("Any", careful), forever=forever)
        finally:
            await self._end_jobs()

    async def _execute(self, execution: Execution, session: Any) -> None:
        if job := asyncio.current_task():
            self._jobs.add(job)
            job.add_done_callback(self._jobs.discard)
        await super()._execute(execution, session)

    async def _end_jobs(self) -> None:
        # docket leaves its jobs running when it is cancelled while it disconnects from a frozen Redis. A job's first
        # cancellation ends our part of it, the next ones docket's own exchanges with Redis.
        for _ in range(END_ATTEMPTS):
            if not self._jobs:
                return
            for job in self._jobs:
                job.cancel()
            await asyncio.wait(self._jobs.copy(), timeout=END_SECONDS)


class _Quarantine:
    """A Redis client that removes harmful entries from the stream while it reads them. All else goes to `client`."""

    def __init__(self, client: Any, docket: Docket) -> None:
        self._client = client
        self._docket = docket

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def xreadgroup(self, **how: Any) -> list[tuple[bytes, list[Entry]]]:
        answer = await self._client.xreadgroup(**how)
        return [(stream, await self._readable(entries)) for stream, entries in answer]

    async def xautoclaim(self, **how: Any) -> list[Any]:
        cursor, entries, *rest = await self._client.xautoclaim(**how)
        entries = await self._readable(entries)
        return [cursor, [entry for entry in entries if not await self._gave_up(*entry)], *rest]

    async def evalsha(self, sha: str, key_count: int, *keys_and_values: Any) -> Any:
        # docket's script for the jobs that have become due moves none of them as long as one lacks a field.
        try:
            return await self._client.evalsha(sha, key_count, *keys_and_values)
        except ResponseError:
            if keys_and_values[0] != self._docket.queue_key or not await self._took_broken_alarms_out():
                raise
        return await self._client.evalsha(sha, key_count, *keys_and_values)

    async def _took_broken_alarms_out(self) -> bool:
        queue = self._docket.queue_key
        due = await self._client.zrangebyscore(queue, 0, datetime.now(UTC).timestamp())
        broken = [key for key in due if await self._is_broken(key)]
        for key in broken:
            # The key of that name stays: anything may be called so, even docket's own stream.
            if await self._client.zrem(queue, key):
                log.error("An entry of %s is no job and is taken out: %s", queue, named(key))
        return bool(broken)

    async def _is_broken(self, key: bytes) -> bool:
        try:
            job = await self._client.hgetall(self._docket.prefix.encode() + b":" + key)
        except ResponseError:  # it is something else
            return True
        return bool(job) and not job.keys() >= JOB_FIELDS

    async def _readable(self, entries: list[Entry]) -> list[Entry]:
        checked = [await self._checked(*entry) for entry in entries]
        return [entry for entry in checked if entry is not None]

    async def _checked(self, message_id: bytes | None, message: Message | None) -> Entry | None:
        """Return the entry as docket may read it; None for one that was taken out of the stream."""
        if message_id is None or message is None:
            return None, None
        try:
            return message_id, await sound_entry(self._docket, message)
        except UnsoundEntryError as exc:
            await self._take_out(message_id, message, str(exc))
        return None

    async def _take_out(self, message_id: bytes, message: Message, fault: str) -> None:
        async with _within_seconds(EXCHANGE_SECONDS), self._client.pipeline() as pipeline:
            pipeline.xack(self._docket.stream_key, self._docket.worker_group_name, message_id)
            pipeline.xdel(self._docket.stream_key, message_id)
            await pipeline.execute()
        log.error(
            "An entry of %s cannot be read and is taken out (%s): id %s, key %s, task %s",
            self._docket.stream_key,
            fault,
            _text(message_id),
            _shown(message, b"key"),
            _shown(message, b"function"),
        )

    async def _gave_up(self, message_id: bytes | None, message: Message | None) -> bool:
        if message_id is None or message is None or await self._deliveries(message_id) <= MOST_DELIVERIES:
            return False
        execution = await execution_of(self._docket, message, message_id)
        # This also removes docket's record of the run, which would refuse a new job with the same key for ever.
        async with _within_seconds(EXCHANGE_SECONDS):
            await execution.mark_as_failed("given up")
        log.error(
            "The job %s was begun %d times and never finished; it rests until the next event calls it",
            _shown(message, b"key"),
            MOST_DELIVERIES,
        )
        return True

    async def _deliveries(self, message_id: bytes) -> int:
        # The in-process server counts every renewed lease as a delivery, and no job of it outlives its process.
        if self._docket.url.startswith("memory:"):
            return 1
        async with _within_seconds(EXCHANGE_SECONDS):
            where = (self._docket.stream_key, self._docket.worker_group_name)
            pending = await self._client.xpending_range(*where, min=_text(message_id), max=_text(message_id), count=1)
        return int(pending[0]["times_delivered"]) if pending else 1


async def hand_back(docket: Docket, consumer: str) -> None:
    """Reschedule the unfinished jobs of a closed worker at once, instead of after their lease. Never raises.

    Only for a worker whose jobs have all ended. docket's own script puts each job back in one step. A job that is not
    handed back is started after its lease.
    """
    try:
        with docket_at_work():
            async with asyncio.timeout(HAND_BACK_SECONDS), docket.redis() as client:
                where = (docket.stream_key, docket.worker_group_name)
                for pending in await client.xpending_range(*where, min="-", max="+", count=1000, consumername=consumer):
                    await _put_back(docket, client, _message_id(pending))
    except Exception as exc:  # noqa: BLE001  # whatever it is, the lease ends
        log.debug("Unfinished jobs were not handed back: %s", type(exc).__name__)


async def _put_back(docket: Docket, client: Any, message_id: bytes) -> None:
    for _, message in await client.xrange(docket.stream_key, min=_text(message_id), max=_text(message_id)):
        # Anybody who can write the stream can give this worker an entry that it has never read.
        with suppress(UnsoundEntryError):
            sound = await sound_entry(docket, message)
            await _reschedule(docket, await execution_of(docket, sound, message_id), message_id)


async def _reschedule(docket: Docket, execution: Execution, message_id: bytes) -> None:
    execution.when = datetime.now(UTC)
    how = await execution.schedule(reschedule_message=message_id, expected_generation=execution.generation)
    if how is Disposition.SUPERSEDED and execution.function_name in docket.tasks:
        # A later wake-up has its key, and may be one for much later.
        await docket.add(execution.function_name)(*execution.args, **execution.kwargs)


def safeguard(docket: Docket, limit: timedelta) -> Callable[[str, int], Awaitable[None]]:
    """Make the task that processes of an earlier version know as docket's `_safeguard_wake`.

    They have docket put jobs of a channel aside while another one runs there, each with an alarm for the time at which
    that one's lease is over. Whatever version hears the alarm, the jobs are let in.
    """

    async def _safeguard_wake(
        waiter_stream: str,
        max_concurrent: int,
        limited: Timeout = Timeout(limit),  # noqa: B008
    ) -> None:
        if not (waiter_stream.startswith(f"{docket.prefix}:") and waiter_stream.endswith(":waiters")):
            return
        try:
            async with docket.redis() as client:
                for message_id, message in await client.xrange(waiter_stream):
                    with suppress(UnsoundEntryError):
                        execution = await execution_of(docket, await sound_entry(docket, message))
                        execution.when = datetime.now(UTC)
                        await execution.schedule(replace=True)
                    await client.xdel(waiter_stream, message_id)
                await client.expire(waiter_stream, PUT_ASIDE)
        except RedisError as exc:  # what was put aside carries no news, and is noted as due
            log.debug("%s is left as it is: %s", waiter_stream, type(exc).__name__)

    return _safeguard_wake


def _text(message_id: bytes) -> str:
    # The in-process server takes ids as text only, where it looks for a range.
    return message_id.decode()


def _message_id(pending: Any) -> bytes:
    # redis-py names the fields in text, the in-process server in bytes.
    found: bytes = pending["message_id"] if "message_id" in pending else pending[b"message_id"]
    return found


def _shown(message: Message, field: bytes) -> str:
    """Quote a field of an entry, which anybody may have written, for a log line."""
    return named(message.get(field, b""))


@asynccontextmanager
async def _within_seconds(seconds: float) -> AsyncIterator[None]:
    """Limit the time by an error of redis-py's: docket reconnects after it, and its worker goes on."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise RedisTimeoutError("no answer in time") from None


class PollingDocket(Docket):
    """A docket with our tasks alone and lowered log lines, which takes no thread of the host's default executor.

    Its list of strikes is empty and its own. docket would have it follow a stream of pickles, and read each as soon as
    it is there; nobody gives strikes here.
    """

    def __init__(self, **options: Any) -> None:
        self._no_strikes = StrikeList()
        super().__init__(**options)
        self.tasks.clear()  # one of docket's own sleeps as long as an entry says, and one logs what it says

    @property
    def strike_list(self) -> StrikeList:
        """A list without an address, which reads nothing from Redis."""
        return self._no_strikes

    @strike_list.setter
    def strike_list(self, _: StrikeList) -> None:
        """Ignore the list with an address that docket makes when it is entered."""

    async def __aenter__(self) -> Self:
        with docket_at_work():
            return await super().__aenter__()

    async def __aexit__(self, *how: Any) -> None:
        with docket_at_work():
            await super().__aexit__(*how)

    @asynccontextmanager
    async def _pubsub(self) -> AsyncIterator[Any]:
        async with super()._pubsub() as subscription:
            yield _Polled(subscription) if self.url.startswith("memory:") else subscription


class _Polled:
    """A subscription of the in-process server that polls, since its own waiting holds a thread."""

    def __init__(self, subscription: Any) -> None:
        self._subscription = subscription

    def __getattr__(self, name: str) -> Any:
        return getattr(self._subscription, name)

    async def get_message(self, ignore_subscribe_messages: bool = False, timeout: float | None = 0.0) -> Any:  # noqa: ASYNC109  # redis-py's own signature
        end = None if timeout is None else asyncio.get_running_loop().time() + timeout
        while True:
            message = await self._subscription.get_message(ignore_subscribe_messages, timeout=0.0)
            if message is not None or (end is not None and asyncio.get_running_loop().time() >= end):
                return message
            await asyncio.sleep(POLL_SECONDS)

    async def listen(self) -> AsyncIterator[Any]:
        while self._subscription.subscribed:
            yield await self.get_message(timeout=None)
