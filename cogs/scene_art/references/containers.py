"""Takes picture files apart before they are decoded: PNG, GIF and WebP here, JPEG in `jpeg`.

A decoder gets only the parts that hold pixels. Compressed text, colour profiles, EXIF, comments, further frames and
data behind the end cost it neither memory nor time, and cannot reach any code of ours.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from .anatomy import Anatomy, BrokenError, Piece, check_size, orientation_of
from .jpeg import jpeg
from .problems import NOT_A_PICTURE, LastingProblemError

_MOST_PARTS: Final = 100_000
"""Most parts of a file: 8 MB in parts of a few bytes would cost only us."""
_LONGEST_EXIF: Final = 65_536
_PNG_KEPT: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_WEBP_ANIMATED: Final = 0x02
_WEBP_ALPHA: Final = 0x10


def take_apart(data: bytes) -> Anatomy:
    """Take a PNG, JPEG, WebP or GIF apart. The kind is recognized by the first bytes alone.

    Raises:
        ReferenceUnavailableError: it is of another kind, or has more than 32 megapixels.
        ValueError, IndexError, struct.error: the file is broken.
    """
    view = memoryview(data)
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return png(view)
    if data.startswith(b"\xff\xd8\xff"):
        return jpeg(view)
    if data.startswith((b"GIF87a", b"GIF89a")):
        return gif(view)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return webp(view)
    raise LastingProblemError(f"{len(data)} bytes that are not a PNG, JPEG, WebP or GIF", sentence=NOT_A_PICTURE)


def png(data: memoryview) -> Anatomy:
    """Take a PNG apart. Of an animated one only the default still picture is kept."""
    pieces: list[Piece] = [data[:8]]
    orientation = 1
    for number, (kind, part) in enumerate(_chunks(data, 8, ">I4s", 12)):
        if (kind == b"IHDR") != (number == 0):
            # A decoder uses the last header, while its memory is estimated from the first.
            raise BrokenError("no header, or several")
        if kind in _PNG_KEPT:
            pieces.append(part)
        elif kind == b"eXIf":
            orientation = orientation_of(bytes(part[8 : 8 + _LONGEST_EXIF]))
        if kind == b"IEND":
            break
    width, height, depth, colour = struct.unpack_from(">IIBB", data, 16)
    check_size("PNG", (width, height))
    # Pillow keeps everything but greys and palettes at four bytes.
    pixel_bytes = {0: 1 if depth <= 8 else 2, 3: 1}.get(colour, 4)
    return Anatomy("PNG", (width, height), tuple(pieces), pixel_bytes, orientation=orientation)


def gif(data: memoryview) -> Anatomy:
    """Take a GIF apart: its header, the last graphic control, and the file from the first frame on."""
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    at = 13 + _palette_bytes(flags)
    head, control = data[:at], b""
    for _ in range(_MOST_PARTS):
        if data[at] == 0x2C:
            left, top, wide, high = struct.unpack_from("<HHHH", data, at + 1)
            size = max(width, left + wide), max(height, top + high)
            check_size("GIF", size)
            # A byte for the palette's index, one for the frame before, which Pillow makes when there is none.
            return Anatomy("GIF", size, (head, control, data[at:]), 2)
        end = _after_blocks(data, at + 2) if data[at] == 0x21 else at + 1
        if data[at] == 0x21 and data[at + 1] == 0xF9:
            control = bytes(data[at:end])
        at = end
    raise BrokenError("too many parts")


def webp(data: memoryview) -> Anatomy:
    """Take a WebP apart. Of an animated one only the first frame is kept."""
    canvas: tuple[int, int] | None = None
    pieces: list[Piece] = []
    orientation = flags = 0
    for kind, part in _chunks(data, 12, "<4sI", 8, padded=True):
        if kind == b"EXIF":
            orientation = orientation_of(bytes(part[8 : 8 + _LONGEST_EXIF]))
        elif kind == b"VP8X" and not pieces:
            flags = part[8] & (_WEBP_ANIMATED | _WEBP_ALPHA)
            canvas = _sides_24(part, 12)
            pieces.append(bytes(part[:8]) + bytes([flags]) + bytes(part[9:]))
        elif _is_wanted(kind, flags, pieces):
            pieces.append(part)
            canvas = canvas or _webp_sides(kind, part)
    if canvas is None:
        raise BrokenError("no picture")
    check_size("WEBP", canvas)
    _check_frames(pieces, canvas)
    head = struct.pack("<4sI4s", b"RIFF", 4 + sum(map(len, pieces)), b"WEBP")
    # The decoder's two canvases and Pillow's picture stay; the copy between them does not.
    loading = canvas[0] * canvas[1] * 4 + 2 * len(data)
    return Anatomy("WEBP", canvas, (head, *pieces), 12, loading_bytes=loading, orientation=orientation or 1)


def _check_frames(pieces: list[Piece], canvas: tuple[int, int]) -> None:
    """Check that the frames have the declared size and lie on the canvas: a decoder allocates memory for both."""
    for piece in pieces:
        part = memoryview(piece)
        kind, sides = bytes(part[:4]), canvas
        frames = [(kind, part)]
        if kind == b"ANMF":
            # The corner is stored in units of two pixels.
            left, top = ((stored - 1) * 2 for stored in _sides_24(part, 8))
            sides = _sides_24(part, 14)
            if left + sides[0] > canvas[0] or top + sides[1] > canvas[1]:
                raise BrokenError("a frame beyond the canvas")
            frames = list(_chunks(part, 24, "<4sI", 8, padded=True))
        if any((_webp_sides(*frame) or sides) != sides for frame in frames):
            raise BrokenError("its size is said in two ways")


def _is_wanted(kind: bytes, flags: int, pieces: list[Piece]) -> bool:
    """Tell whether this WebP chunk holds pixels of the first frame."""
    had = {bytes(piece[:4]) for piece in pieces}
    if flags & _WEBP_ANIMATED:
        return kind in {b"ANIM", b"ANMF"} and kind not in had
    return kind in {b"ALPH", b"VP8 ", b"VP8L"} and not had & {kind, b"VP8 ", b"VP8L"}


def _webp_sides(kind: bytes, part: memoryview) -> tuple[int, int] | None:
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", part, 9)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", part, 14)
        return width & 0x3FFF, height & 0x3FFF
    return None


def _sides_24(part: memoryview, at: int) -> tuple[int, int]:
    width, width_high, height, height_high = struct.unpack_from("<HBHB", part, at)
    return (width | width_high << 16) + 1, (height | height_high << 16) + 1


def _chunks(
    data: memoryview, at: int, head: str, around: int, *, padded: bool = False
) -> Iterator[tuple[bytes, memoryview]]:
    """Yield each chunk as (kind, whole chunk), at most `_MOST_PARTS`. The last one may be cut short."""
    parts = 0
    while at + 8 <= len(data):
        if parts == _MOST_PARTS:
            raise BrokenError("too many parts")
        parts += 1
        first, second = struct.unpack_from(head, data, at)
        kind, length = (first, second) if isinstance(first, bytes) else (second, first)
        end = at + around + length + (length & 1 if padded else 0)
        yield kind, data[at:end]
        at = end


def _palette_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _after_blocks(data: memoryview, at: int) -> int:
    """Return the offset behind the sequence of GIF sub-blocks that begins at `at`."""
    for _ in range(_MOST_PARTS):
        length = data[at]
        at += 1 + length
        if not length:
            return at
    raise BrokenError("too many parts")
