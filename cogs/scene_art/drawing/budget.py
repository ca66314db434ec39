"""The operator's budget in US dollars: looked at before every paid request, added to after every answer.

Sums are whole millionths of a dollar, in hashes that all processes share. Days are those of UTC.

    {namespace}:{spent}:<yyyymmdd>   by server, and "all"; kept for three days
    {namespace}:{spent}:total        "all", since the first picture
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable

from ..errors import BudgetSpentError, TransientError
from ..painters.models import Price
from ..settings import Settings
from ..speech import Dollars, Sentence, say
from ..storage.connection import RedisClient
from ..storage.health import ConnectionHealth, Delay
from ..storage.patience import within_patience
from ..storage.reading import shown, sound_pipeline

log = logging.getLogger(__name__)

DAY_KEPT_SECONDS = 3 * 24 * 3600
TOTAL_KEPT_SECONDS = 400 * 24 * 3600  # begun anew with every picture
ALL = "all"
NO_SERVER = "direct"  # pictures in direct messages
MOST_MILLIONTHS = 10**15  # a thousand million dollars: no such sum was ever spent here


class Budget:
    """What was spent and what may be. While Redis is away nothing is refused: no picture could be begun then."""

    def __init__(
        self, client: RedisClient, settings: Settings, now: Callable[[], float] = time.time, *, health: ConnectionHealth
    ) -> None:
        self._client = client
        self._settings = settings
        self._prefix = f"{settings.namespace}:{{spent}}"
        self._now = now
        self._owed: Counter[tuple[str, str]] = Counter()
        self._delay = Delay(health, "Adding what pictures cost to what was spent")

    async def check(self, guild_id: str | None, server_most: float | None = None) -> None:
        """`server_most` is what the server itself allows for a day, in dollars.

        Raises:
            BudgetSpentError: with a sentence that says which budget, and when there is a new one.
        """
        settings = self._settings
        limits = (server_most, settings.budget_guild_day, settings.budget_day, settings.budget_total)
        if limits == (None,) * len(limits):
            return
        server, day, total = await self._spent(guild_id)
        _refuse(server, server_most, _server_spent)
        _refuse(server, settings.budget_guild_day, _server_spent)
        _refuse(day, settings.budget_day, _day_spent)
        _refuse(total, settings.budget_total, _total_spent)

    async def spent_today(self, guild_id: str | None) -> tuple[Dollars, Dollars]:
        """US dollars of this UTC day: by the server, and by all."""
        server, day, _ = await self._spent(guild_id)
        return Dollars(server), Dollars(day)

    async def count(self, guild_id: str | None, price: Price, tokens: tuple[int, int]) -> float:
        """Add an answer's tokens, (input, output), at `price`. Returns the dollars. Never fails."""
        dollars = price.of(*tokens)
        millionths = round(dollars * 1_000_000)
        if not millionths:
            return dollars
        for key, field in ((self._day, guild_id or NO_SERVER), (self._day, ALL), (self._total, ALL)):
            self._owed[key, field] += millionths
        await self._pay()
        return dollars

    async def _pay(self) -> None:
        """Write down what is not written down yet; the next answer tries it again while Redis is away."""
        owed, self._owed = self._owed, Counter()
        pipe = sound_pipeline(self._client)
        for (key, field), millionths in owed.items():
            pipe.hincrby(key, field, millionths)
            pipe.expire(key, TOTAL_KEPT_SECONDS if key == self._total else DAY_KEPT_SECONDS)
        try:
            async with within_patience():
                await pipe.execute()
        except TransientError as exc:
            self._owed += owed
            self._delay.failed(exc)
        else:
            self._delay.over()

    @property
    def _day(self) -> str:
        return f"{self._prefix}:{time.strftime('%Y%m%d', time.gmtime(self._now()))}"

    @property
    def _total(self) -> str:
        return f"{self._prefix}:total"

    async def _spent(self, guild_id: str | None) -> tuple[float, float, float]:
        """Dollars: of the server today, of all today, of all ever."""
        pipe = sound_pipeline(self._client)
        pipe.hget(self._day, guild_id or NO_SERVER)
        pipe.hget(self._day, ALL)
        pipe.hget(self._total, ALL)
        try:
            async with within_patience():
                found = await pipe.execute()
        except TransientError:
            return 0.0, 0.0, 0.0
        server, day, total = (_dollars(raw, self._prefix) for raw in found)
        return server, day, total


def _dollars(raw: bytes | None, where: str) -> float:
    """What a counter says; nothing, if it is no number that can be."""
    try:
        millionths = int(raw or 0)
    except ValueError:
        millionths = -1
    if 0 <= millionths < MOST_MILLIONTHS:
        return millionths / 1_000_000
    log.error("A sum in %s cannot be and is not counted: the budget holds from zero on", shown(where))
    return 0.0


def _refuse(spent: float, limit: float | None, told: Callable[[Dollars, Dollars], Sentence]) -> None:
    if limit is not None and spent >= limit:
        sentence = told(Dollars(spent), Dollars(limit))
        raise BudgetSpentError(sentence, sentence=sentence)


def _server_spent(spent: Dollars, limit: Dollars) -> Sentence:
    return say(
        "This server's budget for pictures today is spent ({spent} of {limit}). It goes on at 00:00 UTC.",
        spent=spent,
        limit=limit,
    )


def _day_spent(spent: Dollars, limit: Dollars) -> Sentence:
    return say(
        "Today's budget for pictures is spent ({spent} of {limit}). It goes on at 00:00 UTC.",
        spent=spent,
        limit=limit,
    )


def _total_spent(spent: Dollars, limit: Dollars) -> Sentence:
    return say(
        "The budget for pictures is spent ({spent} of {limit}). It goes on when the bot's operator raises it.",
        spent=spent,
        limit=limit,
    )
