"""A machine that starts with a wrong clock, which a time service sets right while the bot runs."""

from __future__ import annotations

import signal
import time

import pytest

from tests.faults.support import World
from tests.faults.test_once import SHIFTED_CLOCK

FALLBACK_SECONDS = 6.0
COOLDOWN_SECONDS = 3.0
LATE_AT_MOST_SECONDS = 5.0


@pytest.mark.parametrize("shift", [600, -600])
@pytest.mark.parametrize("heard_before", [True, False], ids=["while it waits", "before it is told"])
async def test_no_turn_is_late_and_no_channel_rests(world: World, shift: int, heard_before: bool) -> None:
    channel = world.channel()
    settings = {"fallback_seconds": FALLBACK_SECONDS, "cooldown_seconds": COOLDOWN_SECONDS}
    bot = await world.bot(SHIFTED_CLOCK, str(shift), **settings)
    began = time.monotonic()
    if heard_before:
        await world.turn(channel, "The lantern falls.")
        await world.noted(channel)
    bot.process.send_signal(signal.SIGUSR1)
    if not heard_before:
        await world.turn(channel, "The lantern falls.")

    await world.pictures(channel)
    assert FALLBACK_SECONDS - 1 < time.monotonic() - began < FALLBACK_SECONDS + LATE_AT_MOST_SECONDS
    await world.one_more(channel, within=COOLDOWN_SECONDS + LATE_AT_MOST_SECONDS)
    assert len(world.posts(channel)) == 2
    assert world.paid("The lantern falls.") == 1
