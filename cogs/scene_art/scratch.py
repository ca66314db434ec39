"""Files in a private temporary folder that may be full, read-only, or deleted under us. Blocking."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path
from typing import Final

from .errors import FolderError

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def write_file(path: Path, data: bytes) -> None:
    """All or nothing, so that a reader never sees half a file; written again even when it is there.

    A folder that is gone is made again, for us alone.

    Raises:
        FolderError: nothing is left behind then.
    """
    try:
        make_private(path.parent)
        _write(path, data)
    except OSError as exc:
        raise folder_error(path.parent, exc) from None


def folder_error(folder: Path, error: OSError) -> FolderError:
    """The error that says what is wrong with `folder`."""
    if error.errno in _NO_ROOM:
        full = FolderError(f"no room in {folder}")
        full.is_full = True
        return full
    return FolderError(f"{folder} cannot be written ({error.strerror or type(error).__name__})")


def make_private(folder: Path) -> None:
    """Make `folder` for us alone, if it is not there.

    Raises:
        OSError: it cannot be, or it is somebody else's.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Where it was deleted, somebody else may have made one of that name meanwhile.
    if hasattr(os, "geteuid") and folder.lstat().st_uid != os.geteuid():
        raise PermissionError(errno.EPERM, "it belongs to somebody else")


def _write(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=".part-", dir=path.parent)
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
