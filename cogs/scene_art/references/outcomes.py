"""What is remembered of a reference, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from ..domain.painting import Picture
from ..errors import ReferenceUnavailableError


@dataclass(frozen=True, slots=True)
class CacheRules:
    """How long and how much a `ReferenceLoader` remembers."""

    entries: int = 512
    failures_for: timedelta = timedelta(seconds=30)
    """For problems that another try would not cure; the others are not remembered at all."""
    linger: timedelta = timedelta(minutes=10)
    """How long a file stays after it left the cache: a scene that is being painted may still read it."""


DEFAULT_RULES: Final = CacheRules()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What loading gave, and until when (monotonic seconds) that is worth remembering."""

    until: float
    picture: Picture | None = None
    problem: ReferenceUnavailableError | None = None
    used: float = 0.0
    """When somebody last had it (monotonic seconds)."""

    def unwrap(self) -> Picture:
        """The picture; raises the problem when there is none."""
        if self.picture is not None:
            return self.picture
        assert self.problem is not None  # noqa: S101 - one of the two is set
        # A fresh error each time: a shared one would gather the tracebacks of everybody who met it.
        raise type(self.problem)(self.problem.detail, sentence=self.problem.sentence)
