"""A small copy of a picture of our own that is too large to be opened as a reference later. Blocking."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from PIL import Image

from .decode import opens
from .encode import MAX_SIDE, store

log = logging.getLogger(__name__)

_MOST_PIXELS: Final = 64_000_000
"""The largest picture that goes out; a JPEG is opened at a fraction of its size whatever that is."""


def small_copy(picture: Path, folder: Path) -> Path | None:
    """Make a copy of `picture` in `folder`, of at most 1,536 px; None where `picture` opens itself, or never would.

    A WebP of 5504 x 3072 takes 278 MB to open: as a stranger's picture it is refused, and ours could not be varied.
    """
    try:
        return None if opens(picture.read_bytes()) else _copied(picture, folder)
    except Exception as exc:  # noqa: BLE001  # the picture is paid for: a copy is help, never an obstacle
        log.warning("A small copy of a picture could not be made: %s", type(exc).__name__)
        return None


def _copied(picture: Path, folder: Path) -> Path | None:
    with Image.open(picture) as image:
        if image.format != "JPEG" and image.width * image.height > _MOST_PIXELS:
            return None
        image.draft("RGB", (MAX_SIDE, MAX_SIDE))
        image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
        return store(image.convert("RGBA" if image.has_transparency_data else "RGB"), folder).path
