"""Counts the bytes of a socket: aiohttp limits single header lines, but not the bytes in all.

Endless `100 Continue` answers, chunks of one byte, chunk extensions and empty lines cost its parser processor time
and memory for as long as they come, and never reach the reader of the body.
"""

from __future__ import annotations

import socket
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

HEAD_BYTES: Final = 256 * 1024
"""Most bytes before the answer's head is complete: several times the size of certificates and headers."""
SLACK_BYTES: Final = 512 * 1024
"""Bytes allowed besides the read body, for unread data in several buffers."""
_BODY_SHARE: Final = 1.25
"""Bytes on the wire for a byte of body, with small chunks and the records of TLS."""
_MOST_AT_ONCE: Final = 64 * 1024


class Meter:
    """The bytes of one answer, and their limit. Its connection is used for nothing else."""

    def __init__(self) -> None:
        self.spent = False
        self._received = 0
        self._allowed = HEAD_BYTES

    def read(self, body_bytes: int) -> None:
        """Note that the head is complete, and that so many bytes of the body were read in all."""
        self._allowed = HEAD_BYTES + SLACK_BYTES + int(body_bytes * _BODY_SHARE)

    def count(self, received: int) -> None:
        """Count received bytes. Raises `OSError`, upon which asyncio closes quietly, when they are too many."""
        self._received += received
        if self._received > self._allowed:
            self.spent = True
            raise OSError("far more was sent than a picture")


METER: Final[ContextVar[Meter | None]] = ContextVar("scene_art_meter", default=None)
"""The meter of sockets that are opened in this context. aiohttp opens them within the request's own."""


class MeteredSocket(socket.socket):
    """A socket that its meter stops. asyncio's selector loops read through it; Windows' proactor does not."""

    def __init__(self, family: int, kind: int, protocol: int) -> None:
        super().__init__(family, kind, protocol)
        self._meter = METER.get() or Meter()

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """Receive in smaller pieces, since a parser holds its results until a whole piece is parsed."""
        data = super().recv(min(bufsize, _MOST_AT_ONCE), flags)
        self._meter.count(len(data))
        return data

    def recv_into(self, buffer: WriteableBuffer, nbytes: int = 0, flags: int = 0) -> int:
        """Receive like `recv`; asyncio reads TLS with it."""
        received = super().recv_into(buffer, nbytes or min(_MOST_AT_ONCE, memoryview(buffer).nbytes), flags)
        self._meter.count(received)
        return received
