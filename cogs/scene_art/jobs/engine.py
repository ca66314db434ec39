"""The port onto docket: durable wake-ups that spread over processes. No other room knows docket.

A job carries no news, only the id of a channel (and of a scene a person asked for); the news lies in the store.
Jobs of one channel may overlap: each takes the channel's lock first, and is over at once where another has it. docket's
own facts that shape this module stand beside the code.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import secrets
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import cast

from cachetools import TTLCache
from docket import Docket, Timeout

from .. import faults
from ..errors import TransientError
from ..lanes import Bounds, FairSemaphore, LaneFullError
from ..store.checks import missing_rules
from ..store.connection import RedisClient
from ..store.health import ConnectionHealth, Delay
from ..store.timeouts import within_timeout
from .docket_log import docket_lines, lowered_to_debug
from .worker import CarefulWorker, PollingDocket, hand_back, safeguard

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
"""After this long without a sign of life a job goes to another worker."""
SHUTDOWN_GRACE = timedelta(seconds=5)
"""Time for running jobs when the extension is unloaded. Unfinished work is taken up again later."""
CANCEL_GRACE = timedelta(seconds=5)
"""Time for a cancelled job to end."""
RESTART_PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds before the worker is started again, growing with every failure in a row."""
HEALTHY_SECONDS = 60.0
"""A worker that lived so long did not fail in a row."""
HEARTBEAT = timedelta(seconds=30)
"""Only lists of workers, which nobody reads here, go by it; each one that fails is a long trace in the log."""
PERMISSION_PAUSE = 3.0
"""Seconds before Redis is asked again whether it allows the work."""
FIRST_ANSWER_SECONDS = 8.0
"""For the first exchange with Redis: redis-py tries for up to six seconds, and its reason is the better one."""
WOKEN_SECONDS = 1.0
"""So long after a wake-up it is asked whether that one still waits for a worker, before a channel is woken again."""
CHANNELS_WATCHED = 4_096
JOBS_WAITING, JOBS_OF_SERVER = 1_024, 128
"""Jobs that docket hands over beyond those at work, in all and for one server: they wait here for its turn."""
OUT_OF_TURN_SECONDS = 20.0
"""After so long a job comes again for which its server had no room left."""
SCHEMA_VERSION = 1
"""Part of docket's name: processes of different versions do not take each other's jobs."""

RunChannel = Callable[[str], Awaitable[None]]
RunScene = Callable[[str, str], Awaitable[None]]


