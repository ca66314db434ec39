"""The requests of the host's own code that somebody still holds, and what becomes of each.

Any process on the same Redis may draw the scene, so that its end is looked for in Redis; an end in this process is
known at once. What nobody holds any more is not looked for.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Generator, Iterable
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakValueDictionary

from ..domain.events import ArtRequest, GameEvent
from ..errors import TransientError, UnloadedError
from ..jobs.engine import event_or_timeout
from ..store.inbox import Inbox
from ..store.scenes import SceneRepository
from .status import SceneStatus, State, ended_status

log = logging.getLogger(__name__)

FIRST_LOOK_SECONDS, LONGEST_LOOK_SECONDS = 0.25, 5.0
"""A look at Redis costs one command; the longer a scene takes, the rarer they get."""
LOST_SECONDS = 60.0
"""A request that is in no inbox after so long, and of which nothing is written down, is looked for once more."""


@dataclass(frozen=True)
class Sources:
    """The stores in which the fate of a request is looked up."""

    scenes: SceneRepository
    inbox: Inbox


class FollowedScene:
    """One request, from the call to the scene's end."""

    def __init__(self, request: ArtRequest) -> None:
        self.request = request
        self.scene_id: str | None = None
        self.status: SceneStatus | None = None
        self.unloaded = ""
        """The reason why it is followed no more."""
        self.known = asyncio.Event()
        """There is a scene, or there will be none."""
        self.ended = asyncio.Event()
        self.delivered_at: float | None = None
        self.look_at = 0.0

    def end(self, status: SceneStatus | None, unloaded: str = "") -> None:
        """Note how it ended, or why nobody will know; the first word holds."""
        if not self.ended.is_set():
            self.status, self.unloaded = status, unloaded
            self.known.set()
            self.ended.set()

    def end_unborn(self, state: State, reason: str, detail: str) -> None:
        """Note that it never became a scene."""
        request = self.request
        status = SceneStatus(
            channel_id=int(request.channel_id),
            guild_id=int(request.guild_id) if request.guild_id else None,
            turn_id=request.turn_id,
            state=state,
            reason=reason,
            detail=detail,
            ts=time.time(),
        )
        self.end(status)


@dataclass(frozen=True, eq=False)
class SceneHandle:
    """A picture that was asked for: `await` it to the scene's end, or cancel it. May be dropped at any time."""

    channel_id: int
    turn_id: str | None
    _followed: FollowedScene = field(repr=False)
    _cancel: Callable[[FollowedScene], Awaitable[bool]] = field(repr=False)

    @property
    def scene_id(self) -> str | None:
        """The scene's id, as soon as it is known."""
        return self._followed.scene_id

    @property
    def status(self) -> SceneStatus | None:
        """The scene at its end; None before, or when its end was not announced."""
        return self._followed.status

    async def wait(self) -> SceneStatus:
        """Wait for the scene's end, wherever it is drawn. Several may wait; a wait that is cancelled cancels no scene.

        Raises:
            UnloadedError: scene-art was unloaded first. The scene itself may still be drawn, by the next process.
        """
        await self._followed.ended.wait()
        if self._followed.status is None:
            raise UnloadedError(self._followed.unloaded)
        return self._followed.status

    def __await__(self) -> Generator[Any, None, SceneStatus]:
        return self.wait().__await__()

    async def cancel(self) -> bool:
        """Ask for the picture not to be painted. True: nothing will be posted; False: it is finished or about to be.

        The end is `cancelled`. It comes when the scene's turn does: one that waits for the cooldown keeps its place.

        Raises:
            TransientError: Redis cannot be reached.
            UnloadedError: scene-art was unloaded.
        """
        return await self._cancel(self._followed)


class Following:
    """One per loaded extension."""

    def __init__(self) -> None:
        self._open: WeakValueDictionary[str, FollowedScene] = WeakValueDictionary()
        self._news = asyncio.Event()

    def __len__(self) -> int:
        return len(self._open)

    def add(self, followed: FollowedScene) -> None:
        """Follow one."""
        self._open[followed.request.event_id] = followed

    def given_up(self, event: GameEvent) -> None:
        """Note that `event` was lost for want of room."""
        if (followed := self._open.pop(event.event_id, None)) is not None:
            followed.end_unborn("failed", "busy", "too many events waited for Redis")

    def delivered(self, events: Iterable[GameEvent]) -> None:
        """Note that these lie in their inbox in Redis."""
        for event in events:
            if (followed := self._open.get(event.event_id)) is not None:
                followed.delivered_at = time.monotonic()
                self._news.set()

    def scene_ended(self, status: SceneStatus) -> None:
        """Note an end in this process."""
        for followed in list(self._open.values()):
            if followed.scene_id == status.scene_id:
                followed.end(status)
                self._open.pop(followed.request.event_id, None)
            elif followed.scene_id is None and int(followed.request.channel_id) == status.channel_id:
                followed.look_at = 0.0  # it may be the one
                self._news.set()

    def close(self, why: str) -> None:
        """End the following of all that are open."""
        for followed in list(self._open.values()):
            followed.end(None, why)
        self._open.clear()

    async def watch(self, sources: Sources) -> None:
        """Look in Redis for what became of them, until cancelled. Without open ones nothing is asked."""
        while True:
            await event_or_timeout(self._news, self._pause())
            self._news.clear()
            try:
                for followed in self._due():
                    await self._look(followed, sources)
            except TransientError as exc:
                log.debug("What became of the host's requests cannot be read now: %s", exc.detail)
                await asyncio.sleep(FIRST_LOOK_SECONDS)

    def _pause(self) -> float:
        waiting = [one.look_at for one in self._open.values() if one.delivered_at is not None]
        return max(0.0, min(waiting, default=time.monotonic() + 3600.0) - time.monotonic())

    def _due(self) -> list[FollowedScene]:
        now = time.monotonic()
        return [one for one in self._open.values() if one.delivered_at is not None and one.look_at <= now]

    async def _look(self, followed: FollowedScene, sources: Sources) -> None:
        if followed.scene_id is None:
            await self._look_for_scene(followed, sources)
        if followed.scene_id is not None:
            await self._look_for_end(followed, followed.scene_id, sources)
        if followed.ended.is_set():
            self._open.pop(followed.request.event_id, None)
        now = time.monotonic()
        waited = now - (followed.delivered_at or now)
        followed.look_at = now + min(LONGEST_LOOK_SECONDS, max(FIRST_LOOK_SECONDS, waited / 10))

    async def _look_for_scene(self, followed: FollowedScene, sources: Sources) -> None:
        channel_id, event_id = followed.request.channel_id, followed.request.event_id
        told = await sources.inbox.followed(channel_id, event_id)
        if told is None and time.monotonic() - (followed.delivered_at or 0.0) > LOST_SECONDS:
            if await sources.inbox.has_entries(channel_id):
                return
            told = await sources.inbox.followed(channel_id, event_id)  # it may have been taken in between the two looks
            if told is None:
                followed.end_unborn("failed", "lost", "Redis has nothing of the request any more")
        if told is not None and told.scene_id:
            followed.scene_id = told.scene_id
            followed.known.set()
        elif told is not None:
            followed.end_unborn("failed", told.code or "failed", told.detail)

    async def _look_for_end(self, followed: FollowedScene, scene_id: str, sources: Sources) -> None:
        scene = await sources.scenes.scene(followed.request.channel_id, scene_id)
        if scene is None:
            followed.end_unborn("failed", "lost", "Redis has no record of the scene any more")
        elif scene.state.finished:
            followed.end(ended_status(scene))
