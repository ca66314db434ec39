"""A file made of parts of another one, without a copy of them."""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from .anatomy import Piece

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class PiecesFile(io.RawIOBase):
    """A file that consists of the given parts, one behind the other."""

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
        """Fill `buffer` from as many parts as needed, and return the number of bytes."""
        target = memoryview(buffer).cast("B")
        filled = 0
        while filled < len(target) and self._at < self._starts[-1]:
            index = bisect_right(self._starts, self._at) - 1
            piece = self._pieces[index]
            begin = self._at - self._starts[index]
            count = min(len(piece) - begin, len(target) - filled)
            target[filled : filled + count] = piece[begin : begin + count]
            filled += count
            self._at += count
        return filled
