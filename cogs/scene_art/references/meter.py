"""Counts what comes out of a socket: aiohttp bounds single header lines, but not how much is sent in all.

Endless `100 Continue` answers, chunks of one byte, chunk extensions and empty lines cost its parser processor time
and memory for as long as they come, and never reach whoever reads the body.
"""

from __future__ import annotations

import socket
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

HEAD_BYTES: Final = 256 * 1024
"""Before the answer's head is complete: certificates and whole headers fit in several times."""
SLACK_BYTES: Final = 512 * 1024
"""Beside the body: what several buffers hold that nobody has read yet."""
_BODY_SHARE: Final = 1.25
"""Bytes on the wire for a byte of body: small chunks and the records of TLS."""
_MOST_AT_ONCE: Final = 64 * 1024


class TooMuchError(OSError):
    """More came over a connection than its answer accounts for. An `OSError`: asyncio closes without a complaint."""

    def __init__(self) -> None:
        super().__init__("far more was sent than a picture")


class Meter:
    """How much one answer has sent, and how much it may. Its connection is used for nothing else."""

    def __init__(self) -> None:
        self.spent = False
        self._received = 0
        self._allowed = HEAD_BYTES

    def read(self, body_bytes: int) -> None:
        """The head is complete, and so much of the body was read."""
        self._allowed = HEAD_BYTES + SLACK_BYTES + int(body_bytes * _BODY_SHARE)

    def count(self, received: int) -> None:
        """Bytes came. Raises `TooMuchError` when they are too many."""
        self._received += received
        if self._received > self._allowed:
            self.spent = True
            raise TooMuchError


METER: Final[ContextVar[Meter | None]] = ContextVar("scene_art_meter", default=None)
"""The meter of sockets that are opened in this context; aiohttp opens them within the request's own."""


class MeteredSocket(socket.socket):
    """A socket whose meter stops it. asyncio's selector loops read through it; Windows' proactor does not."""

    def __init__(self, family: int, kind: int, protocol: int) -> None:
        super().__init__(family, kind, protocol)
        self._meter = METER.get() or Meter()

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """As ever, in smaller pieces: what a parser makes of one is held until all of it is parsed."""
        data = super().recv(min(bufsize, _MOST_AT_ONCE), flags)
        self._meter.count(len(data))
        return data

    def recv_into(self, buffer: WriteableBuffer, nbytes: int = 0, flags: int = 0) -> int:
        """As `recv`; asyncio reads TLS with it."""
        received = super().recv_into(buffer, nbytes or min(_MOST_AT_ONCE, _length(buffer)), flags)
        self._meter.count(received)
        return received


def _length(buffer: ReadableBuffer) -> int:
    return memoryview(buffer).nbytes
