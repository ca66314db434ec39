"""The handlers of a worker's calls: those of the painter process, and those of the pictures process."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from ..domain.painting import Painting, Picture, longest_seconds
from ..errors import ConfigurationError, SceneArtError
from ..heavy_work import background_threads, step, step_of_thread
from ..lanes import Bounds, FairSemaphore
from ..painters.words import Tables, tables
from .protocol import (
    Answer,
    DrawRecap,
    LoadGiven,
    LoadReference,
    LookAt,
    MakeSheet,
    Paint,
    ScaleDown,
    Shrink,
    Worker,
    WorkerConfig,
    WorkerRequest,
)

if TYPE_CHECKING:
    from ..painters.gemini.painter import GeminiPainter
    from ..references.loader import ReferenceLoader

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

PICTURE_THREADS = 2
"""Pictures that are encoded or drawn at once. Limits the memory, too: 4096 x 4096 pixels are 50 MB raw."""
INSIDE_OF_GROUP = 1_024
"""Most of them that one group has at work or waiting: more than its scenes that are drawn at once."""
PICTURE_SECONDS = 90.0
"""Time limit of one of them, which takes a few seconds at most. After it the process counts as hung."""
SLACK_SECONDS = 30.0
"""Time on top of a request's own time limit."""


class _Threads:
    """Threads for picture work, shared out among groups.

    Announces `PICTURE_SECONDS` as the time limit of each job, from its beginning on.
    """

    def __init__(self) -> None:
        self._pool = background_threads(PICTURE_THREADS, "scene-art picture")
        self._turns = FairSemaphore(Bounds(PICTURE_THREADS, PICTURE_THREADS, INSIDE_OF_GROUP))

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def run(self, group: str, work: Callable[P, T], /, *args: P.args, **options: P.kwargs) -> T:
        """Run `work` in a thread when the turn of `group` has come, which ends with the work, whoever waits for it."""
        begun, loop = step_of_thread(PICTURE_SECONDS), asyncio.get_running_loop()

        def job() -> T:
            begun()
            return work(*args, **options)

        ticket = self._turns.ask(group)
        try:
            step(None)
            await ticket.served
            running = self._pool.submit(job)
        except BaseException:
            self._turns.end(ticket)
            raise
        running.add_done_callback(lambda _: loop.call_soon_threadsafe(self._turns.end, ticket))
        return await asyncio.wrap_future(running)

    async def fit(self, painting: Painting, request: Paint | Shrink | DrawRecap) -> Painting:
        from ..painters.fit import fit  # noqa: PLC0415  # Pillow is imported when there is a picture

        return await self.run(request.group, fit, painting, request.upload_limit)


class PaintHandlers:
    """Requests to Gemini. They may be paid, so no other work may crash this process."""

    def __init__(self, gemini: GeminiPainter, threads: _Threads, timeout_seconds: float) -> None:
        self._gemini = gemini
        self._threads = threads
        self._seconds = timeout_seconds

    async def handle(self, request: WorkerRequest, _data: bytes) -> Answer:
        """Carry `request` out. Raises `SceneArtError`."""
        match request:
            case Paint():
                step(longest_seconds(self._seconds, is_relaxed=request.prompt.is_relaxed) + SLACK_SECONDS)
                return _answer(await self._paint(request))
            case LookAt():
                step(self._seconds + SLACK_SECONDS)
                await self._gemini.describe_model(request.model_and_key)
                return Answer(number=0)
        raise SceneArtError(f"the painter process has no {request.kind}")

    async def _paint(self, request: Paint) -> Painting:
        from ..references.decode import small_copy  # noqa: PLC0415  # Pillow is imported with the first request

        painting = await self._gemini.paint(request.prompt, request.model_and_key)
        usage = painting.usage
        try:
            fitted = await self._threads.fit(painting, request)
        except SceneArtError as exc:
            # A painting that turns out to be no picture was paid for, too.
            exc.tokens, exc.is_relaxed = usage.tokens, usage.is_relaxed
            raise
        except Exception as exc:
            detail = f"the painter's picture could not be made ready ({type(exc).__name__})"
            raise SceneArtError(detail, tokens=usage.tokens, is_relaxed=usage.is_relaxed) from exc
        return fitted.model_copy(update={"small_copy": await self._threads.run(request.group, small_copy, fitted.data)})


