"""Pictures that people ask for and cancel: the one service behind commands and buttons. No Discord type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..domain.permissions import Requester
from ..domain.requests import RerenderOptions, SceneDraft, drafted_by, rerender_of
from ..domain.scene import Scene
from ..domain.styles import Styles
from ..errors import CannotDoError
from ..i18n import gettext
from ..text import escaped
from .access import RequestLimits
from .audit_log import AuditLog
from .dispatcher import SceneDispatcher
from .history import HistoryService, resolve_scene
from .uploads import Upload, UploadReader

MOST_UPLOADS = 4
TITLE_LIMIT = 120
NO_CHANGES = RerenderOptions()


class PictureService:
    """Every method raises `CannotDoError` for somebody who may not, and `TransientError` when Redis is away."""

    def __init__(
        self,
        *,
        history: HistoryService,
        limits: RequestLimits,
        dispatcher: SceneDispatcher,
        uploads: UploadReader,
        styles: Styles,
        audit: AuditLog,
    ) -> None:
        self._history = history
        self._limits = limits
        self._dispatcher = dispatcher
        self._uploads = uploads
        self._styles = styles
        self._audit = audit

    async def rerender(
        self, channel_id: str, options: RerenderOptions = NO_CHANGES, *, by: Requester, scene: str = ""
    ) -> Scene:
        """Begin to draw a scene of the channel again: the one that `scene` names by id or title, or the last one.

        Returns the new scene, to be followed with `SceneDispatcher.follow`.

        Raises:
            CannotDoError: there is no such scene, a choice is unknown, or a limit is reached.
        """
        original = await self._history.find(channel_id, scene, by=by)
        if options.vary and original.message_id is None:
            raise CannotDoError(gettext("This scene has no picture to vary. Press Rerender to draw it from scratch."))
        return await self._begin(rerender_of(original, by, options, self._styles, self._dispatcher.now()), by)

    async def draw(
        self,
        channel_id: str,
        draft: SceneDraft,
        options: RerenderOptions = NO_CHANGES,
        *,
        by: Requester,
        uploads: Sequence[Upload] = (),
    ) -> Scene:
        """Begin to draw a scene of the person's own; `uploads` are pictures that go along as references.

        Raises:
            CannotDoError: the text does not fit, a choice is unknown, or a limit is reached.
            ReferenceUnavailableError: an upload is no picture.
        """
        await self._limits.check_access(by, channel_id)
        changes = options.checked(self._styles)
        if draft.names.strip():
            draft = replace(draft, own_name=await self._limits.character_name(by))
        return await self._begin(drafted_by(by, channel_id, draft, changes, self._dispatcher.now()), by, uploads)

    async def _begin(self, scene: Scene, by: Requester, uploads: Sequence[Upload] = ()) -> Scene:
        for upload in uploads:
            upload.check()
        # Nothing is read, and nothing kept, for somebody who may not, or where there is no money.
        async with (
            self._limits.admitted(scene, by),
            self._uploads.keeping(uploads[:MOST_UPLOADS], scene.channel_id, by=by) as kept,
        ):
            scene = scene.model_copy(update={"uploads": (*kept, *scene.uploads)[:MOST_UPLOADS]})
            await self._dispatcher.add(scene)
        await self._dispatcher.start(scene)
        title = escaped(scene.narrative, TITLE_LIMIT)
        line = gettext("{who} asked for a picture: {title}", who=by.mention, title=title)
        self._audit.note(scene.channel_id, scene.guild_id, line)
        return scene

    async def cancel(self, channel_id: str, scene: str = "", *, by: Requester) -> Scene:
        """Cancel a pending picture: of the scene that `scene` names, or the person's newest one.

        Returns the scene as it stood then; `is_charged` says whether it is paid for all the same.

        Raises:
            CannotDoError: nothing is being painted that they could cancel.
        """
        open_ones = await self._history.in_progress(channel_id, by=by)
        own = [one for one in open_ones if one.requested_by == by.user_id]
        found = next((one for one in open_ones if one.id == scene), None) or (
            resolve_scene(open_ones, scene) if scene else next(iter(own or open_ones), None)
        )
        if found is None:
            raise CannotDoError(
                gettext("There's nothing here for you to cancel. To remove a posted picture, press Delete under it.")
            )
        found = await self._dispatcher.cancel(found)
        self._audit.note(channel_id, found.guild_id, gettext("{who} cancelled a picture.", who=by.mention))
        return found
