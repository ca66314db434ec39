"""Opens everything, holds it as long as the extension is loaded, and closes it in the opposite order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from typing import Any

from docket import Docket

from . import faults
from .composition import assemble, worker_config
from .discord_io.attachment_links import DiscordLinks
from .discord_io.channels import AnyBot, Channels
from .discord_io.poster import ViewFactory
from .errors import SceneArtError, TransientError
from .i18n import gettext
from .ingest.subscriber import Subscriber
from .jobs.engine import event_or_timeout, open_docket, probe_key
from .pipeline.cast import CastResolver
from .pipeline.known_characters import LookResolver
from .pipeline.scene_worker import SceneWorker
from .services.host import Hosting
from .services.services import Services
from .startup_checks import Config, announce, check_painter
from .store.address import shown
from .store.character_book import CharacterBook
from .store.checks import check_redis
from .store.clock import SharedClock
from .store.connection import RedisClient
from .store.game_state import GameState, RedisGameState
from .store.health import ConnectionHealth
from .store.opt_outs import OptOuts
from .store.reachability import CONNECT_ERRORS, Trouble, trouble_of
from .worker_process import WorkerProcesses

log = logging.getLogger(__name__)

REDIS_OPEN_SECONDS = 10.0
REDIS_PAUSES = (0.5, 1.0, 2.0, 5.0)
LOGIN_POLL_SECONDS = 0.05
CLOCK_SECONDS = 60.0
STARTING = gettext("scene-art is still starting. Try again in a few seconds.")
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
        self._bot = bot
        self._config = config
        self._settings = config.settings
        self._state = state
        self._channels = Channels(bot, age_restricted_only=self._settings.age_restricted_only)
        self.hosting = Hosting(bot.dispatch, knows=self._channels.knows, find=lambda: self.services)
        self._view_of = view_of
        self._retry_view = retry_view
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.listener: Subscriber | None = None
        self.scene_worker: SceneWorker | None = None
        self.opened = asyncio.Event()
        self.services: Services | None = None
        """None while Redis has not been reached yet."""
        self._absence: SceneArtError = TransientError("scene-art is starting", sentence=STARTING)
        """Why there are no services."""
        self.trouble: Trouble | None = None
        """What kept scene-art from Redis at its start, as far as it was tried."""

    def find_services(self) -> Services:
        """Find what commands and buttons call.

        Raises:
            SceneArtError: there is nothing to call yet, or any more; its sentence says why.
        """
        if self.services is None:
            raise self._absence
        return self.services

    def start(self) -> None:
        """Begin to open in the background."""
        self._task = asyncio.create_task(self._live(), name="scene-art house")

    async def close(self) -> None:
        """Close everything, with a bounded grace for what is being painted. Safe to call at any time."""
        self._stop.set()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def permissions_changed(self, guild_id: int) -> None:
        """Somebody changed what the bot may do in a server: pictures that wait for that are posted now."""
        if self.scene_worker is not None:
            with suppress(TransientError):
                await self.scene_worker.reopen(guild_id)

    async def listen(self) -> None:
        """The body of the listening loop: one life of the subscription."""
        await self.opened.wait()
        if self.listener is not None:
            await self.listener.hear()

    async def _live(self) -> None:
        try:
            async with AsyncExitStack() as stack:
                await self._live_in(stack)
        except SceneArtError as exc:
            log.error("scene-art stops: %s", exc.detail)  # noqa: TRY400  # the line is for the operator, no trace
        except Exception as exc:  # noqa: BLE001  # the host goes on without it
            log.error("scene-art stops by a fault of its own: %s", faults.told(exc))  # noqa: TRY400
        finally:
            self.services, self._absence = None, SceneArtError("scene-art has stopped", sentence=STOPPED)
            self.hosting.close()

    async def _live_in(self, stack: AsyncExitStack) -> None:
        """Open one thing after the other, wait for the end; `stack` closes them in the opposite order."""
        announce(self._settings)
        workers = await stack.enter_async_context(WorkerProcesses(worker_config(self._settings)))
        _hold(stack, workers.warm_up(), "scene-art warm-up")
        redis = await self._reach_redis(stack)
        if redis is None:
            return
        docket, client = redis
        _hold(stack, check_redis(client), "scene-art checks")
        health = ConnectionHealth()
        _hold(stack, health.watch(client, probe_key(self._settings.namespace)), "scene-art health")
        clock = SharedClock()
        await clock.measure(client)
        _hold(stack, _keep_right(clock, client), "scene-art clock")
        state = self._state or RedisGameState(client)
        book = CharacterBook(client, self._settings.namespace, clock.now)
        hidden = OptOuts(client, self._settings.namespace, clock.now)
        parts = assemble(
            self._settings,
            docket=docket,
            client=client,
            workers=workers,
            channels=self._channels,
            view_of=self._view_of,
            retry_view=self._retry_view,
            state=state,
            cast_resolver=CastResolver(
                workers=workers,
                state=state,
                personas=self._config.personas,
                links=DiscordLinks(self._bot, self._config.trusted_hosts),
                look_resolver=LookResolver(book=book, hidden=hidden, workers=workers),
            ),
            book=book,
            hidden=hidden,
            styles=self._config.styles,
            clock=clock,
            health=health,
            hosting=self.hosting,
        )
        _hold(stack, check_painter(self._settings, parts.keys, workers), "scene-art painter check")
        self.hosting.open(clock.now)
        _hold(stack, self.hosting.following.watch(parts.repository), "scene-art following")
        _hold(stack, parts.listener.carry(), "scene-art delivery")
        _hold(stack, parts.scene_worker.reconcile(), "scene-art rounds")
        _hold(stack, parts.audit.run(), "scene-art audit")
        self.services, self.scene_worker, self.listener = parts.services, parts.scene_worker, parts.listener
        self.opened.set()
        await stack.enter_async_context(parts.late_answers)
        log.info("Listening for the game on %s", shown(self._settings.redis_url))
        if await self._logged_in():
            await stack.enter_async_context(parts.engine.running())
            await self._stop.wait()

    async def _reach_redis(self, stack: AsyncExitStack) -> tuple[Docket, RedisClient] | None:
        """The connection, waited for as long as it takes; None when the extension is unloaded meanwhile."""
        failures = 0
        while not self._stop.is_set():
            try:
                async with asyncio.timeout(REDIS_OPEN_SECONDS):
                    reached = await stack.enter_async_context(
                        open_docket(self._settings.redis_url.get_secret_value(), self._settings.namespace)
                    )
            except (TransientError, *CONNECT_ERRORS) as exc:
                self._tell(trouble_of(exc))
                await event_or_timeout(self._stop, REDIS_PAUSES[min(failures, len(REDIS_PAUSES) - 1)])
                failures += 1
            else:
                if failures:
                    log.info("Redis answers now")
                return reached
        return None

    def _tell(self, trouble: Trouble) -> None:
        """Say what keeps scene-art from Redis: to the operator once, to people as long as it is so."""
        if trouble != self.trouble:
            verb = "used" if trouble.lasting else "reached"
            where = shown(self._settings.redis_url)
            log.error("Redis cannot be %s at %s: %s. scene-art goes on trying", verb, where, trouble.detail)
        self.trouble = trouble
        self._absence = TransientError(trouble.detail, sentence=trouble.sentence)

    async def _logged_in(self) -> bool:
        """Wait until the bot can post. The extension may be loaded long before its host logs in."""
        while not self._stop.is_set():
            if self._bot.is_ready():
                return True
            await event_or_timeout(self._stop, LOGIN_POLL_SECONDS)
        return False


async def _keep_right(clock: SharedClock, client: RedisClient) -> None:
    """Set the clock by Redis's again and again: either may be put right meanwhile."""
    while True:
        await asyncio.sleep(CLOCK_SECONDS)
        await clock.measure(client)


def _hold(stack: AsyncExitStack, work: Coroutine[Any, Any, None], name: str) -> None:
    """Run `work` beside everything else; ended and waited for when `stack` closes, its failure logged."""
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(_log_failure)
    stack.push_async_callback(_end, task)


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (exc := task.exception()) is not None:
        log.error("%s ended by a fault of its own: %s", task.get_name(), faults.told(exc))


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
