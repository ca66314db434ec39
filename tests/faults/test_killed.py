"""A bot that is killed: what it had begun is ended by the next one, once, and what was paid is not paid again."""

from __future__ import annotations

from tests.faults.support import LATE_SECONDS, World


async def test_killed_while_painting_the_next_process_draws_it(world: World) -> None:
    channel = world.channel()
    world.easel.next_take(60)
    bot = await world.bot()
    await world.request(channel, "The lantern falls.")
    await world.painting("The lantern falls.")
    await world.kill(bot)

    await world.bot()
    await world.pictures(channel, within=LATE_SECONDS)
    await world.one_more(channel)

    assert len(world.posts(channel)) == 2
    assert world.paid("The lantern falls.") == 2
