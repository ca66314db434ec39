"""What moderators decide for their server, and what everybody may know of how things stand. No Discord type."""

from __future__ import annotations

from dataclasses import dataclass

from ..domain.permissions import Person
from ..domain.preferences import LABELS, SERVER, ChannelSettings, Preferences
from ..domain.scene import Scene, SceneState
from ..domain.styles import Styles
from ..errors import CannotDoError
from ..i18n import say
from ..settings import Settings
from ..store.blocks import Blocks
from ..store.budget import Books, Budget
from ..store.channel_settings import Customs
from ..store.queue import Queue
from ..store.scenes import Ledger
from .access import Doorkeeper
from .audit_log import Audit

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


class Office:
    """Every method checks who asks. Every method may raise `TransientError` when Redis is away."""

    def __init__(
        self,
        settings: Settings,
        *,
        customs: Customs,
        styles: Styles,
        blocks: Blocks,
        doorkeeper: Doorkeeper,
        ledger: Ledger,
        queue: Queue,
        budget: Budget,
        audit: Audit,
    ) -> None:
        self._settings = settings
        self._customs = customs
        self._styles = styles
        self._blocks = blocks
        self._doorkeeper = doorkeeper
        self._ledger = ledger
        self._queue = queue
        self._budget = budget
        self._audit = audit

    async def customs(self, channel_id: str, *, by: Person) -> ChannelSettings:
        """What holds in the channel.

        Raises:
            CannotDoError: they are no moderator.
        """
        await self._doorkeeper.admit_moderator(by)
        return await self._customs.book.of(self._customs.spot(channel_id, by.guild_id))

    async def layer(self, channel_id: str, *, for_server: bool, by: Person) -> Preferences:
        """What was chosen for the channel, or for the whole server, alone.

        Raises:
            CannotDoError: they are no moderator.
        """
        await self._doorkeeper.admit_moderator(by)
        spot = self._customs.spot(channel_id, by.guild_id)
        return await self._customs.book.layer(spot, SERVER if for_server else channel_id)

    async def choose(
        self, channel_id: str, name: str, value: object, *, for_server: bool, by: Person
    ) -> ChannelSettings:
        """Make a choice for the channel or the whole server, or take it back with None; what holds then.

        Raises:
            CannotDoError: they are no moderator, or the value does not fit.
        """
        await self._doorkeeper.admit_moderator(by)
        if name == "style" and isinstance(value, str):
            value = self._known_style(value)
        spot = self._customs.spot(channel_id, by.guild_id)
        try:
            found = await self._customs.book.choose(spot, SERVER if for_server else channel_id, name, value)
        except ValueError:
            raise CannotDoError(say("That value does not fit. Nothing was changed; please try another one.")) from None
        line = say("{who} changed the setting {name}.", who=f"<@{by.user_id}>", name=LABELS[name])
        self._audit.note(channel_id, by.guild_id, line)
        return found

    def _known_style(self, wanted: str) -> str:
        style = self._styles.find(wanted)
        if style is None:
            raise CannotDoError(say("I do not know that style. Please choose one from the list."))
        return style.id

    async def report(self, channel_id: str, *, by: Person) -> Report:
        """How things stand in the channel.

        Raises:
            CannotDoError: they may not use scene-art here.
        """
        if not by.is_moderator:
            await self._doorkeeper.admit(by, channel_id)
        scenes = await self._ledger.recent(channel_id, RECENT)
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

    async def blocked(self, *, by: Person) -> tuple[str, ...]:
        """The ids of the users and channels that are blocked in the person's server, in no order.

        Raises:
            CannotDoError: they are no moderator.
        """
        await self._doorkeeper.admit_moderator(by)
        return tuple(await self._blocks.of(by.guild_id))

    async def block(self, what: str, *, by: Person) -> None:
        """Block a user or channel of the person's server by its id.

        Raises:
            CannotDoError: they are no moderator, or too many are blocked.
        """
        await self._doorkeeper.admit_moderator(by)
        await self._blocks.block(_server_of(by), what)

    async def unblock(self, what: str, *, by: Person) -> None:
        """Undo a block.

        Raises:
            CannotDoError: they are no moderator.
        """
        await self._doorkeeper.admit_moderator(by)
        await self._blocks.unblock(_server_of(by), what)


def _server_of(person: Person) -> str:
    if person.guild_id is None:
        raise CannotDoError(say("Blocks belong to a server. Please use this command in one."))
    return person.guild_id
