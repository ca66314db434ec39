"""The page on which a person looks at the sandbox, and what they do there."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

from sandbox import commands, payloads
from sandbox.commands import CommandError, parse_line
from sandbox.errors import DiscordError
from sandbox.interaction_answer import InteractionAnswer
from sandbox.people import People
from sandbox.turns import TurnDesk
from sandbox.uploads import Uploads
from sandbox.world import JSON, Channel, Happening, Message, User, World

STATIC = Path(__file__).parent / "static"
SCRIPTS = tuple(sorted(path.name for path in STATIC.glob("*.js")))
FILES = {"": "index.html", "page.css": "page.css"} | {name: name for name in SCRIPTS}
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
POLICY = "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'"
SHOWN_MESSAGES = 200
VISITOR = "Visitor"

Say = Callable[[Channel, User, str], Message]


class Page:
    """Serves the page and one websocket per open tab; a tab sees everything and acts as the visitor."""

    def __init__(self, world: World, people: People, say: Callable[..., Message]) -> None:
        self._world = world
        self._people = people
        self._say = say
        self._tabs: dict[web.WebSocketResponse, asyncio.Queue[JSON]] = {}
        self._modals: dict[str, InteractionAnswer] = {}
        self._uploads = Uploads(self._is_own)
        self.turns = TurnDesk(say, self._uploads)
        self._visitor: User | None = None
        world.watchers.append(self._on_happening)

    @property
    def visitor(self) -> User:
        """The person who sits in front of the page."""
        if self._visitor is None:
            self._visitor = self._world.add_user(VISITOR, permissions=1 << 5)
        return self._visitor

    def add_to(self, app: web.Application) -> None:
        """Register the routes."""
        for path in FILES:
            app.router.add_get(f"/{path}", self._static)
        app.router.add_get("/live", self._live)
        self._uploads.add_to(app)

    async def close(self) -> None:
        """Close every tab's websocket."""
        for tab in tuple(self._tabs):
            await tab.close(code=1001, message=b"The sandbox closes")

    async def _static(self, request: web.Request) -> web.Response:
        path = STATIC / FILES[request.path.lstrip("/")]
        body = await asyncio.to_thread(path.read_bytes)
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
        return web.Response(body=body, content_type=KINDS[path.suffix], charset="utf-8", headers=headers)

    def _is_own(self, origin: str | None) -> bool:
        """Whether a request comes from this page, by whichever name this machine was called; or from no page."""
        own = self._world.base_url
        return origin in {None, own, own.replace("//127.0.0.1", "//localhost")}

    async def _live(self, request: web.Request) -> web.StreamResponse:
        if not self._is_own(request.headers.get("Origin")):
            raise web.HTTPForbidden
        tab = web.WebSocketResponse(heartbeat=20)
        await tab.prepare(request)
        outgoing: asyncio.Queue[JSON] = asyncio.Queue()
        self._tabs[tab] = outgoing
        outgoing.put_nowait(self._snapshot())
        writer = asyncio.create_task(_write(tab, outgoing), name="sandbox-page-writer")
        acts: set[asyncio.Task[None]] = set()
        try:
            async for incoming in tab:
                if incoming.type is WSMsgType.TEXT:
                    act = asyncio.create_task(self._act(incoming.data, outgoing))
                    acts.add(act)
                    act.add_done_callback(acts.discard)
        finally:
            del self._tabs[tab]
            await _end(writer, *acts)
        return tab

    def _snapshot(self) -> JSON:
        visitor = self.visitor
        return {
            "type": "snapshot",
            "visitor": payloads.user(visitor),
            "can_play": self.turns.is_open,
            "channels": [self._channel(c) for c in self._world.channels.values() if self._shown(c)],
            "messages": [
                self._message(m)
                for c in self._world.channels.values()
                if self._shown(c)
                for m in c.messages[-SHOWN_MESSAGES:]
                if not m.deleted and m.ephemeral_to in {None, visitor}
            ],
        }

    def _shown(self, channel: Channel) -> bool:
        return not channel.deleted and channel.recipient in {None, self.visitor}

    def _channel(self, channel: Channel) -> JSON:
        return {
            "id": str(channel.id),
            "name": channel.name if channel.guild else self._world.bot.name,
            "kind": int(channel.kind),
            "guild": channel.guild.name if channel.guild else "",
            "parent": str(channel.parent.id) if channel.parent else None,
            "age_restricted": channel.age_restricted,
            "roles": _roles(channel),
            "commands": commands.available(self._world, channel, self.visitor),
        }

    def _message(self, message: Message) -> JSON:
        document = payloads.message(message, self._world)
        return document | {"ephemeral": message.ephemeral_to is not None, "loading": message.loading}

    def _on_happening(self, event: Happening) -> None:
        if not self._tabs:
            return
        document = self._news(event)
        if document is not None:
            for outgoing in self._tabs.values():
                outgoing.put_nowait(document)

    def _news(self, event: Happening) -> JSON | None:
        subject = event.subject
        if isinstance(subject, Message):
            return self._message_news(event.name, subject)
        if isinstance(subject, Channel) and event.name == "TYPING":
            return {"type": "typing", "channel": str(subject.id), "name": self._world.bot.name}
        if isinstance(subject, Channel) or event.name == "COMMANDS":
            shown = [c for c in self._world.channels.values() if self._shown(c)]
            return {"type": "channels", "channels": [self._channel(c) for c in shown]}
        return None

    def _message_news(self, name: str, message: Message) -> JSON | None:
        if message.ephemeral_to not in {None, self.visitor} or not self._shown(message.channel):
            return None
        if name == "MESSAGE_DELETE":
            return {"type": "delete", "id": str(message.id), "channel": str(message.channel.id)}
        return {"type": "message", "message": self._message(message)}

    async def _act(self, words: str, outgoing: asyncio.Queue[JSON]) -> None:
        """Do what the visitor wants and report: `{"type": "done", "id": ..., "error"?, "modal"?, ...}`."""
        report: JSON = {"type": "done", "id": None}
        try:
            wish = _wish(words)
            report["id"] = wish.get("id")
            report |= await self._action(str(wish.get("do")))(wish)
        except (CommandError, DiscordError, TimeoutError) as error:
            report["error"] = str(error)
        except (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, RecursionError):
            # Our own page does not ask for such things; whoever writes to the socket by hand may.
            report["error"] = "The page asked for something that does not exist."
        outgoing.put_nowait(report)

    def _action(self, name: str) -> Callable[[JSON], Awaitable[JSON]]:
        actions: dict[str, Callable[[JSON], Awaitable[JSON]]] = {
            "say": self._do_say,
            "press": self._do_press,
            "select": self._do_select,
            "command": self._do_command,
            "menu": self._do_menu,
            "suggest": self._do_suggest,
            "submit": self._do_submit,
            "play": self._do_play,
        }
        return actions[name]

    def _place(self, wish: JSON) -> Channel:
        return self._world.channel(int(wish["channel"]))

    def _target(self, wish: JSON) -> Message:
        message = self._world.find_message(self._place(wish), int(wish["message"]))
        if message is None:
            raise LookupError
        return message

    async def _do_say(self, wish: JSON) -> JSON:
        self._say(self._place(wish), self.visitor, str(wish["text"]))
        return {}

    async def _do_press(self, wish: JSON) -> JSON:
        target = self._target(wish)
        return self._outcome(await self._people.press(target, wish["custom_id"], self.visitor))

    async def _do_select(self, wish: JSON) -> JSON:
        target, values = self._target(wish), list(wish["values"])
        return self._outcome(await self._people.select(target, wish["custom_id"], values, self.visitor))

    async def _do_command(self, wish: JSON) -> JSON:
        place = self._place(wish)
        path, options = parse_line(self._world, place, self.visitor, str(wish["text"]))
        options |= {name: self._value(value) for name, value in (wish.get("values") or {}).items()}
        return self._outcome(await self._people.run_command(place, self.visitor, path, options))

    def _value(self, value: Any) -> Any:
        """A suggestion's own value, or the file that was uploaded for an option."""
        return self._uploads.get(str(value["upload"])) if isinstance(value, dict) else value

    async def _do_play(self, wish: JSON) -> JSON:
        await self.turns.play(self._place(wish), wish)
        return {}

    async def _do_menu(self, wish: JSON) -> JSON:
        answer = await self._people.run_message_command(self._target(wish), self.visitor, wish["name"])
        return self._outcome(answer)

    async def _do_suggest(self, wish: JSON) -> JSON:
        place = self._place(wish)
        path, options = parse_line(self._world, place, self.visitor, str(wish["text"]))
        found = await self._people.autocomplete(place, self.visitor, path, options, wish["focused"])
        return {"choices": [{"name": choice.name, "value": choice.value} for choice in found]}

    async def _do_submit(self, wish: JSON) -> JSON:
        key = str(wish["modal"])
        if key not in self._modals:
            raise CommandError("This dialog was sent already.")
        outcome = self._outcome(await self._people.submit_modal(self._modals[key], dict(wish["values"])))
        if "error" not in outcome:
            self._modals.pop(key, None)
        return outcome

    def _outcome(self, answer: InteractionAnswer) -> JSON:
        if answer.failed:
            return {"error": "The application did not respond"}
        if answer.modal is None:
            return {}
        key = secrets.token_hex(8)
        self._modals[key] = answer
        return {"modal": answer.modal | {"key": key}}


def _wish(words: str) -> JSON:
    """What the page asks for. Raises ValueError or RecursionError for what is no JSON object."""
    wish = json.loads(words)
    if not isinstance(wish, dict):
        raise ValueError("no object")  # noqa: TRY004  # as for all else that is no wish
    return wish


def _roles(channel: Channel) -> list[JSON]:
    roles = channel.guild.roles if channel.guild else {}
    return [{"id": str(role_id), "name": name} for role_id, name in roles.items()]


async def _write(tab: web.WebSocketResponse, outgoing: asyncio.Queue[JSON]) -> None:
    with contextlib.suppress(ConnectionError, RuntimeError):
        while True:
            await tab.send_json(await outgoing.get())


async def _end(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
