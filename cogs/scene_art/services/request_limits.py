"""The limits of what people ask for: access, pictures an hour, budgets. Without any Discord type."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from ..domain.permissions import Requester
from ..domain.pricing import estimate, is_free, payer_of, request_tokens
from ..domain.scene import Scene
from ..errors import TransientError
from ..i18n import Dollars
from ..settings import Settings
from ..store.allowances import Allowances
from ..store.budget import Budget
from ..store.channel_settings import ChannelSettingsReader
from .access import AccessControl


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
