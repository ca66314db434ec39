"""The handle that `illustrate` returns."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from .following import FollowedScene
from .status import SceneStatus


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
        return await self._followed.outcome()

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
