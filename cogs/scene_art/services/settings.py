"""What moderators decide for their server, and what everybody may know of how things stand. No Discord type."""

from __future__ import annotations

from dataclasses import dataclass

from ..domain.permissions import Requester
from ..domain.preferences import LABELS, SERVER, ChannelSettings, Preferences
from ..domain.scene import Scene, SceneState
from ..domain.styles import Styles
from ..errors import CannotDoError
from ..i18n import gettext
from ..settings import Settings
from ..store.blocks import Blocks
from ..store.budget import Books, Budget
from ..store.channel_settings import ChannelSettingsReader
from ..store.queue import Queue
from ..store.scenes import SceneRepository
from .access import AccessControl
from .audit_log import AuditLog

ERRORS_TOLD = 3
RECENT = 25


@dataclass(frozen=True)
class Report:
    """How things stand."""

    waiting: int
    """Pictures that people asked for and nobody has begun."""
    at_work: int
    """Scenes of this channel that are not finished."""
    books: Books | None
    """The money of this server today; None for those who are not to know."""
    troubles: tuple[Scene, ...]
    """The channel's last scenes without a picture, newest first."""
    painter: str
    models: tuple[str, ...]
    keys: int
    """How many; never which."""


class SettingsService:
    """Every method checks who asks. Every method may raise `TransientError` when Redis is away."""

    def __init__(
        self,
        settings: Settings,
        *,
        channel_settings: ChannelSettingsReader,
        styles: Styles,
        blocks: Blocks,
        access: AccessControl,
        repository: SceneRepository,
        queue: Queue,
        budget: Budget,
        audit: AuditLog,
    ) -> None:
        self._settings = settings
        self._channel_settings = channel_settings
        self._styles = styles
        self._blocks = blocks
        self._access = access
        self._repository = repository
        self._queue = queue
        self._budget = budget
        self._audit = audit

    async def channel_settings(self, channel_id: str, *, by: Requester) -> ChannelSettings:
        """What holds in the channel.

        Raises:
            CannotDoError: they are no moderator.
        """
        await self._access.check_moderator_access(by)
        return await self._channel_settings.book.of(self._channel_settings.channel_scope(channel_id, by.guild_id))

    async def chosen(self, channel_id: str, *, for_server: bool, by: Requester) -> Preferences:
        """What was chosen for the channel, or for the whole server, alone.

        Raises:
            CannotDoError: they are no moderator.
        """
        await self._access.check_moderator_access(by)
        channel_scope = self._channel_settings.channel_scope(channel_id, by.guild_id)
        return await self._channel_settings.book.chosen(channel_scope, SERVER if for_server else channel_id)

    async def choose(
        self, channel_id: str, name: str, value: object, *, for_server: bool, by: Requester
    ) -> ChannelSettings:
        """Make a choice for the channel or the whole server, or take it back with None; what holds then.

        Raises:
            CannotDoError: they are no moderator, or the value does not fit.
        """
        await self._access.check_moderator_access(by)
        if name == "style" and isinstance(value, str):
            value = self._known_style(value)
        channel_scope = self._channel_settings.channel_scope(channel_id, by.guild_id)
        try:
            found = await self._channel_settings.book.choose(
                channel_scope, SERVER if for_server else channel_id, name, value
            )
        except ValueError:
            raise CannotDoError(
                gettext("That value doesn't fit this setting. Nothing was changed. Try another value.")
            ) from None
        line = gettext("{who} changed the setting “{name}”.", who=f"<@{by.user_id}>", name=LABELS[name])
        self._audit.note(channel_id, by.guild_id, line)
        return found

    def _known_style(self, wanted: str) -> str:
        style = self._styles.find(wanted)
        if style is None:
            raise CannotDoError(gettext("There's no style by that name. Choose one from the list."))
        return style.id

    async def report(self, channel_id: str, *, by: Requester) -> Report:
        """How things stand in the channel.

        Raises:
            CannotDoError: they may not use scene-art here.
        """
        if not by.is_moderator:
            await self._access.check_access(by, channel_id)
        scenes = await self._repository.recent(channel_id, RECENT)
        troubles = [scene for scene in scenes if scene.state in {SceneState.FAILED, SceneState.REFUSED}]
        books = await self._budget.today(by.guild_id) if by.is_moderator else None
        return Report(
            waiting=await self._queue.length(),
            at_work=sum(not scene.state.finished for scene in scenes),
            books=books,
            troubles=tuple(troubles[:ERRORS_TOLD]),
            painter=self._settings.chosen_painter,
            models=self._settings.models if self._settings.chosen_painter == "gemini" else (),
            keys=len(self._settings.keys),
        )

    async def blocked(self, *, by: Requester) -> tuple[str, ...]:
        """The ids of the users and channels that are blocked in the person's server, in no order.

        Raises:
            CannotDoError: they are no moderator.
        """
        await self._access.check_moderator_access(by)
        return tuple(await self._blocks.of(by.guild_id))

    async def block(self, what: str, *, by: Requester) -> None:
        """Block a user or channel of the person's server by its id.

        Raises:
            CannotDoError: they are no moderator, or too many are blocked.
        """
        await self._access.check_moderator_access(by)
        await self._blocks.block(_server_of(by), what)

    async def unblock(self, what: str, *, by: Requester) -> None:
        """Undo a block.

        Raises:
            CannotDoError: they are no moderator.
        """
        await self._access.check_moderator_access(by)
        await self._blocks.unblock(_server_of(by), what)


def _server_of(person: Requester) -> str:
    if person.guild_id is None:
        raise CannotDoError(gettext("Blocks only work in servers. Run this command in a server."))
    return person.guild_id
