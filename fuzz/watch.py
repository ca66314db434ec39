"""Has a target's inputs tried in worker processes, and outlives whatever these do."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from multiprocessing.sharedctypes import RawValue

from .memory import processor_seconds
from .target import Target
from .worker import RenderProgress, Slate, work

LOOK_EVERY_SECONDS = 0.05
PATIENCE = 6.0
"""On a busy machine an input takes longer than its processor time; after so many times as long it does hang."""
MOST_FINDINGS = 20
"""Of one target; then it is left."""
MOST_ALIKE = 3
"""Findings of the same place that are kept; others of it are counted."""
MB = 1_000_000


@dataclass(frozen=True)
class Finding:
    """An input that did what no input may do."""

    target: str
    number: int
    kind: str
    """`exception`, `crash` or `hang`."""
    story: str

    @property
    def place(self) -> str:
        """Where it was raised; of crashes and hangs, that it was one."""
        frames = [line.strip() for line in self.story.splitlines() if line.startswith("  File ")]
        return frames[-1] if frames else self.kind


@dataclass
class Outcome:
    """What became of one target's inputs."""

    target: str
    wanted: int
    tried: int = 0
    accepted: int = 0
    slowest_seconds: float = 0.0
    growth_bytes: int = 0
    """Of the worker that grew most: at its end, above what it held when it was warm."""
    peak_bytes: int = 0
    """Of the worker that held most: above what it held before its first input."""
    findings: list[Finding] = field(default_factory=list)
    found: int = 0
    """How many there were; of many alike only some are among `findings`."""

    @property
    def refused(self) -> int:
        """Inputs that were turned away as they should be."""
        return self.tried - self.accepted - self.found

    def add(self, finding: Finding) -> None:
        """Count it, and keep it unless there are enough like it."""
        self.found += 1
        if sum(other.place == finding.place for other in self.findings) < MOST_ALIKE:
            self.findings.append(finding)


class Runner:
    """One worker after another for one share of a target's inputs."""

    def __init__(self, job: RenderProgress, outcome: Outcome) -> None:
        self._job = job
        self._outcome = outcome
        self._spawn()

    def _spawn(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._findings: Connection
        self._findings, sender = context.Pipe(duplex=False)
        self._slate = RawValue(Slate)
        self._slate.number = -1
        self._process: BaseProcess = context.Process(target=work, args=(self._job, self._slate, sender), daemon=True)
        self._process.start()
        sender.close()

    @property
    def sentinel(self) -> int:
        """Ready when the worker has ended."""
        return self._process.sentinel

    def look(self) -> bool:
        """Take in what is new; False when this share is done."""
        alive = self._process.is_alive()
        self._listen()
        if alive and not self._hangs():
            return len(self._outcome.findings) < MOST_FINDINGS or self._give_up()
        number = self._slate.number
        if alive:
            self._process.kill()
        self._process.join()
        self._add_up()
        return self._after_the_end(number, hung=alive)

    def _give_up(self) -> bool:
        self._process.kill()
        self._process.join()
        self._add_up()
        return False

    def _after_the_end(self, number: int, *, hung: bool) -> bool:
        if number < 0:
            if self._process.exitcode:
                self._found(number, "crash", f"the worker could not begin, or could not end: {self._process.exitcode}")
            return False
        self._outcome.tried += 1
        story = "it took too long" if hung else f"the process ended with {self._process.exitcode}"
        self._found(number, "hang" if hung else "crash", story)
        self._job = replace(self._job, start=number + self._job.step)
        if self._job.start >= self._job.end or len(self._outcome.findings) >= MOST_FINDINGS:
            return False
        self._spawn()
        return True

    def _listen(self) -> None:
        try:
            while self._findings.poll():
                number, story = self._findings.recv()
                self._found(number, "exception", story)
        except (EOFError, OSError):
            return

    def _found(self, number: int, kind: str, story: str) -> None:
        self._outcome.add(Finding(self._outcome.target, number, kind, story))

    def _hangs(self) -> bool:
        number, began, began_processor = self._slate.number, self._slate.began, self._slate.began_processor
        if number < 0:
            return False
        limit = self._job.target.seconds
        used = processor_seconds(self._process.pid or 0)
        late = time.monotonic() - began
        long = late > limit and used is not None and used - began_processor > limit
        # The slate may have been written while it was read.
        return bool((long or late > limit * PATIENCE) and self._slate.number == number)

    def _add_up(self) -> None:
        slate, outcome = self._slate, self._outcome
        outcome.tried += slate.tried
        outcome.accepted += slate.accepted
        outcome.slowest_seconds = max(outcome.slowest_seconds, slate.slowest)
        if slate.last:
            outcome.growth_bytes = max(outcome.growth_bytes, slate.last - slate.warm)
            outcome.peak_bytes = max(outcome.peak_bytes, slate.peak - slate.idle)


def run(target: Target, *, inputs: int, seed: int, workers: int, seconds: float) -> Outcome:
    """Try `inputs` inputs of `target`, at most `seconds` long. Blocking; leaves no process behind."""
    outcome = Outcome(target.name, inputs)
    runners = [Runner(job, outcome) for job in _shares(target, inputs, seed, workers, time.monotonic() + seconds)]
    while runners:
        wait([runner.sentinel for runner in runners], timeout=LOOK_EVERY_SECONDS)
        runners = [runner for runner in runners if runner.look()]
    return outcome


def _shares(target: Target, inputs: int, seed: int, workers: int, deadline: float) -> Iterator[RenderProgress]:
    for first in range(min(workers, inputs)):
        yield RenderProgress(target, seed, first, inputs, min(workers, inputs), deadline)
