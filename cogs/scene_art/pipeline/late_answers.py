"""Late answers: those to requests that were under way when somebody cancelled their scene.

They are paid for all the same, so they are awaited, their cost is noted and their pictures are kept. The scene has
ended by then; its record is corrected when the answer is there.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Self

from .. import faults
from ..domain.painting import Painting
from ..domain.scene import Scene, SceneState
from ..errors import SceneArtError
from ..store.scenes import SceneRepository
from ..store.timeouts import retry
from .progress import RenderProgress, cancelled_sentence

log = logging.getLogger(__name__)

ENDED_POLL_SECONDS = 0.2
ENDED_SECONDS = 900.0
"""Time within which the channel job writes the scene's end, if it does so at all."""


class LateAnswers:
    """An async context manager. Requests under way at its exit are cancelled, and count as spent."""

    def __init__(self, *, repository: SceneRepository, longest_seconds: float, now: Callable[[], float]) -> None:
        """`longest_seconds` limits the wait for one answer. `now` is in unix seconds."""
        self._repository = repository
        self._longest_seconds = longest_seconds
        self._now = now
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def expect(self, work: RenderProgress, painting: asyncio.Future[Painting]) -> None:
        """Await `painting`, the request of a cancelled scene, in a task of its own. No further request follows it."""
        work.is_left = True
        task = asyncio.create_task(self._keep(work, painting), name=f"scene-art late answer {work.scene.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep(self, work: RenderProgress, painting: asyncio.Future[Painting]) -> None:
        scene_id = work.scene.id
        try:
            await self._put_right(work, await self._answer(painting))
        except SceneArtError as exc:
            log.warning("scene %s: its late answer is not in its record: %s", scene_id, exc.detail)
        except Exception as exc:  # noqa: BLE001  # nobody awaits this task
            log.error("scene %s: lost its late answer by a fault of scene-art's own: %s", scene_id, faults.summary(exc))  # noqa: TRY400

    async def _answer(self, painting: asyncio.Future[Painting]) -> Painting | None:
        """Await the picture; None when none comes in time."""
        try:
            async with asyncio.timeout(self._longest_seconds):
                return await painting
        except TimeoutError:
            return None
        except SceneArtError as exc:
            log.info("No late picture: %s", exc.detail)
            return None
        finally:
            painting.cancel()
            await asyncio.gather(painting, return_exceptions=True)

    async def _put_right(self, work: RenderProgress, painting: Painting | None) -> None:
        ended = await self._ended(work.scene)
        if ended is None:
            return
        found = work.scene.settled()
        names = ("cost", "charged", "prompt_record", "game_name", "is_spoiler")
        changes = {name: getattr(found, name) for name in names} | {"sentence": cancelled_sentence(found)}
        scene = ended.model_copy(update=changes)
        if painting is None:
            await retry(lambda: self._repository.save(scene))
        else:
            kept = scene.painted_with(painting, self._now())
            await retry(lambda: self._repository.save_with_picture(kept, painting.data, painting.small_copy))
        log.info("scene %s: the answer came after it was cancelled, cost $%.4f", scene.id, found.cost)

    async def _ended(self, scene: Scene) -> Scene | None:
        """Wait until the scene's end is written. None when the record is gone, or the end is not a cancellation."""
        async with asyncio.timeout(ENDED_SECONDS):
            while True:
                found = await retry(lambda: self._repository.scene(scene.channel_id, scene.id))
                if found is None or found.state.finished:
                    return found if found is not None and found.state is SceneState.CANCELLED else None
                await asyncio.sleep(ENDED_POLL_SECONDS)
