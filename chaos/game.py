"""The game: every channel tells one turn after the other, and waits for its picture as a player would."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from random import Random
from typing import Any

from cogs.scene_art import publish_art_request, publish_turn_complete
from sandbox import Channel

from .journal import Journal
from .tally import Post, Tally, Turn, marker, marker_in
from .world import World

TIMEOUT_SECONDS = 90.0
REPEAT_SECONDS = 0.3
PAUSE_SECONDS = (2.0, 9.0)
"""Between a picture and the channel's next turn."""
BETWEEN_SECONDS = (0.0, 0.0, 0.2, 0.5, 3.0)
"""Between two events of one turn: at once, before the fallback, after it, after the picture."""
KINDS = (
    ("request",),
    ("turn",),
    ("request", "turn"),
    ("turn", "request"),
    ("request", "request"),
    ("turn", "turn"),
)
PUBLISHERS: dict[str, Any] = {"request": publish_art_request, "turn": publish_turn_complete}


class Game:
    """Publishes `turns` turns; what a turn looks like follows from the seed and its number."""

    def __init__(self, world: World, tally: Tally, journal: Journal, *, seed: int, turns: int) -> None:
        self._world = world
        self._tally = tally
        self._journal = journal
        self._seed = seed
        self._numbers: Iterator[int] = iter(range(1, turns + 1))

    async def play(self) -> None:
        """Until every turn was published and seen, or waited for in vain."""
        async with asyncio.TaskGroup() as group:
            for channel in self._world.channels:
                group.create_task(self._tell(channel), name=f"game in {channel.name}")

    async def _tell(self, channel: Channel) -> None:
        for number in self._numbers:
            dice = Random(f"{self._seed} turn {number}")
            await self._publish(channel, marker(number), dice)
            await self._see(channel, marker(number))
            await asyncio.sleep(dice.uniform(*PAUSE_SECONDS))

    async def _publish(self, channel: Channel, name: str, dice: Random) -> None:
        kind = dice.choice(KINDS)
        for at, event in enumerate(kind):
            if at:
                await asyncio.sleep(dice.choice(BETWEEN_SECONDS))
            accepted = await self._insist(event, channel, name)
            if not at:
                self._tally.turns.append(Turn(name, str(channel.id), " + ".join(kind), accepted))

    async def _insist(self, event: str, channel: Channel, name: str) -> float:
        """Publish until Redis takes it, always with the same turn_id; when it did (unix seconds)."""
        narrative = f"The gate opens and {name} shines on the wall."
        while True:
            now = time.time()
            if await PUBLISHERS[event](self._world.redis, channel_id=channel.id, narrative=narrative, turn_id=name):
                self._journal.note(f"game    {name} {event} in {channel.id}")
                return now
            self._journal.note(f"game    {name} {event} was not taken")
            await asyncio.sleep(REPEAT_SECONDS)

    async def _see(self, channel: Channel, name: str) -> None:
        end = time.monotonic() + TIMEOUT_SECONDS
        while time.monotonic() < end:
            if any(post.marker == name for post in posts_in(self._world, channel)):
                return
            await asyncio.sleep(0.05)
        self._journal.note(f"game    {name} HAS NO PICTURE after {TIMEOUT_SECONDS:g} s")


def posts_in(world: World, channel: Channel) -> list[Post]:
    """The pictures in the channel, told by their alt texts."""
    return [
        Post(marker_in(message.attachments[0].description or ""), str(channel.id), message.created.timestamp())
        for message in world.pictures(channel)
    ]
