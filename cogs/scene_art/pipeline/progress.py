"""A scene while it is drawn, written down at every stage that must survive, or that somebody may look at."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Callable

from ..domain.painting import Painting
from ..domain.scene import Scene, SceneState, sum_of
from ..domain.scene_log import remark
from ..errors import CancelledError, ChannelClosedError, QuotaError, SceneArtError, TransientError
from ..i18n import Sentence, gettext
from ..store.scenes import SceneRepository
from ..store.timeouts import retry

KEEP_SECONDS = 20.0
"""A picture that Redis does not take for so long is posted all the same."""
FULL_SECONDS = 2.0
"""Shorter where Redis's memory is full: the scene's lease would run out with it."""
REVERT_SECONDS = 1.0


class RenderProgress:
    """One scene, from its beginning to its end."""

    def __init__(self, scene: Scene, repository: SceneRepository, now: Callable[[], float]) -> None:
        self.scene = scene
        self._repository = repository
        self._now = now
        self.is_asking = False
        """A paid request is prepared, sent or settled: it is not to be broken off."""
        self.is_left = False
        """Nobody waits for the picture any more: no other request may follow, and no record is written."""

    def change(self, **changes: object) -> None:
        self.scene = self.scene.model_copy(update=changes)

    async def report(self, progress: str) -> None:
        """Note what is being done, for scenes that a person watches."""
        self.change(progress=progress)
        if self.scene.requested_by is not None:
            with contextlib.suppress(TransientError):
                await self._repository.save(self.scene)

    async def count_request(self) -> None:
        """Note a request in the store before it is sent.

        Raises:
            CancelledError: somebody cancelled the scene, so that it must not be sent.
        """
        before = self.scene
        self.change(attempts=before.attempts + 1, asked_at=self._now(), progress="painting")
        if self.is_left or not await retry(lambda: self._repository.save_unless_cancelled(self.scene)):
            self.change(reserved=None, attempts=before.attempts, asked_at=before.asked_at)
            raise CancelledError("somebody cancelled it")

    async def count_prohibited(self) -> None:
        """Note that the service called a request prohibited, so that no restart repeats it."""
        self.change(prohibited=self.scene.prohibited + 1)
        await retry(lambda: self._repository.save(self.scene))

    async def note_answer(self, dollars: float, *, charged: bool, ended: bool = False) -> None:
        """Note what the request under way cost. `ended`: another note follows at once."""
        scene = self.scene
        self.change(reserved=None, cost=sum_of(scene.cost, dollars), charged=scene.charged or charged)
        if not (ended or self.is_left):
            with contextlib.suppress(TransientError):
                await self._repository.save(self.scene)

    async def keep(self, painting: Painting, picture: bytes, news: Scene | None) -> None:
        """Keep the picture until it is posted, and its small copy with the record.

        `news` may know where to reply to meanwhile.
        """
        told = {"reply_to": news.reply_to, "guild_id": news.guild_id or self.scene.guild_id} if news else {}
        painted = self.scene.painted_with(painting, self._now())
        # It is posted next, and whoever takes it up after a crash looks first whether it was.
        self.scene = painted.moved(SceneState.POSTING, progress=SceneState.POSTING.value, **told)
        keep = functools.partial(self._repository.save_with_picture, self.scene, picture, painting.small_copy)
        try:
            await retry(keep, KEEP_SECONDS, full_seconds=FULL_SECONDS)
        except TransientError as exc:
            remark(self.scene.id, f"its picture is not kept ({exc.detail}), and posted at once")

    async def begin_posting(self) -> None:
        """Note that it is posted next."""
        self.scene = self.scene.moved(SceneState.POSTING, progress=SceneState.POSTING.value)
        with contextlib.suppress(TransientError):
            await retry(lambda: self._repository.save(self.scene), KEEP_SECONDS, full_seconds=FULL_SECONDS)

    async def revert(self) -> None:
        """The process ends in good order: that does not count as a start that failed."""
        self.change(starts=max(0, self.scene.starts - 1))
        with contextlib.suppress(TransientError, TimeoutError):
            async with asyncio.timeout(REVERT_SECONDS):
                await self._repository.save(self.scene)

    def put_off(self, until: float, exc: SceneArtError) -> Scene:
        """The scene as it waits. The caller writes it down together with the channel's plan."""
        state = self.scene.state if self.scene.has_picture else SceneState.WAITING
        self.scene = self.scene.moved(
            state,
            reason=exc.detail,
            code=exc.code,
            sentence=_waiting_for(exc),
            progress="",
            resume_at=until,
            starts=0,
            put_offs=self.scene.put_offs + 1,
            closed=isinstance(exc, ChannelClosedError),
        )
        return self.scene

    def ended(self, state: SceneState, **changes: object) -> Scene:
        """The scene's last state. The caller writes it down together with the channel's plan.

        A request that is still under way counts as spent in it; what it really costs is told by `note_answer`.
        """
        self.scene = self.scene.moved(state, finished_at=self._now(), progress="", **changes)
        return self.scene.settled()


def begun(scene: Scene, now: float) -> Scene:
    """`scene` as work on it begins."""
    scene = scene.settled()  # its process died, or was ended
    started: dict[str, object] = {
        "started_at": scene.started_at or now,
        "starts": scene.starts + 1,
        "resume_at": None,
        "closed": False,
        "reason": "",
        "code": "",
    }
    if scene.has_picture:
        return scene.model_copy(update=started)
    return scene.moved(SceneState.PAINTING, sentence=Sentence(""), **started)


def cancelled_sentence(scene: Scene) -> Sentence:
    """Tell somebody whose scene was cancelled also whether it costs them something."""
    if scene.is_charged:
        return gettext(
            "Picture cancelled after it was sent to the painter, so it is charged. Nothing was posted. If "
            "the picture still arrives, `/scene-art history` shows it."
        )
    return CancelledError.default_sentence


def _waiting_for(exc: SceneArtError) -> Sentence:
    """Tell somebody who waits why; that it goes on by itself is said where it is shown."""
    if isinstance(exc, QuotaError):
        return gettext("The painter is at its rate limit.")
    closed = isinstance(exc, ChannelClosedError)
    return exc.sentence if closed else gettext("Discord isn't accepting the picture right now.")
