"""The service for places: a pinned picture is the reference of a place whenever a story comes back to it."""

from __future__ import annotations

from ..domain.characters import NAME_LIMIT, Character
from ..domain.permissions import Requester
from ..domain.picture_source import PictureSource
from ..domain.scene import Scene
from ..errors import CannotDoError, SceneArtError
from ..i18n import gettext
from ..store.character_book import CharacterBook, Prepared
from ..text import escaped
from ..worker_process import WorkerProcesses
from .access import AccessControl
from .audit_log import AuditLog
from .scene_finder import SceneFinder


class PlaceService:
    """Actions on places. Every method checks the requester, and may raise `TransientError`: Redis is away.

    Places are kept as a cast book of their own. A place belongs to the person who pinned it first; moderators may
    change all.
    """

    def __init__(
        self,
        *,
        book: CharacterBook,
        finder: SceneFinder,
        access: AccessControl,
        posted: PictureSource,
        workers: WorkerProcesses,
        audit: AuditLog,
    ) -> None:
        self._book = book
        self._finder = finder
        self._access = access
        self._posted = posted
        self._workers = workers
        self._audit = audit

    async def places(self, channel_id: str, *, by: Requester) -> list[Character]:
        """List the places of the person's server, sorted by name.

        Raises:
            CannotDoError: `by` may not use scene-art here.
        """
        await self._access.check_access(by, channel_id)
        return (await self._book.cast(_server(channel_id, by), "")).characters

    async def pin(self, channel_id: str, name: str, scene: str = "", *, by: Requester) -> Character:
        """Use a scene's picture as the reference of a place from now on; the last scene's, if `scene` is empty.

        Raises:
            CannotDoError: `by` may not, the picture is gone, or the place is somebody else's.
        """
        chosen = await self._finder.find(channel_id, scene, by=by)
        raw = await self._picture(chosen)
        made = await self._workers.load_bytes(raw, group=_server(channel_id, by))
        prepared = Prepared(await self._workers.bytes_of(made), made.mime, made.width, made.height)
        place = await self._book.add_look(_server(channel_id, by), "", name, prepared, by=by)
        line = gettext("{who} pinned the place {name}.", who=f"<@{by.user_id}>", name=escaped(place.name, NAME_LIMIT))
        self._audit.note(channel_id, by.guild_id, line)
        return place

    async def unpin(self, channel_id: str, name: str, *, by: Requester) -> None:
        """Remove a place.

        Raises:
            CannotDoError: `by` may not, there is no such place, or it is somebody else's.
        """
        await self._access.check_access(by, channel_id)
        server = _server(channel_id, by)
        place = (await self._book.cast(server, "")).find(name)
        if place is None:
            raise CannotDoError(gettext("There's no pinned place by that name. Choose one from the list."))
        await self._book.remove(server, place.id, by=by)
        line = gettext("{who} unpinned the place {name}.", who=f"<@{by.user_id}>", name=escaped(place.name, NAME_LIMIT))
        self._audit.note(channel_id, by.guild_id, line)

    async def _picture(self, scene: Scene) -> bytes:
        try:
            raw = await self._posted.picture(scene)
        except SceneArtError:
            raw = None
        if raw is None:
            raise CannotDoError(gettext("That scene's picture is gone. Choose another scene."))
        return raw


def _server(channel_id: str, by: Requester) -> str:
    return by.guild_id or channel_id
