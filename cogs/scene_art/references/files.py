"""Reference pictures in local files, such as those of the game masters. Blocking."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ..domain.painting import Picture
from ..errors import FolderError, ReferenceUnavailableError
from .budget import Budget
from .decode import Begun, prepare
from .problems import TOO_LARGE, LastingProblemError

_LARGEST_FILE: Final = 32 * 1024 * 1024
"""Most bytes of a local picture. Those are the operator's own, so they may be larger than a fetched one."""


def stamp(path: Path) -> tuple[int, int]:
    """Return a file's size in bytes and time of change in nanoseconds, which together identify its content.

    Raises:
        ReferenceUnavailableError: there is no such file, or it is too large.
    """
    try:
        status = path.stat()
    except (OSError, ValueError) as exc:
        raise _unreadable(path, exc) from exc
    if status.st_size > _LARGEST_FILE:
        raise LastingProblemError(f"{path.name}: more than {_LARGEST_FILE} bytes", sentence=TOO_LARGE)
    return status.st_size, status.st_mtime_ns


def prepare_file(path: Path, folder: Path, budget: Budget | None = None, begun: Begun = lambda: None) -> Picture:
    """Prepare a file's picture as `decode.prepare` does. Errors name the file."""
    try:
        data = path.read_bytes()
    except OSError as exc:
        raise _unreadable(path, exc) from exc
    try:
        return prepare(data, folder, budget, begun)
    except FolderError:
        raise
    except ReferenceUnavailableError as exc:
        raise type(exc)(f"{path.name}: {exc.detail}", sentence=exc.sentence) from exc


def _unreadable(path: Path, error: Exception) -> ReferenceUnavailableError:
    reason = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
    return ReferenceUnavailableError(f"{path.name}: cannot be read ({reason})")
