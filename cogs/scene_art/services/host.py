"""The service for the host's own code. It works before Redis is reached: requests wait in the buffer of all events."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

import discord

from ..domain.events import ArtRequest, Heard
from ..errors import BusyError, TransientError, UnloadedError
from ..host.announcer import Announcer, Dispatch
from ..host.following import FollowedScene, Following
from ..host.handle import SceneHandle
from ..ingest.buffer import EventBuffer
from ..ingest.rate_limits import RateLimiter
from .host_requests import art_request
from .services import Services

UNLOADED = "scene-art was unloaded, or has stopped, before the scene ended"
PLANNED_SECONDS = 10.0
"""Time that a cancellation waits for the request to become a scene."""


class Hosting:
    """The host's requests and the news of their scenes. One per loaded extension, from its beginning to its end."""

    def __init__(
        self, dispatch: Dispatch, *, knows: Callable[[str], bool], find: Callable[[], Services | None]
    ) -> None:
        """`dispatch` is the host's own; `knows` tells whether a channel id is one of the bot's."""
        self._find = find
        self._closed = False
        self.now: Callable[[], float] = time.time
        self.following = Following()
        self.limiter = RateLimiter(knows=knows)
        self.buffer = EventBuffer(self.following.given_up)
        self.announcer = Announcer(dispatch, self.following.scene_ended)

    def illustrate(self, channel: discord.abc.Snowflake | int, **fields: object) -> SceneHandle:
        """Enqueue a request as if it had come from Redis.

        Raises:
            ValueError: an argument does not fit.
            BusyError: a rate limit is reached.
            UnloadedError: the extension has ended.
        """
        request, size = art_request(channel, **fields)
        if self._closed:
            raise UnloadedError(UNLOADED)
        self._check_flood(request, size)
        followed = FollowedScene(request)
        self.following.add(followed)
        self.buffer.add(request, self.now())
        return SceneHandle(int(request.channel_id), request.turn_id, followed, self.cancel)

    def _check_flood(self, request: ArtRequest, size: int) -> None:
        if not self.limiter.allow_bytes(size):
            raise BusyError("too many megabytes a second")
        if why := self.limiter.refusal(request.channel_id, request.weight):
            raise BusyError(why)

    async def cancel(self, followed: FollowedScene) -> bool:
        """Have a scene not painted; see `SceneHandle.cancel`."""
        if self.buffer.withdraw(followed.request.event_id):
            followed.end_unborn("cancelled", "cancelled", "the host cancelled it")
            return True
        try:
            async with asyncio.timeout(PLANNED_SECONDS):
                await followed.known.wait()
        except TimeoutError:
            raise TransientError("the request is not planned yet, so that there is nothing to cancel") from None
        if followed.unloaded:
            raise UnloadedError(followed.unloaded)
        return followed.status is None and await self._stop(followed)

    async def _stop(self, followed: FollowedScene) -> bool:
        services = self._find()
        if services is None:
            raise TransientError("Redis has not been reached")
        return await services.dispatcher.cancel_if_possible(followed.request.channel_id, followed.scene_id or "")

    def delivered(self, events: Sequence[Heard]) -> None:
        """Note what lies in its inbox now."""
        self.following.delivered(event for _, event in events)

    def open(self, now: Callable[[], float]) -> None:
        """Go by `now`, the clock that all processes share, from here on."""
        self.now = now
        self.buffer.not_ahead(now())

    def close(self) -> None:
        """End everything that is waited for: the extension ends."""
        self._closed = True
        self.following.close(UNLOADED)
