"""The service for a channel's scenes: find, browse, explain, make a spoiler, delete. Without any Discord type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ..domain.permissions import Requester
from ..domain.scene import Scene, SceneState, Source
from ..domain.spelling import fold
from ..errors import CannotDoError
from ..i18n import gettext
from ..store.pictures import PictureStore
from ..store.scenes import SceneRepository
from ..text import one_line
from .access import AccessControl
from .audit_log import AuditLog

PAGE = 5
"""Scenes on one page of the history."""
RECENT = 25
"""Most scenes in a list: as many as Discord shows."""
ID_LENGTH = 16
NO_PICTURES = gettext("No pictures here yet. The game's next turn brings one, or use `/scene-art draw`.")
_UNKNOWN_PICTURE = gettext("This picture is no longer on record. A moderator can delete the message itself.")
_TOO_OLD = gettext("This scene is too old: it's no longer on record.")
_NOT_KEPT = gettext("This picture is no longer kept.")


class MessageEditor(Protocol):
    """Edits and deletes posted messages, for the history service."""

    async def erase(self, scene: Scene) -> None: ...
    async def cover(self, scene: Scene) -> None:
        """Show the picture in its message as a spoiler or not, as `scene.is_spoiler` says. Raises `SceneArtError`."""
        ...


@dataclass(frozen=True)
class Page:
    """One page of a channel's history."""

    scenes: tuple[Scene, ...]
    """The scenes, newest first: posted ones, and kept ones that the requester may see."""
    number: int
    """The number of the page, from 0."""
    pages: int
    total: int
    names: tuple[str, ...]
    """The characters in all pictures of the channel, to choose from."""


