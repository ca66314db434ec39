"""The state of each key and model, in Redis for all processes, and here for a process whose Redis is away."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress

from ..domain.circuit_breaker import KEPT_SECONDS, Circuit, read_circuit
from ..domain.painting import ModelAndKey
from ..errors import TransientError
from .connection import RedisClient, RedisPipeline
from .reading import get_at_most, small_values, sound_pipeline
from .records import read_time
from .timeouts import within_timeout

LONGEST_REST_SECONDS = 26 * 3600
"""Upper limit of a delay. A daily quota lasts until midnight in California, so a longer delay is corrupt."""
VALUE_BYTES = 96
RECENT_SECONDS = 0.2
"""Waiting callers share one look at Redis as long as it is so fresh."""


class Names:
    """The names of the keys in Redis."""

    def __init__(self, prefix: str, marks: Sequence[str]) -> None:
        self._prefix = prefix
        self._marks = marks

    def of(self, kind: str, model_and_key: ModelAndKey) -> str:
        """Name the state of a key with a model."""
        return f"{self._prefix}:{kind}:{self._marks[model_and_key.key]}:{model_and_key.model}"

    def disabled(self, model_and_key: ModelAndKey) -> str:
        """Name the state of a key, whatever the model."""
        return f"{self._prefix}:benched:{self._marks[model_and_key.key]}"

    def retired(self, model: str) -> str:
        """Name the state of a model, whatever the key."""
        return f"{self._prefix}:retired:{model}"

    def disabling(self, model_and_key: ModelAndKey) -> tuple[str, str, str]:
        """Name the states of which any disables a key with a model."""
        return self.of("disabled", model_and_key), self.disabled(model_and_key), self.retired(model_and_key.model)


class KeyStates:
    """The states of all keys and models, one object per process. Only `refresh` reads Redis for the other methods."""

    def __init__(
        self, client: RedisClient, names: Names, pairs: Sequence[ModelAndKey], now: Callable[[], float]
    ) -> None:
        self._client = client
        self._names = names
        self._pairs = pairs
        self._now = now
        self._until: dict[str, float] = {}
        """Ends of delays and of disabling, in unix seconds, by the names in Redis."""
        self._circuits: dict[ModelAndKey, Circuit] = {}
        self._looking = asyncio.Lock()
        self._looked_at = -RECENT_SECONDS
        self._again_after = RECENT_SECONDS

    def rest(self, model_and_key: ModelAndKey) -> float:
        """Return the seconds until no delay and no open circuit forbids a request; 0 or less when none does now."""
        return (
            max(self._until.get(self._names.of("parked", model_and_key), 0.0), self.circuit(model_and_key).until)
            - self._now()
        )

    def is_disabled(self, model_and_key: ModelAndKey) -> bool:
        """Tell whether the key or the model is disabled, until its owner fixes something."""
        now = self._now()
        return any(self._until.get(name, 0.0) > now for name in self._names.disabling(model_and_key))

    def circuit(self, model_and_key: ModelAndKey) -> Circuit:
        """Return the circuit breaker of a key and model; a closed one when nothing changed it lately."""
        found = self._circuits.get(model_and_key, Circuit())
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
        cooling_down = [self._names.of("parked", model_and_key) for model_and_key in self._pairs]
        circuits = [self._names.of("circuit", model_and_key) for model_and_key in self._pairs]
        disabling = list(
            dict.fromkeys(name for model_and_key in self._pairs for name in self._names.disabling(model_and_key))
        )
        try:
            async with within_timeout():
                found = await small_values(self._client, [*cooling_down, *circuits, *disabling], VALUE_BYTES)
        except TransientError:
            return
        now, known = self._now(), len(cooling_down)
        for model_and_key, raw in zip(self._pairs, found[known : 2 * known], strict=True):
            self._circuits[model_and_key] = max(
                self.circuit(model_and_key), read_circuit(raw, now), key=lambda one: one.changed_at
            )
        shared = dict(zip(cooling_down, found[:known], strict=True)) | dict(
            zip(disabling, found[2 * known :], strict=True)
        )
        rests = {name: read_time(raw, now, LONGEST_REST_SECONDS) for name, raw in shared.items()}
        # A known delay is kept even when Redis has lost it; disabled keys follow Redis, which all processes share.
        for name in cooling_down:
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

    async def change(self, model_and_key: ModelAndKey, circuit: Circuit) -> None:
        """Set a circuit, here and, unless Redis is away, for all processes."""
        self._circuits[model_and_key] = circuit
        pipe = sound_pipeline(self._client)
        pipe.set(self._names.of("circuit", model_and_key), circuit.to_text(), ex=KEPT_SECONDS)
        await _send(pipe)

    async def enable(self, *pairs: ModelAndKey) -> None:
        """Undo everything that disables these keys and models."""
        names = {name for model_and_key in pairs for name in self._names.disabling(model_and_key)}
        for name in names:
            self._until.pop(name, None)
        pipe = sound_pipeline(self._client)
        for name in sorted(names):
            pipe.delete(name)
        await _send(pipe)


async def _send(pipe: RedisPipeline) -> None:
    with suppress(TransientError):
        async with within_timeout():
            await pipe.execute()
