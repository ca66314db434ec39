"""Cached outcomes of loading references."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from ..domain.painting import Picture
from ..errors import ReferenceUnavailableError


@dataclass(frozen=True, slots=True)
class CacheRules:
    """The size and the times of a `ReferenceLoader`'s cache."""

    entries: int = 512
    failures_for: timedelta = timedelta(seconds=30)
    """Time for which lasting problems are cached. Others are not cached at all."""
    linger: timedelta = timedelta(minutes=10)
    """Time for which a file stays after it left the cache, since a scene under way may still read it."""


DEFAULT_RULES: Final = CacheRules()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of loading: a picture or a problem, valid until `until` (monotonic seconds)."""

    until: float
    picture: Picture | None = None
    problem: ReferenceUnavailableError | None = None
    used: float = 0.0
    """The time of its last use (monotonic seconds)."""

    def unwrap(self) -> Picture:
        """Return the picture, or raise the problem."""
        if self.picture is not None:
            return self.picture
        assert self.problem is not None  # noqa: S101 - one of the two is set
        # A fresh error each time: a shared one would gather the tracebacks of all its callers.
        raise type(self.problem)(self.problem.detail, sentence=self.problem.sentence)
