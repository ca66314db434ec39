"""A small copy of a picture of our own that is too large to be opened as a reference later. Blocking."""

from __future__ import annotations

import io
import logging
from typing import Final

from PIL import Image

from .decode import opens
from .encode import MAX_SIDE, encoded

log = logging.getLogger(__name__)

_MOST_PIXELS: Final = 64_000_000
"""Pixels of the largest picture that is posted. A JPEG may be larger, since it is decoded at a fraction of its size."""


def small_copy(picture: bytes) -> bytes:
    """Make a copy of `picture` of at most 1,536 px; empty where `picture` can be opened itself, or not at all.

    A WebP of 5504 x 3072 takes 278 MB to open. As a reference it is refused, so our own could not be varied.
    """
    try:
        return b"" if opens(picture) else _copied(picture)
    except Exception as exc:  # noqa: BLE001  # the picture is paid for: a copy is help, never an obstacle
        log.warning("A small copy of a picture could not be made: %s", type(exc).__name__)
        return b""


def _copied(picture: bytes) -> bytes:
    with Image.open(io.BytesIO(picture)) as image:
        if image.format != "JPEG" and image.width * image.height > _MOST_PIXELS:
            return b""
        image.draft("RGB", (MAX_SIDE, MAX_SIDE))
        image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
        return encoded(image.convert("RGBA" if image.has_transparency_data else "RGB")).data
