"""The service for blocking users and channels of a server. Without any Discord type."""

from __future__ import annotations

from ..domain.permissions import Requester
from ..errors import CannotDoError
from ..i18n import gettext
from ..store.blocks import Blocks
from .access import AccessControl


class BlockService:
    """Actions on blocks. Every method checks the requester, and may raise `TransientError`: Redis is away."""

    def __init__(self, blocks: Blocks, access: AccessControl) -> None:
        self._blocks = blocks
        self._access = access

    async def blocked(self, *, by: Requester) -> tuple[str, ...]:
        """List the ids of the users and channels that are blocked in the person's server, in no order.

        Raises:
            CannotDoError: they are no moderator.
        """
        await self._access.check_moderator_access(by)
        return tuple(await self._blocks.of(by.guild_id))

    async def block(self, blocked_id: str, *, by: Requester) -> None:
        """Block a user or channel of the person's server by its id.

        Raises:
            CannotDoError: they are no moderator, or too many are blocked.
        """
        await self._access.check_moderator_access(by)
        await self._blocks.block(_server_of(by), blocked_id)

    async def unblock(self, blocked_id: str, *, by: Requester) -> None:
        """Undo a block.

        Raises:
            CannotDoError: they are no moderator.
        """
        await self._access.check_moderator_access(by)
        await self._blocks.unblock(_server_of(by), blocked_id)


def _server_of(person: Requester) -> str:
    if person.guild_id is None:
        raise CannotDoError(gettext("Blocks only work in servers. Run this command in a server."))
    return person.guild_id
