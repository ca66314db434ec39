"""A scene while it is drawn, written down at every stage that must survive, or that somebody may look at."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from ..errors import ChannelClosedError, QuotaError, SceneArtError, TransientError
from ..painters import Painting
from ..scene import Scene, SceneState
from ..speech import Sentence, say
from ..storage.ledger import Ledger
from ..storage.patience import insist

log = logging.getLogger(__name__)

KEEP_SECONDS = 20.0
"""A picture that Redis does not take for so long is posted all the same."""
FULL_SECONDS = 2.0
"""The same for a Redis whose memory is full: the scene's lease would run out with it."""
STEP_BACK_SECONDS = 1.0


class Work:
    """One scene, from its beginning to its end."""

    def __init__(self, scene: Scene, ledger: Ledger, now: Callable[[], float]) -> None:
        self.scene = scene
        self._ledger = ledger
        self._now = now
        self._watched = scene.requested_by is not None

    def change(self, **changes: object) -> None:
        self.scene = self.scene.model_copy(update=changes)

    async def report(self, progress: str) -> None:
        """Note what is being done, for scenes that a person watches."""
        self.change(progress=progress)
        if self._watched:
            with contextlib.suppress(TransientError):
                await self._ledger.save(self.scene)

    async def count_another_request(self) -> None:
        """Count the request in the ledger, before it can be paid. The first one was counted by `begun`."""
        self.change(attempts=self.scene.attempts + 1)
        await insist(lambda: self._ledger.save(self.scene))

    async def keep(self, painting: Painting, picture: bytes, news: Scene | None) -> None:
        """Keep the picture until it is posted. `news` may know where to reply to meanwhile."""
        told = {"reply_to": news.reply_to, "guild_id": news.guild_id or self.scene.guild_id} if news else {}
        self.scene = self.scene.moved(
            SceneState.PAINTED,
            painted_at=self._now(),
            painter=painting.painter,
            model=painting.model,
            usage=painting.usage,
            finish_reason=painting.finish_reason,
            mime=painting.mime,
            **told,
        )
        try:
            await insist(lambda: self._ledger.keep(self.scene, picture), KEEP_SECONDS, full_seconds=FULL_SECONDS)
        except TransientError as exc:
            log.warning("scene %s: its picture is not kept (%s), and posted at once", self.scene.id, exc.detail)

    async def enter(self, state: SceneState) -> None:
        """Note the next stage before it begins."""
        self.scene = self.scene.moved(state, progress=state.value)
        with contextlib.suppress(TransientError):
            await insist(lambda: self._ledger.save(self.scene), KEEP_SECONDS, full_seconds=FULL_SECONDS)

    async def step_back(self) -> None:
        """The process ends in good order: that does not count as a start that failed."""
        self.change(starts=max(0, self.scene.starts - 1))
        with contextlib.suppress(TransientError, TimeoutError):
            async with asyncio.timeout(STEP_BACK_SECONDS):
                await self._ledger.save(self.scene)

    def put_off(self, until: float, exc: SceneArtError) -> Scene:
        """The scene as it waits. The caller writes it down together with the channel's plan."""
        state = self.scene.state if self.scene.has_picture else SceneState.WAITING
        self.scene = self.scene.moved(
            state,
            reason=exc.detail,
            sentence=_waiting_for(exc),
            progress="",
            resume_at=until,
            starts=0,
            put_offs=self.scene.put_offs + 1,
            closed=isinstance(exc, ChannelClosedError),
        )
        return self.scene

    def ended(self, state: SceneState, **changes: object) -> Scene:
        """The scene's last state. The caller writes it down together with the channel's plan."""
        self.scene = self.scene.moved(state, finished_at=self._now(), progress="", **changes)
        return self.scene


def begun(scene: Scene, now: float) -> Scene:
    """`scene` as work on it begins. The first request is counted here: it may be paid from here on."""
    started: dict[str, object] = {
        "started_at": scene.started_at or now,
        "starts": scene.starts + 1,
        "resume_at": None,
        "closed": False,
        "reason": "",
    }
    if scene.has_picture:
        return scene.model_copy(update=started)
    return scene.moved(SceneState.PAINTING, attempts=scene.attempts + 1, sentence=Sentence(""), **started)


def _waiting_for(exc: SceneArtError) -> Sentence:
    """What somebody who waits is told; that it goes on by itself is said where it is shown."""
    if isinstance(exc, QuotaError):
        return say("The painter has reached its limit for the moment.")
    closed = isinstance(exc, ChannelClosedError)
    return exc.sentence if closed else say("Discord does not take the picture just now.")
