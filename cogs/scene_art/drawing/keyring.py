"""Which of Gemini's keys is asked next: what is known of each is shared by all processes on one Redis.

A key is told by a mark, a hash that cannot be turned back; no key is ever written down. While Redis is away, a process
goes by what it knows itself.

    {namespace}:{keys}:parked:<mark>:<model>   until when a quota lasts, with that time to live
    {namespace}:{keys}:benched:<mark>          the key was turned away for good
    {namespace}:{keys}:retired:<model>         the service does not know the model
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Sequence

from ..errors import ConfigurationError, KeyRejectedError, ModelRetiredError, QuotaError, SceneArtError, TransientError
from ..painters import Brush
from ..storage.connection import RedisClient
from ..storage.patience import within_patience
from ..storage.reading import get_at_most, sound_pipeline, values
from ..storage.records import read_time

log = logging.getLogger(__name__)

PARKED_SECONDS = 60.0
"""For a quota whose delay the service did not name."""
SHORTEST_PARKED_SECONDS = 1.0
BENCHED_SECONDS = 6 * 3600
"""A key that needs its owner's hand is tried again after this, and after a restart."""
LONGEST_REST_SECONDS = 26 * 3600
"""A daily quota lasts until midnight in California; a rest that is longer is none of ours."""
TIME_BYTES = 64


class KeyRing:
    """Chooses a key and a model, and remembers which ones rest."""

    def __init__(
        self,
        client: RedisClient,
        *,
        namespace: str,
        keys: Sequence[str],
        models: Sequence[str],
        now: Callable[[], float] = time.time,
    ) -> None:
        """`models` in the order of preference. Without keys (the built-in painter) everything is always free."""
        self._client = client
        self._prefix = f"{namespace}:{{keys}}"
        self._marks = [hashlib.sha256(f"{namespace} {key}".encode()).hexdigest()[:16] for key in keys]
        self._models = tuple(models)
        self._now = now
        self._until: dict[str, float] = {}
        """What this process found out itself: until when, by the name in Redis."""

    def __repr__(self) -> str:
        return f"KeyRing({len(self._marks)} keys)"

    async def choose(self, *, without: frozenset[str] = frozenset(), rejected: frozenset[Brush] = frozenset()) -> Brush:
        """The first free key of the first model that has one; models in `without` are passed over.

        When nothing else is left, what was turned away for good is tried again, except for what this scene was
        `rejected` with itself: one odd answer must not switch the pictures off until a restart.

        Raises:
            QuotaError: all rest; `retry_after` says when the first one is free.
            ConfigurationError: everything was turned away.
        """
        if not self._marks:
            return Brush(model=self._models[0])
        rests = await self._rests()
        brushes = [Brush(model=m, key=key) for m in self._models if m not in without for key in range(len(self._marks))]
        brushes = [brush for brush in brushes if brush not in rejected]
        sound = [brush for brush in brushes if not self._is_turned_away(brush, rests)]
        parked = {brush: rests.get(self._parked(brush), 0.0) for brush in sound}
        free = next((brush for brush in sound if not parked[brush]), None) or (
            None if sound else next(iter(brushes), None)
        )
        if free is not None:
            return free
        if not sound:
            raise ConfigurationError("no Gemini key and model is left that works")
        wait = max(SHORTEST_PARKED_SECONDS, min(parked.values()) - self._now())
        raise QuotaError(f"all Gemini keys rest; the first is free in {wait:.0f} s", retry_after=wait)

    def _is_turned_away(self, brush: Brush, rests: dict[str, float]) -> bool:
        return self._name("benched", self._marks[brush.key]) in rests or self._name("retired", brush.model) in rests

    def _parked(self, brush: Brush) -> str:
        return self._name("parked", self._marks[brush.key], brush.model)

    async def set_aside(self, brush: Brush, exc: SceneArtError) -> bool:
        """Let the key or the model rest if `exc` is about it; whether it was."""
        if not self._marks:
            return False
        if isinstance(exc, QuotaError):
            seconds = max(SHORTEST_PARKED_SECONDS, min(exc.retry_after or PARKED_SECONDS, LONGEST_REST_SECONDS))
            if await self._rest(self._parked(brush), seconds):
                log.warning("Gemini key %d rests for %.0f s: %s", brush.key + 1, seconds, exc.detail)
        elif isinstance(exc, KeyRejectedError):
            if await self._rest(self._name("benched", self._marks[brush.key]), BENCHED_SECONDS):
                log.error("Gemini key %d is left out: %s", brush.key + 1, exc.detail)
        elif isinstance(exc, ModelRetiredError):
            if await self._rest(self._name("retired", brush.model), BENCHED_SECONDS):
                log.error("Gemini's model %s is left out: %s", brush.model, exc.detail)
        else:
            return False
        return True

    async def forgive(self) -> None:
        """Try everything again that only its owner can have mended. Called at start; quotas stay as they are."""
        names = [self._name("benched", mark) for mark in self._marks]
        names += [self._name("retired", model) for model in self._models]
        pipe = self._client.pipeline()
        pipe.delete(*names)
        async with within_patience():
            await pipe.execute()

    def _name(self, kind: str, *rest: str) -> str:
        return ":".join((self._prefix, kind, *rest))

    async def _rests(self) -> dict[str, float]:
        """Until when what rests, as all processes know it together."""
        now = self._now()
        self._until = {name: until for name, until in self._until.items() if until > now}
        names = [self._name("parked", mark, model) for mark in self._marks for model in self._models]
        names += [self._name("benched", mark) for mark in self._marks]
        names += [self._name("retired", model) for model in self._models]
        try:
            async with within_patience():
                found = await values(self._client, names, TIME_BYTES)
        except TransientError:
            return dict(self._until)
        rests = (read_time(raw, now, LONGEST_REST_SECONDS) for raw in found)
        shared = dict(zip(names, rests, strict=True))
        return {name: until for name, until in shared.items() if until > now}

    async def _rest(self, name: str, seconds: float) -> bool:
        """Whether this is news to every process."""
        until = self._now() + seconds
        known = name in self._until
        self._until[name] = until
        pipe = sound_pipeline(self._client)
        get_at_most(self._client, pipe, name, TIME_BYTES)
        pipe.set(name, f"{until:.3f}", ex=max(1, int(seconds) + 1))
        try:
            async with within_patience():
                before, _ = await pipe.execute()
        except TransientError:
            return not known
        return not before
