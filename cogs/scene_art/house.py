"""Opens everything, holds it as long as the extension is loaded, and closes it in the opposite order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from typing import Any

from docket import Docket
from redis.exceptions import RedisError

from . import faults
from .announcements import announce, check_painter
from .assembly import assemble, equipment
from .drawing.attachments import DiscordLinks
from .drawing.casting import Casting
from .drawing.dressing import Dresser
from .drawing.personas import load_personas
from .drawing.styles import load_styles
from .errors import ConfigurationError, SceneArtError, TransientError
from .game import build_game_state
from .hearing.listener import Listener
from .jobs.engine import event_or_timeout, open_docket
from .keeping.cast_book import CastBook
from .keeping.hidden import Hidden
from .painters.words import tables
from .planning.conductor import Conductor
from .references.addresses import TrustedHosts
from .services import Services
from .settings import Settings
from .showing.channels import AnyBot, Channels
from .showing.post import ViewFactory
from .storage.checks import check_redis
from .storage.clock import SharedClock
from .storage.connection import RedisClient
from .workshop import Workshop

log = logging.getLogger(__name__)

REDIS_OPEN_SECONDS = 10.0
REDIS_PAUSES = (0.5, 1.0, 2.0, 5.0)
LOGIN_POLL_SECONDS = 0.05
CLOCK_SECONDS = 60.0


class House:
    """One task owns everything that must be closed again, opened and closed in its own order.

    A Redis that is away at start is waited for in the background: the host bot is never held up.
    """

    def __init__(self, bot: AnyBot, settings: Settings, *, view_of: ViewFactory, retry_view: ViewFactory) -> None:
        """`view_of` makes the buttons under a picture, `retry_view` those under a notice that there is none.

        Raises:
            ConfigurationError: a file of personas, styles or words cannot be used.
        """
        self._bot = bot
        self._settings = settings
        self._personas = load_personas(settings.personas_file, settings.crown_bearers)
        self._styles = load_styles(settings.styles_file, settings.style)
        if settings.words_file is not None:
            tables(settings.words_file)  # read where pictures are drawn; what is wrong with it is told here
        self._view_of = view_of
        self._retry_view = retry_view
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.listener: Listener | None = None
        self.conductor: Conductor | None = None
        self.opened = asyncio.Event()
        self.services: Services | None = None
        """None while Redis has not been reached yet."""

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
        if self.conductor is not None:
            with suppress(TransientError):
                await self.conductor.reopen(guild_id)

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
            self.services = None

    async def _live_in(self, stack: AsyncExitStack) -> None:
        """Open one thing after the other, wait for the end; `stack` closes them in the opposite order."""
        announce(self._settings)
        workshop = await stack.enter_async_context(Workshop(equipment(self._settings)))
        _hold(stack, workshop.warm_up(), "scene-art warm-up")
        redis = await self._reach_redis(stack)
        if redis is None:
            return
        docket, client = redis
        _hold(stack, check_redis(client), "scene-art checks")
        clock = SharedClock()
        await clock.measure(client)
        _hold(stack, _keep_right(clock, client), "scene-art clock")
        state = await build_game_state(self._settings.game_state, client)
        book = CastBook(client, self._settings.namespace, clock.now)
        hidden = Hidden(client, self._settings.namespace, clock.now)
        parts = assemble(
            self._settings,
            docket=docket,
            client=client,
            workshop=workshop,
            channels=Channels(self._bot, age_restricted_only=self._settings.age_restricted_only),
            view_of=self._view_of,
            retry_view=self._retry_view,
            state=state,
            casting=Casting(
                workshop=workshop,
                state=state,
                personas=self._personas,
                links=DiscordLinks(self._bot, TrustedHosts.parse(self._settings.trusted_hosts)),
                dresser=Dresser(book=book, hidden=hidden, workshop=workshop),
            ),
            book=book,
            hidden=hidden,
            styles=self._styles,
            clock=clock,
        )
        _hold(stack, check_painter(self._settings, parts.keys, workshop), "scene-art painter check")
        _hold(stack, parts.listener.carry(), "scene-art delivery")
        _hold(stack, parts.conductor.make_rounds(), "scene-art rounds")
        _hold(stack, parts.audit.run(), "scene-art audit")
        self.services, self.conductor, self.listener = parts.services, parts.conductor, parts.listener
        self.opened.set()
        await stack.enter_async_context(parts.late_answers)
        if await self._logged_in():
            await stack.enter_async_context(parts.engine.running())
            await self._stop.wait()

    async def _reach_redis(self, stack: AsyncExitStack) -> tuple[Docket, RedisClient] | None:
        """The connection, waited for as long as it takes; None when the extension is unloaded meanwhile."""
        url = self._settings.redis_url.get_secret_value()
        failures = 0
        while not self._stop.is_set():
            try:
                async with asyncio.timeout(REDIS_OPEN_SECONDS):
                    reached = await stack.enter_async_context(open_docket(url, self._settings.namespace))
            except ValueError as exc:
                raise ConfigurationError(f"REDIS_URL cannot be used ({type(exc).__name__})") from None
            except (TransientError, RedisError, OSError) as exc:
                if failures == 0:
                    why = exc.detail if isinstance(exc, TransientError) else type(exc).__name__
                    log.error("Redis cannot be reached (%s); scene-art waits for it", why)  # noqa: TRY400
                await event_or_timeout(self._stop, REDIS_PAUSES[min(failures, len(REDIS_PAUSES) - 1)])
                failures += 1
            else:
                if failures:
                    log.info("Redis answers now")
                return reached
        return None

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
