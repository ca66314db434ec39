"""`python -m tests.hostile`: try every case in the real workshop process and write down what happened.

The whole table goes into `build/hostile-input.md`, a summary of it into `docs/hostile-input.md`.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

from cogs.scene_art.references.problems import NOT_A_PICTURE, NOT_ALLOWED, NOT_REACHED, TOO_LARGE
from tests.hostile.cases import TITLES, Case
from tests.hostile.shooting_range import Range, Seen, shooting_range
from tests.processes.hostile.test_references import as_expected

ROOT = Path(__file__).parents[2]
SUMMARY, WHOLE = ROOT / "docs" / "hostile-input.md", ROOT / "build" / "hostile-input.md"
HEAD = """\
# Hostile input: what was tried, and what happened

Written by `python -m tests.hostile`, which plays all of this to the worker process that opens addresses: with a name
server, a canary and a web server on loopback that is also the open internet, and with Python's own word on every
connection that the process tries. `make test` does the same, and `make faults` plays it to a whole bot, each time
with a good portrait beside it.
"""
HEAD_OF_SUMMARY = f"""{HEAD}
Every case with its time and its memory is in `build/hostile-input.md` afterwards; the cases themselves are in
`tests/hostile/`.
"""
HEAD_OF_WHOLE = f"""{HEAD}
The milliseconds are of a shared machine. The megabytes are by how much the process grew at its highest.
"""
SHORT: dict[str, str] = {
    NOT_ALLOWED: "refused, nobody asked",
    NOT_REACHED: "given up",
    TOO_LARGE: "too large",
    NOT_A_PICTURE: "no picture",
}


async def main() -> int:
    async with shooting_range() as opened:
        seen = await _one_by_one(opened)
        astray = opened.around.astray()
    # Another process, since this one remembers what it has seen.
    async with shooting_range() as opened:
        idle = opened.reset_peak()
        await asyncio.gather(*(opened.load(case) for case in opened.cases))
        together = opened.peak() - idle
        astray |= opened.around.astray()
    unexpected = [case.name for case, what in seen.items() if not as_expected(case, what)]
    summary = [
        f"- {len(seen)} cases, {len(unexpected)} not as expected",
        f"- connections tried to anybody but the trusted and the public server, the canary among them: {len(astray)}",
    ]
    memory = f"- all of them at once: {together:.0f} MB above idle"
    SUMMARY.write_text("\n".join([HEAD_OF_SUMMARY, *summary, "", *_counts(seen), ""]), encoding="utf-8")
    WHOLE.parent.mkdir(exist_ok=True)
    WHOLE.write_text("\n".join([HEAD_OF_WHOLE, *summary, memory, "", *_tables(seen), ""]), encoding="utf-8")
    print(*summary, memory, *unexpected, f"All of it is in {WHOLE.relative_to(ROOT)}.", sep="\n")  # noqa: T201
    return 1 if unexpected or astray else 0


async def _one_by_one(opened: Range) -> dict[Case, Seen]:
    """Each quick case alone, so that its figures are its own; the slow ones side by side."""
    seen = {case: await opened.load(case) for case in opened.cases if not case.slow}
    slow = [case for case in opened.cases if case.slow]
    return seen | dict(zip(slow, await asyncio.gather(*(opened.load(case) for case in slow)), strict=True))


def _counts(seen: dict[Case, Seen]) -> list[str]:
    lines = ["| what | cases | what became of them |", "| --- | ---: | --- |"]
    for kind, title in TITLES.items():
        ends = Counter("a picture" if what.picture else _end(what) for case, what in seen.items() if case.kind == kind)
        told = "; ".join(f"{count} {end}" for end, count in ends.most_common())
        lines.append(f"| {title} | {ends.total()} | {told} |")
    return lines


def _tables(seen: dict[Case, Seen]) -> list[str]:
    lines: list[str] = []
    counts = Counter(case.kind for case in seen)
    for kind, title in TITLES.items():
        lines += [f"## {title} ({counts[kind]})", ""]
        lines += ["| case | expected | seen | ms | MB |", "| --- | --- | --- | ---: | ---: |"]
        lines += [_row(case, what) for case, what in seen.items() if case.kind == kind]
        lines.append("")
    return lines[:-1]


def _row(case: Case, seen: Seen) -> str:
    what = f"{seen.picture.width} by {seen.picture.height} pixels" if seen.picture else _end(seen)
    return f"| {case.name} | {case.expected} | {what} | {seen.milliseconds:.0f} | {seen.megabytes:.0f} |"


def _end(seen: Seen) -> str:
    return SHORT.get(seen.sentence, "given up")


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
