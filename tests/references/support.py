"""Small honest stand-ins on real sockets, and pictures to feed them with."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult
from PIL import Image

from cogs.scene_art.errors import ReferenceUnavailableError

Handler = Callable[[asyncio.StreamWriter], Awaitable[None]]


class FakeNames(AbstractResolver):
    """Answers from a table; a list of lists is used up one list per question."""

    def __init__(self) -> None:
        self.table: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []

    def say(self, name: str, *answers: list[str]) -> None:
        self.table[name] = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        answers = self.table.get(host, [["127.0.0.1"]])
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        if not found:
            raise OSError(None, "no such name")
        return [_result(host, port, address) for address in found]

    async def close(self) -> None:
        pass


def _result(host: str, port: int, address: str) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)


class WebServer:
    """Speaks just enough HTTP to answer wrongly on purpose; one request per connection unless told otherwise."""

    def __init__(self) -> None:
        self.connections = 0
        self.requests: list[str] = []
        self.heads: list[str] = []
        self.port = 0
        self._answers: dict[str, Handler] = {}
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def on(self, path: str, handler: Handler) -> None:
        self._answers[path] = handler

    def answer(self, path: str, body: bytes = b"", status: str = "200 OK", **headers: str) -> None:
        lines = {"Content-Length": str(len(body)), "Connection": "close"}
        lines |= {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self.raw(path, f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body)

    def raw(self, path: str, data: bytes) -> None:
        async def send(writer: asyncio.StreamWriter) -> None:
            writer.write(data)
            await writer.drain()

        self.on(path, send)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            path = head.split(" ")[1]
            self.requests.append(path)
            self.heads.append(head)
            handler = self._answers.get(path.partition("?")[0])
            if handler is None:
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            else:
                await handler(writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort() if writer.transport.is_closing() else writer.close()
            self._tasks.discard(task)


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png(colour: str = "red", size: tuple[int, int] = (8, 8)) -> bytes:
    return encoded(Image.new("RGB", size, colour))


def failure_of(work: Callable[[], object]) -> ReferenceUnavailableError | None:
    """The error that `work` ended with, or None when it went well; any other error passes through."""
    try:
        work()
    except ReferenceUnavailableError as exc:
        return exc
    return None
