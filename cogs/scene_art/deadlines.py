"""Tells whoever waits for a piece of work how long its next step may take: waiting for a turn is no hanging."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from typing import Final

Announce = Callable[[float | None], None]
"""Takes the seconds within which the step that begins now ends; None while it waits for others."""

ANNOUNCE: Final[ContextVar[Announce | None]] = ContextVar("scene_art_announce", default=None)
"""Set by whoever answers for the work of this context."""


def step(seconds: float | None) -> None:
    """A step of this task's work begins. Nothing happens where nobody asked to know."""
    if (announce := ANNOUNCE.get()) is not None:
        announce(seconds)


def step_of_thread(seconds: float) -> Callable[[], None]:
    """Return what a thread calls when its part of this task's work begins."""
    announce, loop = ANNOUNCE.get(), asyncio.get_running_loop()

    def begun() -> None:
        if announce is not None:
            loop.call_soon_threadsafe(announce, seconds)

    return begun
