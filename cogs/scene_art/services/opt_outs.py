"""The service for opt-outs, by which people are not depicted. Without any Discord type."""

from __future__ import annotations

from ..domain.characters import NAME_LIMIT, checked_name, fold
from ..domain.permissions import Requester
from ..errors import CannotDoError
from ..i18n import gettext
from ..store.character_book import CharacterBook
from ..store.opt_outs import OptOuts
from ..text import escaped
from .access import AccessControl
from .current_game import CurrentGame


class OptOutService:
    """Actions on opt-outs. Every method checks the requester, and may raise `TransientError`: Redis is away."""

    def __init__(self, *, opt_outs: OptOuts, book: CharacterBook, access: AccessControl, game: CurrentGame) -> None:
        self._opt_outs = opt_outs
        self._book = book
        self._access = access
        self._game = game

    async def hide(self, channel_id: str, name: str = "", *, by: Requester) -> tuple[str, ...]:
        """Have a character drawn as a silhouette from now on: the one called `name`, or the person's active one.

        People may hide their own character even where they may not ask for pictures. Returns all their hidden names.

        Raises:
            CannotDoError: the name is somebody else's, or it is empty and no active character is known.
        """
        own_name = await self._game.character_name(by.user_id)
        wanted = checked_name(name) if name.strip() else own_name
        if not wanted:
            raise CannotDoError(
                gettext("Your character in the game couldn't be found. Run the command again with `name`.")
            )
        if fold(wanted) != fold(own_name):
            await self._check_free(channel_id, wanted, by)
        return await self._opt_outs.hide(_server(channel_id, by), by.user_id, [wanted])

    async def unhide(self, channel_id: str, *, by: Requester) -> None:
        """Undo all opt-outs of the person."""
        await self._opt_outs.show(_server(channel_id, by), by.user_id)

    async def _check_free(self, channel_id: str, name: str, by: Requester) -> None:
        """Check that a name is the person's own in the cast book, or nobody's. The latter needs access to scene-art.

        Raises:
            CannotDoError: the name is somebody else's, or the access is missing.
        """
        found = (await self._book.cast(_server(channel_id, by), await self._game.name(channel_id))).find(name)
        if found is not None and found.owner_id == by.user_id:
            return
        if found is not None or fold(name) in await self._game.names_of_others(channel_id, by.user_id):
            raise CannotDoError(
                gettext(
                    "{name} is someone else's character. You can only hide your own.", name=escaped(name, NAME_LIMIT)
                )
            )
        await self._access.check_access(by, channel_id)


def _server(channel_id: str, by: Requester) -> str:
    """Return the id that opt-outs are kept under: the server's, or the channel's in direct messages."""
    return by.guild_id or channel_id
