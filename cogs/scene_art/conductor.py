"""Leads a scene from the mailbox to its post: the jobs that the engine wakes.

`on_channel` works on the plan of one channel, alone; `on_scene` draws a scene that a person asked for. Both start
by reading what the ledger knows, so that waking them once too often costs nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from .errors import RefusedError, SceneArtError, TransientError
from .events import ArtRequest, TurnComplete
from .illustrate import Illustrator, record_of
from .ledger import ChannelRecord, Ledger
from .painters import Painting
from .post import PictureTooLargeError, Poster
from .scene import Scene, SceneState
from .schedule import Start, WakeAt
from .settings import Settings

log = logging.getLogger(__name__)

T = TypeVar("T")

INSIST_SECONDS = 120.0

CRASHES_ALLOWED = 3
"""How often a scene is begun again after its process died."""


class AlarmClock(Protocol):
    """What the conductor needs of the engine."""

    async def wake_channel(self, channel_id: str, at: float | None = None) -> None: ...


class Conductor:
    """One per process; holds nothing that the ledger does not know."""

    def __init__(self, settings: Settings, *, ledger: Ledger, illustrator: Illustrator, poster: Poster) -> None:
        self._settings = settings
        self._ledger = ledger
        self._illustrator = illustrator
        self._poster = poster
        self._alarm: AlarmClock | None = None

    def connect(self, alarm: AlarmClock) -> None:
        """Give the conductor its alarm clock: the engine, which in turn needs the conductor's jobs."""
        self._alarm = alarm

    async def deliver(self, channel_id: str, heard: Sequence[tuple[float, ArtRequest | TurnComplete]]) -> None:
        """Put events into the channel's mailbox and wake its job.

        Raises:
            TransientError: Redis is away; deliver again later. Delivering twice does no harm.
        """
        await self._ledger.drop_in(channel_id, heard)
        await self._wake(channel_id)

    async def _wake(self, channel_id: str, at: float | None = None) -> None:
        if self._alarm is None:
            raise TransientError("the engine is not connected")
        await self._alarm.wake_channel(channel_id, at)

    async def on_channel(self, channel_id: str) -> None:
        """Take the mail in, draw at most one scene, and see that the next one is not forgotten."""
        record = await self._ledger.open_channel(channel_id)
        now = time.time()
        scenes = await self._take_mail(record)
        step = record.plan.next_step(now, self._settings.cooldown)
        if isinstance(step, WakeAt):
            await self._commit(record, scenes)
            await self._set_alarm(channel_id, step)
            return
        scene = await self._start(record, step, scenes, now)
        if scene is not None:
            scene = await self._draw(scene, lambda: self._last_news(channel_id, step.scene_id))
        await insist(lambda: self._settle(channel_id, step.scene_id, scene))

    async def _take_mail(self, record: ChannelRecord) -> _Scenes:
        """The mailbox's events, taken into the plan; the scenes that this made or changed."""
        letters = [letter for letter in record.letters if letter is not None]
        if not letters:
            return _Scenes({})
        # A request may change a waiting turn's scene, a turn may tell a request's scene where to reply to.
        known = record.plan.changeable_scenes(letters)
        scenes = _Scenes(await self._ledger.scenes(record.channel_id, known))
        for heard_at, event in letters:
            record.plan.hear(event, scenes, heard_at, self._settings.fallback)
        record.plan.forget(time.time())
        return scenes

    async def _commit(self, record: ChannelRecord, scenes: _Scenes) -> None:
        if record.letters or scenes.changed:
            await self._ledger.commit(record, scenes.changed, scenes.added)

    async def _set_alarm(self, channel_id: str, step: WakeAt) -> None:
        if step.when is not None:
            await self._wake(channel_id, step.when)

    async def _start(self, record: ChannelRecord, step: Start, scenes: _Scenes, now: float) -> Scene | None:
        """Note in the ledger that the scene is begun, before anything is paid. None: its record is gone."""
        wanted = [sid for sid in (step.scene_id, *step.skipped) if sid not in scenes]
        scenes.update_known(await self._ledger.scenes(record.channel_id, wanted))
        record.plan.start(step, now)
        for scene_id in step.skipped:
            if scene_id in scenes:
                skipped = scenes[scene_id].moved(
                    SceneState.SKIPPED, reason="a newer scene was drawn instead", finished_at=now
                )
                scenes[scene_id] = skipped
                log.info("scene %s: skipped: %s", scene_id, skipped.reason)
        scene = scenes.get(step.scene_id)
        if scene is not None and not scene.state.finished:
            scene = scenes[step.scene_id] = begun(scene, now)
        await self._ledger.commit(record, scenes.changed, scenes.added)
        return scene

    async def _settle(self, channel_id: str, scene_id: str, scene: Scene | None) -> None:
        """Note how it ended, and look at once whether something else is waiting."""
        record = await self._ledger.open_channel(channel_id)
        scenes = await self._take_mail(record)
        posted = scene is not None and scene.state is SceneState.POSTED
        record.plan.settle(scene_id, posted=posted)
        if scene is not None:
            scenes.rewrite(scene)
        await self._ledger.commit(record, scenes.changed, scenes.added)
        await self._ledger.forget_surplus(channel_id)
        step = record.plan.next_step(time.time(), self._settings.cooldown)
        if isinstance(step, Start):
            await self._wake(channel_id)
        else:
            await self._set_alarm(channel_id, step)

    async def _last_news(self, channel_id: str, scene_id: str) -> Scene | None:
        """The scene as the ledger has it now: while it was painted, its turn may have told where to reply to."""
        record = await self._ledger.open_channel(channel_id)
        scenes = await self._take_mail(record)
        await self._commit(record, scenes)
        return scenes.get(scene_id) or await self._ledger.scene(channel_id, scene_id)

    async def on_scene(self, channel_id: str, scene_id: str) -> None:
        """Draw a scene that a person asked for."""
        scene = await self._ledger.scene(channel_id, scene_id)
        if scene is None or scene.state.finished:
            return
        scene = begun(scene, time.time())
        await self._ledger.save(scene)
        ended = await self._draw(scene, lambda: self._ledger.scene(channel_id, scene_id))
        await insist(lambda: self._ledger.save(ended))
        await self._ledger.forget_surplus(channel_id)

    async def _draw(self, scene: Scene, latest: Callable[[], Awaitable[Scene | None]]) -> Scene:
        """`scene` in its final state: posted, refused or failed with the reason. Raises nothing but cancellation."""
        if scene.state.finished:
            return scene
        work = _Work(scene, self._ledger)
        try:
            if scene.attempts > self._settings.paint_attempts * CRASHES_ALLOWED:
                raise SceneArtError("given up: its process died too often")  # noqa: TRY301
            return await self._drawn(work, latest)
        except SceneArtError as exc:
            state = SceneState.REFUSED if isinstance(exc, RefusedError) else SceneState.FAILED
            log.warning("scene %s: %s: %s", scene.id, state, exc.detail)
            return work.ended(state, reason=exc.detail, sentence=exc.sentence)
        except Exception as exc:
            log.exception("scene %s: failed by a fault of scene-art's own", scene.id)
            fault = SceneArtError(f"a fault of scene-art's own ({type(exc).__name__})")
            return work.ended(SceneState.FAILED, reason=fault.detail, sentence=fault.sentence)

    async def _drawn(self, work: _Work, latest: Callable[[], Awaitable[Scene | None]]) -> Scene:
        scene = work.scene
        await self._poster.check(scene)
        brief = await self._illustrator.prepare(scene, work.report)
        work.scene = scene.model_copy(update={"brief": record_of(brief)})
        limit = self._poster.upload_limit(scene.channel_id)
        await work.report("painting")
        painting = await self._illustrator.paint(brief, limit, work.count_another_try)
        try:
            await work.take(painting, await insist(latest))
            message_id, painting = await self._post(work.scene, painting, limit)
        finally:
            await asyncio.to_thread(_remove, painting.path)
        log.info("scene %s: posted as message %s in channel %s", scene.id, message_id, scene.channel_id)
        return work.ended(SceneState.POSTED, message_id=message_id)

    async def _post(self, scene: Scene, painting: Painting, limit: int) -> tuple[str, Painting]:
        try:
            return str((await self._poster.post(scene, painting)).id), painting
        except PictureTooLargeError as exc:
            log.warning("scene %s: %s; trying a smaller one", scene.id, exc.detail)
        size = await asyncio.to_thread(lambda: painting.path.stat().st_size)
        smaller = await self._illustrator.shrink(painting, min(limit, size) // 2)
        return str((await self._poster.post(scene, smaller)).id), smaller


class _Scenes(dict[str, Scene]):
    """Scenes by id, remembering which of them are new and which were changed since they were read."""

    def __init__(self, known: dict[str, Scene]) -> None:
        super().__init__(known)
        self._read: dict[str, Scene | None] = dict(known)

    def update_known(self, more: dict[str, Scene]) -> None:
        """Add scenes as they were read."""
        self.update(more)
        self._read |= more

    def rewrite(self, scene: Scene) -> None:
        """Put in the new state of a scene that the ledger has already."""
        self[scene.id] = scene
        self._read.setdefault(scene.id, None)

    @property
    def changed(self) -> list[Scene]:
        """Those that differ from what was read, and the new ones."""
        return [scene for scene_id, scene in self.items() if self._read.get(scene_id) is not scene]

    @property
    def added(self) -> list[str]:
        """The ids of the new ones, which are not listed in their channel yet."""
        return [scene_id for scene_id in self if scene_id not in self._read]


class _Work:
    """A scene while it is drawn, written down at every step that somebody may look at."""

    def __init__(self, scene: Scene, ledger: Ledger) -> None:
        self.scene = scene
        self._ledger = ledger
        self._watched = scene.requested_by is not None

    async def report(self, progress: str) -> None:
        """Note what is being done, for scenes that a person watches."""
        if self._watched:
            self.scene = self.scene.model_copy(update={"progress": progress})
            with contextlib.suppress(TransientError):
                await self._ledger.save(self.scene)

    async def count_another_try(self) -> None:
        """Count the try in the ledger, before it can be paid. The first one was counted when the scene was begun."""
        self.scene = self.scene.model_copy(update={"attempts": self.scene.attempts + 1})
        await insist(lambda: self._ledger.save(self.scene))

    async def take(self, painting: Painting, latest: Scene | None) -> None:
        """Note that the picture is there; `latest` may know where to reply to meanwhile."""
        news = {"reply_to": latest.reply_to, "guild_id": latest.guild_id} if latest else {}
        self.scene = self.scene.moved(
            SceneState.POSTING,
            progress="posting",
            painter=painting.painter,
            model=painting.model,
            usage=painting.usage,
            **news,
        )
        if self._watched:
            await insist(lambda: self._ledger.save(self.scene))

    def ended(self, state: SceneState, **changes: object) -> Scene:
        """The scene's last state. The caller writes it down together with the channel's plan."""
        self.scene = self.scene.moved(state, finished_at=time.time(), progress="", **changes)
        return self.scene


def begun(scene: Scene, now: float) -> Scene:
    """`scene` as its painting begins, with the try counted: it may be paid from here on."""
    return scene.moved(SceneState.PAINTING, started_at=scene.started_at or now, attempts=scene.attempts + 1)


async def insist(action: Callable[[], Awaitable[T]]) -> T:
    """The result of `action`, which is repeated while Redis is away, for two minutes at most.

    What is already paid for must not be lost to a Redis that restarts.
    """
    deadline = time.monotonic() + INSIST_SECONDS
    pause = 0.1
    while True:
        try:
            return await action()
        except TransientError:
            if time.monotonic() >= deadline:
                raise
        await asyncio.sleep(pause)
        pause = min(pause * 2, 5.0)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
