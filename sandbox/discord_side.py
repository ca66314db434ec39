"""The pretended Discord as a test or the demo handles it."""

from __future__ import annotations

import re
from typing import Any, Self

from aiohttp import web

from sandbox import messages
from sandbox.commands import Choice
from sandbox.discord_gateway import Gateway, gateway_url
from sandbox.discord_rest import BODY_LIMIT, PREFIX, LoggedRequest, RestFrame
from sandbox.faults import Fault
from sandbox.interaction_answer import InteractionAnswer
from sandbox.interactions import Interactions
from sandbox.messages import Draft, Upload
from sandbox.page import Page
from sandbox.people import People
from sandbox.places import Places
from sandbox.rest_interactions import InteractionRoutes
from sandbox.rest_messages import MessageRoutes
from sandbox.rest_things import ThingRoutes
from sandbox.serving import LoopbackServer
from sandbox.turns import TurnDesk
from sandbox.waiting import wait_until
from sandbox.world import JSON, Channel, Message, Settings, User, World


class DiscordSide(Places):
    """One Discord on one loopback port: REST, gateway, files and the page."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(World())
        self.gateway = Gateway(self.world)
        self.interactions = Interactions(self.world)
        self._people = People(self.world, self.interactions)
        self._frame = RestFrame(self.world)
        self._page = Page(self.world, self._people, self.say, self.add_role)
        self._server = LoopbackServer(self._application(), port)

    def _application(self) -> web.Application:
        app = web.Application(client_max_size=BODY_LIMIT, middlewares=[self._frame.middleware])
        MessageRoutes(self.world).add_to(app)
        ThingRoutes(self.world).add_to(app)
        InteractionRoutes(self.world, self.interactions).add_to(app)
        self._page.add_to(app)
        app.router.add_get("/gateway/", self.gateway.handle)
        return app

    async def start(self) -> Self:
        """Bind the port and serve."""
        await self._server.start()
        self.world.base_url = self._server.address
        return self

    async def stop(self) -> None:
        """Close every connection; idempotent."""
        self._frame.closing.set()
        await self._page.close()
        await self.gateway.drop(code=1001, forget=True)
        await self._server.stop()

    # Addresses and settings

    @property
    def api_base(self) -> str:
        """The address for `discord.http.Route.BASE`."""
        return self._server.address + PREFIX

    @property
    def gateway_url(self) -> str:
        """The address for `discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY` (as a yarl.URL).

        discord.py's Client starts there without asking; it is also what `GET {api_base}/gateway` says.
        """
        return gateway_url(self.world)

    @property
    def page_url(self) -> str:
        """The address of the page for people."""
        return self._server.address + "/"

    @property
    def settings(self) -> Settings:
        """Everything that can be turned on and off."""
        return self.world.settings

    @property
    def token(self) -> str:
        """The one accepted bot token."""
        return self.settings.token

    @property
    def rate_limits(self) -> bool:
        """True: five messages per five seconds and channel are enforced."""
        return self.settings.rate_limits

    @rate_limits.setter
    def rate_limits(self, on: bool) -> None:
        self.settings.rate_limits = on

    @property
    def max_upload_bytes(self) -> int:
        """The largest file that is taken; larger ones answer 413 with code 40005."""
        return self.settings.max_upload_bytes

    @max_upload_bytes.setter
    def max_upload_bytes(self, size: int) -> None:
        self.settings.max_upload_bytes = size

    @property
    def bot(self) -> User:
        """The bot's account."""
        return self.world.bot

    @property
    def turns(self) -> TurnDesk:
        """The turns that the page's visitor makes up."""
        return self._page.turns

    def account(self, key: str) -> User:
        """Whom the page's visitor can be: `player`, `other-player` or `moderator`.

        Raises:
            KeyError: there is no such account.
        """
        return self._page.accounts.user(key)

    @property
    def requests(self) -> list[LoggedRequest]:
        """Every REST request, in the order of arrival."""
        return self._frame.requests

    @property
    def commands(self) -> list[JSON]:
        """The registered commands, global and of servers."""
        return list(self.world.commands.values())

    # What is said

    def say(
        self,
        channel: Channel,
        author: User | str,
        text: str,
        *,
        files: list[tuple[str, bytes]] | None = None,
        reply_to: Message | None = None,
    ) -> Message:
        """A message of a person, or of the webhook with this name (a game)."""
        user = self.world.webhook_user(author) if isinstance(author, str) else author
        body: JSON = {"content": text}
        if reply_to is not None:
            body["message_reference"] = {"message_id": str(reply_to.id)}
        uploads = tuple(Upload(index, name, data) for index, (name, data) in enumerate(files or []))
        return messages.post(self.world, channel, user, Draft(body, uploads))

    def welcome(self, channel: Channel, newcomer: User) -> Message:
        """Discord's own line that somebody joined."""
        return messages.post(self.world, channel, newcomer, Draft({}), system=True)

    def delete(self, message: Message) -> None:
        """Somebody deletes a message."""
        messages.delete(self.world, message)

    def edit(self, message: Message, text: str) -> None:
        """Its author edits a message."""
        messages.edit(self.world, message, Draft({"content": text}))

    def messages(self, channel: Channel, *, author: User | None = None, ephemeral: bool = False) -> list[Message]:
        """List the channel's messages, the oldest first; `ephemeral` adds those that only one person sees."""
        return [
            message
            for message in channel.messages
            if not message.deleted
            and (ephemeral or message.ephemeral_to is None)
            and (author is None or message.author is author)
        ]

    def expire_links(self) -> None:
        """Let every attachment link given out so far answer 404; fresh ones work."""
        self.world.link_generation += 1

    # What persons do; see people.py for the errors

    async def press(
        self, message: Message, custom_id: str, user: User, within: Channel | None = None
    ) -> InteractionAnswer:
        """Press a button, maybe `within` a thread that shows the message; returns after the bot's first answer."""
        return await self._people.press(message, custom_id, user, within)

    async def select(self, message: Message, custom_id: str, values: list[str], user: User) -> InteractionAnswer:
        """Choose in a select menu."""
        return await self._people.select(message, custom_id, values, user)

    async def run_command(
        self, channel: Channel, user: User, path: str, options: JSON | None = None
    ) -> InteractionAnswer:
        """Run a chat command such as "scene-art rerender"."""
        return await self._people.run_command(channel, user, path, options)

    async def run_message_command(self, message: Message, user: User, name: str) -> InteractionAnswer:
        """Choose a command in a message's Apps menu."""
        return await self._people.run_message_command(message, user, name)

    async def autocomplete(self, channel: Channel, user: User, path: str, options: JSON, focused: str) -> list[Choice]:
        """Ask the bot for its suggestions for the option `focused`."""
        return await self._people.autocomplete(channel, user, path, options, focused)

    async def submit_modal(self, answer: InteractionAnswer, values: dict[str, Any]) -> InteractionAnswer:
        """Fill in and send the modal that `answer` opened."""
        return await self._people.submit_modal(answer, values)

    def expire_interactions(self) -> None:
        """Let the fifteen minutes of every interaction so far be over."""
        for answer in self.interactions.by_token.values():
            answer.expired = True

    # What goes wrong

    def fail_next(
        self,
        method: str,
        path_regex: str,
        status: int = 500,
        *,
        code: int = 0,
        body: Any = None,
        times: int = 1,
        after_storing: bool = False,
        delay: float = 0.0,
        reset: bool = False,
        hang: bool = False,
        retry_after: float = 1.0,
        global_limit: bool = False,
        headers: dict[str, str] | None = None,
    ) -> Fault:
        """Spoil the next `times` requests whose method ("*": any) and path (searched) fit.

        `status` 0 with a delay answers as usual, only later. `reset` cuts the connection, `hang`
        never answers. With `after_storing` the request is carried out before its answer is spoiled.
        Paths have no API prefix: `r"^/channels/\\d+/messages$"`. Returns the fault, which counts `hits`.
        """
        fault = Fault(
            method=method.upper(),
            path=re.compile(path_regex),
            status=status,
            code=code,
            body=body,
            times=times,
            after_storing=after_storing,
            delay=delay,
            reset=reset,
            hang=hang,
            headers=headers or {},
            retry_after=retry_after,
            global_limit=global_limit,
        )
        self._frame.faults.append(fault)
        return fault

    def clear_faults(self) -> None:
        """Forget every arranged failure."""
        self._frame.faults.clear()

    async def drop_gateway(self, *, forget: bool = False) -> None:
        """Cut every gateway connection; `forget` also refuses to resume the sessions."""
        await self.gateway.drop(forget=forget)

    async def wait_for_bot(self, connections: int = 1, timeout: float = 10.0) -> None:  # noqa: ASYNC109 - see waiting.py
        """Wait until that many bot processes are connected to the gateway.

        Raises:
            TimeoutError: they were not in time.
        """
        await wait_until(lambda: len(self.gateway.connected) >= connections, timeout)
