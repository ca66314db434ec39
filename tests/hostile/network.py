"""A hostile neighbourhood on loopback: a name server, a canary and a web server that answers as it is told."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Self

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

_A, _CNAME, _AAAA = 1, 5, 28


class NameServer(asyncio.DatagramProtocol):
    """Speaks DNS over UDP. A name has one list of addresses per question; the last one stays.

    It never answers questions for names that begin with `silent`.
    """

    def __init__(self) -> None:
        self.zone: dict[str, list[list[str]]] = {}
        self.asked: Counter[str] = Counter()
        self.address = ""
        self._transport: asyncio.DatagramTransport | None = None

    async def start(self) -> Self:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self._transport = transport
        host, port = transport.get_extra_info("sockname")
        self.address = f"{host}:{port}"
        return self

    def stop(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        name, end = _name(data)
        kind = struct.unpack_from(">H", data, end)[0]
        self.asked[name] += 1
        if name.startswith("silent"):
            return
        answers = [record for address in self._answers(name, kind) for record in _records(address, kind)]
        head = struct.pack(">6H", struct.unpack_from(">H", data)[0], 0x8180, 1, len(answers), 0, 0)
        if self._transport is not None:
            self._transport.sendto(head + data[12 : end + 4] + b"".join(answers), addr)

    def _answers(self, name: str, kind: int) -> list[str]:
        lists = self.zone.get(name, [[]])
        # Both kinds are asked for, one after the other: a name changes its mind between two pairs of questions.
        return lists.pop(0) if len(lists) > 1 and kind == _AAAA else lists[0]


def _name(data: bytes) -> tuple[str, int]:
    """The name in a question, and where its type stands."""
    labels, at = [], 12
    while data[at]:
        labels.append(data[at + 1 : at + 1 + data[at]].decode())
        at += 1 + data[at]
    return ".".join(labels).lower(), at + 1


def _records(address: str, kind: int) -> Iterator[bytes]:
    """The records of one answer: an address of the kind that was asked for, behind another name where it has one."""
    address, _, alias = address.partition(" via ")
    packed = ip_address(address).packed
    if (len(packed) == 4) == (kind == _A):
        if alias:
            target = b"".join(bytes([len(label)]) + label.encode() for label in alias.split(".")) + b"\0"
            yield struct.pack(">3HIH", 0xC00C, _CNAME, 1, 0, len(target)) + target
        yield struct.pack(">3HIH", 0xC00C, kind, 1, 0, len(packed)) + packed


class Canary:
    """Listens where nobody may come, and counts who does."""

    def __init__(self) -> None:
        self.visits = 0
        self.port = 0
        self._servers: list[asyncio.Server] = []

    async def start(self) -> Self:
        self._servers.append(await asyncio.start_server(self._visited, "127.0.0.1", 0))
        self.port = self._servers[0].sockets[0].getsockname()[1]
        # The usual ports, and IPv6, where the machine has them for us; the log of attempts needs neither.
        for host, port in (("::1", self.port), ("127.0.0.1", 80), ("127.0.0.1", 443), ("::1", 80)):
            with contextlib.suppress(OSError):
                self._servers.append(await asyncio.start_server(self._visited, host, port))
        return self

    async def stop(self) -> None:
        for server in self._servers:
            server.close()

    async def _visited(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits += 1
        writer.close()


@dataclass
class Asked:
    """A client's request."""

    head: str


@dataclass
class HostileServer:
    """Answers each path as it was told, whatever HTTP says."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    port: int = 0
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    async def start(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with contextlib.suppress(
            OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError
        ):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.asked.append(Asked(head))
            answer = self.answers.get(head.split(" ")[1].lstrip("/").partition("?")[0])
            if answer is not None:
                await answer(reader, writer)
        if not writer.transport.is_closing():
            writer.transport.abort() if task.cancelling() else writer.close()


def free_port() -> int:
    """A port of loopback where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
