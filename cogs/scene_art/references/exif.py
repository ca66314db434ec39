"""Reads the orientation of a picture, and nothing else of its EXIF data."""

from __future__ import annotations

import struct
from typing import Final

_PREFIX: Final = b"Exif\x00\x00"
_ORIENTATION: Final = 0x0112
_MOST_ENTRIES: Final = 256
_NUMBERS: Final = {3: "H", 4: "I"}


def orientation_of(block: bytes) -> int:
    """Read the orientation, 1 to 8, from the first directory of an EXIF block; 1 (upright) when it has no valid one."""
    tiff = block.removeprefix(_PREFIX)
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
