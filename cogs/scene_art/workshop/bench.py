"""Where an order is worked on: references, sheets, painters and the last step to an uploadable file."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import ParamSpec, Self, TypeVar

from ..errors import ConfigurationError, ReferenceUnavailableError, SceneArtError
from ..painters import Brush, Painter, Painting, Picture
from ..painters.fit import fit
from ..painters.words import Tables, tables
from ..recap.chapter import bind_chapter
from ..recap.page import draw_page
from ..references.addresses import TrustedHosts
from ..references.copies import small_copy
from ..references.loader import ReferenceLoader
from .wire import (
    Answer,
    BindChapter,
    DrawPage,
    Equipment,
    LoadGiven,
    LoadReference,
    LookAt,
    MakeSheet,
    Order,
    Paint,
    ScaleDown,
    Shrink,
)

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

PICTURE_THREADS = 2
"""Encoding and decoding at once. Bounds the memory too: a 4096 x 4096 picture is 50 MB raw."""

NICENESS = 10


class Bench:
    """The tools, set up once: an async context manager."""

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment
        self._stack = AsyncExitStack()
        self._threads = ThreadPoolExecutor(
            PICTURE_THREADS, thread_name_prefix="scene-art picture", initializer=_step_back
        )

    async def __aenter__(self) -> Self:
        loader = ReferenceLoader(
            trusted=TrustedHosts.parse(self._equipment.trusted_hosts),
            folder=self._equipment.folder,
            fresh_for=timedelta(seconds=self._equipment.reference_fresh_seconds),
        )
        async with AsyncExitStack() as stack:
            stack.callback(self._threads.shutdown, wait=False, cancel_futures=True)
            self._loader = await stack.enter_async_context(loader)
            self._rooms = self._furnished()
            for room in self._rooms.values():
                await stack.enter_async_context(room)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._stack.aclose()

    def _furnished(self) -> dict[str, _GeminiRoom | _StoryboardRoom]:
        """A room for each painter; the built-in one costs next to nothing and is always there."""
        rooms: dict[str, _GeminiRoom | _StoryboardRoom] = {
            "storyboard": _StoryboardRoom(self._equipment, self._threads)
        }
        if self._equipment.painter == "gemini":
            rooms["gemini"] = _GeminiRoom(self._equipment)
        return rooms

    def _room(self, brush: Brush) -> _GeminiRoom | _StoryboardRoom:
        return self._rooms.get(brush.painter) or self._rooms[self._equipment.painter]

    async def work(self, number: int, order: Order) -> Answer:
        """Carry `order` out. Raises the errors of `errors.py`."""
        match order:
            case LookAt():
                await self._room(order.brush).look_at(order.brush)
                return Answer(number=number)
            case LoadReference() | LoadGiven() | MakeSheet() | ScaleDown():
                return Answer(number=number, picture=await self._prepared(order))
            case BindChapter():
                folder, most = self._equipment.folder, order.upload_limit
                return Answer(number=number, file=await self._in_thread(bind_chapter, order.chapter, folder, most))
            case Paint() | DrawPage() | Shrink():
                return Answer(number=number, painting=await self._painted(order))

    async def _prepared(self, order: LoadReference | LoadGiven | MakeSheet | ScaleDown) -> Picture:
        match order:
            case LoadGiven():
                return await self._loader.load_given(order.file)
            case MakeSheet():
                return await self._loader.sheet([(entry.name, entry.path) for entry in order.entries])
            case ScaleDown():
                return await self._loader.scaled_down(order.file, order.side)
            case LoadReference():
                return await self._load(order)

    async def _painted(self, order: Paint | DrawPage | Shrink) -> Painting:
        match order:
            case Paint():
                return await self._paint(order)
            case DrawPage():
                page = await self._in_thread(draw_page, order.chapter, self._equipment.folder)
                return await self._fit(page, order.upload_limit)
            case Shrink():
                return await self._fit(order.painting, order.upload_limit)

    async def _paint(self, order: Paint) -> Painting:
        painting = await self._room(order.brush).painter.paint(order.brief, order.brush)
        try:
            fitting = await self._fit(painting, order.upload_limit)
        except SceneArtError as exc:
            # What turns out to be no picture was paid for like one.
            exc.tokens = painting.usage.tokens
            painting.path.unlink(missing_ok=True)
            raise
        copy_path = await self._in_thread(small_copy, fitting.path, self._equipment.folder)
        return fitting.model_copy(update={"copy_path": copy_path})

    async def _load(self, order: LoadReference) -> Picture:
        if order.url:
            return await self._loader.load(order.url, group=order.group)
        if order.file is None:
            raise ReferenceUnavailableError("no address and no file was named")
        return await self._loader.load_file(order.file)

    async def _fit(self, painting: Painting, upload_limit: int) -> Painting:
        return await self._in_thread(fit, painting, upload_limit)

    async def _in_thread(self, work: Callable[P, T], /, *args: P.args, **options: P.kwargs) -> T:
        job = functools.partial(work, *args, **options)
        return await asyncio.get_running_loop().run_in_executor(self._threads, job)


def _step_back() -> None:
    """Let the host bot's event loop go first when both want the same processor.

    Linux gives every thread a niceness of its own; elsewhere the call fails or does nothing, which is fine too.
    """
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


class _GeminiRoom:
    """Gemini's painter, imported only where it is used: that costs a second and 50 MB."""

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment

    async def __aenter__(self) -> Self:
        from ..painters.gemini import GeminiPainter  # noqa: PLC0415

        self.painter: Painter
        self.painter = self._gemini = GeminiPainter(
            keys=self._equipment.keys,
            timeout=timedelta(seconds=self._equipment.paint_timeout_seconds),
            folder=self._equipment.folder,
        )
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._gemini.aclose()

    async def look_at(self, brush: Brush) -> None:
        await self._gemini.look_at(brush)


class _StoryboardRoom:
    """The built-in painter on one of the picture threads."""

    def __init__(self, equipment: Equipment, threads: ThreadPoolExecutor) -> None:
        self._equipment = equipment
        self._threads = threads

    async def __aenter__(self) -> Self:
        from ..painters.easel import Storyboard  # noqa: PLC0415

        self.painter: Painter = Storyboard(self._equipment.folder, self._threads, self._words())
        return self

    def _words(self) -> Tables:
        try:
            return tables(self._equipment.words_file)
        except ConfigurationError as exc:  # it was there when the bot started
            log.warning("The storyboard painter goes by its own words: %s", exc)
            return tables()

    async def __aexit__(self, *exc_info: object) -> None:
        return None

    async def look_at(self, brush: Brush) -> None:
        """Nothing of it can be missing."""
