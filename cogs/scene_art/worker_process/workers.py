"""The work of the worker processes, as plain methods for the host, and the folder of pictures that they share."""

from __future__ import annotations

import asyncio
import logging
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Self, TypeVar

from ..domain.painting import Chapter, ModelAndKey, Painting, Picture, Prompt, digest_of
from ..errors import FolderError, LostAnswerError, ReferenceUnavailableError, SceneArtError
from ..references.problems import NOT_A_PICTURE
from ..scratch import write_file
from .client import WorkerClient, WorkerLostError
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

log = logging.getLogger(__name__)

T = TypeVar("T")

FILE_THREADS = 2
DEATHS = 4
"""Deaths of the process after which a repeatable call is given up. A call beside it may be the one that kills."""
DEATHS_AT_WORK = 2
"""Most deaths while the call was not waiting for others, since it may be the one that kills."""

PROBE_BYTES = 1_000_000
"""The size of the largest prepared picture."""


class WorkerProcesses:
    """Both worker processes: an async context manager. Every call may raise `TransientError` when its process dies."""

    def __init__(self, worker_config: WorkerConfig) -> None:
        """`worker_config.folder` and `.worker` are ignored. A private folder is made, and removed at the end."""
        self._worker_config = worker_config
        # Not the host's default executor, which belongs to the host.
        self._threads = ThreadPoolExecutor(FILE_THREADS, thread_name_prefix="scene-art files")

    async def __aenter__(self) -> Self:
        parent = await self._aside(tempfile.gettempdir)
        folder = Path(parent) / f"scene-art-{secrets.token_hex(8)}"
        self._folder = SharedFolder(folder, self._threads)
        painter = {"worker": Worker.PAINTER, "folder": Path(), "trusted_hosts": ""}
        self._painter = WorkerClient(self._worker_config.model_copy(update=painter))
        pictures = {"worker": Worker.PICTURES, "folder": folder, "keys": ()}
        self._pictures = WorkerClient(self._worker_config.model_copy(update=pictures))
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await asyncio.gather(self._painter.aclose(), self._pictures.aclose())
        await self._aside(lambda: shutil.rmtree(self._folder.path, ignore_errors=True))
        self._threads.shutdown(wait=False)

    async def _aside(self, work: Callable[[], T]) -> T:
        """Run something that blocks for a moment in a thread of our own."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def warm_up(self) -> None:
        """Start the processes now, so that the first scene does not wait for them."""
        needed = [self._pictures, self._painter] if self._worker_config.painter == "gemini" else [self._pictures]
        await asyncio.gather(*(worker.warm_up() for worker in needed))

    async def load_url(self, url: str, *, group: str = "") -> Picture:
        """Load the picture at `url` and prepare it. Downloads are shared out among groups (a guild's id, say).

        Raises:
            ReferenceUnavailableError: loading failed.
        """
        return await self._prepared(LoadReference(url=url, group=group))

    async def load_file(self, file: Path) -> Picture:
        """Prepare the picture in a file of the operator's. Raises as `load_url`."""
        return await self._prepared(LoadReference(file=file))

    async def load_bytes(self, picture: bytes, *, group: str = "") -> Picture:
        """Prepare an uploaded picture from its bytes. `group` as in `load_url`.

        Raises:
            ReferenceUnavailableError: it is no picture, or too large; the sentence says which.
        """
        async with self._folder.holding(picture) as file:
            return await self._prepared(LoadGiven(file=file, group=group))

    async def bytes_of(self, picture: Picture) -> bytes:
        """Read the bytes of a prepared picture.

        Raises:
            ReferenceUnavailableError: its file is gone.
        """
        try:
            return await self._aside(picture.path.read_bytes)
        except OSError as exc:
            raise ReferenceUnavailableError(f"a prepared picture is gone ({type(exc).__name__})") from None

    async def make_sheet(self, entries: list[tuple[str, Path]], *, group: str = "") -> Picture:
        """Draw a contact sheet of pictures with names."""
        return await self._prepared(MakeSheet(entries=tuple(entries), group=group))

    async def scale_down(self, picture: Picture, side: int, *, group: str = "") -> Picture:
        """Scale a prepared picture to at most `side` pixels on the long side, without transparency."""
        return await self._prepared(ScaleDown(file=picture.path, side=side, group=group))

    async def draw_page(self, chapter: Chapter, upload_limit: int, *, group: str = "") -> Painting:
        """Draw a comic page of prepared pictures, of at most `upload_limit` bytes."""
        request = DrawRecap(kind="page", chapter=chapter, upload_limit=upload_limit, group=group)
        return _painting(await self._repeated(request))

    async def bind_chapter(self, chapter: Chapter, upload_limit: int, *, group: str = "") -> bytes:
        """Write an HTML file of prepared pictures and their stories, of at most `upload_limit` bytes if possible."""
        request = DrawRecap(kind="chapter", chapter=chapter, upload_limit=upload_limit, group=group)
        return (await self._repeated(request)).data

    async def paint(
        self, prompt: Prompt, model_and_key: ModelAndKey, upload_limit: int, *, group: str = ""
    ) -> Painting:
        """Paint a picture of at most `upload_limit` bytes. Raises as `painters.Painter`."""
        request = Paint(prompt=prompt, model_and_key=model_and_key, upload_limit=upload_limit, group=group)
        paid = (model_and_key.painter or self._worker_config.painter) == "gemini"
        return _painting(await (self._painter.call(request) if paid else self._repeated(request)))

    async def describe_model(self, model_and_key: ModelAndKey) -> None:
        """Check with the service that key and model work, which costs nothing.

        Raises:
            KeyRejectedError: the key does not work.
            ModelRetiredError: the service does not know the model.
        """
        await self._painter.call(LookAt(model_and_key=model_and_key))

    async def take_up(self, painting: Painting, picture: bytes) -> Painting:
        """Put the bytes back into a painting that was stored without them."""
        digest = await self._aside(lambda: digest_of(picture))
        return painting.model_copy(update={"data": picture, "size": len(picture), "digest": digest})

    async def shrink(self, painting: Painting, upload_limit: int, *, group: str = "") -> Painting:
        """Re-encode `painting` to at most `upload_limit` bytes."""
        request = Shrink(painting=painting, upload_limit=upload_limit, group=group)
        return _painting(await self._repeated(request, painting.data))

    async def _prepared(self, request: LoadReference | LoadGiven | MakeSheet | ScaleDown) -> Picture:
        try:
            answer = await self._repeated(request)
        except FolderError as exc:
            raise self._folder.failed(exc) from None
        except WorkerLostError as exc:
            if exc.at_work:
                raise ReferenceUnavailableError(f"no decoder opens it ({exc.detail})", sentence=NOT_A_PICTURE) from None
            raise
        await self._folder.served()
        if answer.picture is None:
            raise SceneArtError("a worker process answered without a picture")
        return answer.picture

    async def _repeated(self, request: WorkerRequest, data: bytes = b"") -> Answer:
        """Call the pictures process, and repeat the call when it dies: all of its work may be done twice."""
        deaths, at_work = 0, 0
        while True:
            try:
                return await self._pictures.call(request, data)
            except WorkerLostError as exc:
                deaths, at_work = deaths + 1, at_work + exc.at_work
                if exc.too_slow or at_work >= DEATHS_AT_WORK or deaths >= DEATHS:
                    raise


def _painting(answer: Answer) -> Painting:
    if answer.painting is None:
        raise LostAnswerError("a worker process answered without a painting")
    return answer.painting.model_copy(update={"data": answer.data})


class SharedFolder:
    """A folder that is made with its first file, and again after it was deleted. Logs a failure once, and its end."""

    def __init__(self, path: Path, threads: Executor) -> None:
        """Files are written in `threads`. The caller removes `path` in the end."""
        self.path = path
        self._threads = threads
        self._is_useless = False

    @asynccontextmanager
    async def holding(self, data: bytes) -> AsyncIterator[Path]:
        """Write `data` to a file that exists within the `with` block, and is removed whatever happens.

        Raises:
            ReferenceUnavailableError: the file cannot be written.
        """
        path = self.path / f"given-{secrets.token_hex(8)}"
        writing = self._threads.submit(write_file, path, data)
        del data
        try:
            await asyncio.wrap_future(writing)
            yield path
        except FolderError as exc:
            raise self.failed(exc) from None
        finally:
            self._threads.submit(_remove, path, writing)

    def failed(self, error: FolderError) -> ReferenceUnavailableError:
        """Log the failure, unless that was done already, and return the error for the single picture."""
        if not self._is_useless:
            log.error("References are left out: %s", error.detail)
        self._is_useless = True
        return ReferenceUnavailableError("the temporary folder takes no file", sentence=error.sentence)

    async def served(self) -> None:
        """Check after a success whether the folder can be written again, if it could not before. Logs the recovery."""
        if not self._is_useless:
            return
        with suppress(FolderError):
            await asyncio.get_running_loop().run_in_executor(self._threads, _probe, self.path)
            log.warning("References are kept in %s again", self.path)
            self._is_useless = False


def _probe(folder: Path) -> None:
    path = folder / f"probe-{secrets.token_hex(8)}"
    write_file(path, bytes(PROBE_BYTES))
    path.unlink(missing_ok=True)


def _remove(path: Path, writing: Future[None]) -> None:
    """Remove a file, once it is written: its caller may have been cancelled before."""
    if not writing.cancel():
        wait([writing])
    path.unlink(missing_ok=True)