class Engine:
    """Wakes jobs now or later, of this process or another; runs them from `running` on.

    A job is a channel's, or that of one scene if `scene_id` names it. Times are in unix seconds of the plan. Every
    wake-up may raise `TransientError`: Redis cannot be reached.
    """

    _run_channel: RunChannel
    _run_scene: RunScene

    def __init__(
        self,
        docket: Docket,
        *,
        concurrency: int,
        job_limit: timedelta,
        health: ConnectionHealth,
        to_local: Callable[[float], float] = lambda when: when,
        server_of: Callable[[str], str] = lambda channel_id: channel_id,
    ) -> None:
        """At most `concurrency` jobs are at work, half of them of one server, which `server_of` names by a channel.

        `to_local` turns the times of the plan into those of this machine's clock, by which docket waits.
        """
        self._docket = docket
        self._health = health
        self._to_local = to_local
        self._server_of = server_of
        self._slots = concurrency + JOBS_WAITING
        share = max(1, concurrency // 2)
        self._turns = FairSemaphore(Bounds(concurrency, share, share + JOBS_OF_SERVER))
        self._waiting: dict[tuple[str, str], asyncio.Task[None] | None] = {}
        """The jobs that wait for their server's turn."""
        self._stopping = asyncio.Event()
        # No other worker has it, even in another container with the same host name and process id.
        self._worker_name = f"{socket.gethostname()}#{os.getpid()}#{secrets.token_hex(4)}"
        self._mark = secrets.token_hex(4)
        self._number = itertools.count()
        self._woken: TTLCache[str, str] = TTLCache(CHANNELS_WATCHED, WOKEN_SECONDS)
        """The keys of the channels' last jobs of now."""
        self._register(job_limit)

    def _register(self, limit: timedelta) -> None:
        """Register the jobs: docket takes wake-ups for tasks that it knows; a worker alone runs them."""

        async def scene_art_channel(
            channel_id: str,
            limited: Timeout = Timeout(limit),  # noqa: B008
        ) -> None:
            await self._run_in_turn(channel_id, "")

        async def scene_art_scene(
            channel_id: str,
            scene_id: str,
            limited: Timeout = Timeout(limit),  # noqa: B008
        ) -> None:
            await self._run_in_turn(channel_id, scene_id)

        for task in (scene_art_channel, scene_art_scene, safeguard(self._docket, LEASE)):
            self._docket.register(task)

    async def wake(self, channel_id: str, scene_id: str = "", at: float | None = None) -> None:
        """Have the job run now, or at `at`, which replaces an earlier one."""
        async with self._port():
            if at is not None:
                await self._set("alarm", channel_id, scene_id, self._to_local(at))
            elif scene_id:
                await self._add(f"scene:{scene_id}", channel_id, scene_id)
            elif not await self._is_queued(self._woken.get(channel_id, "")):
                self._woken[channel_id] = await self._add_anew(channel_id, "")

    async def guard(self, channel_id: str, scene_id: str, at: float) -> None:
        """Have the job run at `at`. A later call replaces an earlier one, and neither replaces what `wake` has set."""
        async with self._port():
            await self._set("guard", channel_id, scene_id, self._to_local(at))

    async def wake_anew(self, channel_id: str, scene_id: str) -> None:
        """Have the job run now, also if it is at work."""
        async with self._port():
            await self._add_anew(channel_id, scene_id)

    async def _set(self, kind: str, channel_id: str, scene_id: str, at: float) -> None:
        # Each kind has a key of its own: the running job that puts itself off still holds the other one.
        key = self._key(f"scene-{kind}", scene_id) if scene_id else self._key(kind, channel_id)
        task, arguments = _job(channel_id, scene_id)
        await self._docket.replace(task, when=datetime.fromtimestamp(at, UTC), key=key)(*arguments)

    async def _add(self, key: str, channel_id: str, scene_id: str) -> None:
        task, arguments = _job(channel_id, scene_id)
        await self._docket.add(task, key=key)(*arguments)

    async def _add_anew(self, channel_id: str, scene_id: str) -> str:
        """Add a job under a key that no other ever has, and return it.

        docket counts the jobs of one key, and forgets the count when one of them ends. A new job under the key of two
        at work, of which one has ended, would be dropped at the end of the other.
        """
        key = f"{self._key('scene' if scene_id else 'channel', scene_id or channel_id)}:{next(self._number)}"
        await self._add(key, channel_id, scene_id)
        return key

    def _key(self, kind: str, what: str) -> str:
        """Of this process alone: under the key of another one's job, a wake-up would take that job's place."""
        return f"{kind}:{what}:{self._mark}"

    async def _is_queued(self, key: str) -> bool:
        """Tell whether the job with that key, if any, waits for a worker: it will see what is there now."""
        if not key:
            return False
        async with self._docket.redis() as client:
            return bool(await client.hget(self._docket.runs_key(key), "state") == b"queued")

    @asynccontextmanager
    async def _port(self) -> AsyncIterator[None]:
        with docket_lines(ours=True):
            async with within_timeout():
                yield

    async def _run_in_turn(self, channel_id: str, scene_id: str) -> None:
        """Run the job when the turn of its server has come, and within that of its channel.

        It begins by reading what is there then, so that none is needed where one waits already.
        """
        item = (channel_id, scene_id)
        if item in self._waiting:
            return
        try:
            ticket = self._turns.ask(self._server_of(channel_id), channel_id)
        except LaneFullError:
            await self._put_off(channel_id, scene_id)
            return
        try:
            self._waiting[item] = asyncio.current_task()
            try:
                await ticket.served
            finally:
                del self._waiting[item]
            await self._run_job(channel_id, scene_id)
        finally:
            self._turns.end(ticket)

    async def _put_off(self, channel_id: str, scene_id: str) -> None:
        """Have the job run again later. Where Redis is away, the reconciler finds it: it is noted as due."""
        log.debug("channel %s: its server has too many jobs at once; this one is put off", channel_id)
        with suppress(TransientError):
            async with self._port():
                await self._set("guard", channel_id, scene_id, time.time() + OUT_OF_TURN_SECONDS)

    async def _run_job(self, channel_id: str, scene_id: str) -> None:
        if scene_id:
            await self._run(lambda: self._run_scene(channel_id, scene_id), f"scene {scene_id}")
        else:
            await self._run(lambda: self._run_channel(channel_id), f"channel {channel_id}")

    async def _run(self, job: Callable[[], Awaitable[None]], what: str) -> None:
        """Let no error out: one that cannot be pickled would kill docket's worker, and any gets a trace in the log.

        While Redis is away the job is begun again, with growing pauses, until its time limit: docket would take the
        message for done, and nobody would wake the channel again.
        """
        pause, delay = 0.25, Delay(self._health, what)
        while True:
            try:
                with docket_lines(ours=False):
                    await job()
                return delay.over()
            except TransientError as exc:
                delay.failed(exc)
            except Exception as exc:  # noqa: BLE001  # another exception would end the worker
                log.error("%s: ended by a fault of scene-art's own: %s", what, faults.summary(exc))  # noqa: TRY400
                return None
            await asyncio.sleep(pause)
            pause = min(pause * 2, 10.0)

    async def _work(self) -> None:
        """Run a worker until cancelled, and start another when one dies."""
        failures = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                with docket_lines(ours=True):
                    await self._until_allowed()
                    await self._work_once()
            except Exception as exc:  # noqa: BLE001  # whatever ended it, another one is started
                log.error("The worker stopped unexpectedly and is started again: %s", faults.summary(exc))  # noqa: TRY400
            if time.monotonic() - began > HEALTHY_SECONDS:
                failures = 0
            pause = RESTART_PAUSES[min(failures, len(RESTART_PAUSES) - 1)]
            failures += 1
            await event_or_timeout(self._stopping, pause)

    async def _until_allowed(self) -> None:
        """Wait while Redis's ACL refuses what the worker would wait for without a word. Jobs stay where they are."""
        told: list[str] = []
        while not self._stopping.is_set():
            async with self._docket.redis() as client:
                missing = await missing_rules(cast("RedisClient", client), self._docket.prefix)
            if not missing:
                if told:
                    log.info("Redis's ACL allows the work now")
                return
            if missing != told:
                log.error("Redis's ACL keeps scene-art from its work; give its user the rules: %s", " ".join(missing))
            told = missing
            await event_or_timeout(self._stopping, PERMISSION_PAUSE)

    async def _work_once(self) -> None:
        worker = CarefulWorker(
            self._docket,
            self._health,
            name=self._worker_name,
            concurrency=self._slots,
            redelivery_timeout=LEASE,
            reconnection_delay=timedelta(seconds=1),
            schedule_automatic_tasks=False,
        )
        async with worker:
            await worker.run_forever()

    @asynccontextmanager
    async def running(self, run_channel: RunChannel, run_scene: RunScene) -> AsyncIterator[None]:
        """Run a worker in the background, whose jobs these are.

        At the end they get `SHUTDOWN_GRACE`, then another worker may have them.
        """
        self._run_channel, self._run_scene = run_channel, run_scene
        task = asyncio.create_task(self._work(), name="scene-art worker")
        try:
            yield
        finally:
            self._stopping.set()
            # The first cancel lets running jobs finish, the second one ends them, the third ends what holds the
            # worker back (an exchange with a frozen Redis). `run_forever` may swallow a cancellation and return, so
            # that the flag above ends the loop.
            for grace in (SHUTDOWN_GRACE, CANCEL_GRACE, CANCEL_GRACE):
                if task.done():
                    break
                task.cancel()
                self._give_up_waiting()
                await asyncio.wait([task], timeout=grace.total_seconds())
            if task.done():
                await asyncio.gather(task, return_exceptions=True)
                await hand_back(self._docket, self._worker_name)
            else:
                log.error("The worker does not end and is left behind")

    def _give_up_waiting(self) -> None:
        """End the jobs whose turn has not come: another worker may have them."""
        for job in self._waiting.values():
            if job is not None:
                job.cancel()


@asynccontextmanager
async def open_docket(url: str, namespace: str) -> AsyncIterator[tuple[Docket, RedisClient]]:
    """docket and the client that goes with it.

    Raises:
        TransientError: Redis cannot be reached.
    """
    # No results are read and every job may be woken again at once, so that nothing of a finished job is kept.
    docket = PollingDocket(
        name=f"{namespace}-v{SCHEMA_VERSION}",
        url=_noticing_lost_connections(url),
        execution_ttl=timedelta(0),
        heartbeat_interval=HEARTBEAT,
    )
    with lowered_to_debug():
        async with docket, docket.redis() as raw:
            client = cast("RedisClient", raw)
            async with within_timeout(FIRST_ANSWER_SECONDS):
                await client.get(probe_key(namespace))
            yield docket, client


def probe_key(namespace: str) -> str:
    """The key that Redis is asked for to find out whether it answers; there is none of that name."""
    return f"{namespace}:reachable"


def _noticing_lost_connections(url: str) -> str:
    """`url` with Redis's protocol version 2, unless it names a version itself.

    With version 3, redis-py 8 hands out pooled connections that the server has closed (their check is off while it
    listens for maintenance notices). After a restart of Redis, docket's worker would lose its first message to one
    of them until the lease is over.
    """
    scheme, _, rest = url.partition("://")
    if scheme not in {"redis", "rediss", "unix"} or "protocol=" in rest:
        return url
    return f"{url}{'&' if '?' in rest else '?'}protocol=2"


def _job(channel_id: str, scene_id: str) -> tuple[str, tuple[str, ...]]:
    """The task that docket knows by its name, and its arguments."""
    return ("scene_art_scene", (channel_id, scene_id)) if scene_id else ("scene_art_channel", (channel_id,))


async def event_or_timeout(event: asyncio.Event, seconds: float) -> None:
    """Sleep for `seconds`, or until `event` is set: a pause that never delays a shutdown."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
