"""A body while it is fetched: a small one in memory, a larger one in an unnamed file."""

from __future__ import annotations

from pathlib import Path
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import Self

from ..scratch import folder_error, make_private


class Spool:
    """A context manager for one body, which can be written and read within it."""

    def __init__(self, in_memory_bytes: int, folder: Path) -> None:
        """A body larger than `in_memory_bytes` is stored in `folder`."""
        self._folder = folder
        self._file = SpooledTemporaryFile[bytes](in_memory_bytes, dir=str(folder))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, data: bytes, /) -> int:
        """Append `data`.

        Raises:
            FolderError: the folder cannot be written.
        """
        try:
            if not self._folder.exists():
                make_private(self._folder)
            return self._file.write(data)
        except OSError as exc:
            # Must not be mistaken for a problem of the network.
            raise folder_error(self._folder, exc) from None

    def content(self) -> bytes:
        """Return everything that was written."""
        self._file.seek(0)
        return self._file.read()
