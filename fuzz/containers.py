"""PNG, JPEG, GIF and WebP files as lists of pieces, put together again with lengths and checksums that are right."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence
from random import Random

from .mutation import mutated

MARKER = b"scene-art-fuzz-canary"
"""Stands in the metadata of the files of the corpus, and must stand in no file that comes out."""
_STANDALONE = frozenset(range(0xD0, 0xDA)) | {0x01}
_START_OF_SCAN = 0xDA

Piece = tuple[bytes, bytes]
"""A tag and what belongs to it; without a tag the bytes are written as they are."""


def mutated_picture(dice: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """`data` with its pieces changed, or its bytes, or both."""
    split, join = form(data)
    try:
        pieces = split(data)
    except (IndexError, struct.error):
        return mutated(dice, data, others)
    if dice.random() < 0.75:
        for _ in range(dice.randint(1, 3)):
            pieces = _changed(dice, pieces, others)
        data = join(pieces)
    return data if dice.random() < 0.6 else mutated(dice, data, others, most_steps=2)


def _changed(dice: Random, pieces: list[Piece], others: Sequence[bytes]) -> list[Piece]:
    if not pieces:
        return [(b"", MARKER)]
    at = dice.randrange(len(pieces))
    (tag, body), head, tail = pieces[at], pieces[:at], pieces[at + 1 :]
    changed: list[Piece]
    match dice.randrange(7):
        case 0:
            changed = []
        case 1:
            changed = [(tag, body)] * dice.choice((2, 3, 50))
        case 2:
            head, changed = [], [*head, *tail[:1], (tag, body)]
        case 3:
            changed = [(tag, body), _foreign(dice, others)]
        case 4:
            changed = [(tag, body), (tag, MARKER * dice.choice((1, 1000)))]
        case _:
            changed = [(tag, mutated(dice, body, others, most_steps=2))]
    return [*head, *changed, *tail]


def _foreign(dice: Random, others: Sequence[bytes]) -> Piece:
    """A piece of another file, of whatever kind."""
    other = dice.choice(others)
    try:
        return dice.choice(form(other)[0](other))
    except (IndexError, struct.error):
        return b"", other


def form(data: bytes) -> tuple[Callable[[bytes], list[Piece]], Callable[[list[Piece]], bytes]]:
    """How a file of this kind is taken apart, and put together again."""
    if data.startswith(b"\x89PNG"):
        return _split_png, _join_png
    if data.startswith(b"\xff\xd8"):
        return _split_jpeg, _join_jpeg
    if data.startswith(b"GIF8"):
        return _split_gif, _join_plain
    return _split_riff, _join_riff


def _split_png(data: bytes) -> list[Piece]:
    pieces, at = [], 8
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        pieces.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += length + 12
    return pieces


def _join_png(pieces: list[Piece]) -> bytes:
    chunks = (
        struct.pack(">I", len(body)) + tag + body + struct.pack(">I", zlib.crc32(tag + body)) if tag else body
        for tag, body in pieces
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _split_jpeg(data: bytes) -> list[Piece]:
    """Segments up to the first scan, and what follows as one piece."""
    pieces, at = [], 2
    while data[at + 1] not in _STANDALONE and data[at + 1] != _START_OF_SCAN:
        (length,) = struct.unpack_from(">H", data, at + 2)
        pieces.append((data[at : at + 2], data[at + 4 : at + 2 + length]))
        at += length + 2
    return [*pieces, (b"", data[at:])]


def _join_jpeg(pieces: list[Piece]) -> bytes:
    segments = (tag + struct.pack(">H", min(len(body) + 2, 65535)) + body if tag else body for tag, body in pieces)
    return b"\xff\xd8" + b"".join(segments)


def _split_gif(data: bytes) -> list[Piece]:
    """The header with its colours, then blocks; all of them without tags, since they carry their lengths."""
    at = _after_colours(data, 13, data[10])
    pieces = [(b"", data[:at])]
    while at < len(data) and data[at] in b"!,":
        start, extension = at, data[at] == ord("!")
        at = at + 2 if extension else _after_colours(data, at + 10, data[at + 9]) + 1
        while data[at]:
            at += data[at] + 1
        at += 1
        pieces.append((b"", data[start:at]))
    return [*pieces, (b"", data[at:])]


def _after_colours(data: bytes, at: int, flags: int) -> int:
    if at > len(data):
        raise IndexError(at)
    return at + (3 << (flags & 7) + 1 if flags & 0x80 else 0)


def _join_plain(pieces: list[Piece]) -> bytes:
    return b"".join(tag + body for tag, body in pieces)


def _split_riff(data: bytes) -> list[Piece]:
    pieces, at = [], 12
    while at < len(data):
        (length,) = struct.unpack_from("<I", data, at + 4)
        pieces.append((data[at : at + 4], data[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    return pieces


def _join_riff(pieces: list[Piece]) -> bytes:
    chunks = b"".join(
        tag[:4].ljust(4) + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2) if tag else body
        for tag, body in pieces
    )
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks
