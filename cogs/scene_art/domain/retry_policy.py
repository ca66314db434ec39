"""The retry policy: the next request after an answer without a picture.

Pure. A blocked input is tried again without the reference that causes it. Of more than four candidates one half is left
out at a time, of fewer a single one, since a blocked request costs nothing and a passed one is paid. A blocked output
gets one softened try, an empty answer one more try, and a request that is too large one with smaller pictures. A
prohibited request is tried once without any reference, and is never repeated as it was.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..errors import (
    InputRefusedError,
    InvalidRequestError,
    LostAnswerError,
    NoImageError,
    ProhibitedError,
    RefusedError,
    RequestTooLargeError,
    SceneArtError,
    TierDeclinedError,
    TransientError,
    UnavailableError,
    UnreadableImageError,
)

PROBES = 6
"""Most requests in search of a blocked reference."""
ONE_BY_ONE = 4
EMPTY_ANSWERS = 1
"""Gemini's NO_IMAGE often passes with one more try, and seldom with two."""
LOST_ANSWERS = 1
"""Most repetitions of a request that may have been paid."""


@dataclass(frozen=True)
class RequestVariant:
    """The differences of a request from the first one."""

    without: frozenset[int] = frozenset()
    """Members of the cast, by index, whose pictures are left out."""
    softened: bool = False
    smaller: bool = False
    """True: the pictures are scaled down."""
    is_standard: bool = False
    """True: the request uses the standard tier, since the service declined the relaxed one."""


class RetryPolicy:
    """The state of one scene's requests, from the first one to a picture or to the last failure."""

    def __init__(self, candidates: Sequence[int], *, attempts: int, prohibited: int = 0) -> None:
        """`candidates` are the indexes of cast members with a picture, the likeliest culprit first. `attempts` limits
        the requests that end in a `TransientError`. `prohibited` counts such answers in earlier runs, at most one."""
        self.variant = RequestVariant(without=frozenset(candidates) if prohibited else frozenset())
        self._prohibited = prohibited
        self._has_picture = False
        self._all = tuple(candidates)
        self._candidates = tuple(candidates)
        self._attempts = attempts
        self._failures = 0
        self._probes = 0
        self._empty = 0
        self._lost = 0

    def passed(self) -> bool:
        """Note that a picture came. True: show it; False: try `variant`, which leaves fewer references out."""
        self._has_picture = True
        if self._prohibited:
            return True
        left_out = tuple(index for index in self._candidates if index in self.variant.without)
        if len(left_out) <= 1 or self._probes >= PROBES:
            return True
        self._candidates = left_out
        return not self._leave_out_next()

    def after(self, exc: SceneArtError) -> float | None:
        """Return the seconds to wait before the next request, which `variant` describes; None to give up."""
        if isinstance(exc, RefusedError):
            return 0.0 if self._has_other_variant(exc) else None
        if isinstance(exc, TierDeclinedError):
            self.variant = replace(self.variant, is_standard=True)
            return 0.0
        if isinstance(exc, TransientError):
            return self._be_patient(exc)
        return None

    def _has_other_variant(self, exc: RefusedError) -> bool:
        """Set `variant` to another way to ask; False when there is none."""
        if isinstance(exc, ProhibitedError) or self._prohibited:
            return self._ask_without_any(exc)
        if isinstance(exc, InputRefusedError):
            may_soften = not self._has_picture and not isinstance(exc, UnreadableImageError)
            return self._search() or (may_soften and self._soften())
        if isinstance(exc, NoImageError):
            self._empty += 1
            return self._empty <= EMPTY_ANSWERS
        if isinstance(exc, RequestTooLargeError):
            return self._shrink()
        return not isinstance(exc, InvalidRequestError) and self._soften()

    def _ask_without_any(self, exc: RefusedError) -> bool:
        """Set `variant` to the text alone; False when the text alone was prohibited already."""
        was_prohibited, self._prohibited = self._prohibited, self._prohibited + isinstance(exc, ProhibitedError)
        everything = frozenset(self._all)
        if was_prohibited or self.variant.softened or self.variant.without >= everything:
            return False
        self.variant = replace(self.variant, without=everything)
        return True

    def _shrink(self) -> bool:
        if self.variant.smaller or self.variant.without >= frozenset(self._all):
            return False
        self.variant = replace(self.variant, smaller=True)
        return True

    def reset(self) -> None:
        """Forget the failures that depend on the model: another one is asked from here on."""
        self._failures = self._empty = 0

    def _search(self) -> bool:
        """Leave the next candidates out; False when none is left."""
        if self.variant.without:
            self._candidates = tuple(index for index in self._candidates if index not in self.variant.without)
        return self._leave_out_next()

    def _leave_out_next(self) -> bool:
        if self._probes >= PROBES:
            return False
        if self._candidates:
            count = 1 if len(self._candidates) <= ONE_BY_ONE else len(self._candidates) // 2
            chosen = frozenset(self._candidates[:count])
        else:
            # No single candidate was to blame: several are blocked, or the text is. Leave all of them out.
            chosen = frozenset(self._all)
            if self._has_picture or len(chosen) <= 1 or chosen == self.variant.without:
                return False
        self._probes += 1
        self.variant = replace(self.variant, without=chosen)
        return True

    def _soften(self) -> bool:
        if self.variant.softened:
            return False
        self.variant = replace(self.variant, softened=True)
        return True

    def _be_patient(self, exc: TransientError) -> float | None:
        """Return a growing pause with jitter, so that channels do not retry in step; None to give up."""
        self._failures += 1
        self._lost += isinstance(exc, LostAnswerError)
        if self._failures >= self._attempts or self._lost > LOST_ANSWERS:
            return None
        if isinstance(exc, UnavailableError):
            return 0.0  # the circuit breaker says when
        return 2.0 ** (self._failures - 1) * random.uniform(0.8, 1.3)  # noqa: S311  # no secret depends on it
