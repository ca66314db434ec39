"""`python -m chaos --turns 200 --seed 7 --bots 3 --channels 12`; the exit code is 1 when a target was missed."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import sys
import time
from pathlib import Path

from redis.exceptions import RedisError

from sandbox.faults import Fault

from .game import Game, posts_in
from .journal import Journal
from .monkey import Monkey, plan
from .records import open_channels, read_records
from .report import figures, stories
from .tally import Tally, Verdict, judge
from .weather import MoodyPainter, spoil_posts
from .world import World, open_world

REST_SECONDS = 45.0
"""After the last kill: a lease is 30 s, and what it held comes back up to ten later."""
SETTLE_SECONDS = 150.0
POSTS_PER_TURN = 4


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--turns", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--bots", type=int, default=3)
    parser.add_argument("--channels", type=int, default=12)
    parser.add_argument("--log", type=Path, help="a folder for the journal and what the bots wrote")
    parser.add_argument("--aloud", action="store_true", help="tell everything while it happens")
    return parser.parse_args()


async def run(given: argparse.Namespace, journal: Journal) -> Verdict:
    """One whole run, printed."""
    tally = Tally()
    async with open_world(bots=given.bots, channels=given.channels, journal=journal) as world:
        world.sandbox.gemini.default = MoodyPainter(given.seed, tally, journal)
        faults = spoil_posts(world.sandbox, given.seed, given.turns * POSTS_PER_TURN)
        game = Game(world, tally, journal, seed=given.seed, turns=given.turns)
        monkey = Monkey(world, tally, journal, plan(given.seed, given.turns))
        async with asyncio.TaskGroup() as group:
            group.create_task(monkey.rage(), name="monkey")
            group.create_task(game.play(), name="game")
        await settle(world, tally, journal)
        await count(world, tally)
        return tell(world, tally, faults, journal)


async def settle(world: World, tally: Tally, journal: Journal) -> None:
    """Wait until nothing can happen any more, or for so long that nothing will."""
    began = time.monotonic()
    journal.note("the monkey rests")
    while time.monotonic() - began < SETTLE_SECONDS:
        await asyncio.sleep(1.0)
        with contextlib.suppress(RedisError, OSError):
            await count(world, tally)
            quiet = not await open_channels(world) and not judge(tally).lost
            if quiet and time.monotonic() - began > REST_SECONDS:
                return
    journal.note(f"still open: {await open_channels(world)}")


async def count(world: World, tally: Tally) -> None:
    """Look afresh at what stands in the channels and in the store."""
    tally.posts = [post for channel in world.channels for post in posts_in(world, channel)]
    tally.records = await read_records(world)


def tell(world: World, tally: Tally, faults: dict[str, list[Fault]], journal: Journal) -> Verdict:
    """Print the figures."""
    verdict = judge(tally)
    spoiled = {f"Discord {shape}": sum(fault.hits for fault in arranged) for shape, arranged in faults.items()}
    spoiled["Gemini 503"] = sum(not call.paid for call in tally.calls)
    print(figures(verdict, kills=world.kills, faults=spoiled, seconds=journal.seconds))
    if quitters := sum(seat.quit_by_itself for seat in world.seats):
        print(f"bots that ended by themselves: {quitters}")
    print(stories(verdict, tally))
    return verdict


def main() -> int:
    """0 when all targets were met."""
    given = arguments()
    # What Redis did not take is in the journal, and published again.
    logging.getLogger("cogs.scene_art.publish").setLevel(logging.ERROR)
    verdict = asyncio.run(run(given, Journal(given.log, aloud=given.aloud)))
    for target in verdict.missed:
        print(f"missed: {target}")
    return 1 if verdict.missed else 0


if __name__ == "__main__":
    sys.exit(main())
