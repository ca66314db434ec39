"""Each hostile reference in a request of its own, with a good one beside it, as a game would publish it."""

from __future__ import annotations

import asyncio

from tests.hostile.cases import GOOD_PATH, Case, Expected, cases
from tests.hostile.shooting_range import neighbourhood
from tests.stage import Stage, open_stage

EVERY = 3
AT_ONCE = 24
SOON_SECONDS = 150.0


async def test_each_request_gets_its_picture_with_the_good_one_in_it(redis_url: str) -> None:
    async with neighbourhood() as around:
        given = cases(around.canary, around.server)
        chosen = [case for number, case in enumerate(given) if case.slow or number % EVERY == 0]
        good = around.server.url(GOOD_PATH)
        async with open_stage(redis_url, trusted_hosts=around.trusted, cooldown_seconds=0) as stage:
            places = asyncio.Semaphore(AT_ONCE)
            async with asyncio.timeout(SOON_SECONDS):
                arrived = await asyncio.gather(*(requested(stage, case, good, places) for case in chosen))
            gemini = int(stage.sandbox.gemini.base_url.rpartition(":")[2])
    assert around.astray() - {("127.0.0.1", gemini)} == set()
    seen = dict(zip((f"{case.kind}: {case.name}" for case in chosen), arrived, strict=True))
    assert len(seen) > 150
    assert [name for name, (_, good_one) in seen.items() if not good_one] == []
    wrong = {
        name: hostile
        for case, (name, (hostile, _)) in zip(chosen, seen.items(), strict=True)
        if case.expected is not Expected.EITHER and hostile is not (case.expected is Expected.PICTURE)
    }
    assert wrong == {}


async def requested(stage: Stage, case: Case, good: str, places: asyncio.Semaphore) -> tuple[bool, bool]:
    """Play a scene, and tell whether the hostile reference and the good one are in the posted picture."""
    async with places:
        channel = stage.channel()
        await stage.request(
            channel,
            "A feast.",
            character_urls=[case.url, f"{good}?{channel.id}"],
            character_names=["Vex", "Mira"],
        )
        await stage.picture(channel)
        await stage.settled(channel)
        [scene] = await stage.scenes(channel)
    arrived = {ref["name"]: ref["arrived"] for ref in scene["brief"]["references"]}
    return arrived["Vex"], arrived["Mira"]
