"""What is known of a picture file before a decoder sees it."""

from __future__ import annotations

from dataclasses import dataclass

Piece = bytes | memoryview


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
