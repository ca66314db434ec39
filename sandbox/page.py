"""The page on which a person looks at the sandbox: its files, and one websocket for each open tab."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.accounts import PLAYER, Accounts, Seat
from sandbox.page_actions import Actions
from sandbox.page_view import View
from sandbox.people import People
from sandbox.turns import TurnDesk
from sandbox.uploads import Uploads
from sandbox.world import JSON, Happening, Message, World

STATIC = Path(__file__).parent / "static"
SCRIPTS = tuple(sorted(path.name for path in STATIC.glob("*.js")))
FILES = {"": "index.html", "page.css": "page.css"} | {name: name for name in SCRIPTS}
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
POLICY = "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'"


@dataclass
class Tab:
    """An open page: who sits in front of it, and what it is still to be told."""

    seat: Seat
    outgoing: asyncio.Queue[JSON] = field(default_factory=asyncio.Queue)


class Page:
    """Serves the page; a tab sees everything that its person may see, and acts as that person."""

    def __init__(self, world: World, people: People, say: Callable[..., Message], add_role: Callable[..., int]) -> None:
        self._world = world
        self._tabs: dict[web.WebSocketResponse, Tab] = {}
        self._uploads = Uploads(self._is_own)
        self.accounts = Accounts(world, add_role)
        self._actions = Actions(world, people, self.accounts, say, self._uploads)
        self._view = View(world, self.accounts, self.turns)
        world.watchers.append(self._on_happening)

    @property
    def turns(self) -> TurnDesk:
        """The turns that the visitor makes up."""
        return self._actions.turns

    def add_to(self, app: web.Application) -> None:
        """Register the routes."""
        for path in FILES:
            app.router.add_get(f"/{path}", self._static)
        app.router.add_get("/live", self._live)
        self._uploads.add_to(app)

    async def close(self) -> None:
        """Close every tab's websocket."""
        for socket in tuple(self._tabs):
            await socket.close(code=1001, message=b"The sandbox closes")

    async def _static(self, request: web.Request) -> web.Response:
        path = STATIC / FILES[request.path.lstrip("/")]
        body = await asyncio.to_thread(path.read_bytes)
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
        return web.Response(body=body, content_type=KINDS[path.suffix], charset="utf-8", headers=headers)

    def _is_own(self, origin: str | None) -> bool:
        """Tell whether a request comes from this page, under any name of this machine, or from no page."""
        own = self._world.base_url
        return origin in {None, own, own.replace("//127.0.0.1", "//localhost")}

    async def _live(self, request: web.Request) -> web.StreamResponse:
        if not self._is_own(request.headers.get("Origin")):
            raise web.HTTPForbidden
        tab = Tab(self._seat(request))
        socket = web.WebSocketResponse(heartbeat=20)
        await socket.prepare(request)
        self._tabs[socket] = tab
        tab.outgoing.put_nowait(self._view.snapshot(tab.seat))
        writer = asyncio.create_task(_write(socket, tab.outgoing), name="sandbox-page-writer")
        acts: set[asyncio.Task[None]] = set()
        try:
            async for incoming in socket:
                if incoming.type is WSMsgType.TEXT:
                    act = asyncio.create_task(self._act(incoming.data, tab))
                    acts.add(act)
                    act.add_done_callback(acts.discard)
        finally:
            del self._tabs[socket]
            await _end(writer, *acts)
        return socket

    def _seat(self, request: web.Request) -> Seat:
        """The seat that the tab had before it lost its connection; a new tab is a player's, in English."""
        try:
            return self.accounts.seat(request.query.get("who", PLAYER), request.query.get("locale", "en-US"))
        except KeyError:
            return self.accounts.seat(PLAYER, "en-US")

    def _on_happening(self, event: Happening) -> None:
        for tab in self._tabs.values():
            document = self._view.news(event, tab.seat)
            if document is not None:
                tab.outgoing.put_nowait(document)

    async def _act(self, words: str, tab: Tab) -> None:
        report = await self._actions.carry_out(words, tab.seat)
        if report.pop("seated", False):
            tab.outgoing.put_nowait(self._view.snapshot(tab.seat))
        tab.outgoing.put_nowait(report)


async def _write(socket: web.WebSocketResponse, outgoing: asyncio.Queue[JSON]) -> None:
    with contextlib.suppress(ConnectionError, RuntimeError):
        while True:
            await socket.send_json(await outgoing.get())


async def _end(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
