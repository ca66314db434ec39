"""Asks on every use who may, and how many pictures: one place for the rules, and for what they depend on."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from ..domain.permissions import Requester, check_moderator, check_not_blocked, check_owner, check_requester
from ..domain.pricing import estimate, is_free, payer_of, request_tokens
from ..domain.scene import Scene
from ..domain.spelling import fold
from ..errors import TransientError
from ..i18n import Dollars
from ..settings import Settings
from ..store.allowances import Allowances
from ..store.blocks import Blocks
from ..store.budget import Budget
from ..store.channel_settings import ChannelSettingsReader
from ..store.character_book import CharacterBook
from ..store.game_state import GameState, character_of


class AccessControl:
    """Every method may raise `TransientError`: Redis is away. Checks raise `CannotDoError`."""

    def __init__(
        self,
        settings: Settings,
        *,
        blocks: Blocks,
        channel_settings: ChannelSettingsReader,
        state: GameState,
        book: CharacterBook,
    ) -> None:
        self._settings = settings
        self._blocks = blocks
        self._channel_settings = channel_settings
        self._state = state
        self._book = book

    async def check_access(self, person: Requester, channel_id: str) -> None:
        """Let somebody in who may use scene-art in the channel."""
        blocked = await self._blocks.of(person.guild_id)
        roles = (await self._channel_settings.of(channel_id, person.guild_id)).roles
        check_requester(person, channel_id, self._settings, blocked, roles)

    async def check_moderator_access(self, person: Requester) -> None:
        """Let a moderator in whom the operator has not blocked, also where no pictures are painted."""
        check_not_blocked(person, self._settings, await self._blocks.of(person.guild_id))
        check_moderator(person)

    def check_reach(self, person: Requester) -> None:
        """Let somebody in who may set what every scene of a server uses: moderators, or members by the setting."""
        if not self._settings.members_pin:
            check_moderator(person)

    async def character_name(self, person: Requester) -> str:
        """Name a person's active character in the game; empty where none is known."""
        active = await character_of(self._state, person.user_id)
        return active.name if active is not None else ""

    async def check_picture_access(self, person: Requester, scene: Scene) -> None:
        """Let somebody in who may take the scene's picture away or cover it."""
        if person.is_moderator and person.guild_id is not None:
            await self.check_moderator_access(person)
            return
        # Whoever is in a picture has a say in it, whatever their roles and wherever they may write.
        check_not_blocked(person, self._settings, await self._blocks.of(person.guild_id))
        check_owner(person, scene, is_depicted=await self.is_depicted(person, scene))

    async def is_depicted(self, person: Requester, scene: Scene) -> bool:
        """Tell whether a character of the person's is in the picture, by the game's state or by the cast book."""
        active = fold(await self.character_name(person))
        if active and active in map(fold, scene.cast):
            return True
        cast = await self._book.cast(scene.guild_id or scene.channel_id, scene.game_name, scene.channel_id)
        owners = {found.owner_id for name in scene.cast if (found := cast.find(name)) is not None}
        return person.user_id in owners


@dataclass(frozen=True)
class Quote:
    """The price of a picture, shown before it is asked for."""

    price: Dollars | None
    """An estimate; None where pictures are free, or prices are not to be shown."""
    left: int
    """Pictures that the person may still ask for within the hour."""
    most: int


class RequestLimits:
    """Admits requests. Every method may raise `TransientError`: Redis is away."""

    def __init__(
        self,
        settings: Settings,
        *,
        access: AccessControl,
        channel_settings: ChannelSettingsReader,
        allowances: Allowances,
        budget: Budget,
    ) -> None:
        self._settings = settings
        self._access = access
        self._channel_settings = channel_settings
        self._allowances = allowances
        self._budget = budget

    async def check_access(self, by: Requester, channel_id: str) -> None:
        """Let somebody in who may use scene-art in the channel; see `AccessControl`."""
        await self._access.check_access(by, channel_id)

    async def character_name(self, by: Requester) -> str:
        """Name the person's active character; see `AccessControl`."""
        return await self._access.character_name(by)

    async def quote(self, channel_id: str, *, by: Requester) -> Quote:
        """Estimate the price of a picture in the channel, and count what is left of the person's limit."""
        channel_settings = await self._channel_settings.of(channel_id, by.guild_id)
        price = estimate(self._settings, channel_settings) if self._settings.show_prices else None
        return Quote(price, *await self._allowances.left(by))

    @contextlib.asynccontextmanager
    async def admitted(self, scene: Scene, by: Requester) -> AsyncIterator[None]:
        """Count `scene` in the limits of `by`. What fails within the block costs them nothing.

        Raises:
            CannotDoError: a limit is reached.
            BudgetSpentError: there is no money for the cheapest picture.
        """
        await self._allowances.take(scene, by)
        try:
            await self._check_budget(scene)
            yield
        except BaseException:
            with contextlib.suppress(TransientError):
                await self._allowances.give_back(scene, by)
            raise

    async def _check_budget(self, scene: Scene) -> None:
        channel_settings = await self._channel_settings.of(scene.channel_id, scene.guild_id)
        if is_free(self._settings, channel_settings):
            return
        model = self._settings.model
        least_tokens = request_tokens(model, 0, 0, channel_settings.size)
        await self._budget.check(payer_of(scene, channel_settings), self._settings.price(model), least_tokens)
