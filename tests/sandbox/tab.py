"""An open page as its scripts use it: wishes go out, news come in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from sandbox import Sandbox

Document = dict[str, Any]


class Tab:
    """An open page: sends wishes and reads what comes."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self.news: list[Document] = []

    async def read(self, kind: str) -> Document:
        """The next news of this kind; what comes before it is kept in `news`."""
        while True:
            document: Document = await self._socket.receive_json(timeout=5)
            self.news.append(document)
            if document["type"] == kind:
                return document

    async def write(self, words: str) -> Document:
        """Write to the socket by hand, and return the answer."""
        await self._socket.send_str(words)
        return await self.read("done")

    async def wish(self, **what: Any) -> Document:
        """Ask for something; the report."""
        await self._socket.send_json({"id": 1, **what})
        return await self.read("done")


@asynccontextmanager
async def opened(sandbox: Sandbox, query: str = "") -> AsyncIterator[Tab]:
    """A tab that has the connection with this query.

    Yields:
        The tab, before it has read anything.
    """
    address = f"{sandbox.page_url}live{query}"
    async with aiohttp.ClientSession() as session, session.ws_connect(address) as socket:
        yield Tab(socket)
