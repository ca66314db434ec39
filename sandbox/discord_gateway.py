"""The gateway: a websocket over which the bot hears what happens."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import zlib
from collections import deque
from collections.abc import Iterable
from typing import Any

from aiohttp import WSMsgType, web

from sandbox import payloads
from sandbox.permissions import Permission, may
from sandbox.world import JSON, Channel, Guild, Happening, Message, World

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT = 0, 1, 2, 6, 7
REQUEST_MEMBERS, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 8, 9, 10, 11
HEARTBEAT_MS = 41_250
GUILDS, MEMBERS, PRESENCES = 1 << 0, 1 << 1, 1 << 8
GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1 << 9, 1 << 12, 1 << 15
MEMBER_EVENTS = frozenset({"GUILD_MEMBER_ADD", "GUILD_MEMBER_REMOVE"})
REPLAY_EVENTS = 1000
"""Most events that are kept for the return of a dropped session."""


class Session:
    """The state of one identified connection, which survives a dropped websocket."""

    def __init__(self, intents: int, shard: tuple[int, int]) -> None:
        self.id = secrets.token_hex(16)
        self.intents = intents
        self.shard = shard
        self.sequence = 0
        self.sent: deque[JSON] = deque(maxlen=REPLAY_EVENTS)
        self.connection: Connection | None = None

    def dispatch(self, name: str, data: Any) -> None:
        """Number an event, keep it for a resume, and send it when the websocket is there."""
        self.sequence += 1
        event = {"op": DISPATCH, "t": name, "s": self.sequence, "d": data}
        self.sent.append(event)
        if self.connection is not None:
            self.connection.send(event)

    def hears(self, guild: Guild | None) -> bool:
        """Tell whether events of `guild` (None: direct messages) belong to this shard."""
        number, count = self.shard
        return number == ((guild.id >> 22) % count if guild else 0)


class Connection:
    """One websocket: packs what is sent to it and writes it in order."""

    def __init__(self, socket: web.WebSocketResponse, *, compress: bool) -> None:
        self.socket = socket
        self._compressor = zlib.compressobj() if compress else None
        self._outgoing: asyncio.Queue[JSON | None] = asyncio.Queue()

    def send(self, document: JSON) -> None:
        """Queue a document; never waits."""
        self._outgoing.put_nowait(document)

    async def write(self) -> None:
        """Send what is queued until the websocket closes."""
        while (document := await self._outgoing.get()) is not None:
            text = json.dumps(document)
            with contextlib.suppress(ConnectionError, RuntimeError):
                if self._compressor is None:
                    await self.socket.send_str(text)
                else:
                    await self.socket.send_bytes(self._pack(text))

    def _pack(self, text: str) -> bytes:
        assert self._compressor is not None  # noqa: S101 - write() asked before
        packed = self._compressor.compress(text.encode())
        return packed + self._compressor.flush(zlib.Z_SYNC_FLUSH)

    def finish(self) -> None:
        """Let `write()` end."""
        self._outgoing.put_nowait(None)


class Gateway:
    """Every session of the bot; several processes may be connected with the same token."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.sessions: dict[str, Session] = {}
        self.identifies = 0
        """Number of sessions that were ever begun."""
        self.resumes = 0
        self._turn = 0
        world.watchers.append(self._on_happening)

    @property
    def connected(self) -> list[Session]:
        """The sessions with a live websocket."""
        return [session for session in self.sessions.values() if session.connection is not None]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one websocket to its end."""
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        connection = Connection(socket, compress=request.query.get("compress") == "zlib-stream")
        writer = asyncio.create_task(connection.write(), name="sandbox-gateway-writer")
        connection.send({"op": HELLO, "d": {"heartbeat_interval": HEARTBEAT_MS}, "t": None, "s": None})
        session: Session | None = None
        try:
            async for incoming in socket:
                if incoming.type is WSMsgType.TEXT:
                    session = await self._on_packet(connection, session, json.loads(incoming.data))
        finally:
            if session is not None and session.connection is connection:
                session.connection = None
            connection.finish()
            await writer
        return socket

    async def _on_packet(self, connection: Connection, session: Session | None, packet: JSON) -> Session | None:
        operation, data = packet.get("op"), packet.get("d")
        if operation == HEARTBEAT:
            connection.send({"op": HEARTBEAT_ACK, "d": None, "t": None, "s": None})
        elif operation == IDENTIFY and isinstance(data, dict):
            return await self._identify(connection, data)
        elif operation == RESUME and isinstance(data, dict):
            return await self._resume(connection, data)
        elif operation == REQUEST_MEMBERS and session is not None and isinstance(data, dict):
            self._send_members(session, data)
        return session

    async def _identify(self, connection: Connection, data: JSON) -> Session | None:
        settings, intents = self._world.settings, int(data.get("intents", 0))
        if data.get("token") != settings.token:
            await connection.socket.close(code=4004, message=b"Authentication failed.")
            return None
        if intents & (MEMBERS | PRESENCES | MESSAGE_CONTENT) and not settings.privileged_intents:
            await connection.socket.close(code=4014, message=b"Disallowed intent(s).")
            return None
        number, count = data.get("shard") or (0, 1)
        session = Session(intents, (int(number), int(count)))
        session.connection = connection
        self.sessions[session.id] = session
        self.identifies += 1
        self._greet(session)
        return session

    def _greet(self, session: Session) -> None:
        guilds = [guild for guild in self._world.guilds.values() if guild.has_bot and session.hears(guild)]
        session.dispatch("READY", self._ready(session, guilds))
        for guild in guilds:
            session.dispatch("GUILD_CREATE", payloads.guild(guild, self._world, complete=True))

    def _ready(self, session: Session, guilds: Iterable[Guild]) -> JSON:
        return {
            "v": 10,
            "user": payloads.user(self._world.bot) | {"verified": True, "mfa_enabled": True, "email": None},
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": gateway_url(self._world),
            "shard": list(session.shard),
            "application": {"id": str(self._world.bot.id), "flags": 0},
            "private_channels": [],
        }

    async def _resume(self, connection: Connection, data: JSON) -> Session | None:
        session = self.sessions.get(str(data.get("session_id")))
        if data.get("token") != self._world.settings.token:
            await connection.socket.close(code=4004, message=b"Authentication failed.")
            return None
        if session is None:
            connection.send({"op": INVALID_SESSION, "d": False, "t": None, "s": None})
            return None
        session.connection = connection
        self.resumes += 1
        for event in [event for event in session.sent if event["s"] > int(data.get("seq") or 0)]:
            connection.send(event)
        session.dispatch("RESUMED", {"_trace": []})
        return session

    def _send_members(self, session: Session, data: JSON) -> None:
        guild = self._world.guilds.get(int(data.get("guild_id", 0)))
        if guild is None:
            return
        wanted = {int(user_id) for user_id in data.get("user_ids") or []}
        start = str(data.get("query") or "").lower()
        people = [p for p in self._world.members(guild) if not wanted or p.id in wanted]
        people = [p for p in people if p.name.lower().startswith(start)]
        chunk: JSON = {"guild_id": str(guild.id), "chunk_index": 0, "chunk_count": 1, "not_found": []}
        chunk["members"] = [payloads.member(person, guild, self._world) for person in people]
        session.dispatch("GUILD_MEMBERS_CHUNK", chunk | {"nonce": data.get("nonce")})

    async def drop(self, *, code: int = 4000, forget: bool = False) -> None:
        """Close every websocket; `forget` also ends the sessions, so that nobody can resume."""
        connections = [session.connection for session in self.connected]
        if forget:
            self.sessions.clear()
        for connection in connections:
            if connection is not None:
                await connection.socket.close(code=code, message=b"Dropped by the sandbox")

    def _on_happening(self, event: Happening) -> None:
        for session in self._listening(event):
            if _is_told(event) and session.hears(event.guild) and (data := self._data(session, event)) is not None:
                session.dispatch(event.name, data)

    def _listening(self, event: Happening) -> list[Session]:
        if event.name != "INTERACTION_CREATE" or not self._world.settings.interactions_in_turn:
            return list(self.sessions.values())
        self._turn += 1
        return [self.connected[self._turn % len(self.connected)]] if self.connected else []

    def _data(self, session: Session, event: Happening) -> JSON | None:
        """The event's payload for this session, or None when it does not hear of it."""
        subject = event.subject
        if isinstance(subject, Message):
            return self._message_data(session, event.name, subject)
        if isinstance(subject, Guild):
            return payloads.guild(subject, self._world, complete=event.name == "GUILD_CREATE")
        if isinstance(subject, Channel):
            return payloads.channel(subject, self._world)
        if event.name == "GUILD_ROLE_CREATE":
            guild, role_id = subject
            role = next(role for role in payloads.roles(guild, self._world) if role["id"] == str(role_id))
            return {"guild_id": str(guild.id), "role": role}
        is_members = event.name in MEMBER_EVENTS and session.intents & MEMBERS
        if event.name in {"INTERACTION_CREATE", "GUILD_DELETE"} or is_members:
            return dict(subject)
        return None

    def _message_data(self, session: Session, name: str, message: Message) -> JSON | None:
        guild, place = message.channel.guild, message.channel
        intent = GUILD_MESSAGES if guild else DIRECT_MESSAGES
        if not session.intents & intent or message.ephemeral_to is not None:
            return None
        if not may(place, Permission.VIEW_CHANNEL):
            return None
        if name == "MESSAGE_DELETE":
            ids = {"id": str(message.id), "channel_id": str(place.id)}
            return ids | ({"guild_id": str(guild.id)} if guild else {})
        document = payloads.message_event(message, self._world)
        return document if self._shows_content(session, message) else withhold_content(document)

    def _shows_content(self, session: Session, message: Message) -> bool:
        bot = self._world.bot
        own = message.author is bot or message.channel.guild is None or bot in message.mentions
        return own or bool(session.intents & MESSAGE_CONTENT)


def _is_told(event: Happening) -> bool:
    """Of places where the bot is not, it hears only what people ask of it, and that it was removed."""
    place = event.subject.channel if isinstance(event.subject, Message) else event.subject
    is_there = place.has_bot if isinstance(place, Channel) else event.guild is None or event.guild.has_bot
    return is_there or event.name in {"INTERACTION_CREATE", "GUILD_DELETE"}


def withhold_content(document: JSON) -> JSON:
    """A message as a bot without the message content intent gets it."""
    nothing = {"content": "", "embeds": [], "attachments": [], "components": []}
    quoted = document.get("referenced_message")
    if quoted and not document["mentions"]:
        nothing["referenced_message"] = quoted | nothing
    return document | nothing


def gateway_url(world: World) -> str:
    """The websocket's address."""
    return world.base_url.replace("http://", "ws://") + "/gateway/"
