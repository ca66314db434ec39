"""The one composition root: builds what Discord alone needs, has `wiring.py` build the rest, opens and closes all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Coroutine
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

from . import faults
from .discord_io.channels import AnyBot, Channels
from .discord_io.poster import Poster, ViewFactory
from .domain import names
from .errors import SceneArtError, TransientError
from .i18n import gettext
from .jobs.connector import RedisConnector
from .jobs.engine import event_or_timeout, probe_key
from .services.host import Hosting
from .services.services import Services
from .settings import Settings
from .startup_checks import Config, announce, check_painter
from .store.address import shown
from .store.checks import check_redis
from .store.clock import SharedClock
from .store.connection import RedisClient
from .store.game_state import GameState
from .wiring import Foundation, Wiring
from .worker_process import WorkerProcesses
from .worker_process.protocol import WorkerConfig

log = logging.getLogger(__name__)

LOGIN_POLL_SECONDS = 0.05
CLOCK_SECONDS = 60.0
STOPPED = gettext("scene-art has stopped because of an error. The bot owner can find the reason in the log.")


class App:
    """One task owns everything that must be closed again, opened and closed in its own order.

    A Redis that is away at start is waited for in the background: the host bot is never held up.
    """

    def __init__(
        self,
        bot: AnyBot,
        config: Config,
        state: GameState | None,
        *,
        view_of: ViewFactory,
        retry_view: ViewFactory,
    ) -> None:
        """`view_of` makes the buttons under a picture, `retry_view` those under a notice that there is none.

        `state` is the operator's own; None means what the game keeps in Redis.
        """
        channels = Channels(bot, age_restricted_only=config.settings.age_restricted_only)
        self.hosting = Hosting(
            bot.dispatch, knows=channels.knows, server_of=channels.server_of, find=lambda: self.services
        )
        poster = Poster(channels, view_of, retry_view)
        self._foundation = Foundation(bot, config, state, channels, poster, self.hosting)
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.reach = RedisConnector(config.settings)
        self.opened = asyncio.Event()
        self.wiring: Wiring | None = None
        """All parts; None while Redis has not been reached yet."""
        self._has_stopped = False

    @property
    def services(self) -> Services | None:
        """The services; None while Redis has not been reached yet, and after the end."""
        return None if self.wiring is None or self._has_stopped else self.wiring.services

    def find_services(self) -> Services:
        """Find what commands and buttons call.

        Raises:
            SceneArtError: there is nothing to call yet, or any more; its sentence says why.
        """
        if self.services is not None:
            return self.services
        raise SceneArtError("scene-art has stopped", sentence=STOPPED) if self._has_stopped else self.reach.absence

    def start(self) -> None:
        """Begin to open in the background."""
        self._task = asyncio.create_task(self._live(), name="scene-art app")

    async def close(self) -> None:
        """Close everything, with a bounded grace for what is being painted. Safe to call at any time."""
        self._stop.set()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def permissions_changed(self, guild_id: int) -> None:
        """Go on with what waits for a permission of the bot in the server."""
        if self.wiring is None:
            return
        channels = self._foundation.channels
        channels.reopen(guild_id)
        with suppress(TransientError):
            await self.wiring.scheduler.wake_channels(lambda channel_id: channels.is_in(guild_id, channel_id))

    async def server_joined(self, guild_id: int) -> None:
        """Note a server that the bot came into."""
        if self.wiring is not None:
            with suppress(TransientError):
                await self.wiring.departures.joined(str(guild_id))

    async def server_left(self, guild_id: int, channel_ids: Collection[int]) -> None:
        """Remove what is kept of a server that the bot was removed from. Where Redis is away, a later look does it."""
        if self.wiring is not None:
            with suppress(TransientError):
                await self.wiring.departures.left(str(guild_id), [str(one) for one in channel_ids])

    async def listen(self) -> None:
        """The body of the listening loop: one life of the subscription."""
        await self.opened.wait()
        if self.wiring is not None:
            await self.wiring.listener.listen()

    async def _live(self) -> None:
        try:
            async with AsyncExitStack() as stack:
                await self._live_in(stack)
        except SceneArtError as exc:
            log.error("scene-art stops: %s", exc.detail)  # noqa: TRY400  # the line is for the operator, no trace
        except Exception as exc:  # noqa: BLE001  # the host goes on without it
            log.error("scene-art stops by a fault of its own: %s", faults.summary(exc))  # noqa: TRY400
        finally:
            self._has_stopped = True
            self.hosting.close()

    async def _live_in(self, stack: AsyncExitStack) -> None:
        """Open one thing after the other, wait for the end; `stack` closes them in the opposite order."""
        settings = self._foundation.config.settings
        announce(settings)
        workers = await stack.enter_async_context(WorkerProcesses(worker_config(settings)))
        _run(stack, workers.warm_up(), "scene-art warm-up")
        await asyncio.to_thread(names.prepare)
        redis = await self.reach.open(stack, self._stop)
        if redis is None:
            return
        docket, client = redis
        _run(stack, check_redis(client), "scene-art checks")
        clock = SharedClock()
        await clock.measure(client)
        _run(stack, _keep_right(clock, client), "scene-art clock")
        wiring = Wiring(self._foundation, docket, client, workers, clock)
        self._begin(stack, wiring)
        await stack.enter_async_context(wiring.late_answers)
        log.info("Listening for the game on %s", shown(settings.redis_url))
        if await self._logged_in():
            _run(stack, wiring.departures.run(), "scene-art departures")
            await stack.enter_async_context(wiring.engine.running(wiring.channel_job.run, wiring.scene_job.run))
            await self._stop.wait()

    def _begin(self, stack: AsyncExitStack, wiring: Wiring) -> None:
        """Let in what arrives from Redis and from people."""
        settings = self._foundation.config.settings
        _run(stack, wiring.health.watch(wiring.client, probe_key(settings.namespace)), "scene-art health")
        _run(stack, check_painter(settings, wiring.keys, wiring.workers), "scene-art painter check")
        self.hosting.open(wiring.clock.now)
        _run(stack, self.hosting.following.watch(wiring.sources), "scene-art following")
        _run(stack, wiring.listener.carry(), "scene-art delivery")
        _run(stack, wiring.scheduler.reconcile(), "scene-art reconciler")
        _run(stack, wiring.audit.run(), "scene-art audit")
        self.wiring = wiring
        self.opened.set()

    async def _logged_in(self) -> bool:
        """Wait until the bot can post. The extension may be loaded long before its host logs in."""
        while not self._stop.is_set() and not self._foundation.bot.is_ready():
            await event_or_timeout(self._stop, LOGIN_POLL_SECONDS)
        return not self._stop.is_set()


def _run(stack: AsyncExitStack, work: Coroutine[Any, Any, None], name: str) -> None:
    """Run `work` beside all else until it ends or `stack` closes, which waits for its end. Its failure is logged."""
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(_log_failure)
    stack.push_async_callback(_end, task)


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (exc := task.exception()) is not None:
        log.error("%s ended by a fault of its own: %s", task.get_name(), faults.summary(exc))


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _keep_right(clock: SharedClock, client: RedisClient) -> None:
    """Set the clock by Redis's again and again: either may be put right meanwhile."""
    while True:
        await asyncio.sleep(CLOCK_SECONDS)
        await clock.measure(client)


def worker_config(settings: Settings) -> WorkerConfig:
    """Build the config that the worker processes are started with."""
    return WorkerConfig(
        folder=Path(),
        painter=settings.chosen_painter,
        keys=tuple(key.get_secret_value() for key in settings.keys),
        paint_timeout_seconds=settings.paint_timeout_seconds,
        trusted_hosts=settings.trusted_hosts,
        reference_fresh_seconds=settings.reference_fresh_seconds,
        words_file=settings.words_file,
    )
