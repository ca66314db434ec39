"""Who is to be seen in a scene: what a cast costs the log."""

from __future__ import annotations

import pytest

from cogs.scene_art.casting import MISSING_TOLD
from tests.stage import open_stage, portrait


async def test_the_first_missing_pictures_have_a_line_each_and_the_others_share_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_stage() as stage:
        channel = stage.channel()
        gone = [stage.sandbox.files.url(f"gone-{number}.png") for number in range(40)]
        good = stage.sandbox.files.add("good.png", portrait("green"))
        await stage.request(channel, "A feast.", character_urls=[*gone, good])
        await stage.picture(channel)
        await stage.settled(channel)
        [scene] = await stage.scenes(channel)
    about = [line for line in caplog.messages if scene["id"] in line]
    assert sum("no picture of" in line for line in about) == MISSING_TOLD
    assert f"scene {scene['id']}: nor of {40 - MISSING_TOLD} others" in about
    arrived = [reference["arrived"] for reference in scene["brief"]["references"]]
    assert arrived.count(True) == 2, "the good one and the game master"
