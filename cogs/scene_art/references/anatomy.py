"""What is known of a picture file before a decoder sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

Piece = bytes | memoryview

MAX_PIXELS: Final = 32_000_000
MAX_SIDE: Final = 65_535


@dataclass(frozen=True, slots=True)
class Anatomy:
    """A picture file's parts and sizes. Nothing of it is proven: a decoder may still refuse the file."""

    kind: str
    """Pillow's name of the format."""
    size: tuple[int, int]
    """Pixels."""
    pieces: tuple[Piece, ...]
    """What a decoder gets, in order."""
    pixel_bytes: int
    """How much memory a decoded pixel takes, the decoder's own copies included."""
    loading_bytes: int = 0
    """What the decoder takes besides and gives back when the picture is decoded."""
    orientation: int = 1
    """As EXIF counts: 1 is upright, up to 8."""


class BrokenError(ValueError):
    """The file is not what it says it is."""


class TooLargeError(ValueError):
    """The file promises more pixels than are opened."""


def check_size(kind: str, size: tuple[int, int]) -> None:
    """Refuse a size as soon as it is known, before anything that takes longer or sees a fault in a giant.

    Raises:
        TooLargeError, BrokenError: more than 32 megapixels, or none.
    """
    width, height = size
    if width * height > MAX_PIXELS or max(size) > MAX_SIDE:
        raise TooLargeError(f"a {kind} picture of more than {MAX_PIXELS // 1_000_000} megapixels")
    if not width * height:
        raise BrokenError(f"an empty {kind} picture")
