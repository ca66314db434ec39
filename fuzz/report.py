"""The table of a run, what was missed, and the files that let a finding be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .target import Corpus, Target
from .watch import MB, Finding, Outcome

MOST_GROWTH_BYTES = 50 * MB
MOST_PEAK_BYTES = 250 * MB
_COLUMNS = ("target", "inputs", "accepted", "refused", "slowest ms", "growth MB", "peak MB", "findings")


def table(outcomes: Sequence[Outcome]) -> str:
    """One line for each target, and one for all."""
    rows = [_COLUMNS, *(_row(outcome) for outcome in outcomes), _row(_together(outcomes))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def _row(outcome: Outcome) -> tuple[str, ...]:
    return (
        outcome.target,
        f"{outcome.tried:,}",
        f"{outcome.accepted:,}",
        f"{outcome.refused:,}",
        f"{outcome.slowest_seconds * 1000:.0f}",
        f"{outcome.growth_bytes / MB:.1f}",
        f"{outcome.peak_bytes / MB:.0f}",
        f"{outcome.found:,}",
    )


def _together(outcomes: Sequence[Outcome]) -> Outcome:
    return Outcome(
        "all",
        sum(outcome.wanted for outcome in outcomes),
        sum(outcome.tried for outcome in outcomes),
        sum(outcome.accepted for outcome in outcomes),
        max(outcome.slowest_seconds for outcome in outcomes),
        max(outcome.growth_bytes for outcome in outcomes),
        max(outcome.peak_bytes for outcome in outcomes),
        found=sum(outcome.found for outcome in outcomes),
    )


def missed(outcome: Outcome, *, most_growth: int = MOST_GROWTH_BYTES, most_peak: int = MOST_PEAK_BYTES) -> list[str]:
    """What was promised and did not come true, in sentences."""
    broken = [f"{finding.target} {finding.number}: {finding.kind}" for finding in outcome.findings]
    if outcome.growth_bytes > most_growth:
        broken.append(f"{outcome.target}: memory grew by {outcome.growth_bytes / MB:.0f} MB")
    if outcome.peak_bytes > most_peak:
        broken.append(f"{outcome.target}: memory reached {outcome.peak_bytes / MB:.0f} MB above idle")
    if outcome.tried < outcome.wanted:
        broken.append(f"{outcome.target}: {outcome.tried:,} of {outcome.wanted:,} inputs were tried")
    return broken


def keep(finding: Finding, target: Target, seed: int, corpus: Corpus, folder: Path) -> Path:
    """Write the input and its story into `folder`; the path of the input."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{finding.target}-{seed}-{max(0, finding.number)}.bin"
    path.write_bytes(target.input(seed, finding.number, corpus) if finding.number >= 0 else b"")
    again = f"python -m fuzz --target {finding.target} --replay {path}"
    path.with_suffix(".txt").write_text(f"{finding.kind}\n{again}\n\n{finding.story}\n", encoding="utf-8")
    return path
