"""The folder in which the host and its worker processes leave pictures for each other."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from concurrent.futures import Executor, Future, wait
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from ..errors import FolderError, ReferenceUnavailableError
from ..scratch import write_file

log = logging.getLogger(__name__)

PROBE_BYTES = 1_000_000
"""As large as the largest prepared picture."""


class SharedFolder:
    """Made when the first file is written, and again when it was deleted. Says once that it is of no use, and when."""

    def __init__(self, path: Path, threads: Executor) -> None:
        """Writes in `threads`. Whoever made it removes `path` in the end."""
        self.path = path
        self._threads = threads
        self._is_useless = False

    @asynccontextmanager
    async def holding(self, data: bytes) -> AsyncIterator[Path]:
        """`data` as a file within the `with` block; nothing of it is left behind, whatever happens.

        Raises:
            ReferenceUnavailableError: it cannot be written.
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
        """Tell the operator, unless they know; what to tell of the single picture."""
        if not self._is_useless:
            log.error("References are left out: %s", error.detail)
        self._is_useless = True
        return ReferenceUnavailableError("the temporary folder takes no file", sentence=error.sentence)

    async def served(self) -> None:
        """Something worked that may have needed the folder: see whether it can be written again, if it could not."""
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
    """Called when nobody needs the file any more; somebody who was cancelled did not wait until it was written."""
    if not writing.cancel():
        wait([writing])
    path.unlink(missing_ok=True)