class HistoryService:
    """Finds scenes, and acts on existing pictures.

    Every method raises `CannotDoError` for somebody who may not, and `TransientError` when Redis is away.
    """

    def __init__(
        self,
        *,
        repository: SceneRepository,
        pictures: PictureStore,
        access: AccessControl,
        editor: MessageEditor,
        audit: AuditLog,
        keep_scenes: int,
    ) -> None:
        self._repository = repository
        self._pictures = pictures
        self._access = access
        self._editor = editor
        self._audit = audit
        self._keep_scenes = keep_scenes

    async def recent(self, channel_id: str, *, by: Requester) -> list[Scene]:
        """List the channel's finished scenes that the person may know of, newest first."""
        await self._access.check_access(by, channel_id)
        scenes = await self._repository.recent(channel_id, RECENT)
        return [scene for scene in scenes if scene.state.finished and _is_known(scene, by)]

    async def in_progress(self, channel_id: str, *, by: Requester) -> list[Scene]:
        """List the channel's unfinished scenes that the person may cancel, newest first."""
        return [scene for scene in await self._all(channel_id, by) if not scene.state.finished and _is_own(scene, by)]

    async def find(self, channel_id: str, wanted: str, *, by: Requester) -> Scene:
        """Find the scene that `wanted` names by its id, title or words; the last one, if it is empty.

        Raises:
            CannotDoError: there is none.
        """
        await self._access.check_access(by, channel_id)
        if len(wanted) == ID_LENGTH and (exact := await self._repository.scene(channel_id, wanted)):
            return exact
        recent = await self._repository.recent(channel_id, self._keep_scenes)
        scenes = [scene for scene in recent if _is_known(scene, by)]
        if not wanted:
            return _last(scenes)
        found = resolve_scene(scenes, wanted)
        if found is None:
            raise CannotDoError(
                gettext(
                    "That scene is no longer on record. Choose one from the list, or leave `scene` empty for "
                    "the latest."
                )
            )
        return found

    async def scene(self, channel_id: str, scene_id: str, *, by: Requester) -> Scene:
        """Read the record of a scene, which explains its picture.

        Raises:
            CannotDoError: there is no such scene any more.
        """
        await self._access.check_access(by, channel_id)
        scene = await self._repository.scene(channel_id, scene_id)
        if scene is None or not _is_known(scene, by):
            raise CannotDoError(_TOO_OLD)
        return scene

    async def pictures(self, channel_id: str, *, by: Requester) -> list[Scene]:
        """List the scenes with posted pictures, newest first."""
        return [scene for scene in await self._all(channel_id, by) if _is_posted(scene)]

    async def history(self, channel_id: str, number: int = 0, *, by: Requester, character: str = "") -> Page:
        """Read page `number` of the pictures, or the last one if there are fewer; with `character`, of those of it.

        Raises:
            CannotDoError: there is no picture.
        """
        scenes = await self._all(channel_id, by)
        kept = await self._pictures.kept([scene for scene in scenes if scene.is_kept and _is_own(scene, by)])
        everything = [scene for scene in scenes if _is_posted(scene) or scene in kept]
        names: dict[str, str] = {}
        for name in (name for scene in everything for name in scene.cast):
            names.setdefault(fold(name), name)
        chosen = [scene for scene in everything if not character or _shows(scene, character)]
        if not chosen:
            raise CannotDoError(
                gettext("No pictures of that character here. Choose a name from the list, or leave `character` empty.")
                if character
                else NO_PICTURES
            )
        pages = -(-len(chosen) // PAGE)
        number = max(0, min(number, pages - 1))
        return Page(
            tuple(chosen[number * PAGE : (number + 1) * PAGE]), number, pages, len(chosen), tuple(names.values())
        )

    async def _all(self, channel_id: str, by: Requester) -> list[Scene]:
        """List every scene on record, newest first."""
        await self._access.check_access(by, channel_id)
        return await self._repository.recent(channel_id, self._keep_scenes)

    async def kept_picture(self, channel_id: str, scene_id: str, *, by: Requester) -> tuple[Scene, bytes]:
        """Read a picture that came after its scene was cancelled. Only its requester and moderators may see it.

        Raises:
            CannotDoError: the picture is not kept any more.
        """
        await self._access.check_access(by, channel_id)
        scene = await self._repository.scene(channel_id, scene_id)
        if scene is None:
            raise CannotDoError(_TOO_OLD)
        picture = await self._pictures.picture(scene) if scene.is_kept and _is_own(scene, by) else None
        if picture is None:
            raise CannotDoError(_NOT_KEPT)
        return scene, picture

    async def delete(self, channel_id: str, scene_id: str, message_id: str, *, by: Requester) -> None:
        """Delete a posted picture. The scene's record stays, so that it can be painted again.

        `message_id` is the message under which this was asked for. It is deleted if it is the scene's, and no other.

        Raises:
            CannotDoError: there is no such picture any more.
            PostError: Discord does not let the bot delete it.
        """
        scene = await self._posted(channel_id, scene_id, message_id, by)
        await self._editor.erase(scene)
        await self._repository.save(scene.model_copy(update={"message_id": None, "deleted_by": by.user_id}))
        self._audit.note(channel_id, scene.guild_id, gettext("{who} deleted a picture.", who=by.mention))

    async def cover(self, channel_id: str, scene_id: str, message_id: str, *, by: Requester) -> Scene:
        """Cover a posted picture, so that only those see it who click on it; or uncover it, if it is covered.

        Raises:
            CannotDoError: there is no such picture any more.
            PostError: Discord does not let the bot change it.
        """
        scene = await self._posted(channel_id, scene_id, message_id, by)
        changed = scene.model_copy(update={"is_spoiler": not scene.is_spoiler})
        await self._editor.cover(changed)
        await self._repository.save(changed)
        line = (
            gettext("{who} marked a picture as a spoiler.", who=by.mention)
            if changed.is_spoiler
            else gettext("{who} removed the spoiler from a picture.", who=by.mention)
        )
        self._audit.note(channel_id, scene.guild_id, line)
        return changed

    async def _posted(self, channel_id: str, scene_id: str, message_id: str, by: Requester) -> Scene:
        scene = await self._repository.scene(channel_id, scene_id)
        if scene is None:
            await self._access.check_access(by, channel_id)
            raise CannotDoError(_UNKNOWN_PICTURE)
        await self._access.check_picture_access(by, scene)
        if not scene.state.finished:
            raise CannotDoError(gettext("This picture is still being posted. Try again in a moment."))
        if scene.message_id is None:
            raise CannotDoError(gettext("This picture is already gone."))
        if scene.message_id != message_id:
            raise CannotDoError(_UNKNOWN_PICTURE)
        return scene


def resolve_scene(scenes: Sequence[Scene], wanted: str) -> Scene | None:
    """Find the one of `scenes` that `wanted` means: its whole story, else the beginning of it, else some words in it.

    Autocomplete may send a choice's label back instead of its value: `4 min ago, skipped: The gate falls…`.
    """
    line = one_line(wanted)
    _, _, behind_age = line.partition(": ")
    names = [name for text in (line, behind_age) if (name := text.removesuffix("…").rstrip().casefold())]
    # Stories are clean already, and cleaning two hundred again would hold the event loop up.
    stories = [(" ".join(scene.narrative.split()).casefold(), scene) for scene in scenes]
    fitting = (
        scene
        for fits in (str.__eq__, str.startswith, str.__contains__)
        for name in names
        for story, scene in stories
        if fits(story, name)
    )
    return next(fitting, None)


def _last(scenes: Sequence[Scene]) -> Scene:
    drawn = [scene for scene in scenes if scene.state is SceneState.POSTED]
    begun = [scene for scene in scenes if scene.state is not SceneState.WAITING]
    if not begun:
        raise CannotDoError(gettext("No scenes here yet. The game's next turn brings one, or use `/scene-art draw`."))
    return (drawn or begun)[0]


def _is_own(scene: Scene, person: Requester) -> bool:
    """Tell whether the person may cancel the scene, and see its picture where that came too late."""
    return scene.requested_by == person.user_id or person.manages


def _is_known(scene: Scene, person: Requester) -> bool:
    """Tell whether the person may know of the scene: nobody else reads what somebody asked for and never got."""
    return scene.source is not Source.PERSON or scene.state is SceneState.POSTED or _is_own(scene, person)


def _is_posted(scene: Scene) -> bool:
    return scene.state is SceneState.POSTED and scene.message_id is not None


def _shows(scene: Scene, character: str) -> bool:
    return fold(character) in map(fold, scene.cast)
