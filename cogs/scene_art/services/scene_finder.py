"""The lookup of the scene of a channel that somebody means. Without any Discord type."""

from __future__ import annotations

from ..domain.permissions import Requester
from ..domain.scene import Scene, SceneState
from ..domain.scene_lookup import resolve_scene
from ..errors import CannotDoError
from ..i18n import gettext
from ..store.scenes import SceneRepository
from .access import AccessControl

RECENT = 25
"""Most scenes in a list: as many as Discord shows."""
ID_LENGTH = 16


class SceneFinder:
    """Finds scenes. Every method checks the requester, and may raise `TransientError`: Redis is away."""

    def __init__(self, repository: SceneRepository, access: AccessControl, *, keep_scenes: int) -> None:
        self._repository = repository
        self._access = access
        self._keep_scenes = keep_scenes

    async def recent(self, channel_id: str, *, by: Requester) -> list[Scene]:
        """List the channel's finished scenes, newest first.

        Raises:
            CannotDoError: they may not use scene-art there.
        """
        await self._access.check_access(by, channel_id)
        return [scene for scene in await self._repository.recent(channel_id, RECENT) if scene.state.finished]

    async def in_progress(self, channel_id: str, *, by: Requester) -> list[Scene]:
        """List the channel's unfinished scenes that the person may cancel, newest first.

        Raises:
            CannotDoError: they may not use scene-art there.
        """
        await self._access.check_access(by, channel_id)
        scenes = await self._repository.recent(channel_id, self._keep_scenes)
        return [scene for scene in scenes if not scene.state.finished and _may_cancel(by, scene)]

    async def find(self, channel_id: str, wanted: str, *, by: Requester) -> Scene:
        """Find the scene that `wanted` names by its id, title or words; the last one, if it is empty.

        Raises:
            CannotDoError: they may not, or there is none.
        """
        await self._access.check_access(by, channel_id)
        if len(wanted) == ID_LENGTH and (exact := await self._repository.scene(channel_id, wanted)):
            return exact
        scenes = await self._repository.recent(channel_id, self._keep_scenes)
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


def _last(scenes: list[Scene]) -> Scene:
    drawn = [scene for scene in scenes if scene.state is SceneState.POSTED]
    begun = [scene for scene in scenes if scene.state is not SceneState.WAITING]
    if not begun:
        raise CannotDoError(gettext("No scenes here yet. The game's next turn brings one, or use `/scene-art draw`."))
    return (drawn or begun)[0]


def _may_cancel(person: Requester, scene: Scene) -> bool:
    return scene.requested_by == person.user_id or person.is_moderator
