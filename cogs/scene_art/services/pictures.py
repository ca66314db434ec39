"""How people ask for pictures, without any Discord type: the one service behind commands and buttons."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ..domain.permissions import Requester
from ..domain.pricing import estimate, is_free, least_tokens, payer_of
from ..domain.requests import RerenderOptions, SceneDraft, again, drafted_by
from ..domain.scene import Scene, SceneState, Source
from ..domain.scene_log import tell_end
from ..domain.scene_lookup import named
from ..domain.styles import Style, Styles
from ..errors import CannotDoError, TransientError
from ..host.announcer import Announcer
from ..i18n import Dollars, gettext
from ..settings import Settings
from ..store.allowances import Allowances
from ..store.answer_tokens import AnswerTokens
from ..store.budget import Budget
from ..store.channel_settings import ChannelSettingsReader
from ..store.queue import Queue
from ..store.scenes import SceneRepository
from ..store.uploads import Uploads
from ..text import escaped
from .access import AccessControl
from .audit_log import AuditLog
from .uploads import Upload, UploadReader

RECENT = 25
"""How many scenes a person can choose from: as many as Discord shows in a list."""
FOLLOW_EVERY_SECONDS = 0.2
MOST_UPLOADS = 4


class SceneClock(Protocol):
    """Wakes scenes, for the picture service."""

    async def wake_scene(self, channel_id: str, scene_id: str, at: float | None = None) -> None: ...


@dataclass(frozen=True)
class Quote:
    """What a picture would cost, told before it is asked for."""

    price: Dollars | None
    """About so much; None where pictures are free, or prices are not to be shown."""
    left: int
    """Pictures that the person may still ask for within the hour."""
    most: int


@dataclass(frozen=True)
class Tools:
    """Dependencies of the picture service."""

    repository: SceneRepository
    styles: Styles
    clock: SceneClock
    allowances: Allowances
    access: AccessControl
    channel_settings: ChannelSettingsReader
    queue: Queue
    budget: Budget
    uploads: Uploads
    answers: AnswerTokens
    reader: UploadReader
    audit: AuditLog
    announcer: Announcer = field(default_factory=Announcer)
    now: Callable[[], float] = time.time


class PictureService:
    """Every method checks who asks. Every method may raise `TransientError` when Redis is away."""

    def __init__(self, settings: Settings, tools: Tools) -> None:
        self._settings = settings
        self._tools = tools
        self._repository = tools.repository

    @property
    def styles(self) -> tuple[Style, ...]:
        """The looks to choose from."""
        return self._tools.styles.all

    def sample(self, style: Style) -> bytes | None:
        """A picture of such a look, if there is one."""
        return self._tools.styles.samples.get(style.id)

    async def recent(self, channel_id: str, *, by: Requester) -> list[Scene]:
        """The channel's scenes that can be painted again, newest first.

        Raises:
            CannotDoError: they may not.
        """
        await self._tools.access.check_access(by, channel_id)
        return [scene for scene in await self._repository.recent(channel_id, RECENT) if scene.state.finished]

    async def at_work(self, channel_id: str, *, by: Requester) -> list[Scene]:
        """The channel's scenes that are waited for and that the person may cancel, newest first."""
        await self._tools.access.check_access(by, channel_id)
        scenes = await self._repository.recent(channel_id, self._settings.keep_scenes)
        return [scene for scene in scenes if not scene.state.finished and _may_cancel(by, scene)]

    async def quote(self, channel_id: str, *, by: Requester) -> Quote:
        """What a picture would cost the person there, in money and of their allowance."""
        channel_settings = await self._tools.channel_settings.of(channel_id, by.guild_id)
        price = estimate(self._settings, channel_settings) if self._settings.show_prices else None
        return Quote(price, *await self._tools.allowances.left(by))

    async def original(self, channel_id: str, scene: str, *, by: Requester) -> Scene:
        """The scene that `scene` names by id, title or words, or the last one.

        Raises:
            CannotDoError: they may not, or there is none.
        """
        await self._tools.access.check_access(by, channel_id)
        return await self._original(channel_id, scene)

    async def rerender(
        self,
        channel_id: str,
        wish: RerenderOptions | None = None,
        *,
        by: Requester,
        scene: str = "",
        picture: Upload | None = None,
    ) -> Scene:
        """Begin to paint a scene of the channel again: the one that `scene` names by id or title, or the last one.

        Returns the new scene, to be followed with `follow`. `picture` is what a variation goes by where the bot cannot
        look at its message.

        Raises:
            CannotDoError: they may not, there is no such scene, a choice is unknown, or a limit is reached.
        """
        original = await self.original(channel_id, scene, by=by)
        if wish is not None and wish.vary and original.message_id is None:
            raise CannotDoError(gettext("This scene has no picture to vary. Press Rerender to draw it from scratch."))
        scene_again = again(original, by, wish or RerenderOptions(), self._tools.styles, self._tools.now())
        return await self._begin(scene_again, by, [picture] if picture is not None else [])

    async def draw(
        self,
        channel_id: str,
        draft: SceneDraft,
        wish: RerenderOptions | None = None,
        *,
        by: Requester,
        uploads: Sequence[Upload] = (),
    ) -> Scene:
        """Begin to paint a scene of the person's own; `uploads` are pictures that go along as references.

        Raises:
            CannotDoError: they may not, the text does not fit, a choice is unknown, or a limit is reached.
            ReferenceUnavailableError: an upload is no picture.
        """
        await self._tools.access.check_access(by, channel_id)
        changes = (wish or RerenderOptions()).checked(self._tools.styles)
        return await self._begin(drafted_by(by, channel_id, draft, changes, self._tools.now()), by, uploads)

    async def _begin(self, scene: Scene, by: Requester, uploads: Sequence[Upload] = ()) -> Scene:
        for upload in uploads:
            upload.check()
        async with self._allowed(scene, by):
            await self._check_budget(scene)
            pictures = await self._tools.reader.prepared(uploads[:MOST_UPLOADS], scene.channel_id, by=by)
            async with self._tools.uploads.keeping(scene.channel_id, [one.data for one in pictures]) as kept:
                scene = await self._added(
                    scene.model_copy(update={"uploads": (*kept, *scene.uploads)[:MOST_UPLOADS]}), by
                )
        await self._repository.mark_due(f"{scene.channel_id}/{scene.id}", self._tools.now())
        await self._tools.queue.enter(scene)
        await self._wake(scene)
        self._tools.audit.note(
            scene.channel_id,
            scene.guild_id,
            gettext("{who} asked for a picture: {title}", who=f"<@{by.user_id}>", title=escaped(scene.narrative, 120)),
        )
        return scene

    async def _check_budget(self, scene: Scene) -> None:
        """Nothing is read, and nothing waits, where there is no money for the cheapest picture."""
        channel_settings = await self._tools.channel_settings.of(scene.channel_id, scene.guild_id)
        if is_free(self._settings, channel_settings):
            return
        price = self._settings.price(self._settings.model)
        await self._tools.budget.check(
            payer_of(scene, channel_settings), price, least_tokens(self._settings, channel_settings)
        )

    @contextlib.asynccontextmanager
    async def _allowed(self, scene: Scene, by: Requester) -> AsyncIterator[None]:
        """Nothing is read, and nothing kept, for somebody who may not; what fails within costs them nothing."""
        await self._tools.allowances.take(scene, by)
        try:
            yield
        except BaseException:
            with contextlib.suppress(TransientError):
                await self._tools.allowances.give_back(scene, by)
            raise

    async def _added(self, scene: Scene, by: Requester) -> Scene:
        """`scene`, written down."""
        if by.answer is not None:
            scene = scene.model_copy(update={"by_answer": True})
            await self._tools.answers.put(scene, by.answer)
        await self._repository.add(scene)
        self._tools.announcer.queued(scene)
        return scene

    async def _wake(self, scene: Scene) -> None:
        try:
            await self._tools.clock.wake_scene(scene.channel_id, scene.id)
        except TransientError as exc:
            # Nobody will ever draw it: it must not count as one that is being drawn.
            now = self._tools.now()
            failed = scene.moved(
                SceneState.FAILED, reason=exc.detail, code=exc.code, sentence=exc.sentence, finished_at=now
            )
            with contextlib.suppress(TransientError):
                await self._repository.save(failed)
            tell_end(failed)
            self._tools.announcer.ended(failed)
            raise

    async def cancel(self, channel_id: str, scene: str = "", *, by: Requester) -> Scene:
        """Have what is being painted not painted: the scene that `scene` names, or the person's newest one.

        Returns the scene as it stood then; `is_charged` says whether it is paid for all the same.

        Raises:
            CannotDoError: they may not, or nothing is being painted that they could cancel.
        """
        open_ones = await self.at_work(channel_id, by=by)
        own = [one for one in open_ones if one.requested_by == by.user_id]
        found = next((one for one in open_ones if one.id == scene), None) or (
            named(open_ones, scene) if scene else next(iter(own or open_ones), None)
        )
        if found is None:
            raise CannotDoError(
                gettext("There's nothing here for you to cancel. To remove a posted picture, press Delete under it.")
            )
        found = await self._stop(found)
        self._tools.audit.note(
            channel_id, found.guild_id, gettext("{who} cancelled a picture.", who=f"<@{by.user_id}>")
        )
        return found

    async def stop(self, channel_id: str, scene_id: str) -> bool:
        """Have a scene not painted, for the operator's own code. False: it has ended, or is about to be posted."""
        scene = await self._repository.scene(channel_id, scene_id)
        if scene is None or scene.state.finished or scene.has_picture:
            return False
        with contextlib.suppress(CannotDoError):
            await self._stop(scene)
            return True
        return False

    async def _stop(self, scene: Scene) -> Scene:
        """The scene as it stood when nothing of it could leave any more."""
        _check_not_painted(scene)
        # Asked before it is looked at again: a request that is not seen to have left by then never leaves.
        await self._repository.ask_to_cancel(scene)
        scene = await self._repository.scene(scene.channel_id, scene.id) or scene
        _check_not_painted(scene)
        await self._tools.queue.leave(scene)
        if scene.source is Source.PERSON:  # one that waits for a free key, say, is not to wait for that
            await self._tools.clock.wake_scene(scene.channel_id, scene.id)
        return scene

    async def position(self, scene: Scene) -> int:
        """Which one in the queue it is, for one that nobody has begun; 1 is the next."""
        return await self._tools.queue.position(scene)

    async def _original(self, channel_id: str, wanted: str) -> Scene:
        if len(wanted) == 16 and (exact := await self._repository.scene(channel_id, wanted)):
            return exact
        scenes = await self._repository.recent(channel_id, self._settings.keep_scenes)
        if wanted:
            found = named(scenes, wanted)
            if found is None:
                raise CannotDoError(
                    gettext(
                        "That scene is no longer on record. Choose one from the list, or leave `scene` empty for the "
                        "latest."
                    )
                )
            return found
        drawn = [s for s in scenes if s.state is SceneState.POSTED] or [
            s for s in scenes if s.state is not SceneState.WAITING
        ]
        if not drawn:
            raise CannotDoError(
                gettext("No scenes here yet. The game's next turn brings one, or use `/scene-art draw`.")
            )
        return drawn[0]

    async def follow(self, scene: Scene) -> AsyncIterator[Scene]:
        """The scene as it stands, several times a second, until it is finished. Survives outages of Redis."""
        now: Scene | None = scene
        while now is not None and not now.state.finished:
            await asyncio.sleep(FOLLOW_EVERY_SECONDS)
            with contextlib.suppress(TransientError):
                now = await self._repository.scene(scene.channel_id, scene.id)
            if now is not None:
                yield now


def _check_not_painted(scene: Scene) -> None:
    if scene.has_picture:
        raise CannotDoError(
            gettext("Too late to cancel: the picture is about to be posted. Press Delete once it's there.")
        )


def _may_cancel(person: Requester, scene: Scene) -> bool:
    return scene.requested_by == person.user_id or person.is_moderator
