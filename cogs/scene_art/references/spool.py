"""A body while it is fetched: small ones in memory, larger ones in a file without a name."""

from __future__ import annotations

from pathlib import Path
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import Self

from ..scratch import folder_error, make_private


class Spool:
    """A context manager, within which it can be written and read."""

    def __init__(self, in_memory_bytes: int, folder: Path) -> None:
        """A body larger than `in_memory_bytes` lies in `folder`."""
        self._folder = folder
        self._file = SpooledTemporaryFile[bytes](in_memory_bytes, dir=str(folder))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, data: bytes, /) -> int:
        """
        Raises:
            FolderError: the folder takes it not.
        """
        try:
            if not self._folder.exists():
                make_private(self._folder)
            return self._file.write(data)
        except OSError as exc:
            # Not to be mistaken for a trouble of the network.
            raise folder_error(self._folder, exc) from None

    def content(self) -> bytes:
        """Everything that was written."""
        self._file.seek(0)
        return self._file.read()
