"""The structure of a picture file, as far as it is known before decoding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

Piece = bytes | memoryview

MAX_PIXELS: Final = 32_000_000
MAX_SIDE: Final = 65_535


@dataclass(frozen=True, slots=True)
class Anatomy:
    """A picture file's parts and sizes, unproven: a decoder may still refuse the file."""

    kind: str
    """Pillow's name of the format."""
    size: tuple[int, int]
    """Width and height in pixels."""
    pieces: tuple[Piece, ...]
    """The parts that a decoder gets, in order."""
    pixel_bytes: int
    """Memory of a decoded pixel, including the decoder's own copies."""
    loading_bytes: int = 0
    """Further memory that the decoder takes until the picture is decoded."""
    orientation: int = 1
    """Orientation as EXIF counts it, from 1 (upright) to 8."""


class BrokenError(ValueError):
    """The file is broken, or not of the kind that it claims."""


class TooLargeError(ValueError):
    """The file declares more pixels than are opened."""


def check_size(kind: str, size: tuple[int, int]) -> None:
    """Check a size as soon as it is known, before any step that takes longer.

    Raises:
        TooLargeError: it has more than 32 megapixels, or too long a side.
        BrokenError: it has no pixels.
    """
    width, height = size
    if width * height > MAX_PIXELS or max(size) > MAX_SIDE:
        raise TooLargeError(f"a {kind} picture of more than {MAX_PIXELS // 1_000_000} megapixels")
    if not width * height:
        raise BrokenError(f"an empty {kind} picture")
