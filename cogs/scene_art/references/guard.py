"""Keeps connections away from private addresses, and ends those that send far more than a picture.

Addresses are checked when a name is looked up, and when a socket is opened. A check of lookups alone is bypassed by
literal addresses. A check of sockets alone would sometimes let a name with one public and one private address through.

A meter counts the bytes of each socket: aiohttp limits single header lines, but not the bytes in all. Endless
`100 Continue` answers, chunks of one byte, chunk extensions and empty lines cost its parser processor time and memory
for as long as they come, and never reach the reader of the body.
"""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from aiohttp.abc import AbstractResolver, ResolveResult

from .addresses import is_public_address

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

AddressInfo = tuple[int, int, int, str, tuple[Any, ...]]

# getaddrinfo cannot be interrupted, and a name server that never answers holds it longer than a fetch may take.
# Threads of our own, and twice as many as fetches, so that the names of one group leave some to the others.
_LOOKUP_THREADS: Final = 48
HEAD_BYTES: Final = 256 * 1024
"""Most bytes before the answer's head is complete: several times the size of certificates and headers."""
SLACK_BYTES: Final = 512 * 1024
"""Bytes allowed besides the read body, for unread data in several buffers."""
_BODY_SHARE: Final = 1.25
"""Bytes on the wire for a byte of body, with small chunks and the records of TLS."""
_MOST_AT_ONCE: Final = 64 * 1024


class AddressRefusedError(OSError):
    """The connection would have gone to a private or reserved address.

    An `OSError`, because aiohttp turns any other exception of a socket factory into an `IndexError`.
    """


def guarded_socket(addr_info: AddressInfo) -> socket.socket:
    """Make a socket for one connection attempt; `addr_info` is in `getaddrinfo`'s form.

    Raises:
        AddressRefusedError: the address is not public.
    """
    if not is_public_address(str(addr_info[4][0])):
        raise AddressRefusedError
    return trusted_socket(addr_info)


def trusted_socket(addr_info: AddressInfo) -> socket.socket:
    """Make a socket for any address. Like the guarded one, it obeys the meter of its context."""
    family, kind, protocol, _, _ = addr_info
    return MeteredSocket(family, kind, protocol)


class SystemResolver(AbstractResolver):
    """A resolver that uses the operating system, in threads of its own."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_LOOKUP_THREADS, thread_name_prefix="reference-lookup")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Look up every address of `host`. Raises `OSError` when there is none."""
        answers = await asyncio.get_running_loop().run_in_executor(
            self._pool, socket.getaddrinfo, host, port, family, socket.SOCK_STREAM
        )
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=int(address[1]),
                family=kind,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for kind, _, protocol, _, address in answers
        ]

    async def close(self) -> None:
        """Give the threads up without waiting; a lookup that hangs ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class GuardedResolver(AbstractResolver):
    """A resolver that passes the addresses of another one on, unless any of them is not public."""

    def __init__(self, inner: AbstractResolver) -> None:
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Look up the addresses of `host`. Raises `AddressRefusedError` when any of them is not public."""
        answers = await self._inner.resolve(host, port, family)
        if not answers:
            raise OSError(None, "no address")
        if not all(is_public_address(answer["host"]) for answer in answers):
            raise AddressRefusedError
        return answers

    async def close(self) -> None:
        """Do nothing: the inner resolver belongs to the caller."""


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
