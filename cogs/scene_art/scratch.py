"""Writes files to a private temporary folder, which may be full, read-only, or deleted meanwhile. Blocking."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path
from typing import Final

from .errors import FolderError

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def write_file(path: Path, data: bytes) -> None:
    """Write a file all or nothing, so that no reader sees half of it. Overwrites an existing one.

    A folder that is gone is made again, for this user alone.

    Raises:
        FolderError: the folder cannot be written. No part of the file is left then.
    """
    try:
        make_private(path.parent)
        _write(path, data)
    except OSError as exc:
        raise folder_error(path.parent, exc) from None


def folder_error(folder: Path, error: OSError) -> FolderError:
    """Make the error that says what is wrong with `folder`."""
    if error.errno in _NO_ROOM:
        full = FolderError(f"no room in {folder}")
        full.is_full = True
        return full
    return FolderError(f"{folder} cannot be written ({error.strerror or type(error).__name__})")


def make_private(folder: Path) -> None:
    """Make `folder` for this user alone, if it does not exist.

    Raises:
        OSError: it cannot be made, or it is somebody else's.
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
