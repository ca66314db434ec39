"""The key pool: selects the Gemini key and model of the next request. All processes on one Redis share its state.

Redis knows a key by its mark, a hash that cannot be inverted; no key is ever written down. While Redis is away, a
process uses the state that it knows itself.

    {namespace}:{keys}:parked:<mark>:<model>    the end of a delay that the service named
    {namespace}:{keys}:circuit:<mark>:<model>   the circuit breaker: see `domain/circuit_breaker.py`
    {namespace}:{keys}:probe:<mark>:<model>     the lock for probing an open circuit
    {namespace}:{keys}:disabled:<mark>:<model>  the key may not use that model
    {namespace}:{keys}:benched:<mark>           the key was rejected
    {namespace}:{keys}:retired:<model>          the service does not know the model

All of them have a time to live. Versions before 2026-12 know the first and the last two, in the same form.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from ..domain.circuit_breaker import Cause, Circuit
from ..domain.painting import ModelAndKey
from ..errors import (
    ConfigurationError,
    KeyForbiddenError,
    KeyRejectedError,
    LostAnswerError,
    ModelRetiredError,
    QuotaError,
    SceneArtError,
    TransientError,
    UnavailableError,
)
from .connection import RedisClient
from .key_states import LONGEST_REST_SECONDS, KeyStates
from .lock import Lock
from .reading import tagged_key

log = logging.getLogger(__name__)

SHORTEST_COOLDOWN_SECONDS = 1.0
DISABLED_SECONDS = 6 * 3600
"""A disabled key counts as enabled again after this, and after a restart, in case its owner has fixed it."""
LEASE_SECONDS = 12
"""Another process may probe so long after the death of the one that did."""
PROBE_SECONDS = 2.0
"""Delay before the next look while a probe is under way."""
LONG_STORM = 4
"""Failures in a row of an overloaded model, after which the next model is used."""
DEAD_AFTER = 3
"""Rejections in a row, after which a key is probed now and then and no scene waits for it."""


@dataclass(frozen=True)
class Permit:
    """The permission to send one request now, with this key and model."""

    model_and_key: ModelAndKey
    given_at: float = 0.0
    is_probe: bool = False
    lease: Lock | None = None
    """The lock of a probe; None while Redis is away."""


class KeyPool:
    """Chooses a key and a model, and remembers which ones are cooling down or disabled."""

    def __init__(
        self,
        client: RedisClient,
        *,
        namespace: str,
        keys: Sequence[str],
        models: Sequence[str],
        now: Callable[[], float] = time.time,
    ) -> None:
        """`models` are in the order of preference. Without keys (the built-in painter) every request is permitted."""
        self._client = client
        self._marks = [hashlib.sha256(f"{namespace} {key}".encode()).hexdigest()[:16] for key in keys]
        self._models = tuple(models)
        self._now = now
        self._all = [ModelAndKey(model=model, key=key) for model in models for key in range(len(keys))]
        self._states = KeyStates(client, tagged_key(namespace, "keys"), marks=self._marks, pairs=self._all, now=now)
        self._probing: set[ModelAndKey] = set()
        self._news = asyncio.Event()

    def __repr__(self) -> str:
        return f"KeyPool({len(self._marks)} keys)"

    async def choose(
        self,
        *,
        without: frozenset[str] = frozenset(),
        rejected: frozenset[ModelAndKey] = frozenset(),
        again: bool = False,
    ) -> Permit:
        """Permit one request, with the first free key of the first model that has one.

        Skips the models in `without`, and the keys and models that were `rejected` for this scene. When only disabled
        ones are left, they are tried again, one request at a time: one odd answer must not switch the pictures off.
        `again` allows a state that was read a moment ago, for callers that poll.

        Raises:
            QuotaError: all are cooling down or being probed; try again after `retry_after` seconds.
            ConfigurationError: all were rejected.
        """
        if not self._marks:
            return Permit(ModelAndKey(model=self._models[0]), self._now())
        pairs = [pair for pair in self._all if pair.model not in without and pair not in rejected]
        if not pairs:
            raise ConfigurationError("no Gemini key and model is left that works")
        await self._states.refresh(again=again)
        enabled = [pair for pair in pairs if not self._states.is_disabled(pair)]
        waits: list[float] = []
        for model in self._models:
            group = [pair for pair in enabled or pairs if pair.model == model]
            for pair in group:
                found = await self._permit_or_wait(pair)
                if isinstance(found, Permit):
                    return found
                waits.append(found)
            if self._is_only_unavailable(group):
                break
        if not enabled and all(map(self._is_dead, pairs)):
            raise ConfigurationError(
                "the key or model was turned away several times in a row; it is tried now and then"
            )
        wait = max(0.05, min(waits))
        raise QuotaError(f"all Gemini keys rest; the first is free in {wait:.0f} s", retry_after=wait)

    async def _permit_or_wait(self, pair: ModelAndKey) -> Permit | float:
        """Return a permit, or the seconds until it is worth trying again."""
        rest = self._states.rest(pair)
        if rest > 0:
            return rest
        if not self._needs_probe(pair):
            return Permit(pair, self._now())
        if pair in self._probing:
            return PROBE_SECONDS
        permit = None
        self._probing.add(pair)
        try:
            permit = await self._probe(pair)
        finally:
            if permit is None or not permit.is_probe:
                self._probing.discard(pair)
        return permit or PROBE_SECONDS

    def _needs_probe(self, pair: ModelAndKey) -> bool:
        return self._states.circuit(pair).failures > 0 or self._states.is_disabled(pair)

    async def _probe(self, pair: ModelAndKey) -> Permit | None:
        """Return a permit to probe, or None while another process probes."""
        lease = Lock(self._client, self._states.name("probe", pair), LEASE_SECONDS)
        try:
            await lease.take()
        except TransientError:
            # While Redis is away, a process knows of no other one.
            return Permit(pair, self._now(), is_probe=True)
        if lease.lost:
            return None
        # The previous holder of the lock may have changed the state since the last look.
        await self._states.refresh()
        if self._states.rest(pair) > 0 or not self._needs_probe(pair):
            await lease.release()
            return None if self._states.rest(pair) > 0 else Permit(pair, self._now())
        return Permit(pair, self._now(), is_probe=True, lease=lease)

    def _is_only_unavailable(self, group: Sequence[ModelAndKey]) -> bool:
        """Tell whether to wait for a model instead of using the next one: most overloads pass soon."""
        circuits = map(self._states.circuit, group)
        return any(one.cause is Cause.UNAVAILABLE and 0 < one.failures < LONG_STORM for one in circuits)

    def _is_dead(self, pair: ModelAndKey) -> bool:
        circuit = self._states.circuit(pair)
        return circuit.cause is Cause.REJECTED and circuit.failures >= DEAD_AFTER

    @asynccontextmanager
    async def held(self, permit: Permit) -> AsyncIterator[None]:
        """Keep other processes from probing within the block. At its end, callers of `wait` in this process wake up."""
        try:
            if permit.lease is None:
                yield
            else:
                async with permit.lease.kept():
                    yield
        finally:
            if permit.is_probe:
                self._probing.discard(permit.model_and_key)
            self._news.set()
            self._news = asyncio.Event()

    def check(self, permit: Permit) -> None:
        """Check that `permit` still holds.

        Raises:
            QuotaError: the key has begun to cool down since the permit was given.
        """
        rest = self._states.rest(permit.model_and_key) if permit.model_and_key in self._all else 0.0
        if rest > 0:
            raise QuotaError(f"Gemini key {permit.model_and_key.key + 1} rests for {rest:.0f} s", retry_after=rest)

    async def wait(self, seconds: float) -> None:
        """Wait until a request of this process has ended, for `seconds` at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()

    async def settle(self, permit: Permit, exc: SceneArtError | None) -> None:
        """Note the outcome of a request: a picture, or `exc`. Never fails."""
        if not self._marks:
            return
        if isinstance(exc, (QuotaError, UnavailableError)) and exc.retry_after:
            await self._park(permit.model_and_key, exc.retry_after, exc)
        elif cause := _cause(permit, exc):
            await self._open(permit, cause)
        elif permit.is_probe and not isinstance(exc, TransientError):
            await self._close(permit.model_and_key)
        if isinstance(exc, (KeyRejectedError, ModelRetiredError)):
            await self.disable(permit.model_and_key, exc)

    async def _park(self, pair: ModelAndKey, named: float, exc: SceneArtError) -> None:
        seconds = max(SHORTEST_COOLDOWN_SECONDS, min(named, LONGEST_REST_SECONDS))
        if await self._states.rest_for(self._states.name("parked", pair), seconds):
            log.warning("Gemini key %d rests for %.0f s: %s", pair.key + 1, seconds, exc.detail)

    async def _open(self, permit: Permit, cause: Cause) -> None:
        pair = permit.model_and_key
        before = self._states.circuit(pair)
        after = before.failed(cause, sent_at=permit.given_at, now=self._now())
        if after is before:
            return
        await self._states.change(pair, after)
        if not before.failures and cause in _TOLD:
            told = "Gemini key %d, model %s: %s; one request at a time tries again from %.0f s on"
            log.warning(told, pair.key + 1, pair.model, _TOLD[cause], after.until - after.changed_at)

    async def _close(self, pair: ModelAndKey) -> None:
        await self._states.enable(pair)
        await self._states.change(pair, Circuit(changed_at=self._now()))
        log.info("Gemini key %d, model %s: answers again", pair.key + 1, pair.model)

    async def disable(self, model_and_key: ModelAndKey, exc: KeyRejectedError | ModelRetiredError) -> None:
        """Disable the key or the model that `exc` is about. It is used only when no other one is left."""
        of_both, of_key, of_model = self._states.disabling(model_and_key)
        key = f"Gemini key {model_and_key.key + 1}"
        if isinstance(exc, KeyForbiddenError):
            name, told = of_both, f"{key} with model {model_and_key.model}"
        elif isinstance(exc, KeyRejectedError):
            name, told = of_key, key
        else:
            name, told = of_model, f"Gemini's model {model_and_key.model}"
        if await self._states.rest_for(name, DISABLED_SECONDS):
            log.error("%s is left out: %s", told, exc.detail)

    async def forgive(self) -> None:
        """Enable all keys and models again, as their owner may have fixed them. Called at start; delays stay."""
        await self._states.enable(*self._all)


_TOLD = {
    Cause.QUOTA: "too many requests",
    Cause.UNAVAILABLE: "the service is overloaded or out of reach",
}


def _cause(permit: Permit, exc: SceneArtError | None) -> Cause | None:
    """Name the cause for which `exc` opens the circuit; None when it does not."""
    if isinstance(exc, QuotaError):
        return Cause.QUOTA
    # One lost answer does not concern other requests; a lost probe has not shown that the service works.
    if isinstance(exc, UnavailableError) or (permit.is_probe and isinstance(exc, LostAnswerError)):
        return Cause.UNAVAILABLE
    return Cause.REJECTED if isinstance(exc, (KeyRejectedError, ModelRetiredError)) else None
