"""A ring of keys: which one is asked next, and which are set aside for a while."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from ..errors import ConfigurationError, QuotaError, QuotaExhaustedError, SceneArtError

_REST_SECONDS = 60.0  # for a quota whose delay the service did not name
_LONG_REST_SECONDS = 3600.0  # for a key that is wrong or used up for today
_SHORTEST_KEY = 8  # what is shorter stands in words that are no keys


class KeyRing:
    """Holds the keys of one process. Never shows them."""

    def __init__(self, keys: Sequence[str], clock: Callable[[], float] = time.monotonic) -> None:
        if not keys:
            raise ConfigurationError("the Gemini painter needs a key: set GEMINI_API_KEY")
        self._free_at = dict.fromkeys(keys, 0.0)
        self._clock = clock

    def __repr__(self) -> str:
        return f"KeyRing({len(self._free_at)} keys)"

    def hide_in(self, error: SceneArtError) -> None:
        """Take the keys out of what the service said: a proxy in front of it may repeat the one that it was sent."""
        for key in self._free_at:
            if len(key) >= _SHORTEST_KEY:
                error.detail = error.detail.replace(key, "[key]")
        error.args = (error.detail,)

    def current(self) -> str:
        """The first key that is not resting; when all rest, the one that is free soonest."""
        now = self._clock()
        free = (key for key, at in self._free_at.items() if at <= now)
        return next(free, min(self._free_at, key=self._free_at.__getitem__))

    def pass_on(self, key: str, error: SceneArtError) -> bool:
        """Set `key` aside if `error` is about it; whether another key is free to be tried now."""
        now = self._clock()
        if isinstance(error, QuotaError):
            self._free_at[key] = now + (error.retry_after or _REST_SECONDS)
        elif isinstance(error, (QuotaExhaustedError, ConfigurationError)):
            self._free_at[key] = now + _LONG_REST_SECONDS
        else:
            return False
        return any(at <= now for at in self._free_at.values())
