"""A process that asks for pictures, all at once: `python -m tests.store.asker URL FIRST COUNT USER`.

It says `ready`, waits for a line, and tells then how many were granted.
"""

from __future__ import annotations

import asyncio
import sys

from cogs.scene_art.domain.permissions import Requester
from cogs.scene_art.domain.scene import Scene, Source
from cogs.scene_art.errors import CannotDoError
from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.settings import Settings
from cogs.scene_art.store.allowances import Allowances
from tests.stores import Stores

ALLOWED = 10


async def ask(allowances: Allowances, number: int, user: str) -> bool:
    """Ask for one picture. False: refused."""
    scene = Scene(
        id=f"{number:016x}",
        channel_id=str(40 + number % 3),
        guild_id="8",
        source=Source.PERSON,
        narrative="A gate.",
        requested_by=user,
    )
    try:
        await allowances.take(scene, Requester(user, guild_id="8"))
    except CannotDoError:
        return False
    return True


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def main(url: str, first: int, count: int, user: str) -> None:
    settings = Settings(rerenders_per_user=100, rerenders_per_channel=100, user_pictures_per_hour=ALLOWED)
    async with open_docket(url, "scene_art") as (_, client):
        allowances = Allowances(client, Stores(client).scenes, settings)
        _tell("ready")
        await asyncio.to_thread(sys.stdin.readline)
        granted = await asyncio.gather(*(ask(allowances, number, user) for number in range(first, first + count)))
        _tell(str(sum(granted)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))
