"""The service for places: a pinned picture is the reference of a place whenever a story comes back to it."""

from __future__ import annotations

from dataclasses import replace

from ..discord_io.posted_messages import PostedPictures
from ..domain.characters import Character
from ..domain.depiction import depicted_in
from ..domain.names import NAME_LIMIT, checked_name
from ..domain.permissions import Requester
from ..errors import CannotDoError, SceneArtError
from ..i18n import gettext
from ..store.character_book import CharacterBook
from ..text import escaped
from .access import SHOWS_HIDDEN, AccessControl
from .audit_log import AuditLog
from .history import HistoryService
from .uploads import UploadReader


class PlaceService:
    """Actions on places, which are kept as a cast book of their own.

    A place belongs to the person who pinned it first; moderators may change all, and members pin none unless the
    operator allows it, since every scene of the server may use them. Every method raises `CannotDoError`
    for somebody who may not, and `TransientError` when Redis is away.
    """

    def __init__(
        self,
        *,
        book: CharacterBook,
        history: HistoryService,
        access: AccessControl,
        posted: PostedPictures,
        reader: UploadReader,
        audit: AuditLog,
    ) -> None:
        self._book = book
        self._history = history
        self._access = access
        self._posted = posted
        self._reader = reader
        self._audit = audit

    async def places(self, channel_id: str, *, by: Requester) -> list[Character]:
        """List the places of the person's server, sorted by name."""
        await self._access.check_access(by, channel_id)
        return (await self._book.cast(by.server_of(channel_id), "")).characters

    async def pin(self, channel_id: str, name: str, scene: str = "", *, by: Requester) -> Character:
        """Use a scene's picture as the reference of a place from now on; the last scene's, if `scene` is empty.

        Raises:
            CannotDoError: the name is not valid, or the picture is gone, or shows somebody who is hidden.
        """
        await self._access.check_access(by, channel_id)
        self._access.check_reach(by)
        name = checked_name(name)
        chosen, server = await self._history.find(channel_id, scene, by=by), by.server_of(channel_id)
        shows = depicted_in(chosen)
        if (await self._access.hidden(channel_id, by, chosen.game_name)).is_in(shows):
            raise CannotDoError(SHOWS_HIDDEN)
        try:
            raw = await self._posted.picture(chosen)
        except SceneArtError:
            raw = None
        if raw is None:
            raise CannotDoError(gettext("That scene's picture is gone. Choose another scene."))
        prepared = replace(await self._reader.from_bytes(raw, server), shows=shows)
        place = await self._book.add_look(server, "", name, prepared, by=by)
        line = gettext("{who} pinned the place {name}.", who=by.mention, name=escaped(place.name, NAME_LIMIT))
        self._audit.note(channel_id, by.guild_id, line)
        return place

    async def unpin(self, channel_id: str, name: str, *, by: Requester) -> None:
        """Remove a place.

        Raises:
            CannotDoError: there is no such place.
        """
        await self._access.check_access(by, channel_id)
        self._access.check_reach(by)
        server = by.server_of(channel_id)
        place = (await self._book.cast(server, "")).find(name)
        if place is None:
            raise CannotDoError(gettext("There's no pinned place by that name. Choose one from the list."))
        await self._book.remove(server, place.id, by=by)
        line = gettext("{who} unpinned the place {name}.", who=by.mention, name=escaped(place.name, NAME_LIMIT))
        self._audit.note(channel_id, by.guild_id, line)
