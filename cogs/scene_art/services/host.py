"""The service for the host's own code. It works before Redis is reached: requests wait in the buffer of all events.

The host's arguments are checked like an event from Redis, but every fault raises an error.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Callable, Sequence

import discord

from ..domain.events import ArtRequest, EventError, Heard, read_event
from ..errors import BusyError, TransientError, UnloadedError
from ..host.announcer import Announcer, Dispatch
from ..host.following import FollowedScene, Following, SceneHandle
from ..ingest.buffer import EventBuffer
from ..ingest.rate_limits import RateLimiter
from ..publish import REQUEST_CHANNEL
from .services import Services

UNLOADED = "scene-art was unloaded, or has stopped, before the scene ended"
PLANNED_SECONDS = 10.0
"""Time that a cancellation waits for the request to become a scene."""


class Hosting:
    """The host's requests and the news of their scenes. One per loaded extension, from its beginning to its end."""

    def __init__(
        self,
        dispatch: Dispatch,
        *,
        knows: Callable[[str], bool],
        server_of: Callable[[str], str],
        find: Callable[[], Services | None],
    ) -> None:
        """`dispatch` is the host's own; `knows` and `server_of`: see `RateLimiter`."""
        self._find = find
        self._closed = False
        self.now: Callable[[], float] = time.time
        self.following = Following()
        self.limiter = RateLimiter(knows=knows, server_of=server_of)
        self.buffer = EventBuffer(self.following.given_up, server_of)
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
        if not self.limiter.allow_bytes(size):
            raise BusyError("too many megabytes a second")
        if why := self.limiter.refusal(request.channel_id, request.weight):
            raise BusyError(why)
        followed = FollowedScene(request)
        self.following.add(followed)
        self.buffer.add(request, self.now())
        return SceneHandle(int(request.channel_id), request.turn_id, followed, self.cancel)

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
        if followed.status is not None:
            return False
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


def art_request(channel: discord.abc.Snowflake | int, **fields: object) -> tuple[ArtRequest, int]:
    """Make the request for a picture in `channel`, and return it with the size of its message in bytes.

    Raises:
        ValueError: an argument does not fit; the text names it.
    """
    given = {name: value for name, value in fields.items() if value is not None}
    given = {"guild_id": _guild_id(channel)} | given | {"channel_id": _channel_id(channel)}
    message = _message(given)
    try:
        event = read_event(ArtRequest, REQUEST_CHANNEL, message)
    except EventError as exc:
        raise ValueError(str(exc)) from None
    for name in ("message_id", "guild_id"):
        if given.get(name) is not None and getattr(event, name) is None:
            raise ValueError(f"{name}: is not a Discord id")
    return event.model_copy(update={"followed": True}), len(message)


def _message(fields: dict[str, object]) -> str:
    lists = {
        name: list(value)
        for name, value in fields.items()
        if isinstance(value, Sequence) and not isinstance(value, str)
    }
    try:
        # The mark makes each call an event of its own, since events are identified by their bytes.
        return json.dumps(fields | lists | {"ts": time.time(), "mark": secrets.token_hex(8)})
    except (TypeError, ValueError) as exc:
        raise ValueError(f"an argument cannot be written as JSON ({exc})") from None


def _channel_id(channel: discord.abc.Snowflake | int) -> int:
    if isinstance(channel, discord.abc.User):
        raise ValueError("channel: is a person; give `await user.create_dm()`")  # noqa: TRY004
    number = channel if isinstance(channel, int) else getattr(channel, "id", None)
    if isinstance(number, int) and not isinstance(number, bool):
        return number
    raise ValueError("channel: must be a channel, a thread or the id of one; of a context, give its `channel`")


def _guild_id(channel: discord.abc.Snowflake | int) -> int | None:
    guild = getattr(channel, "guild", None)
    return guild.id if isinstance(guild, (discord.Guild, discord.Object)) else None
