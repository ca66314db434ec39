"""The storyboard painter behind the `Painter` protocol: its blocking drawing in a thread."""

from __future__ import annotations

import asyncio
import functools
from concurrent.futures import Executor, Future
from pathlib import Path

from . import Brief, Brush, Painting
from .storyboard import draw
from .words import Tables


class Storyboard:
    """Paints with Pillow alone: no key, no network, the same picture for the same seed."""

    def __init__(self, folder: Path, threads: Executor, words: Tables) -> None:
        self._folder = folder
        self._threads = threads
        self._words = words

    async def paint(self, brief: Brief, brush: Brush) -> Painting:
        """Draw `brief`; see `storyboard.draw`. There is but one brush.

        A cancelled picture ends at once for whoever waits for it; what its thread still draws is thrown away.
        """
        job = functools.partial(draw, brief, folder=self._folder, words=self._words)
        drawing = self._threads.submit(job)
        try:
            return await asyncio.wrap_future(drawing)
        except asyncio.CancelledError:
            drawing.add_done_callback(_throw_away)
            raise


def _throw_away(drawing: Future[Painting]) -> None:
    """Called on the picture's own thread."""
    if not drawing.cancelled() and drawing.exception() is None:
        drawing.result().path.unlink(missing_ok=True)
