"""Threads for heavy work."""

from __future__ import annotations

import contextlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor

NICENESS = 10


def background_threads(count: int, name: str) -> ThreadPoolExecutor:
    """Make `count` threads with a low priority, so that the host bot's event loop gets the processor first."""
    return ThreadPoolExecutor(count, thread_name_prefix=name, initializer=_lower_priority)


def _lower_priority() -> None:
    """Lower the thread's priority. Only Linux has one for each thread; elsewhere the call fails or does nothing."""
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
