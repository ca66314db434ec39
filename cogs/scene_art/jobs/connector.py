"""Connects to Redis at the start, and retries as long as it takes, without delaying the host bot."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack

from docket import Docket

from ..errors import SceneArtError, TransientError
from ..i18n import gettext
from ..settings import Settings
from ..store.address import shown
from ..store.connection import RedisClient
from ..store.reachability import CONNECT_ERRORS, Trouble, trouble_of
from .engine import event_or_timeout, open_docket

log = logging.getLogger(__name__)

OPEN_SECONDS = 10.0
PAUSES = (0.5, 1.0, 2.0, 5.0)
STARTING = gettext("scene-art is still starting. Try again in a few seconds.")


class RedisConnector:
    """Connects to Redis, with retries until `stop`. Knows the reason of the last failure meanwhile."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.redis_url
        self._namespace = settings.namespace
        self.trouble: Trouble | None = None

    @property
    def absence(self) -> SceneArtError:
        """The error that says why nothing can be done yet; its sentence is for people."""
        if self.trouble is None:
            return TransientError("scene-art is starting", sentence=STARTING)
        return TransientError(self.trouble.detail, sentence=self.trouble.sentence)

    async def open(self, stack: AsyncExitStack, stop: asyncio.Event) -> tuple[Docket, RedisClient] | None:
        """Connect, to be closed by `stack`; None when `stop` is set meanwhile."""
        failures = 0
        while not stop.is_set():
            try:
                async with asyncio.timeout(OPEN_SECONDS):
                    reached = await stack.enter_async_context(
                        open_docket(self._url.get_secret_value(), self._namespace)
                    )
            except (TransientError, *CONNECT_ERRORS) as exc:
                self._tell(trouble_of(exc))
                await event_or_timeout(stop, PAUSES[min(failures, len(PAUSES) - 1)])
                failures += 1
            else:
                if failures:
                    log.info("Redis answers now")
                return reached
        return None

    def _tell(self, trouble: Trouble) -> None:
        """Tell the operator once of each trouble."""
        if trouble != self.trouble:
            verb = "used" if trouble.lasting else "reached"
            log.error("Redis cannot be %s at %s: %s. scene-art goes on trying", verb, shown(self._url), trouble.detail)
        self.trouble = trouble
