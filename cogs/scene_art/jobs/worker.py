"""docket's worker, hardened for a bot: no entry of the stream can end it, and it leaves no job running.

docket trusts every entry. One that it cannot read ends its worker, which starts no further job until the running ones
are done, and the entry comes again after every lease, for ever.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Self, cast

from docket import Disposition, Docket, Execution, Timeout, Worker
from docket.strikelist import StrikeList
from redis.exceptions import NoScriptError, RedisError, ResponseError

from ..store.health import ConnectionHealth
from ..store.timeouts import noticing_cancellation
from .docket_log import docket_lines
from .entries import Message, UnsoundEntryError, named, sound, unknown_job

log = logging.getLogger(__name__)

AWAY_PAUSE_SECONDS = 1.0
LATE_SECONDS = 3.0
"""docket polls four times a second, so an answer that takes longer than this comes from a Redis in trouble."""
SILENT_SECONDS = 30.0
"""A connection without an answer for so long is given up, since a firewall forgets connections without notice."""
MOST_DELIVERIES = 8
"""A job that was started so often and never finished probably crashes its process each time."""
EXCHANGE_SECONDS = 5.0
"""Time limit of one exchange with Redis: a frozen server accepts a command and never answers."""
HAND_BACK_SECONDS = 3.0
MOST_HANDED_BACK = 3_000
"""More than the jobs at work and those that wait for their turn."""
END_ATTEMPTS, END_SECONDS = 3, 1.0
"""Cancellations of a job at the end, and the seconds that it may take after each."""
PUT_ASIDE = timedelta(days=1)
"""So long the place where an earlier version puts jobs aside is kept after its last alarm: it may still be used."""
POLL_SECONDS = 0.05
JOB_FIELDS = {b"key", b"when", b"function", b"args", b"kwargs", b"attempt"}

Entry = tuple[bytes, Message]
"""An id and its message."""


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


class WaitingClient:
    """A Redis client that repeats the commands in `WAITING` until Redis answers them.

    docket's worker ends its loop at the first error of one of these, and then starts no job until all its running
    jobs have ended: every channel would wait for the longest render.
    """

    WAITING = frozenset({"evalsha", "set", "xautoclaim", "xclaim", "xreadgroup"})

    def __init__(self, client: Any, health: ConnectionHealth) -> None:
        self._client = client
        self._health = health

    def __getattr__(self, name: str) -> Any:
        command = getattr(self._client, name)
        return partial(self._repeat, name, command) if name in self.WAITING else command

    async def _repeat(self, which: str, command: Callable[..., Awaitable[Any]], /, *args: Any, **options: Any) -> Any:
        part = f"worker {which}"
        try:
            while True:
                doubt = asyncio.get_running_loop().call_later(LATE_SECONDS, self._health.doubt)
                try:
                    with noticing_cancellation():
                        async with asyncio.timeout(SILENT_SECONDS):
                            answer = await command(*args, **options)
                except (RedisError, TimeoutError) as exc:
                    if isinstance(exc, NoScriptError) or "NOGROUP" in str(exc):
                        raise  # docket loads the script or makes the group, and asks again
                    self._health.failed(part, exc)
                else:
                    self._health.served(part)
                    return answer
                finally:
                    doubt.cancel()
                await asyncio.sleep(AWAY_PAUSE_SECONDS)
        finally:
            self._health.withdraw(part)


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
        # Redis 6 answers without id and message for an entry that was deleted while somebody held it.
        found = await self._readable([entry for entry in entries if entry[1]])
        return [cursor, [entry for entry in found if not await self._gave_up(*entry)], *rest]

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
        """Return the entries as docket may read them, and take the others out of the stream."""
        readable = list[Entry]()
        for message_id, message in entries:
            try:
                ours, _ = await sound(self._docket, message)
                readable.append((message_id, ours))
            except UnsoundEntryError as exc:
                await self._take_out(message_id, message, str(exc))
        return readable

    async def _take_out(self, message_id: bytes, message: Message, fault: str) -> None:
        async with asyncio.timeout(EXCHANGE_SECONDS), self._client.pipeline() as pipeline:
            pipeline.xack(self._docket.stream_key, self._docket.worker_group_name, message_id)
            pipeline.xdel(self._docket.stream_key, message_id)
            await pipeline.execute()
        log.error(
            "An entry of %s cannot be read and is taken out (%s): id %s, key %s, task %s",
            self._docket.stream_key,
            fault,
            message_id.decode(),
            named(message.get(b"key", b"")),
            named(message.get(b"function", b"")),
        )

    async def _gave_up(self, message_id: bytes, message: Message) -> bool:
        if await self._deliveries(message_id) <= MOST_DELIVERIES:
            return False
        _, execution = await sound(self._docket, message, message_id)
        # This also removes docket's record of the run, which would refuse a new job with the same key for ever.
        async with asyncio.timeout(EXCHANGE_SECONDS):
            await execution.mark_as_failed("given up")
        log.error(
            "The job %s was begun %d times and never finished; it rests until the next event calls it",
            named(message.get(b"key", b"")),
            MOST_DELIVERIES,
        )
        return True

    async def _deliveries(self, message_id: bytes) -> int:
        # The in-process server counts every renewed lease as a delivery, and no job of it outlives its process.
        if self._docket.url.startswith("memory:"):
            return 1
        async with asyncio.timeout(EXCHANGE_SECONDS):
            where = (self._docket.stream_key, self._docket.worker_group_name)
            pending = await self._client.xpending_range(*where, min=message_id, max=message_id, count=1)
        return int(pending[0]["times_delivered"]) if pending else 1


async def hand_back(docket: Docket, consumer: str) -> None:
    """Reschedule the unfinished jobs of a closed worker at once, instead of after their lease. Never raises.

    Only for a worker whose jobs have all ended. docket's own script puts each job back in one step. A job that is not
    handed back is started after its lease.
    """
    try:
        with docket_lines(ours=True):
            async with asyncio.timeout(HAND_BACK_SECONDS), docket.redis() as client:
                where = (docket.stream_key, docket.worker_group_name)
                held: list[Any] = await client.xpending_range(
                    *where, min="-", max="+", count=MOST_HANDED_BACK, consumername=consumer
                )
                for pending in held:
                    # redis-py names the fields in text, the in-process server in bytes.
                    await _put_back(docket, client, pending.get("message_id") or pending[b"message_id"])
    except Exception as exc:  # noqa: BLE001  # whatever it is, the lease ends
        log.debug("Unfinished jobs were not handed back: %s", type(exc).__name__)


async def _put_back(docket: Docket, client: Any, message_id: bytes) -> None:
    entry_id = message_id.decode()  # the in-process server takes ids as text only, where it looks for a range
    for _, message in await client.xrange(docket.stream_key, min=entry_id, max=entry_id):
        # Anybody who can write the stream can give this worker an entry that it has never read.
        with suppress(UnsoundEntryError):
            _, execution = await sound(docket, message, message_id)
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
                        _, execution = await sound(docket, message)
                        execution.when = datetime.now(UTC)
                        await execution.schedule(replace=True)
                    await client.xdel(waiter_stream, message_id)
                await client.expire(waiter_stream, PUT_ASIDE)
        except RedisError as exc:  # what was put aside carries no news, and is noted as due
            log.debug("%s is left as it is: %s", waiter_stream, type(exc).__name__)

    return _safeguard_wake


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
        with docket_lines(ours=True):
            return await super().__aenter__()

    async def __aexit__(self, *how: Any) -> None:
        with docket_lines(ours=True):
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

    async def get_message(self, *, ignore_subscribe_messages: bool, timeout: float) -> Any:  # noqa: ASYNC109  # redis-py's own signature
        """Return the next message; None after a short while: docket asks again."""
        message = await self._subscription.get_message(ignore_subscribe_messages, timeout=0.0)
        if message is None:
            await asyncio.sleep(min(timeout, POLL_SECONDS))
        return message