class PictureHandlers:
    """Work that costs nothing but time: when this process dies, its calls are repeated."""

    def __init__(self, loader: ReferenceLoader, threads: _Threads, words_file: Path | None) -> None:
        self._loader = loader
        self._threads = threads
        self._words_file = words_file

    async def handle(self, request: WorkerRequest, data: bytes) -> Answer:
        """Carry `request` out, with the bytes of its call. Raises `SceneArtError`."""
        match request:
            case LoadReference() | LoadGiven() | MakeSheet() | ScaleDown():
                return Answer(number=0, picture=await self._prepared(request))
            case DrawRecap(kind="chapter"):
                from ..recap.chapter import bind_chapter  # noqa: PLC0415  # seldom needed

                chapter = await self._threads.run(request.group, bind_chapter, request.chapter, request.upload_limit)
                return Answer(number=0, data=chapter)
            case DrawRecap():
                from ..recap.page import draw_page  # noqa: PLC0415  # seldom needed

                painting = await self._threads.run(request.group, draw_page, request.chapter)
            case Paint():
                from ..painters.storyboard import draw  # noqa: PLC0415  # many bots paint with Gemini alone

                painting = await self._threads.run(request.group, draw, request.prompt, words=self._words)
            case Shrink():
                painting = request.painting.model_copy(update={"data": data})
            case LookAt():
                raise SceneArtError(f"the pictures process has no {request.kind}")
        return _answer(await self._threads.fit(painting, request))

    async def _prepared(self, request: LoadReference | LoadGiven | MakeSheet | ScaleDown) -> Picture:
        match request:
            case LoadGiven():
                return await self._loader.load_given(request.file, group=request.group)
            case MakeSheet():
                return await self._loader.sheet(request.entries, group=request.group)
            case ScaleDown():
                return await self._loader.scaled_down(request.file, request.side, group=request.group)
            case LoadReference() if request.file is not None:
                return await self._loader.load_file(request.file)
            case LoadReference():
                return await self._loader.load(request.url, group=request.group)

    @functools.cached_property
    def _words(self) -> Tables:
        try:
            return tables(self._words_file)
        except ConfigurationError as exc:  # it was there when the bot started
            log.warning("The storyboard painter uses its own word tables alone: %s", exc)
            return tables()


Handlers = PaintHandlers | PictureHandlers


def _answer(painting: Painting) -> Answer:
    return Answer(number=0, painting=painting, data=painting.data)


@asynccontextmanager
async def open_handlers(worker_config: WorkerConfig) -> AsyncIterator[Handlers]:
    """Set up the handlers of the worker that `worker_config` names. Each worker imports only what it needs itself."""
    with closing(_Threads()) as threads:
        if worker_config.worker is Worker.PAINTER:
            from ..painters.gemini.painter import GeminiPainter  # noqa: PLC0415  # a second and 30 MB

            seconds = worker_config.paint_timeout_seconds
            async with aclosing(GeminiPainter(keys=worker_config.keys, timeout=timedelta(seconds=seconds))) as gemini:
                yield PaintHandlers(gemini, threads, seconds)
        else:
            from ..references.addresses import TrustedHosts  # noqa: PLC0415  # not needed by the painter process
            from ..references.fetch import Fetcher  # noqa: PLC0415
            from ..references.loader import ReferenceLoader  # noqa: PLC0415

            fetcher = Fetcher(TrustedHosts.parse(worker_config.trusted_hosts))
            fresh_for = timedelta(seconds=worker_config.reference_fresh_seconds)
            async with ReferenceLoader(fetcher, worker_config.folder, fresh_for) as loader:
                yield PictureHandlers(loader, threads, worker_config.words_file)
