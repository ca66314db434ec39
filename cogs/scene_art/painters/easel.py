"""The storyboard painter behind the `Painter` protocol: its blocking drawing in a thread."""

from __future__ import annotations

import asyncio
import functools
from concurrent.futures import Executor
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
        """Draw `brief`; see `storyboard.draw`. There is but one brush."""
        job = functools.partial(draw, brief, folder=self._folder, words=self._words)
        return await asyncio.get_running_loop().run_in_executor(self._threads, job)
