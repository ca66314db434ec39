"""What people do about their wish not to be depicted. No Discord type."""

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
    """Every method checks who asks. Every method may raise `TransientError` when Redis is away."""

    def __init__(self, *, opt_outs: OptOuts, book: CharacterBook, access: AccessControl, game: CurrentGame) -> None:
        self._opt_outs = opt_outs
        self._book = book
        self._access = access
        self._game = game

    async def hide(self, channel_id: str, name: str = "", *, by: Requester) -> tuple[str, ...]:
        """Draw somebody as a silhouette from now on: the character of that name, or the person's active one.

        Whoever is in a picture has a say in it, also who may not ask for pictures. Returns all names that are hidden
        for them.

        Raises:
            CannotDoError: the name is somebody else's, or none is known.
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
        """Take every such wish of the person's back."""
        await self._opt_outs.show(_server(channel_id, by), by.user_id)

    async def _check_free(self, channel_id: str, name: str, by: Requester) -> None:
        """Check that a name is theirs by the cast book, or nobody's; for nobody's they must be let in.

        Raises:
            CannotDoError: it is somebody else's.
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
    """Name whose record it is; a direct conversation has its own."""
    return by.guild_id or channel_id
