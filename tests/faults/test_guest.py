"""A host that logs everything from INFO on: a line for a loss, a line for the return, a line for each scene."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from sandbox import wait_until
from tests.faults.support import TIMEOUT_SECONDS, World, an_outage
from tests.stage import BotProcess

HOST = str(Path(__file__).parents[1] / "guest_bot.py")
DOWN_SECONDS = 10.0
CHANNELS = 3
LEASE_RENEWED_SECONDS = 8.0
"""docket renews the slot of a running job so often, and told each failure with a trace."""


def about_us(bot: BotProcess, begin: int = 0) -> list[str]:
    """List the log lines without discord.py's own."""
    return [line for line in bot.lines[begin:] if not line.startswith("LOGGERS") and "|discord." not in line]


def loggers(bot: BotProcess) -> dict[str, dict[str, Any]]:
    """Read the loggers that the host found at each of its looks."""
    looks = [json.loads(line.removeprefix("LOGGERS ")) for line in bot.lines if line.startswith("LOGGERS")]
    return {look["when"]: look for look in looks}


@pytest.mark.parametrize("setup", ["basic", "discord"])
@pytest.mark.parametrize("how", ["killed", "frozen"])
async def test_a_loss_a_return_and_each_scene_have_one_line(world: World, setup: str, how: str) -> None:
    channels = [world.channel(f"story-{number}") for number in range(CHANNELS)]
    bot = await world.bot(HOST, setup)
    await wait_until(lambda: "Listening for the game on" in bot.text, timeout=TIMEOUT_SECONDS)
    assert [line.partition("|")[2].partition("|")[2].split()[0] for line in about_us(bot)] == ["Painting", "Listening"]

    begin = len(bot.lines)
    world.easel.next_take(*[DOWN_SECONDS / 3] * CHANNELS)
    for number, channel in enumerate(channels):
        await world.request(channel, f"The lantern falls {number}.")
    await world.painting("The lantern falls", CHANNELS)
    if how == "killed":
        await world.redis_crashes(DOWN_SECONDS)
    else:
        world.server.freeze()
        await an_outage(DOWN_SECONDS)
        world.server.thaw()
    for channel in channels:
        await world.pictures(channel, within=60)
    await world.heard_by(1, within=60)
    await wait_until(lambda: "serves scene-art again" in bot.text, timeout=TIMEOUT_SECONDS)
    await world.one_more(channels[0])

    lines = about_us(bot, begin)
    assert sum("Redis does not serve scene-art" in line for line in lines) == 1
    assert sum("Redis serves scene-art again" in line for line in lines) == 1
    assert sum("posted as message" in line for line in lines) == CHANNELS + 1
    assert len(lines) == CHANNELS + 3, "and nothing else"


async def test_the_hosts_own_docket_keeps_its_lines_and_every_logger_is_left_as_it_was(world: World) -> None:
    channel = world.channel()
    bot = await world.bot(HOST, "basic", "docket")
    bot.process.send_signal(signal.SIGUSR2)
    await world.one_more(channel)
    await wait_until(lambda: any("↩" in line and "greet" in line for line in bot.lines), timeout=TIMEOUT_SECONDS)
    bot.process.send_signal(signal.SIGUSR1)
    await wait_until(lambda: "unloaded" in loggers(bot), timeout=TIMEOUT_SECONDS)
    await world.heard_by(1)
    await world.one_more(channel)

    assert any("* greet(name: str)" in line for line in bot.lines)
    assert not [line for line in bot.lines if "|docket" in line and "scene_art" in line]
    found = loggers(bot)
    before = found["before"]["loggers"]
    for when in ("loaded", "at work", "unloaded"):
        now = found[when]["loggers"]
        assert found[when]["disable"] == found["before"]["disable"]
        assert {name: now[name][:4] for name in before} == {name: before[name][:4] for name in before}, when
        assert all(entry[:4] == [0, True, False, 0] for name, entry in now.items() if name not in before), when
    # A filter that was there before is there still, and none was added.
    after = found["unloaded"]["loggers"]
    assert [name for name, entry in after.items() if entry[4] != before.get(name, [0] * 5)[4]] == []
