"""The temporary folder through which the host and its worker processes exchange pictures."""

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
"""The size of the largest prepared picture."""


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
