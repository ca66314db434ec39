"""The structure of a picture file, as far as it is known before decoding."""

from __future__ import annotations

import io
import struct
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from .problems import TOO_LARGE, LastingProblemError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Piece = bytes | memoryview

MAX_PIXELS: Final = 32_000_000
MAX_SIDE: Final = 65_535
_ORIENTATION: Final = 0x0112
_MOST_ENTRIES: Final = 256
_NUMBERS: Final = {3: "H", 4: "I"}


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


class PiecesFile(io.RawIOBase):
    """A file that consists of the given parts, one behind the other, without a copy of them."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        super().__init__()
        self._pieces = pieces
        self._starts = [0, *accumulate(map(len, pieces))]
        self._at = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Set the position, as any file does."""
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._starts[-1]}[whence])
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill `buffer` from the part at the position, as far as it goes, and return the number of bytes."""
        target = memoryview(buffer).cast("B")
        index = bisect_right(self._starts, self._at) - 1
        if index == len(self._pieces):
            return 0
        part = memoryview(self._pieces[index])[self._at - self._starts[index] :][: len(target)]
        target[: len(part)] = part
        self._at += len(part)
        return len(part)


def check_size(kind: str, size: tuple[int, int]) -> None:
    """Check a size as soon as it is known, before any step that takes longer.

    Raises:
        ReferenceUnavailableError: it has more than 32 megapixels, or too long a side.
        BrokenError: it has no pixels.
    """
    width, height = size
    if width * height > MAX_PIXELS or max(size) > MAX_SIDE:
        detail = f"a {kind} picture of more than {MAX_PIXELS // 1_000_000} megapixels"
        raise LastingProblemError(detail, sentence=TOO_LARGE)
    if not width * height:
        raise BrokenError(f"an empty {kind} picture")


def orientation_of(block: bytes) -> int:
    """Read the orientation, 1 to 8, from the first directory of an EXIF block; 1 (upright) when it has no valid one."""
    tiff = block.removeprefix(b"Exif\x00\x00")
    try:
        order = {b"II": "<", b"MM": ">"}[tiff[:2]]
        (at,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, at)
        for entry in range(at + 2, at + 2 + 12 * min(count, _MOST_ENTRIES), 12):
            tag, kind = struct.unpack_from(f"{order}HH", tiff, entry)
            if tag == _ORIENTATION:
                (value,) = struct.unpack_from(f"{order}{_NUMBERS[kind]}", tiff, entry + 8)
                return int(value) if 1 <= value <= 8 else 1
    except (KeyError, struct.error):
        pass
    return 1
