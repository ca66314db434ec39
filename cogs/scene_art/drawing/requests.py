"""One paid request: reserved in the budget, noted in the ledger, sent, settled. In this order, whatever happens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Protocol

from ..errors import ConfigurationError, LostAnswerError, RefusedError, SceneArtError, TransientError
from ..painters import Painting
from ..painters.models import PICTURE_TOKENS
from ..storage.reservations import Outcome
from .budget import Reservation


class RequestLog(Protocol):
    """Where a scene's requests are noted."""

    @property
    def is_left(self) -> bool:
        """Whether the scene was cancelled since the request left."""
        ...

    async def note_request(self, dollars: float | None) -> None: ...
    async def note_answer(self, dollars: float, *, charged: bool, ended: bool = False) -> None: ...
    def asking(self) -> AbstractContextManager[None]: ...


class PaidRequest:
    """A request for which money is reserved, and that is noted."""

    def __init__(self, reservation: Reservation, log: RequestLog) -> None:
        self._reservation = reservation
        self._log = log

    async def painted(self, painting: Painting) -> None:
        """Settle it by the picture's usage."""
        outcome = Outcome.CANCELLED if self._log.is_left else Outcome.PAINTED
        cost = await self._reservation.settle(billed(painting), outcome)
        await self._log.note_answer(cost, charged=True, ended=True)

    async def failed(self, exc: SceneArtError) -> None:
        """Settle it by what `exc` says was billed. What may have been billed counts as spent."""
        if any(exc.tokens):
            outcome = Outcome.CANCELLED if self._log.is_left else Outcome.REFUSED
            await self._log.note_answer(await self._reservation.settle(exc.tokens, outcome), charged=True)
        elif is_unbilled(exc):
            await self._reservation.give_back()
            await self._log.note_answer(0.0, charged=False)
        else:
            await self._log.note_answer(await self._reservation.spend(), charged=True)


@asynccontextmanager
async def leaving(reservation: Reservation, log: RequestLog) -> AsyncIterator[PaidRequest]:
    """The request, noted. At any end that was not foreseen the reservation counts as spent.

    Raises:
        CancelledError: somebody cancelled the scene; the money is given back.
    """
    async with reservation:
        try:
            await log.note_request(reservation.dollars)
        except SceneArtError:
            await reservation.give_back()
            raise
        yield PaidRequest(reservation, log)


def is_unbilled(exc: SceneArtError) -> bool:
    """Whether nothing was billed for sure: the service said no, or was never reached."""
    if isinstance(exc, LostAnswerError):
        return False
    return isinstance(exc, (TransientError, RefusedError, ConfigurationError))


def billed(painting: Painting) -> tuple[int, int]:
    """The tokens of a picture. An answer that does not name them is taken for one of 1K."""
    tokens_in, tokens_out = painting.usage.tokens
    return tokens_in, tokens_out or PICTURE_TOKENS
