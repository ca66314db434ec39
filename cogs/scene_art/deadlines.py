"""Deadlines of single steps, announced by the work itself: a wait for a turn must not look like a hang."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from typing import Final

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
