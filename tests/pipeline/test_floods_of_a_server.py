"""A game that floods a server with many channels keeps no other server's turn waiting."""

from __future__ import annotations

from sandbox import wait_until
from sandbox.gemini_answers import picture
from tests.stage import TIMEOUT_SECONDS, open_stage, portrait

CONCURRENCY = 8
CHANNELS = 40
SLOW_SECONDS = 4.0


async def test_a_turn_elsewhere_is_drawn_beside_a_flood_and_not_after_it(redis_url: str) -> None:
    async with open_stage(redis_url, concurrency=CONCURRENCY) as stage:
        discord, gemini = stage.sandbox.discord, stage.sandbox.gemini
        elsewhere = discord.add_text_channel(discord.add_guild("The Salt Road"), "story")
        flooded = [stage.channel(f"story-{number}") for number in range(CHANNELS)]
        for _ in range(CHANNELS):
            gemini.script(picture(portrait("teal"), delay=SLOW_SECONDS))
        for channel in flooded:
            await stage.request(channel, "The flood rises.")
        await wait_until(lambda: len(stage.asked_now("The flood rises.")) >= CONCURRENCY // 2, timeout=TIMEOUT_SECONDS)

        await stage.request(elsewhere, "The gate opens.")
        await stage.asked("The gate opens.")
        at_work = len(stage.asked_now("The flood rises."))

        assert at_work == CONCURRENCY // 2, "it did not even wait for one of them"
