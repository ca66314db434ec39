"""Everything that a hostile player, name server or web server could do to whoever fetches a portrait."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.hostile import pictures
from tests.hostile.addresses import ZONE
from tests.hostile.cases import TITLES, Case, Expected
from tests.hostile.shooting_range import Range, Seen, shooting_range

pytestmark = pytest.mark.asyncio(loop_scope="module")

SUMMARY = Path(__file__).parents[3] / "docs" / "hostile-input.md"
MOST_MEGABYTES = 250
MOST_SECONDS = 95.0


class Shot:
    """All cases at once, and what became of them."""

    def __init__(self, opened: Range, seen: dict[Case, Seen]) -> None:
        self.range = opened
        self.seen = seen
        self.megabytes = opened.peak()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shot() -> AsyncIterator[Shot]:
    async with shooting_range() as opened:
        idle = opened.peak()
        async with asyncio.timeout(MOST_SECONDS):
            seen = await asyncio.gather(*(opened.load(case) for case in opened.cases))
        result = Shot(opened, dict(zip(opened.cases, seen, strict=True)))
        result.megabytes -= idle
        yield result


async def test_there_are_many(shot: Shot) -> None:
    kinds = [case.kind for case in shot.seen]
    assert sum(kind in {"address", "disguise", "name", "redirect"} for kind in kinds) >= 60
    assert sum(kind in {"answer", "picture"} for kind in kinds) >= 70


async def test_the_summary_counts_them(shot: Shot) -> None:
    text = SUMMARY.read_text(encoding="utf-8")
    counts = Counter(case.kind for case in shot.seen)
    assert counts.keys() == TITLES.keys()
    assert f"- {counts.total()} cases, 0 not as expected" in text
    assert all(f"| {title} | {counts[kind]} |" in text for kind, title in TITLES.items())


async def test_no_connection_was_so_much_as_tried_except_to_the_trusted_server(shot: Shot) -> None:
    """Told by Python itself, of every connection of the process, whoever opens it; and by a canary that counts."""
    assert shot.range.around.astray() == set()
    assert shot.range.around.attempts(), "the trusted one was reached, so that attempts are seen"


async def test_each_comes_to_what_is_expected(shot: Shot) -> None:
    wrong = {
        f"{case.kind}: {case.name}": seen.sentence or "a picture"
        for case, seen in shot.seen.items()
        if not as_expected(case, seen)
    }
    assert wrong == {}


def as_expected(case: Case, seen: Seen) -> bool:
    """Check that a picture came where one was expected, and a text for people where not."""
    if case.expected is Expected.EITHER:
        return True
    return (seen.picture is not None) is (case.expected is Expected.PICTURE) and bool(seen.sentence or seen.picture)


async def test_nothing_goes_on_but_pixels(shot: Shot) -> None:
    for case, seen in shot.seen.items():
        if seen.picture is not None:
            assert pictures.MARKER not in seen.shown, case.name
            assert max(seen.picture.width, seen.picture.height) <= 1_536, case.name
            assert len(seen.shown) <= 1_000_000, case.name
            assert seen.shown.startswith((b"\x89PNG", b"\xff\xd8\xff", b"RIFF")), case.name


async def test_nothing_is_told_to_the_servers_but_what_is_asked_for(shot: Shot) -> None:
    heads = [asked.head.lower() for asked in shot.range.around.server.asked]
    assert len(heads) > 100
    for head in heads:
        names = {line.partition(":")[0] for line in head.split("\r\n")[1:] if line}
        assert names == {"host", "accept", "accept-encoding", "user-agent", "connection"}
        assert "accept-encoding: identity" in head


async def test_the_names_were_really_looked_up(shot: Shot) -> None:
    asked = shot.range.around.names.asked
    assert set(ZONE) - set(asked) == set()


async def test_all_of_them_together_take_little_memory(shot: Shot) -> None:
    assert shot.megabytes < MOST_MEGABYTES
