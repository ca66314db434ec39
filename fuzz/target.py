"""What is fuzzed: a maker of inputs, and a trial that knows what must hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

Corpus = Sequence[bytes]


class BrokenPromiseError(AssertionError):
    """What was accepted is not as it must be."""


@dataclass(frozen=True)
class Target:
    """One reader of input. All three functions stand in a module's top level; a worker process imports them."""

    name: str
    share: int
    """Of the inputs of a whole run, in relation to the other targets'."""
    seconds: float
    """Of processor time for one input; more is a hang."""
    corpus: Callable[[Path], Corpus]
    """The inputs to begin with, always the same ones. May use the folder."""
    mutate: Callable[[Random, Corpus], bytes]
    """One input; the same one for the same dice."""
    trial: Callable[[bytes, Path], bool]
    """Whether the input was accepted; False when it was refused in the way that is documented.

    Raises:
        BrokenPromiseError: it was accepted, and something that must hold does not.
        Exception: anything else is a finding as well.
    """

    def input(self, seed: int, number: int, corpus: Corpus) -> bytes:
        """The input with that number: it follows from the seed alone."""
        return self.mutate(Random(f"{seed} {self.name} {number}"), corpus)


def promise(kept: object, what: str) -> None:
    """Raise `BrokenPromiseError` unless `kept`."""
    if not kept:
        raise BrokenPromiseError(what)
