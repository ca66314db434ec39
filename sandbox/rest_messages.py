"""REST routes about channels and messages."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from aiohttp import web

from sandbox import messages, payloads
from sandbox.discord_gateway import withhold_content
from sandbox.discord_rest import PREFIX, as_json, no_content, number, read_draft, read_json
from sandbox.errors import DiscordError, invalid_form, missing_access, unknown
from sandbox.permissions import Permission, may, require, sending_in
from sandbox.world import JSON, Channel, ChannelKind, Message, World


class MessageRoutes:
    """`/channels/...`, `/attachments/refresh-urls` and the files themselves."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_to(self, app: web.Application) -> None:
        """Register the routes."""
        place = f"{PREFIX}/channels/{{channel}}"
        one = f"{place}/messages/{{message}}"
        router = app.router
        router.add_get(place, self.get_channel)
        router.add_post(f"{place}/typing", self.typing)
        router.add_get(f"{place}/messages", self.history)
        router.add_post(f"{place}/messages", self.post)
        router.add_get(one, self.get)
        router.add_patch(one, self.edit)
        router.add_delete(one, self.delete)
        router.add_put(f"{one}/reactions/{{emoji}}/@me", self.react)
        router.add_delete(f"{one}/reactions/{{emoji}}/@me", self.react)
        router.add_post(f"{one}/threads", self.make_thread)
        router.add_post(f"{place}/threads", self.make_thread)
        router.add_put(f"{place}/thread-members/{{user}}", self.react)
        router.add_get(f"{place}/thread-members/{{user}}", self.thread_member)
        router.add_post(f"{PREFIX}/attachments/refresh-urls", self.refresh)
        router.add_get("/attachments/{channel}/{file}/{name}", self.file)

    def _channel(self, request: web.Request, *permissions: Permission) -> Channel:
        channel = self._world.channel(number(request, "channel"))
        require(channel, *permissions)
        return channel

    def _message(self, request: web.Request, channel: Channel) -> Message:
        return self._world.message(channel, number(request, "message"))

    def _document(self, message: Message) -> JSON:
        """A message as it is read later. The nonce is gone: Discord tells it once, to who sends and who listens."""
        document = payloads.message(message, self._world)
        document.pop("nonce", None)
        bot = self._world.bot
        own = message.author is bot or message.channel.guild is None or bot in message.mentions
        # Reading over REST needs the message content grant as well.
        return document if own or self._world.settings.privileged_intents else withhold_content(document)

    async def get_channel(self, request: web.Request) -> web.Response:
        """GET a channel."""
        return as_json(payloads.channel(self._channel(request), self._world))

    async def typing(self, request: web.Request) -> web.Response:
        """POST "is typing"."""
        channel = self._channel(request)
        require(channel, sending_in(channel))
        self._world.tell("TYPING", channel)
        return no_content()

    async def react(self, request: web.Request) -> web.Response:
        """PUT or DELETE a reaction, join a thread: accepted and forgotten."""
        self._channel(request)
        return no_content()

    async def thread_member(self, request: web.Request) -> web.Response:
        """GET somebody's membership of a thread."""
        thread, person = self._channel(request), number(request, "user")
        if person not in (thread.viewers or ()):
            raise unknown("Member")
        return as_json({"id": str(thread.id), "user_id": str(person), "join_timestamp": payloads.JOINED, "flags": 0})

    async def history(self, request: web.Request) -> web.Response:
        """GET messages, the newest first, with `limit`, `before`, `after` and `around`."""
        channel = self._channel(request)
        if not may(channel, Permission.READ_MESSAGE_HISTORY):
            return as_json([])
        limit = _limit(request)
        said = [m for m in channel.messages if not m.deleted and m.ephemeral_to is None]
        chosen = _page(said, request, limit)
        return as_json([self._document(message) for message in reversed(chosen)])

    async def post(self, request: web.Request) -> web.Response:
        """POST a message, JSON or multipart."""
        channel = self._channel(request)
        require(channel, sending_in(channel))
        if channel.locked:
            raise DiscordError(400, 50083, "Thread is archived")
        draft = await read_draft(request)
        if draft.uploads:
            require(channel, Permission.ATTACH_FILES)
        message = messages.post(self._world, channel, self._world.bot, draft)
        return as_json(payloads.message(message, self._world))

    async def get(self, request: web.Request) -> web.Response:
        """GET one message."""
        channel = self._channel(request, Permission.READ_MESSAGE_HISTORY)
        return as_json(self._document(self._message(request, channel)))

    async def edit(self, request: web.Request) -> web.Response:
        """PATCH one of the bot's messages."""
        channel = self._channel(request)
        draft = await read_draft(request)
        message = self._message(request, channel)
        if message.author is not self._world.bot:
            raise DiscordError(403, 50005, "Cannot edit a message authored by another user")
        messages.edit(self._world, message, draft)
        return as_json(payloads.message(message, self._world))

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE a message; another's needs the permission to manage messages."""
        channel = self._channel(request)
        message = self._message(request, channel)
        if message.author is not self._world.bot:
            if channel.guild is None:
                raise DiscordError(403, 50003, "Cannot execute action on a DM channel")
            require(channel, Permission.MANAGE_MESSAGES)
        messages.delete(self._world, message)
        return no_content()

    async def make_thread(self, request: web.Request) -> web.Response:
        """POST a public thread, from a message or without one."""
        channel = self._channel(request, Permission.CREATE_PUBLIC_THREADS)
        body = await read_json(request)
        if channel.guild is None or channel.is_thread:
            raise DiscordError(400, 50024, "Cannot execute action on this channel type")
        from_message = request.match_info.get("message")
        thread_id = int(from_message) if from_message else self._world.new_id()
        name = str(body.get("name") or "thread")
        thread = Channel(thread_id, ChannelKind.PUBLIC_THREAD, name, channel.guild, channel)
        channel.guild.channels.append(thread)
        self._world.channels[thread.id] = thread
        self._world.tell("THREAD_CREATE", thread, channel.guild)
        return as_json(payloads.channel(thread, self._world), status=201)

    async def refresh(self, request: web.Request) -> web.Response:
        """POST up to fifty attachment links and get fresh ones."""
        links = (await read_json(request)).get("attachment_urls") or []
        if not isinstance(links, list) or not all(isinstance(link, str) for link in links):
            raise invalid_form("attachment_urls", "LIST_TYPE_CONVERT", "Only iterables of strings may be used.")
        if not 1 <= len(links) <= 50:
            text = "Must be between 1 and 50 in length."
            raise invalid_form("attachment_urls", "BASE_TYPE_BAD_LENGTH", text)
        pairs = [{"original": link, "refreshed": self._refreshed(link)} for link in links]
        return as_json({"refreshed_urls": pairs})

    def _refreshed(self, link: str) -> str | None:
        parts = urlsplit(link).path.strip("/").split("/")
        if len(parts) != 4 or parts[0] != "attachments" or not parts[2].isdigit():
            return None
        found = self._world.attachments.get(int(parts[2]))
        return payloads.attachment_link(*found, self._world) if found else None

    async def file(self, request: web.Request) -> web.Response:
        """GET an attachment by its signed link; no token needed."""
        found = self._world.attachments.get(int(request.match_info["file"]))
        if found is None or not self._is_good(request):
            return web.Response(status=404, text="This content is no longer available.")
        file = found[1]
        kind = file.content_type or "application/octet-stream"
        headers = {"Content-Type": kind, "X-Content-Type-Options": "nosniff"}
        return web.Response(body=file.data, headers=headers)

    def _is_good(self, request: web.Request) -> bool:
        """Check that the link's signature is ours and has not expired."""
        expires, issued, signature = (request.query.get(name, "") for name in ("ex", "is", "hm"))
        ours = payloads.link_signature(request.rel_url.raw_path, expires, issued, self._world)
        return signature == ours and int(expires, 16) > time.time()


def _limit(request: web.Request) -> int:
    text = request.query.get("limit", "50")
    if not text.isdigit() or not 1 <= int(text) <= 100:
        raise invalid_form("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")
    return int(text)


def _page(said: list[Message], request: web.Request, limit: int) -> list[Message]:
    query = request.query
    if "around" in query:
        middle = int(query["around"])
        older = [m for m in said if m.id < middle][-(limit // 2) or len(said) :]
        return [*older, *[m for m in said if m.id >= middle][: limit - len(older)]]
    if "after" in query:
        return [m for m in said if m.id > int(query["after"])][:limit]
    if "before" in query:
        said = [m for m in said if m.id < int(query["before"])]
    return said[-limit:]


def open_direct_channel(world: World, recipient_id: int) -> Channel:
    """The direct conversation with a person, for POST /users/@me/channels.

    Raises:
        DiscordError: 10013 without such a person, 50001 for a webhook.
    """
    person = world.users.get(recipient_id)
    if person is None:
        raise unknown("User")
    if person.webhook:
        raise missing_access()
    return world.direct_channel(person)
