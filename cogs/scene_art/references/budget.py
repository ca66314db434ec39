"""A bound on the memory that pictures take while they are taken apart, whatever number of them is at hand."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from .problems import TOO_LARGE, LastingProblemError

MOST_BYTES: Final = 176_000_000
"""Enough for a PNG of 32 megapixels or a WebP of 9; together with the rest of a process below 250 MB."""


class Budget:
    """Bytes that may be in use at once, for threads."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = self._free = most_bytes
        self._changed = threading.Condition()

    @contextmanager
    def hold(self, need_bytes: int) -> Iterator[None]:
        """Have so many bytes within the `with` block. Blocks until they are free.

        Raises:
            ReferenceUnavailableError: it is more than there is at all.
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
