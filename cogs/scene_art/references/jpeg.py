"""Takes JPEG files apart, as `containers` does the others, and estimates libjpeg's memory for them."""

from __future__ import annotations

import re
import struct
from collections import Counter
from math import ceil
from typing import Final

from .anatomy import Anatomy, BrokenError, Piece, check_size, orientation_of

_MOST_SEGMENTS: Final = 20_000
_MOST_SCANS: Final = 100
_MOST_VISITS: Final = 8_000_000
"""Most visits of blocks by all scans: some seconds of a processor. A progressive picture of 32 megapixels has half."""
_MOST_VISITS_OF_A_BLOCK: Final = 24
"""Most visits of a block, on average. Programs make four to twelve; each may cost the sender only a few bytes."""
_BLOCK_BYTES: Final = 64 * 2
"""Bytes of a block's coefficients."""
_SEQUENTIAL: Final = frozenset({0xC0, 0xC1, 0xC9})
_PROGRESSIVE: Final = frozenset({0xC2, 0xCA})
_TABLES: Final = frozenset({0xC4, 0xCC, 0xDB, 0xDD})
_WITHOUT_LENGTH: Final = frozenset({0x01, 0xD8})
_JFIF, _EXIF, _ADOBE, _SCAN, _END = 0xE0, 0xE1, 0xEE, 0xDA, 0xD9
# In coded pixels, 0xFF begins a marker unless a stuffed zero, a restart or filling follows.
_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


class _Reader:
    """A pass over the segments."""

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._at = 2
        self.pieces: list[Piece] = [data[:2]]
        self.frame: memoryview | None = None
        self.scans = 0
        self.scanned: Counter[int] = Counter()
        """Number of scans of each component, by its id."""
        self.in_first_scan = 0
        """Number of components in the first scan."""
        self.orientation = 1

    def run(self) -> None:
        """Read to the end of the picture, or of the file."""
        for _ in range(_MOST_SEGMENTS):
            found = _MARKER.search(self._data, self._at)
            if self.scans:
                # The data between a scan's head and the next marker are pixels.
                self.pieces.append(self._data[self._at : found.start() if found else None])
            if found is None:
                return
            marker = self._data[found.end() - 1]
            if marker == _END:
                self.pieces.append(self._data[found.start() : found.end()])
                return
            if marker in _WITHOUT_LENGTH:
                self._at = found.end()
                continue
            (length,) = struct.unpack_from(">H", self._data, found.end())
            self._at = found.end() + length
            self._take(marker, self._data[found.start() : self._at])
        raise BrokenError("too many segments")

    def _take(self, marker: int, segment: memoryview) -> None:
        if marker in _SEQUENTIAL | _PROGRESSIVE:
            if self.frame is not None:
                raise BrokenError("several frames")
            self.frame = segment
        elif marker == _SCAN:
            self.scans += 1
            self.in_first_scan = self.in_first_scan or segment[4]
            self.scanned.update({segment[5 + 2 * index] for index in range(segment[4])})
            if self.scans > _MOST_SCANS:
                raise BrokenError("too many scans")
        elif marker == _EXIF and bytes(segment[4:10]) == b"Exif\x00\x00":
            self.orientation = orientation_of(bytes(segment[4:]))
            return
        elif not _is_needed(marker, segment):
            return
        self.pieces.append(segment)


def _is_needed(marker: int, segment: memoryview) -> bool:
    """Tell whether a segment is needed: a table, or one of the two that name the colour space."""
    start = bytes(segment[4:9])
    return marker in _TABLES or (marker, start) in {(_JFIF, b"JFIF\x00"), (_ADOBE, b"Adobe")}


def jpeg(data: memoryview) -> Anatomy:
    """Take a JPEG apart."""
    reader = _Reader(data)
    reader.run()
    if reader.frame is None or not reader.scans:
        raise BrokenError("no picture")
    height, width, count = struct.unpack_from(">HHB", reader.frame, 5)
    check_size("JPEG", (width, height))
    # With several scans, libjpeg keeps all coefficients of all components until the last one, at full size whatever
    # size is requested.
    several = reader.frame[1] in _PROGRESSIVE or reader.in_first_scan < count
    blocks = _blocks(reader.frame, width, height, count)
    visits = sum(blocks[index] * reader.scanned[reader.frame[10 + 3 * index]] for index in range(count))
    if visits > min(_MOST_VISITS, sum(blocks) * _MOST_VISITS_OF_A_BLOCK):
        raise BrokenError("too many scans")
    return Anatomy(
        "JPEG",
        (width, height),
        tuple(reader.pieces),
        1 if count == 1 else 4,
        loading_bytes=sum(blocks) * _BLOCK_BYTES if several else 0,
        orientation=reader.orientation,
    )


def _blocks(frame: memoryview, width: int, height: int, count: int) -> list[int]:
    """Count the blocks of each component, in whole rows and columns of sampling units."""
    samplings = [divmod(frame[11 + 3 * index], 16) for index in range(count)]
    widest, highest = (max(*side, 1) for side in zip(*samplings, strict=True))
    blocks = []
    for across, down in samplings:
        columns = ceil(ceil(width * across / (8 * widest)) / max(across, 1)) * across
        rows = ceil(ceil(height * down / (8 * highest)) / max(down, 1)) * down
        blocks.append(columns * rows)
    return blocks
