"""Hostile addresses, servers and files, played to a whole bot: each picture is posted, with the good portrait in it."""

from __future__ import annotations

import asyncio

import pytest

from sandbox import Channel
from tests.hostile.cases import GOOD_PATH, Case, Expected, cases
from tests.hostile.shooting_range import Neighbourhood, neighbourhood
from tests.stage import Stage, open_stage

AT_ONCE = 63
"""With the good one as many as an event may name."""
SOON_SECONDS = 120.0


async def test_the_good_portrait_arrives_beside_every_hostile_one_and_the_canary_is_silent(redis_url: str) -> None:
    async with neighbourhood() as around:
        given = cases(around.canary, around.server)
        async with open_stage(redis_url, trusted_hosts=around.trusted, cooldown_seconds=0) as stage:
            batches = [given[at : at + AT_ONCE] for at in range(0, len(given), AT_ONCE)]
            channels = [stage.channel(f"story-{number}") for number in range(len(batches))]
            async with asyncio.timeout(SOON_SECONDS):
                await asyncio.gather(
                    *(draw(stage, around, place, batch) for place, batch in zip(channels, batches, strict=True))
                )
            gemini = int(stage.sandbox.gemini.base_url.rpartition(":")[2])
    assert around.astray() - {("127.0.0.1", gemini)} == set()


async def draw(stage: Stage, around: Neighbourhood, channel: Channel, batch: list[Case]) -> None:
    """One request with all of the batch, and the good one last."""
    urls = [*(case.url for case in batch), around.server.url(GOOD_PATH) + f"?{channel.id}"]
    names = [f"Guest {number}" for number in range(len(urls))]
    await stage.request(channel, "A feast.", character_urls=urls, character_names=names)
    await stage.pictures(channel)
    await stage.settled(channel)
    [scene] = await stage.scenes(channel)
    arrived = {ref["name"]: ref["arrived"] for ref in scene["brief"]["references"] if ref["role"] == "character"}
    assert arrived[names[-1]], "the good one"
    wrong = {
        case.name: arrived.get(name)
        for case, name in zip(batch, names, strict=False)
        if case.expected is not Expected.EITHER and arrived.get(name) is not (case.expected is Expected.PICTURE)
    }
    assert wrong == {}


@pytest.mark.parametrize("place", ["narrative", "game state"])
async def test_addresses_are_as_harmless_wherever_they_come_from(redis_url: str, place: str) -> None:
    async with neighbourhood() as around:
        bad = f"http://127.0.0.1:{around.canary.port}/a.png"
        good = around.server.url(GOOD_PATH)
        cases(around.canary, around.server)
        async with open_stage(redis_url, trusted_hosts=around.trusted, fallback_seconds=0.2) as stage:
            channel = stage.channel()
            if place == "narrative":
                await stage.request(channel, f"A feast. ![map]({bad}) and {good} here.")
            else:
                await stage.remember(f"game:session:{channel.id}", {"active": True, "players": ["1", "2"]})
                await stage.remember("game:character:1", {"name": "Mira", "image_url": bad})
                await stage.remember("game:character:2", {"name": "Tobin", "image_url": good})
                await stage.turn(channel, "A feast.")
            await stage.pictures(channel)
            await stage.settled(channel)
            [scene] = await stage.scenes(channel)
            references = [ref for ref in scene["brief"]["references"] if ref["role"] != "game_master"]
            assert [ref["arrived"] for ref in references] == [False, True]
            gemini = int(stage.sandbox.gemini.base_url.rpartition(":")[2])
    assert around.astray() - {("127.0.0.1", gemini)} == set()
