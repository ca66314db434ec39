"""The operator's budget in US dollars: reserved before every paid request, settled after every answer.

One reservation counts in all budgets at once and for all processes; see `storage.reservations`.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from ..domain.pricing import Payer
from ..errors import BudgetSpentError, TransientError
from ..i18n import Dollars, Sentence, gettext
from ..image_models import Price
from ..settings import Settings
from .connection import RedisClient
from .reservations import NO_SERVER, Held, Outcome, Reservations, Shortage
from .timeouts import retry

log = logging.getLogger(__name__)

LIFETIME_MARGIN_SECONDS = 300
"""Beyond Gemini's time limit a request may wait in the helper process, be read and be fitted."""
FAREWELL_SECONDS = 1.0
"""For writing down what is owed when the process ends; what is not written expires as spent."""
MILLION = 1_000_000


@dataclass(frozen=True)
class Books:
    """How one server stands today."""

    server: Dollars
    """Spent by the server."""
    all: Dollars
    """Spent by all servers."""
    reserved: Dollars
    """Set aside for the server's requests under way."""
    outcomes: dict[Outcome, tuple[int, Dollars]]
    """What became of its requests: how many, and what they cost or gave back."""


class Budget:
    """What was spent and what may be. While Redis is away nothing is reserved, and what is owed is settled later."""

    def __init__(self, client: RedisClient, settings: Settings, now: Callable[[], float] = time.time) -> None:
        self._settings = settings
        self._now = now
        self._store = Reservations(client, settings.namespace, now)
        self._lifetime = int(settings.paint_timeout_seconds) + LIFETIME_MARGIN_SECONDS
        self._owed: dict[str, tuple[Held, int, Outcome]] = {}
        """Reservations that have ended and that Redis could not be told of."""

    async def reserve(
        self,
        request_id: str,
        payer: Payer,
        price: Price,
        tokens: tuple[int, int],
    ) -> Reservation:
        """Set the price of `tokens`, (input, output), aside, in every budget at once or in none.

        `request_id` names the request in logs and in Redis.

        Raises:
            BudgetSpentError: with a sentence that says which budget, and when there is a new one.
            TransientError: Redis was away for too long.
        """
        await self._pay()
        held = self._held(f"{request_id[:32]}:{secrets.token_hex(6)}", payer, millionths_of(price, tokens))
        limits = self._limits(payer)
        reservation = Reservation(self, held, price)
        try:
            short = await retry(lambda: self._store.reserve(held, limits))
        except asyncio.CancelledError:
            await reservation.give_back()
            raise
        if short is not None:
            raise _refusal(short, limits[short.which] or 0, held.millionths)
        return reservation

    async def check(self, payer: Payer, price: Price, tokens: tuple[int, int]) -> None:
        """Check that so much is left, and set nothing aside.

        Raises:
            BudgetSpentError: as `reserve` does.
            TransientError: Redis is away.
        """
        held, limits = self._held("", payer, millionths_of(price, tokens)), self._limits(payer)
        short = await self._store.reserve(held, limits)
        if short is not None:
            raise _refusal(short, limits[short.which] or 0, held.millionths)

    def _held(self, reservation_id: str, payer: Payer, millionths: int) -> Held:
        expires = int(self._now()) + self._lifetime
        server = payer.guild_id or NO_SERVER
        return Held(reservation_id, server, payer.channel_id, self._store.today, millionths, expires)

    def _limits(self, payer: Payer) -> list[int | None]:
        """Of the channel's day, of the server's, of the day, of all time: millionths."""
        settings = self._settings
        own = [most for most in (payer.server_most, settings.budget_guild_day) if most is not None]
        dollars = (payer.channel_most, min(own, default=None), settings.budget_day, settings.budget_total)
        return [None if most is None else round(most * MILLION) for most in dollars]

    async def today(self, guild_id: str | None) -> Books:
        """How the server stands on this UTC day.

        Raises:
            TransientError: Redis is away.
        """
        server = guild_id or NO_SERVER
        held = await self._store.held()
        spent, everything = await self._store.spent(server)
        outcomes = await self._store.outcomes(server)
        reserved = sum(one.millionths for one in held if one.server == server)
        return Books(
            Dollars(spent / MILLION),
            Dollars(everything / MILLION),
            Dollars(reserved / MILLION),
            {outcome: (count, Dollars(amount / MILLION)) for outcome, (count, amount) in outcomes.items()},
        )

    async def settle(self, held: Held, millionths: int, outcome: Outcome) -> None:
        """End a reservation. Never fails: Redis is told later, if it is away."""
        self._owed[held.id] = held, millionths, outcome
        await self._pay()

    async def _pay(self) -> None:
        """Write down what is not written down yet; the next request tries it again while Redis is away."""
        for held, millionths, outcome in list(self._owed.values()):
            try:
                await self._store.settle(held, millionths, outcome)
            except TransientError as exc:
                log.debug("What a picture cost is added to what was spent later: %s", exc.detail)
                return
            self._owed.pop(held.id, None)


class Reservation:
    """The money for one request: settled, given back, or, when it ends by anything unexpected, spent."""

    def __init__(self, budget: Budget, held: Held, price: Price) -> None:
        self._budget = budget
        self._held = held
        self._price = price
        self._is_open = True

    @property
    def dollars(self) -> float:
        """The estimate."""
        return self._held.millionths / MILLION

    async def settle(self, tokens: tuple[int, int], outcome: Outcome, *, share: float = 1) -> float:
        """Book what an answer's tokens, (input, output), cost; returns the dollars. Never fails.

        `share` is the part of the price that is billed.
        """
        return await self._end(round(millionths_of(self._price, tokens) * share), outcome)

    async def give_back(self) -> None:
        """Nothing was billed. Never fails."""
        await self._end(0, Outcome.RETURNED)

    async def spend(self) -> float:
        """Book the estimate: it may have been billed. Returns the dollars. Never fails."""
        return await self._end(self._held.millionths, Outcome.LOST)

    async def _end(self, millionths: int, outcome: Outcome) -> float:
        if self._is_open:
            self._is_open = False
            await self._budget.settle(self._held, millionths, outcome)
        return millionths / MILLION

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        try:
            async with asyncio.timeout(FAREWELL_SECONDS if self._is_open else None):
                await self.spend()
        except TimeoutError:
            log.debug("A reservation is left to expire")


def millionths_of(price: Price, tokens: tuple[int, int]) -> int:
    """Price tokens, (input, output), in whole millionths of a dollar."""
    return round(price.of(*tokens) * MILLION)


def _refusal(short: Shortage, limit: int, price: int) -> BudgetSpentError:
    used = short.spent + short.reserved
    amounts = {"used": used, "limit": limit, "price": price}
    sentence = Sentence(_SHORT[short.which], {name: Dollars(each / MILLION) for name, each in amounts.items()})
    return BudgetSpentError(sentence, sentence=sentence)


_SHORT = (
    gettext(
        "This channel's picture budget for today has too little left: {used} of {limit} is used or "
        "reserved, and this picture needs about {price}. It resets at 00:00 UTC."
    ),
    gettext(
        "This server's picture budget for today has too little left: {used} of {limit} is used or "
        "reserved, and this picture needs about {price}. It resets at 00:00 UTC."
    ),
    gettext(
        "Today's picture budget has too little left: {used} of {limit} is used or reserved, and this "
        "picture needs about {price}. It resets at 00:00 UTC."
    ),
    gettext(
        "The picture budget has too little left: {used} of {limit} is used or reserved, and this picture "
        "needs about {price}. The bot owner can raise it."
    ),
)
"""Templates, by `Shortage.which`."""
