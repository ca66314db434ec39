"""A limit on the memory of all pictures that are decoded at the same time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from .problems import TOO_LARGE, LastingProblemError

MOST_BYTES: Final = 176_000_000
"""Enough for a PNG of 32 megapixels or a WebP of 9; together with the rest of a process below 250 MB."""


class Budget:
    """Bytes that threads may use at the same time."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = self._free = most_bytes
        self._changed = threading.Condition()

    @contextmanager
    def hold(self, need_bytes: int) -> Iterator[None]:
        """Reserve so many bytes within the `with` block. Blocks until they are free.

        Raises:
            ReferenceUnavailableError: `need_bytes` exceeds the whole budget.
        """
        if need_bytes > self._most:
            raise LastingProblemError(f"it takes {need_bytes // 1_000_000} MB to open", sentence=TOO_LARGE)
        with self._changed:
            self._changed.wait_for(lambda: self._free >= need_bytes)
            self._free -= need_bytes
        try:
            yield
        finally:
            with self._changed:
                self._free += need_bytes
                self._changed.notify_all()
