"""The monkey: what is killed when. Its plan follows from the seed and goes by the number of published turns."""

from __future__ import annotations

import asyncio
import signal
import time
from dataclasses import dataclass
from random import Random

from sandbox import wait_until

from .journal import Journal
from .tally import Tally
from .world import START_SECONDS, BotSeat, World

BOTS_PER_TURN = 0.15
REDIS_PER_TURN = 0.02
TERM_SHARE = 0.2
ALL_SHARE = 0.1
"""Strikes that leave no bot alive."""
GAME_SECONDS = 3600.0
GROWN_SECONDS = 3.0
"""A bot takes about two to start; younger ones are spared, or some turns would never find a bot."""


@dataclass(frozen=True)
class Strike:
    """What happens `delay` seconds after so many turns were published."""

    after_turns: int
    delay: float
    target: str
    """`bot`, `all bots` or `redis`."""
    how: signal.Signals
    luck: float
    """Which bot (0 to 1 over those at hand), or how long Redis stays away."""


def plan(seed: int, turns: int) -> list[Strike]:
    """The strikes of a run, in order."""
    dice = Random(f"{seed} monkey")
    bots, redis = round(turns * BOTS_PER_TURN), round(turns * REDIS_PER_TURN)
    targets = ["redis"] * redis
    while len(targets) < bots + redis:
        targets.append("all bots" if dice.random() < ALL_SHARE else "bot")
    return sorted((_strike(dice, target, turns) for target in targets), key=lambda strike: strike.after_turns)


def _strike(dice: Random, target: str, turns: int) -> Strike:
    soft = target != "redis" and dice.random() < TERM_SHARE
    how = signal.SIGTERM if soft else signal.SIGKILL
    return Strike(dice.randint(1, turns), dice.uniform(0.0, 2.0), target, how, dice.random())


class Monkey:
    """Carries the plan out, one strike after the other."""

    def __init__(self, world: World, tally: Tally, journal: Journal, strikes: list[Strike]) -> None:
        self._world = world
        self._tally = tally
        self._journal = journal
        self._strikes = strikes

    async def rage(self) -> None:
        """Until the plan is carried out; Redis is up and every killed bot about to be started again then."""
        for strike in self._strikes:
            await wait_until(lambda after=strike.after_turns: len(self._tally.turns) >= after, GAME_SECONDS)  # type: ignore[misc]
            await asyncio.sleep(strike.delay)
            if strike.target == "redis":
                await self._strike_redis(0.5 + 1.5 * strike.luck)
            else:
                await self._strike_bots(strike)

    async def _strike_redis(self, seconds: float) -> None:
        self._journal.note(f"monkey  SIGKILL redis, away for {seconds:.1f} s")
        self._world.kills["redis SIGKILL"] += 1
        await asyncio.to_thread(self._world.server.kill)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(self._world.server.start)
        self._journal.note("redis is back")

    async def _strike_bots(self, strike: Strike) -> None:
        grown = await self._grown()
        victims = grown if strike.target == "all bots" else [grown[int(strike.luck * len(grown))]]
        for seat in victims:
            self._journal.note(f"monkey  {strike.how.name} {seat.name}")
            self._world.kills[f"bot {strike.how.name}"] += 1
            if seat.end(strike.how) and strike.how is signal.SIGKILL:
                self._tally.deaths.append(time.time())

    async def _grown(self) -> list[BotSeat]:
        await wait_until(lambda: any(seat.age > GROWN_SECONDS for seat in self._world.seats), START_SECONDS)
        return [seat for seat in self._world.seats if seat.age > GROWN_SECONDS]
