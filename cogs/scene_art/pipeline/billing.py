"""One paid request: reserved in the budget, noted in the store, sent, settled. Always in this order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Protocol

from ..domain.painting import Painting
from ..domain.pricing import RELAXED_SHARE
from ..errors import CancelledError, ConfigurationError, LostAnswerError, RefusedError, SceneArtError, TransientError
from ..image_models import PICTURE_TOKENS
from ..store.budget import Reservation
from ..store.reservations import Outcome


class RequestLedger(Protocol):
    """The record of what a scene's requests cost."""

    @property
    def is_left(self) -> bool:
        """True once the scene was cancelled while its request was under way."""
        ...

    def set_aside(self, dollars: float) -> None: ...
    async def note_answer(self, dollars: float, *, charged: bool, ended: bool = False) -> None: ...
    def asking(self) -> AbstractContextManager[None]: ...


class PaidRequest:
    """A request under way, for which money is reserved."""

    def __init__(self, reservation: Reservation, log: RequestLedger) -> None:
        self._reservation = reservation
        self._log = log

    async def painted(self, painting: Painting) -> None:
        """Settle the reservation by the picture's usage, and note the cost."""
        outcome = Outcome.CANCELLED if self._log.is_left else Outcome.PAINTED
        cost = await self._settle(billed(painting), outcome, is_relaxed=painting.usage.is_relaxed)
        await self._log.note_answer(cost, charged=True, ended=True)

    async def failed(self, exc: SceneArtError) -> None:
        """Settle the reservation by the tokens in `exc`.

        Without any tokens it is given back if certainly nothing was billed, and counts as spent otherwise.
        """
        if any(exc.tokens):
            outcome = Outcome.CANCELLED if self._log.is_left else Outcome.REFUSED
            cost = await self._settle(exc.tokens, outcome, is_relaxed=exc.is_relaxed)
            await self._log.note_answer(cost, charged=True)
        elif is_unbilled(exc):
            await self._reservation.give_back()
            await self._log.note_answer(0.0, charged=False)
        else:
            await self._log.note_answer(await self._reservation.spend(), charged=True)

    async def _settle(self, tokens: tuple[int, int], outcome: Outcome, *, is_relaxed: bool) -> float:
        return await self._reservation.settle(tokens, outcome, share=RELAXED_SHARE if is_relaxed else 1)


@asynccontextmanager
async def under_way(reservation: Reservation, log: RequestLedger) -> AsyncIterator[PaidRequest]:
    """Hold the request that `reservation` pays for. A `SceneArtError` settles it; any other end counts it as spent."""
    async with reservation:
        log.set_aside(reservation.dollars)
        request = PaidRequest(reservation, log)
        try:
            yield request
        except SceneArtError as exc:
            await request.failed(exc)
            raise


def is_unbilled(exc: SceneArtError) -> bool:
    """Tell whether certainly nothing was billed: the service declined, or was never asked."""
    if isinstance(exc, LostAnswerError):
        return False
    return isinstance(exc, (TransientError, RefusedError, ConfigurationError, CancelledError))


def billed(painting: Painting) -> tuple[int, int]:
    """Return the tokens of a picture, (input, output). An answer without a count is billed like a picture of 1K."""
    tokens_in, tokens_out = painting.usage.tokens
    return tokens_in, tokens_out or PICTURE_TOKENS
