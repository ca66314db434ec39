"""The handlers of a worker's calls: those of the painter process, and those of the pictures process."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import ParamSpec, Protocol, Self, TypeVar

from ..domain.painting import Painting, Picture, longest_seconds
from ..errors import ConfigurationError, ReferenceUnavailableError, SceneArtError
from ..heavy_work import background_threads, step, step_of_thread
from ..painters.words import Tables, tables
from .protocol import (
    Answer,
    BindChapter,
    DrawPage,
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

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

PICTURE_THREADS = 2
"""Pictures that are encoded or drawn at once. Limits the memory, too: 4096 x 4096 pixels are 50 MB raw."""
PICTURE_SECONDS = 90.0
"""Time limit of one of them, which takes a few seconds at most. After it the process counts as hung."""
SLACK_SECONDS = 30.0
"""Time on top of a request's own time limit."""


class Handlers(Protocol):
    """The handlers of one worker, set up once: an async context manager."""

    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *exc_info: object) -> None: ...

    async def handle(self, request: WorkerRequest, data: bytes) -> Answer:
        """Carry `request` out, with the bytes of its call. Raises `SceneArtError`."""
        ...


def handlers_of(worker_config: WorkerConfig) -> Handlers:
    """Make the handlers of the worker that `worker_config` names. Each worker imports only what it needs itself."""
    return PaintHandlers(worker_config) if worker_config.worker is Worker.PAINTER else PictureHandlers(worker_config)


class _Threads:
    """Threads for picture work. Announces `PICTURE_SECONDS` as the time limit of each job, from its beginning on."""

    def __init__(self) -> None:
        self._pool = background_threads(PICTURE_THREADS, "scene-art picture")

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def run(self, work: Callable[P, T], /, *args: P.args, **options: P.kwargs) -> T:
        begun = step_of_thread(PICTURE_SECONDS)

        def job() -> T:
            begun()
            return work(*args, **options)

        step(None)
        return await asyncio.get_running_loop().run_in_executor(self._pool, job)

    async def fit(self, painting: Painting, upload_limit: int) -> Answer:
        from ..painters.fit import fit  # noqa: PLC0415  # Pillow is imported when there is a picture

        fitted = await self.run(fit, painting, upload_limit)
        return Answer(number=0, painting=fitted, data=fitted.data)


class PaintHandlers:
    """Requests to Gemini. They may be paid, so no other work may crash this process."""

    def __init__(self, worker_config: WorkerConfig) -> None:
        self._worker_config = worker_config

    async def __aenter__(self) -> Self:
        from ..painters.gemini.painter import GeminiPainter  # noqa: PLC0415  # a second and 30 MB

        self._threads = _Threads()
        self._seconds = self._worker_config.paint_timeout_seconds
        self._gemini = GeminiPainter(keys=self._worker_config.keys, timeout=timedelta(seconds=self._seconds))
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._gemini.aclose()
        self._threads.close()

    async def handle(self, request: WorkerRequest, data: bytes) -> Answer:
        step(self._seconds + SLACK_SECONDS)
        match request:
            case Paint():
                step(longest_seconds(self._seconds, is_relaxed=request.prompt.is_relaxed) + SLACK_SECONDS)
                return await self._paint(request)
            case LookAt():
                await self._gemini.describe_model(request.model_and_key)
                return Answer(number=0)
            case Shrink():
                painting = request.painting.model_copy(update={"data": data})
                return await self._threads.fit(painting, request.upload_limit)
        raise SceneArtError(f"the painter process has no {request.kind}")

    async def _paint(self, request: Paint) -> Answer:
        painting = await self._gemini.paint(request.prompt, request.model_and_key)
        usage = painting.usage
        try:
            answer = await self._threads.fit(painting, request.upload_limit)
        except SceneArtError as exc:
            # A painting that turns out to be no picture was paid for, too.
            exc.tokens, exc.is_relaxed = usage.tokens, usage.is_relaxed
            raise
        except Exception as exc:
            detail = f"the painter's picture could not be made ready ({type(exc).__name__})"
            raise SceneArtError(detail, tokens=usage.tokens, is_relaxed=usage.is_relaxed) from exc
        return await self._with_copy(answer)

    async def _with_copy(self, answer: Answer) -> Answer:
        from ..references.copies import small_copy  # noqa: PLC0415  # Pillow is imported when there is a picture

        assert answer.painting is not None  # noqa: S101  # `fit` answers with one
        copy = await self._threads.run(small_copy, answer.data)
        return answer.model_copy(update={"painting": answer.painting.model_copy(update={"small_copy": copy})})


class PictureHandlers:
    """Work that costs nothing but time: when this process dies, its calls are repeated."""

    def __init__(self, worker_config: WorkerConfig) -> None:
        self._worker_config = worker_config
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        from ..references.addresses import TrustedHosts  # noqa: PLC0415  # not needed by the painter process
        from ..references.fetch import Fetcher  # noqa: PLC0415
        from ..references.loader import ReferenceLoader  # noqa: PLC0415

        loader = ReferenceLoader(
            Fetcher(TrustedHosts.parse(self._worker_config.trusted_hosts)),
            folder=self._worker_config.folder,
            fresh_for=timedelta(seconds=self._worker_config.reference_fresh_seconds),
        )
        async with AsyncExitStack() as stack:
            self._threads = _Threads()
            stack.callback(self._threads.close)
            self._loader = await stack.enter_async_context(loader)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._stack.aclose()

    async def handle(self, request: WorkerRequest, data: bytes) -> Answer:
        match request:
            case LoadReference() | LoadGiven() | MakeSheet() | ScaleDown():
                return Answer(number=0, picture=await self._prepared(request))
            case BindChapter():
                from ..recap.chapter import bind_chapter  # noqa: PLC0415  # seldom needed

                return Answer(
                    number=0, data=await self._threads.run(bind_chapter, request.chapter, request.upload_limit)
                )
            case DrawPage():
                from ..recap.page import draw_page  # noqa: PLC0415  # seldom needed

                page = await self._threads.run(draw_page, request.chapter)
                return await self._threads.fit(page, request.upload_limit)
            case Paint():
                return await self._threads.fit(await self._drawn(request), request.upload_limit)
            case Shrink():
                painting = request.painting.model_copy(update={"data": data})
                return await self._threads.fit(painting, request.upload_limit)
        raise SceneArtError(f"the pictures process has no {request.kind}")

    async def _prepared(self, request: LoadReference | LoadGiven | MakeSheet | ScaleDown) -> Picture:
        match request:
            case LoadGiven():
                return await self._loader.load_given(request.file, group=request.group)
            case MakeSheet():
                return await self._loader.sheet([(entry.name, entry.path) for entry in request.entries])
            case ScaleDown():
                return await self._loader.scaled_down(request.file, request.side)
            case LoadReference() if request.url:
                return await self._loader.load(request.url, group=request.group)
            case LoadReference() if request.file is not None:
                return await self._loader.load_file(request.file)
        raise ReferenceUnavailableError("no address and no file was named")

    async def _drawn(self, request: Paint) -> Painting:
        """Draw with the storyboard painter."""
        from ..painters.storyboard import draw  # noqa: PLC0415  # many bots paint with Gemini alone

        return await self._threads.run(draw, request.prompt, words=self._words)

    @functools.cached_property
    def _words(self) -> Tables:
        try:
            return tables(self._worker_config.words_file)
        except ConfigurationError as exc:  # it was there when the bot started
            log.warning("The storyboard painter uses its own word tables alone: %s", exc)
            return tables()
