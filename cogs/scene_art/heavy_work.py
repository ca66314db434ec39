"""Heavy work: the threads that do it, and the deadlines of its steps.

The work itself announces its deadlines: a wait for a turn must not look like a hang.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Final

NICENESS = 10

Announce = Callable[[float | None], None]
"""Takes the time limit in seconds of the step that begins now; None while the work waits for others."""

ANNOUNCE: Final[ContextVar[Announce | None]] = ContextVar("scene_art_announce", default=None)
"""The receiver of deadlines in this context; None when nobody needs them."""


def step(seconds: float | None) -> None:
    """Announce that a step of this task begins, with its time limit. Does nothing when `ANNOUNCE` is None."""
    if (announce := ANNOUNCE.get()) is not None:
        announce(seconds)


def step_of_thread(seconds: float) -> Callable[[], None]:
    """Return a function that a thread calls when its part of this task's work begins."""
    announce, loop = ANNOUNCE.get(), asyncio.get_running_loop()

    def begun() -> None:
        if announce is not None:
            loop.call_soon_threadsafe(announce, seconds)

    return begun


def background_threads(count: int, name: str) -> ThreadPoolExecutor:
    """Make `count` threads with a low priority, so that the host bot's event loop gets the processor first."""
    return ThreadPoolExecutor(count, thread_name_prefix=name, initializer=_lower_priority)


def _lower_priority() -> None:
    """Lower the thread's priority. Only Linux has one for each thread; elsewhere the call fails or does nothing."""
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
