"""Running an aiohttp application on a loopback port, and closing it without leftovers."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import Self

from aiohttp import web

HOST = "127.0.0.1"


class LoopbackServer:
    """One application on one port of the loopback interface; port 0 takes a free one."""

    def __init__(self, app: web.Application, port: int = 0) -> None:
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.2)
        self._wanted_port = port
        self.port = 0

    async def start(self) -> Self:
        """Bind and serve.

        Raises:
            OSError: the wanted port is taken.
        """
        await self._runner.setup()
        try:
            site = web.TCPSite(self._runner, HOST, self._wanted_port)
            await site.start()
        except BaseException:
            await self._runner.cleanup()
            raise
        self.port = int(self._runner.addresses[0][1])
        return self

    async def stop(self) -> None:
        """Close every connection; idempotent."""
        await self._runner.cleanup()

    @property
    def address(self) -> str:
        """`http://127.0.0.1:PORT`, without a slash at the end."""
        return f"http://{HOST}:{self.port}"


def reset_connection(request: web.Request) -> None:
    """Make the peer see "connection reset" (a TCP RST), as a crashed server would."""
    transport = request.transport
    if transport is None:
        return
    sock = transport.get_extra_info("socket")
    if sock is not None:
        # SO_LINGER with zero seconds: closing sends RST and drops what is unsent.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def hang(request: web.Request, closing: asyncio.Event) -> None:
    """Answer nothing until the peer goes away or the sandbox closes."""
    while request.transport is not None and not request.transport.is_closing():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(closing.wait(), 0.05)
            return
