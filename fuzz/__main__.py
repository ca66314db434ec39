"""`python -m fuzz --inputs 110000 --seed 7`; the exit code is 1 when anything was found or left out."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from .report import keep, missed, table
from .target import Target
from .targets import TARGETS
from .watch import Outcome, run

FINDINGS = Path("fuzz-findings")


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=110_000, help="of all targets together")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1800.0, help="begin nothing any more after so long")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--target", choices=[target.name for target in TARGETS], help="this one alone")
    parser.add_argument("--replay", type=Path, help="try the input in this file, in this process")
    return parser.parse_args(given)


def fuzz(given: argparse.Namespace) -> list[str]:
    """One run, printed; what was missed."""
    chosen = [target for target in TARGETS if given.target in (None, target.name)]
    outcomes, began, complaints = [], time.monotonic(), []
    for target in chosen:
        left = given.seconds - (time.monotonic() - began)
        inputs = -(-given.inputs * target.share // sum(other.share for other in chosen))
        outcome = run(target, inputs=inputs, seed=given.seed, workers=given.workers, seconds=left)
        outcomes.append(outcome)
        complaints += missed(outcome)
        tell(target, outcome, given.seed)
    print(table(outcomes))
    print(f"seed {given.seed} · seconds {time.monotonic() - began:.0f}")
    return complaints


def tell(target: Target, outcome: Outcome, seed: int) -> None:
    """Keep and print the findings of one target."""
    if not outcome.findings:
        return
    with tempfile.TemporaryDirectory() as scratch:
        corpus = target.corpus(Path(scratch))
        for finding in outcome.findings:
            print(f"{finding.kind}: {keep(finding, target, seed, corpus, FINDINGS)}")


def replay(target: Target, path: Path) -> None:
    """Try one input here, so that a debugger can look on."""
    with tempfile.TemporaryDirectory() as scratch:
        print("accepted" if target.trial(path.read_bytes(), Path(scratch)) else "refused")


def main() -> int:
    """0 when nothing was found."""
    given = arguments()
    if given.replay is not None:
        replay(next(target for target in TARGETS if target.name == (given.target or TARGETS[0].name)), given.replay)
        return 0
    complaints = fuzz(given)
    for complaint in complaints:
        print(f"missed: {complaint}")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
