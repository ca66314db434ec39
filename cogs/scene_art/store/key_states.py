"""The state of each key and model, in Redis for all processes, and here for a process whose Redis is away."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress

from ..domain.circuit_breaker import KEPT_SECONDS, Circuit, read_circuit
from ..domain.painting import ModelAndKey
from ..errors import TransientError
from .connection import RedisClient
from .reading import get_at_most, small_values, sound_pipeline, transaction
from .records import read_time
from .timeouts import within_timeout

LONGEST_REST_SECONDS = 26 * 3600
"""Upper limit of a delay. A daily quota lasts until midnight in California, so a longer delay is corrupt."""
VALUE_BYTES = 96
RECENT_SECONDS = 0.2
"""Waiting callers share one look at Redis as long as it is so fresh."""


class KeyStates:
    """The states of all keys and models, one object per process. Only `refresh` reads Redis for the other methods."""

    def __init__(
        self,
        client: RedisClient,
        prefix: str,
        *,
        marks: Sequence[str],
        pairs: Sequence[ModelAndKey],
        now: Callable[[], float],
    ) -> None:
        """`prefix` begins the names in Redis, and `marks` stand there for the keys."""
        self._client = client
        self._prefix = prefix
        self._marks = marks
        self._pairs = pairs
        self._now = now
        self._until: dict[str, float] = {}
        """Ends of delays and of disabling, in unix seconds, by the names in Redis."""
        self._circuits: dict[ModelAndKey, Circuit] = {}
        self._looking = asyncio.Lock()
        self._looked_at = -RECENT_SECONDS
        self._again_after = RECENT_SECONDS

    def name(self, kind: str, pair: ModelAndKey) -> str:
        """Name the state of a key with a model."""
        return f"{self._prefix}:{kind}:{self._marks[pair.key]}:{pair.model}"

    def disabling(self, pair: ModelAndKey) -> tuple[str, str, str]:
        """Name the states that disable a key with a model, a key with every model, and a model with every key."""
        of_key, of_model = f"{self._prefix}:benched:{self._marks[pair.key]}", f"{self._prefix}:retired:{pair.model}"
        return self.name("disabled", pair), of_key, of_model

    def rest(self, pair: ModelAndKey) -> float:
        """Return the seconds until no delay and no open circuit forbids a request; 0 or less when none does now."""
        return max(self._until.get(self.name("parked", pair), 0.0), self.circuit(pair).until) - self._now()

    def is_disabled(self, pair: ModelAndKey) -> bool:
        """Tell whether the key or the model is disabled, until its owner fixes something."""
        now = self._now()
        return any(self._until.get(name, 0.0) > now for name in self.disabling(pair))

    def circuit(self, pair: ModelAndKey) -> Circuit:
        """Return the circuit breaker of a key and model; a closed one when nothing changed it lately."""
        found = self._circuits.get(pair, Circuit())
        return found if self._now() - found.changed_at < KEPT_SECONDS else Circuit()

    async def refresh(self, *, again: bool = False) -> None:
        """Read the shared state. With `again`, a state that was read a moment ago will do."""
        clock = asyncio.get_running_loop().time
        async with self._looking:
            if again and clock() - self._looked_at < self._again_after:
                return
            await self._read()
            self._looked_at = clock()
            self._again_after = RECENT_SECONDS * random.uniform(0.8, 1.2)  # noqa: S311  # no secret depends on it

    async def _read(self) -> None:
        parked = [self.name("parked", pair) for pair in self._pairs]
        circuits = [self.name("circuit", pair) for pair in self._pairs]
        disabling = list(dict.fromkeys(name for pair in self._pairs for name in self.disabling(pair)))
        names = [*parked, *circuits, *disabling]
        try:
            async with within_timeout():
                found = dict(zip(names, await small_values(self._client, names, VALUE_BYTES), strict=True))
        except TransientError:
            return
        now = self._now()
        for pair, name in zip(self._pairs, circuits, strict=True):
            read = read_circuit(found[name], now)
            self._circuits[pair] = max(self.circuit(pair), read, key=lambda one: one.changed_at)
        rests = {name: read_time(found[name], now, LONGEST_REST_SECONDS) for name in (*parked, *disabling)}
        # A known delay is kept even when Redis has lost it; disabled keys follow Redis, which all processes share.
        for name in parked:
            rests[name] = max(rests[name], self._until.get(name, 0.0))
        self._until = {name: until for name, until in rests.items() if until > now}

    async def rest_for(self, name: str, seconds: float) -> bool:
        """Set the state `name` for `seconds`. True when no process had set it."""
        until = self._now() + seconds
        known = self._until.get(name, 0.0) > self._now()
        self._until[name] = max(until, self._until.get(name, 0.0))
        pipe = sound_pipeline(self._client)
        get_at_most(self._client, pipe, name, VALUE_BYTES)
        pipe.set(name, f"{self._until[name]:.3f}", ex=max(1, int(self._until[name] - self._now()) + 1))
        try:
            async with within_timeout():
                before, _ = await pipe.execute()
        except TransientError:
            return not known
        return not before

    async def change(self, pair: ModelAndKey, circuit: Circuit) -> None:
        """Set a circuit, here and, unless Redis is away, for all processes."""
        self._circuits[pair] = circuit
        with suppress(TransientError):
            async with transaction(self._client) as pipe:
                pipe.set(self.name("circuit", pair), circuit.to_text(), ex=KEPT_SECONDS)

    async def enable(self, *pairs: ModelAndKey) -> None:
        """Undo everything that disables these keys and models."""
        names = {name for pair in pairs for name in self.disabling(pair)}
        for name in names:
            self._until.pop(name, None)
        with suppress(TransientError):
            async with transaction(self._client) as pipe:
                for name in sorted(names):
                    pipe.delete(name)
