"""Keeps connections away from private addresses: checks them when a name is looked up, and when a socket is opened.

A check of lookups alone is bypassed by literal addresses. A check of sockets alone would sometimes let a name with one
public and one private address through.
"""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from aiohttp.abc import AbstractResolver, ResolveResult

from .meter import MeteredSocket
from .networks import is_public_address

AddressInfo = tuple[int, int, int, str, tuple[Any, ...]]

# getaddrinfo cannot be interrupted, and a name server that never answers holds it longer than a fetch may take.
# Threads of our own, and twice as many as fetches, so that the names of one group leave some to the others.
_LOOKUP_THREADS: Final = 48


class AddressRefusedError(OSError):
    """The connection would have gone to a private or reserved address.

    An `OSError`, because aiohttp turns any other exception of a socket factory into an `IndexError`.
    """

    def __init__(self) -> None:
        super().__init__("private or reserved address")


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
