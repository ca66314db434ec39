"""The service for existing pictures: browse, explain, make a spoiler, delete. Without any Discord type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ..domain.permissions import Requester
from ..domain.scene import Scene, SceneState
from ..errors import CannotDoError
from ..i18n import gettext
from ..store.pictures import PictureStore
from ..store.scenes import SceneRepository
from .access import AccessControl
from .audit_log import AuditLog

PAGE = 5
"""Scenes on one page of the history."""
_UNKNOWN_PICTURE = gettext("This picture is no longer on record. A moderator can delete the message itself.")
_NOT_KEPT = gettext("This picture is no longer kept.")
_FORGOTTEN = gettext("This scene is too old: it's no longer on record.")


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
    """Actions on existing pictures. Every method checks the requester and may raise `TransientError`: Redis is away."""

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

    async def scene(self, channel_id: str, scene_id: str, *, by: Requester) -> Scene:
        """Read the record of a scene, which explains its picture.

        Raises:
            CannotDoError: `by` may not, or there is no such scene any more.
        """
        await self._access.check_access(by, channel_id)
        scene = await self._repository.scene(channel_id, scene_id)
        if scene is None:
            raise CannotDoError(_FORGOTTEN)
        return scene

    async def pictures(self, channel_id: str, *, by: Requester, character: str = "") -> tuple[Scene, ...]:
        """List the scenes with posted pictures, newest first; with `character`, only those that show it.

        Raises:
            CannotDoError: `by` may not.
        """
        await self._access.check_access(by, channel_id)
        scenes = await self._repository.recent(channel_id, self._keep_scenes)
        posted = filter(_is_posted, scenes)
        return tuple(scene for scene in posted if not character or _shows(scene, character))

    async def history(self, channel_id: str, number: int = 0, *, by: Requester, character: str = "") -> Page:
        """Read page `number` of the channel's pictures, or the last one if there are fewer.

        Raises:
            CannotDoError: `by` may not, or there is no picture.
        """
        everything = await self._looked_at(channel_id, by)
        names = tuple(dict.fromkeys(name for scene in everything for name in cast_of(scene)))
        chosen = [scene for scene in everything if not character or _shows(scene, character)]
        if not chosen:
            raise CannotDoError(
                gettext("No pictures of that character here. Choose a name from the list, or leave `character` empty.")
                if character
                else gettext("No pictures here yet. The game's next turn brings one, or use `/scene-art draw`.")
            )
        pages = -(-len(chosen) // PAGE)
        number = max(0, min(number, pages - 1))
        return Page(tuple(chosen[number * PAGE : (number + 1) * PAGE]), number, pages, len(chosen), names)

    async def _looked_at(self, channel_id: str, by: Requester) -> list[Scene]:
        """List the posted scenes, and the cancelled ones whose kept pictures the person may see."""
        await self._access.check_access(by, channel_id)
        scenes = await self._repository.recent(channel_id, self._keep_scenes)
        kept = await self._pictures.kept([scene for scene in scenes if scene.is_kept and _may_see_kept(by, scene)])
        return [scene for scene in scenes if _is_posted(scene) or scene in kept]

    async def kept_picture(self, channel_id: str, scene_id: str, *, by: Requester) -> tuple[Scene, bytes]:
        """Read a picture that came after its scene was cancelled. Only its requester and moderators may see it.

        Raises:
            CannotDoError: `by` may not, or the picture is not kept any more.
        """
        scene = await self.scene(channel_id, scene_id, by=by)
        if not (scene.is_kept and _may_see_kept(by, scene)):
            raise CannotDoError(_NOT_KEPT)
        picture = await self._pictures.picture(scene)
        if picture is None:
            raise CannotDoError(_NOT_KEPT)
        return scene, picture

    async def delete(
        self,
        channel_id: str,
        scene_id: str,
        message_id: str,
        *,
        by: Requester,
    ) -> None:
        """Delete a posted picture. The scene's record stays, so that it can be painted again.

        `message_id` is the message under which this was asked for. It is deleted if it is the scene's, and no other.

        Raises:
            CannotDoError: `by` may not, or there is no such picture any more.
            PostError: Discord does not let the bot delete it.
        """
        scene = await self._posted(channel_id, scene_id, message_id, by)
        await self._editor.erase(scene)
        await self._repository.save(scene.model_copy(update={"message_id": None, "deleted_by": by.user_id}))
        self._audit.note(channel_id, scene.guild_id, gettext("{who} deleted a picture.", who=f"<@{by.user_id}>"))

    async def cover(self, channel_id: str, scene_id: str, message_id: str, *, by: Requester) -> Scene:
        """Cover a posted picture, so that only those see it who click on it; or uncover it, if it is covered.

        Raises:
            CannotDoError: `by` may not, or there is no such picture any more.
            PostError: Discord does not let the bot change it.
        """
        scene = await self._posted(channel_id, scene_id, message_id, by)
        changed = scene.model_copy(update={"is_spoiler": not scene.is_spoiler})
        await self._editor.cover(changed)
        await self._repository.save(changed)
        line = (
            gettext("{who} marked a picture as a spoiler.", who=f"<@{by.user_id}>")
            if changed.is_spoiler
            else gettext("{who} removed the spoiler from a picture.", who=f"<@{by.user_id}>")
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


def _is_posted(scene: Scene) -> bool:
    return scene.state is SceneState.POSTED and scene.message_id is not None


def _may_see_kept(person: Requester, scene: Scene) -> bool:
    return scene.requested_by == person.user_id or person.is_moderator


def cast_of(scene: Scene) -> tuple[str, ...]:
    """List the names of the characters in the picture, without the game master."""
    drawn = tuple(ref.name for ref in scene.prompt_record.references if ref.role == "character" and ref.name)
    return drawn or scene.character_names


def _shows(scene: Scene, character: str) -> bool:
    return character.strip().casefold() in (name.casefold() for name in cast_of(scene))
