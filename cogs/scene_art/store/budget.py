"""The operator's budget in US dollars: reserved before every paid request, settled after every answer.

One reservation counts in all budgets at once and for all processes; see `store.reservations`.
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
from .reservations import NO_SERVER, Held, Outcome, Reservations
from .timeouts import retry

log = logging.getLogger(__name__)

LIFETIME_MARGIN_SECONDS = 300
"""Time beyond Gemini's time limit, for waiting in the worker process and for reading and fitting the picture."""
FAREWELL_SECONDS = 1.0
"""Time to settle a reservation when the process ends. One that is not settled expires as spent."""
MILLION = 1_000_000


@dataclass(frozen=True)
class Books:
    """The state of one server's budget today."""

    server: Dollars
    """Dollars spent by the server."""
    all: Dollars
    """Dollars spent by all servers."""
    reserved: Dollars
    """Dollars reserved for the server's requests under way."""
    outcomes: dict[Outcome, tuple[int, Dollars]]
    """Requests by outcome: their number, and the dollars that they cost or gave back."""


class Budget:
    """The operator's budget. While Redis is away nothing is reserved, and ended reservations are settled later."""

    def __init__(self, client: RedisClient, settings: Settings, now: Callable[[], float] = time.time) -> None:
        self._settings = settings
        self._now = now
        self._store = Reservations(client, settings.namespace, now)
        self._lifetime = int(settings.paint_timeout_seconds) + LIFETIME_MARGIN_SECONDS
        self._owed: dict[str, tuple[Held, int, Outcome]] = {}
        """Reservations that have ended and are not yet settled in Redis."""

    async def reserve(self, request_id: str, payer: Payer, price: Price, tokens: tuple[int, int]) -> Reservation:
        """Reserve the price of `tokens`, (input, output), in every budget at once or in none.

        `request_id` names the request in logs and in Redis.

        Raises:
            BudgetSpentError: a budget has too little left; the sentence names it, and when a new one begins.
            TransientError: Redis was away for too long.
        """
        await self._pay()
        held = self._held(f"{request_id[:32]}:{secrets.token_hex(6)}", payer, millionths_of(price, tokens))
        reservation = Reservation(self, held, price)
        try:
            await retry(lambda: self._reserve(held, payer))
        except asyncio.CancelledError:
            await reservation.give_back()
            raise
        return reservation

    async def check(self, payer: Payer, price: Price, tokens: tuple[int, int]) -> None:
        """Check that the price of `tokens`, (input, output), is left in every budget. Reserves nothing.

        Raises:
            BudgetSpentError: as `reserve` does.
            TransientError: Redis is away.
        """
        await self._reserve(self._held("", payer, millionths_of(price, tokens)), payer)

    def _held(self, reservation_id: str, payer: Payer, millionths: int) -> Held:
        expires = int(self._now()) + self._lifetime
        server = payer.guild_id or NO_SERVER
        return Held(reservation_id, server, payer.channel_id, self._store.today, millionths, expires)

    async def _reserve(self, held: Held, payer: Payer) -> None:
        limits = self._limits(payer)
        short = await self._store.reserve(held, limits)
        if short is None:
            return
        which, used = short
        amounts = {"used": used, "limit": limits[which] or 0, "price": held.millionths}
        figures = Sentence(_FIGURES, {name: Dollars(each / MILLION) for name, each in amounts.items()})
        detail = _SHORT[which].replace("left for another picture", f"left: {figures}")
        raise BudgetSpentError(detail, sentence=_SHORT[which])

    def _limits(self, payer: Payer) -> list[int | None]:
        """List the limits in millionths: of the channel's day, of the server's day, of the day, of all time."""
        settings = self._settings
        own = [most for most in (payer.server_most, settings.budget_guild_day) if most is not None]
        dollars = (payer.channel_most, min(own, default=None), settings.budget_day, settings.budget_total)
        return [None if most is None else round(most * MILLION) for most in dollars]

    async def today(self, guild_id: str | None) -> Books:
        """Read the state of the server's budget on this UTC day. May raise `TransientError`: Redis is away."""
        server = guild_id or NO_SERVER
        held = await self._store.held()
        spent, everything, outcomes = await self._store.spent(server)
        reserved = sum(one.millionths for one in held if one.server == server)
        return Books(
            Dollars(spent / MILLION),
            Dollars(everything / MILLION),
            Dollars(reserved / MILLION),
            {outcome: (count, Dollars(amount / MILLION)) for outcome, (count, amount) in outcomes.items()},
        )

    async def settle(self, held: Held, millionths: int, outcome: Outcome) -> None:
        """End a reservation. Never fails: while Redis is away, it is written down later."""
        self._owed[held.id] = held, millionths, outcome
        await self._pay()

    async def _pay(self) -> None:
        """Settle ended reservations in Redis. While Redis is away, the next request tries again."""
        for held, millionths, outcome in list(self._owed.values()):
            try:
                await self._store.settle(held, millionths, outcome)
            except TransientError as exc:
                log.debug("A picture's cost is booked later: %s", exc.detail)
                return
            self._owed.pop(held.id, None)


class Reservation:
    """The money for one request: settled or given back, or spent when its `async with` block ends otherwise."""

    def __init__(self, budget: Budget, held: Held, price: Price) -> None:
        self._budget = budget
        self._held = held
        self._price = price
        self._is_open = True

    @property
    def dollars(self) -> float:
        """The reserved estimate in US dollars."""
        return self._held.millionths / MILLION

    async def settle(self, tokens: tuple[int, int], outcome: Outcome, *, share: float = 1) -> float:
        """Book the price of an answer's tokens, (input, output), and return it in dollars. Never fails.

        `share` is the part of the price that is billed.
        """
        return await self._end(round(millionths_of(self._price, tokens) * share), outcome)

    async def give_back(self) -> None:
        """Give the whole estimate back, since nothing was billed. Never fails."""
        await self._end(0, Outcome.RETURNED)

    async def spend(self) -> float:
        """Book the estimate, since it may have been billed, and return it in dollars. Never fails."""
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
    """Return the price of tokens, (input, output), in whole millionths of a dollar."""
    return round(price.of(*tokens) * MILLION)


_SHORT = (
    gettext("This channel's picture budget for today has too little left for another picture. It resets at 00:00 UTC."),
    gettext("This server's picture budget for today has too little left for another picture. It resets at 00:00 UTC."),
    gettext("Today's picture budget has too little left for another picture. It resets at 00:00 UTC."),
    gettext("The picture budget has too little left for another picture. Only the bot owner can raise it."),
)
"""The refusals, by the limit that has too little left: in the order of `Budget._limits`.

Anybody may read them, so that they hold no sums: these are the operator's, and the server's moderators'.
"""
_FIGURES = "{used} of {limit} is used or reserved, and this picture needs about {price}"
"""What the operator's log tells beside them."""
