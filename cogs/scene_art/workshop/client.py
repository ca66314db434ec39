"""The host's side of the workshop: starts the process, passes calls on, starts it again when it dies."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

from ..errors import LostAnswerError, SceneArtError, TransientError, from_wire
from ..painters import Brief, Brush, Painting, Picture, digest_of
from ..recap.panels import Chapter
from ..text import cut_on_word, one_line
from .wire import (
    MAX_LINE_BYTES,
    Answer,
    BindChapter,
    Call,
    Cancel,
    DrawPage,
    Equipment,
    LoadGiven,
    LoadReference,
    LogLine,
    LookAt,
    MakeSheet,
    Order,
    Paint,
    ScaleDown,
    SheetEntry,
    Shrink,
    ToHost,
)

log = logging.getLogger(__name__)

T = TypeVar("T")

_FAREWELL_SECONDS = 3.0
# glibc raises this bound by itself to the largest block that was freed, and then keeps the memory of pictures: 330 MB
# after one of each kind, 630 MB after all together. Said once, it stays; this is the value that glibc begins with.
_MEMORY = {"MALLOC_MMAP_THRESHOLD_": "131072"}
FILE_THREADS = 2
SECRET_VARIABLES = frozenset({"DISCORD_TOKEN", "REDIS_URL", "GEMINI_API_KEY", "GEMINI_API_KEYS", "GOOGLE_API_KEY"})
MOST_TOLD = 2_000
"""Characters of a line for the log that are passed on."""
CALL_SECONDS = 120.0
"""For an errand. The helper ends each by limits of its own, far below; beyond this it hangs and is ended itself."""


class Workshop:
    """An async context manager. Every call may raise `TransientError` when the process dies under it."""

    def __init__(self, equipment: Equipment) -> None:
        """`equipment.folder` is ignored: the workshop makes a private folder and removes it at the end."""
        self._equipment = equipment
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._next = 0
        self._starting = asyncio.Lock()
        self._closed = False
        # Not the host's default executor, which belongs to the host.
        self._threads = ThreadPoolExecutor(FILE_THREADS, thread_name_prefix="scene-art files")

    async def __aenter__(self) -> Self:
        folder = await self._aside(lambda: tempfile.mkdtemp(prefix="scene-art-"))
        self._equipment = self._equipment.model_copy(update={"folder": Path(folder)})
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._closed = True
        await self._stop_process()
        await self._aside(lambda: shutil.rmtree(self._equipment.folder, ignore_errors=True))
        self._threads.shutdown(wait=False)

    async def _aside(self, work: Callable[[], T]) -> T:
        """Run what blocks for a moment in a thread of our own."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def warm_up(self) -> None:
        """Start the process now, so that the first scene does not wait for it."""
        with suppress(TransientError):
            await self._running()

    async def load_url(self, url: str, *, group: str = "") -> Picture:
        """The prepared picture at `url`, opened on behalf of `group` (a guild's id, say): none takes all downloads.

        Raises:
            ReferenceUnavailableError: with the reason.
        """
        return _picture(await self._call(LoadReference(url=url, group=group)))

    async def load_file(self, file: Path) -> Picture:
        """The prepared picture in a file of the operator's."""
        return _picture(await self._call(LoadReference(file=file)))

    async def load_bytes(self, picture: bytes) -> Picture:
        """The prepared picture, from a file's bytes that somebody uploaded.

        Raises:
            ReferenceUnavailableError: it is no picture, or too large; the sentence says which.
        """
        path = self._equipment.folder / f"given-{secrets.token_hex(8)}"
        await self._aside(lambda: path.write_bytes(picture))
        try:
            return _picture(await self._call(LoadGiven(file=path)))
        finally:
            await self._aside(lambda: path.unlink(missing_ok=True))

    async def bytes_of(self, picture: Picture) -> bytes:
        """The bytes of a prepared picture."""
        return await self._aside(picture.path.read_bytes)

    async def make_sheet(self, entries: list[tuple[str, Path]]) -> Picture:
        """One contact sheet of named pictures."""
        order = MakeSheet(entries=tuple(SheetEntry(name=name, path=path) for name, path in entries))
        return _picture(await self._call(order))

    async def scale_down(self, picture: Picture, side: int) -> Picture:
        """A prepared picture of at most `side` pixels on the long side, without transparency."""
        return _picture(await self._call(ScaleDown(file=picture.path, side=side)))

    async def draw_page(self, chapter: Chapter, upload_limit: int) -> Painting:
        """A comic page of prepared pictures, of at most `upload_limit` bytes."""
        return _painting(await self._call(DrawPage(chapter=chapter, upload_limit=upload_limit)))

    async def bind_chapter(self, chapter: Chapter, upload_limit: int) -> bytes:
        """An HTML file of prepared pictures and their stories, of at most `upload_limit` bytes where that can be."""
        answer = await self._call(BindChapter(chapter=chapter, upload_limit=upload_limit))
        path = answer.file
        if path is None:
            raise SceneArtError("the helper process answered without a file")
        try:
            return await self._aside(path.read_bytes)
        finally:
            await self._aside(lambda: path.unlink(missing_ok=True))

    async def paint(self, brief: Brief, brush: Brush, upload_limit: int) -> Painting:
        """A picture of at most `upload_limit` bytes; see `painters.Painter` for what can be raised."""
        limit = self._equipment.paint_timeout_seconds + CALL_SECONDS
        return _painting(await self._call(Paint(brief=brief, brush=brush, upload_limit=upload_limit), limit))

    async def look_at(self, brush: Brush) -> None:
        """Ask the service whether key and model work, which costs nothing.

        Raises:
            KeyRejectedError, ModelRetiredError: they do not.
        """
        await self._call(LookAt(brush=brush), self._equipment.paint_timeout_seconds + CALL_SECONDS)

    async def read(self, painting: Painting) -> bytes:
        """The bytes of a painting."""
        return await self._aside(painting.path.read_bytes)

    async def take_up(self, painting: Painting, picture: bytes) -> Painting:
        """A painting whose bytes were kept elsewhere, as a file of the workshop's again."""
        path = self._equipment.folder / f"kept-{secrets.token_hex(8)}"

        def write() -> str:
            path.write_bytes(picture)
            return digest_of(path)

        digest = await self._aside(write)
        return painting.model_copy(update={"path": path, "digest": digest, "size": len(picture)})

    async def read_copy(self, painting: Painting) -> bytes | None:
        """The bytes of its small copy; None when it needs none."""
        path = painting.copy_path
        return None if path is None else await self._aside(path.read_bytes)

    async def remove(self, painting: Painting) -> None:
        """Nobody needs this painting's files any more."""
        for path in filter(None, (painting.path, painting.copy_path)):
            await self._aside(partial(path.unlink, missing_ok=True))

    async def shrink(self, painting: Painting, upload_limit: int) -> Painting:
        """`painting` re-encoded to at most `upload_limit` bytes."""
        return _painting(await self._call(Shrink(painting=painting, upload_limit=upload_limit)))

    async def _call(self, order: Order, limit_seconds: float = CALL_SECONDS) -> Answer:
        process = await self._running()
        try:
            async with asyncio.timeout(limit_seconds):
                return await self._called(process, order)
        except TimeoutError:
            log.error("The helper process hangs in %s and is ended", order.kind)  # noqa: TRY400
            with suppress(ProcessLookupError):
                process.kill()
            raise _gone() from None

    async def _called(self, process: asyncio.subprocess.Process, order: Order) -> Answer:
        number, self._next = self._next, self._next + 1
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        try:
            await _send(process, Call(number=number, order=order))
            answer = await future
        except asyncio.CancelledError:
            with suppress(OSError):
                await _send(process, Cancel(number=number))
            raise
        except OSError:
            raise _gone() from None
        finally:
            self._waiting.pop(number, None)
        if answer.error is not None:
            raise from_wire(answer.error)
        return answer

    async def _running(self) -> asyncio.subprocess.Process:
        """The process, started when there is none.

        It counts as alive as long as its answers are read: a call that is noted while they are gets an answer or
        the news of the process's end.
        """
        async with self._starting:
            if self._process is None or self._reader is None or self._reader.done():
                if self._closed:
                    raise _gone()
                await self._stop_process()
                self._process = await self._start()
            return self._process

    async def _start(self) -> asyncio.subprocess.Process:
        # The package may be installed, in a checkout, or in somebody's cogs folder: it is imported in the helper
        # under the very name that it has here, from the same place.
        package = __package__ or ""
        root = Path(__file__).parents[package.count(".") + 1]
        path = os.pathsep.join([str(root), *filter(None, sys.path)])
        environment = {**_MEMORY, **_environment(), "PYTHONPATH": path}
        # A process that ended by a fault of its own took the folder with it.
        self._equipment.folder.mkdir(mode=0o700, exist_ok=True)
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                f"{package}.process",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env=environment,
                limit=MAX_LINE_BYTES,
            )
        except OSError as exc:
            raise TransientError(f"the helper process cannot be started ({type(exc).__name__})") from None
        self._reader = asyncio.create_task(self._read(process), name="scene-art workshop")
        try:
            await _send(process, self._equipment)
        except OSError:
            raise _gone() from None
        return process

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101  # PIPE was asked for
        try:
            while line := await process.stdout.readline():
                self._take(line)
        finally:
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(_gone())
            if not self._closed:
                log.warning("The helper process ended and is started again for the next scene")

    def _take(self, line: bytes) -> None:
        message = ToHost.validate_json(line)
        if isinstance(message, LogLine):
            text = cut_on_word(one_line(message.text), MOST_TOLD)
            logging.getLogger(one_line(message.logger)[:100]).log(message.level, "%s", text)
        elif isinstance(message, Answer):
            future = self._waiting.get(message.number)
            if future is not None and not future.done():
                future.set_result(message)

    async def _stop_process(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await _end(process)
        if self._reader is not None:
            await asyncio.gather(self._reader, return_exceptions=True)
            self._reader = None


def _environment() -> dict[str, str]:
    """The host's, without what the helper does not need: it gets Gemini's keys over its pipe, and opens pictures."""
    return {name: text for name, text in os.environ.items() if name not in SECRET_VARIABLES}


async def _send(process: asyncio.subprocess.Process, message: Equipment | Call | Cancel) -> None:
    assert process.stdin is not None  # noqa: S101  # PIPE was asked for
    process.stdin.write(message.model_dump_json().encode() + b"\n")
    await process.stdin.drain()


async def _end(process: asyncio.subprocess.Process) -> None:
    """Closing its input asks the process to leave; one that does not is killed."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(_FAREWELL_SECONDS):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _gone() -> LostAnswerError:
    return LostAnswerError("the helper process ended during the work")


def _picture(answer: Answer) -> Picture:
    if answer.picture is None:
        raise SceneArtError("the helper process answered without a picture")
    return answer.picture


def _painting(answer: Answer) -> Painting:
    if answer.painting is None:
        raise SceneArtError("the helper process answered without a painting")
    return answer.painting
