"""Some of every kind of hostility, played to a whole bot; `make faults` plays all of it."""

from __future__ import annotations

from tests.hostile.cases import GOOD_PATH, Case, Expected, cases
from tests.hostile.shooting_range import Neighbourhood, neighbourhood
from tests.stage import Stage, open_stage

MOST = 63
"""With the good one as many as an event may name."""


async def test_the_picture_is_posted_with_the_good_portrait_and_nobody_else_is_reached() -> None:
    async with neighbourhood() as around:
        chosen = some_of(cases(around.canary, around.server))
        async with open_stage(trusted_hosts=around.trusted) as stage:
            arrived = await drawn(stage, around, chosen)
            gemini = int(stage.sandbox.gemini.base_url.rpartition(":")[2])
    assert around.astray() - {("127.0.0.1", gemini)} == set()
    assert arrived["the good one"]
    wrong = {
        case.name: arrived[f"guest {number}"]
        for number, case in enumerate(chosen)
        if case.expected is not Expected.EITHER
        and arrived[f"guest {number}"] is not (case.expected is Expected.PICTURE)
    }
    assert wrong == {}


def some_of(given: list[Case]) -> list[Case]:
    """As many as one event may name, evenly out of all quick ones."""
    quick = [case for case in given if not case.slow]
    step = len(quick) / MOST
    return [quick[int(number * step)] for number in range(MOST)]


async def drawn(stage: Stage, around: Neighbourhood, chosen: list[Case]) -> dict[str, bool]:
    """Play one request, and tell for each of its cast whether it is in the posted picture."""
    channel = stage.channel()
    names = [f"guest {number}" for number in range(len(chosen))]
    await stage.request(
        channel,
        "A feast.",
        character_urls=[*(case.url for case in chosen), around.server.url(GOOD_PATH)],
        character_names=[*names, "the good one"],
    )
    [posted] = await stage.pictures(channel)
    assert posted.attachments
    await stage.settled(channel)
    [scene] = await stage.scenes(channel)
    return {ref["name"]: ref["arrived"] for ref in scene["brief"]["references"]}
