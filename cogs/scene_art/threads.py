"""Threads for what is heavy."""

from __future__ import annotations

import contextlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor

NICENESS = 10


def background_threads(count: int, name: str) -> ThreadPoolExecutor:
    """So many threads that let the host bot's event loop go first when both want the same processor."""
    return ThreadPoolExecutor(count, thread_name_prefix=name, initializer=_revert)


def _revert() -> None:
    """Linux gives every thread a niceness of its own; elsewhere the call fails or does nothing, which is fine too."""
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
