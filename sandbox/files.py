"""A server of reference pictures on its own port, well-behaved or not."""

from __future__ import annotations

import asyncio
import mimetypes
from collections import Counter
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import quote

from aiohttp import web

from sandbox.serving import LoopbackServer, hang, reset_connection

CHUNK = 64 * 1024


@dataclass
class Served:
    """A file and how it is served."""

    data: bytes
    status: int = 200
    delay: float = 0.0
    """Seconds before anything is answered."""
    content_type: str | None = None
    redirect: str | None = None
    hang: bool = False
    reset: bool = False
    endless: bool = False
    """The data is repeated without an end and without a Content-Length."""
    chunked: bool = False
    """No Content-Length."""
    pretended_length: int | None = None
    """A Content-Length that is not true: longer than the data cuts the transfer short."""
    chunk_delay: float = 0.0
    """Seconds between chunks, for a server that drips."""
    headers: dict[str, str] = field(default_factory=dict)


class FileServer:
    """Serves what is added under `/<name>` and counts who asked."""

    def __init__(self, port: int = 0) -> None:
        self._files: dict[str, Served] = {}
        self._hits: Counter[str] = Counter()
        self._closing = asyncio.Event()
        self.user_agents: list[str] = []
        app = web.Application()
        app.router.add_get("/{name:.*}", self._serve)
        self._server = LoopbackServer(app, port)

    async def start(self) -> Self:
        """Bind the port and serve."""
        await self._server.start()
        return self

    async def stop(self) -> None:
        """Close every connection; idempotent."""
        self._closing.set()
        await self._server.stop()

    @property
    def base_url(self) -> str:
        """The address in front of the names, without a slash at the end."""
        return self._server.address

    def url(self, name: str) -> str:
        """The address of a name, whether anything is there or not."""
        return f"{self.base_url}/{quote(name)}"

    def add(
        self,
        name: str,
        data: bytes = b"",
        *,
        status: int = 200,
        delay: float = 0.0,
        content_type: str | None = None,
        redirect: str | None = None,
        hang: bool = False,
        reset: bool = False,
        endless: bool = False,
        chunked: bool = False,
        pretended_length: int | None = None,
        chunk_delay: float = 0.0,
        headers: dict[str, str] | None = None,
    ) -> str:
        """Serve `data` under `name` from now on, and return the address; see `Served` for the ways."""
        self._files[name] = Served(
            data=data,
            status=status,
            delay=delay,
            content_type=content_type,
            redirect=redirect,
            hang=hang,
            reset=reset,
            endless=endless,
            chunked=chunked,
            pretended_length=pretended_length,
            chunk_delay=chunk_delay,
            headers=headers or {},
        )
        return self.url(name)

    def remove(self, name: str) -> None:
        """Answer 404 for `name` from now on."""
        self._files.pop(name, None)

    def hits(self, name: str) -> int:
        """Count the requests for `name`."""
        return self._hits[name]

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        self._hits[name] += 1
        self.user_agents.append(request.headers.get("User-Agent", ""))
        served = self._files.get(name)
        if served is None:
            return web.Response(status=404, text="Not Found")
        await asyncio.sleep(served.delay)
        if served.reset:
            reset_connection(request)
        if served.hang:
            await hang(request, self._closing)
        if served.redirect is not None:
            status = served.status if 300 <= served.status < 400 else 302
            return web.Response(status=status, headers={"Location": served.redirect})
        return await self._send(request, name, served)

    async def _send(self, request: web.Request, name: str, served: Served) -> web.StreamResponse:
        kind = served.content_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
        headers = {"Content-Type": kind} | served.headers
        if not (served.endless or served.chunked or served.chunk_delay or served.pretended_length):
            return web.Response(status=served.status, body=served.data, headers=headers)
        response = web.StreamResponse(status=served.status, headers=headers)
        if served.pretended_length is not None:
            response.content_length = served.pretended_length
        await response.prepare(request)
        try:
            await self._stream(response, served)
        except ConnectionError:
            return response
        if served.pretended_length is not None and request.transport is not None:
            request.transport.close()
        return response

    async def _stream(self, response: web.StreamResponse, served: Served) -> None:
        while not self._closing.is_set():
            for start in range(0, len(served.data), CHUNK):
                await response.write(served.data[start : start + CHUNK])
                await asyncio.sleep(served.chunk_delay)
            if not served.endless:
                return
