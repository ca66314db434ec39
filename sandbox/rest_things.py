"""REST routes about the bot itself, people, servers and commands."""

from __future__ import annotations

import json

from aiohttp import web

from sandbox import commands, payloads
from sandbox.discord_gateway import gateway_url
from sandbox.discord_rest import PREFIX, as_json, no_content, number, read_json
from sandbox.errors import invalid_form, unknown
from sandbox.rest_messages import open_direct_channel
from sandbox.world import JSON, Guild, World


class ThingRoutes:
    """`/gateway`, `/users`, `/guilds`, `/oauth2` and `/applications`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_to(self, app: web.Application) -> None:
        """Register the routes."""
        get = app.router.add_get
        get(f"{PREFIX}/gateway", self.gateway)
        get(f"{PREFIX}/gateway/bot", self.gateway)
        get(f"{PREFIX}/oauth2/applications/@me", self.application)
        get(f"{PREFIX}/applications/@me", self.application)
        get(f"{PREFIX}/users/@me", self.me)
        app.router.add_post(f"{PREFIX}/users/@me/channels", self.open_direct)
        get(f"{PREFIX}/users/{{user}}", self.user)
        guild = f"{PREFIX}/guilds/{{guild}}"
        get(guild, self.guild)
        get(f"{guild}/channels", self.channels)
        get(f"{guild}/roles", self.roles)
        get(f"{guild}/threads/active", self.threads)
        get(f"{guild}/members/{{user}}", self.member)
        self._add_commands(app, f"{PREFIX}/applications/{{app}}/commands")
        self._add_commands(app, f"{PREFIX}/applications/{{app}}/guilds/{{guild}}/commands")

    def _add_commands(self, app: web.Application, path: str) -> None:
        router = app.router
        router.add_get(path, self.list_commands)
        router.add_put(path, self.replace_commands)
        router.add_post(path, self.add_command)
        router.add_get(f"{path}/{{command}}", self.get_command)
        router.add_patch(f"{path}/{{command}}", self.edit_command)
        router.add_delete(f"{path}/{{command}}", self.delete_command)

    def _guild(self, request: web.Request) -> Guild:
        guild = self._world.guild(number(request, "guild"))
        if not guild.has_bot:
            raise unknown("Guild")
        return guild

    async def gateway(self, _: web.Request) -> web.Response:
        """GET where the gateway is."""
        start = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
        url = gateway_url(self._world)
        return as_json({"url": url, "shards": 1, "session_start_limit": start})

    async def me(self, _: web.Request) -> web.Response:
        """GET the bot's account."""
        extra = {"verified": True, "mfa_enabled": True, "email": None, "locale": "en-US"}
        return as_json(payloads.user(self._world.bot) | extra)

    async def application(self, _: web.Request) -> web.Response:
        """GET the bot's application."""
        bot = payloads.user(self._world.bot)
        document: JSON = {"id": bot["id"], "name": self._world.bot.name, "icon": None, "description": ""}
        document |= {"bot_public": False, "bot_require_code_grant": False, "verify_key": "0" * 64}
        owner = payloads.user(self._world.operator)
        document |= {"owner": owner, "team": self._team(), "flags": 0, "rpc_origins": [], "summary": ""}
        return as_json(document | {"bot": bot})

    def _team(self) -> JSON | None:
        world = self._world
        if not world.team:
            return None
        return {
            "id": "1",
            "name": "Team",
            "icon": None,
            "owner_user_id": world.team[0]["user"]["id"],
            "members": world.team,
        }

    async def user(self, request: web.Request) -> web.Response:
        """GET an account."""
        person = self._world.users.get(number(request, "user"))
        if person is None:
            raise unknown("User")
        return as_json(payloads.user(person))

    async def open_direct(self, request: web.Request) -> web.Response:
        """POST the wish to talk to somebody directly."""
        body = await read_json(request)
        channel = open_direct_channel(self._world, int(body.get("recipient_id") or 0))
        return as_json(payloads.channel(channel, self._world))

    async def guild(self, request: web.Request) -> web.Response:
        """GET a server."""
        guild = self._guild(request)
        counts = {"approximate_member_count": len(self._world.members(guild)), "approximate_presence_count": 1}
        return as_json(payloads.guild(guild, self._world) | counts)

    async def channels(self, request: web.Request) -> web.Response:
        """GET a server's channels, without threads."""
        places = [p for p in self._guild(request).channels if not p.is_thread and not p.deleted]
        return as_json([payloads.channel(place, self._world) for place in places])

    async def roles(self, request: web.Request) -> web.Response:
        """GET a server's roles."""
        return as_json(payloads.roles(self._guild(request), self._world))

    async def threads(self, request: web.Request) -> web.Response:
        """GET a server's active threads."""
        places = [p for p in self._guild(request).channels if p.is_thread and not p.archived]
        threads = [payloads.channel(place, self._world) for place in places]
        return as_json({"threads": threads, "members": [], "has_more": False})

    async def member(self, request: web.Request) -> web.Response:
        """GET a member."""
        guild, person = self._guild(request), self._world.users.get(number(request, "user"))
        if person not in self._world.members(guild):
            raise unknown("Member")
        return as_json(payloads.member(person, guild, self._world))

    def _scope(self, request: web.Request) -> Guild | None:
        return self._guild(request) if "guild" in request.match_info else None

    async def list_commands(self, request: web.Request) -> web.Response:
        """GET the registered commands."""
        return as_json(commands.stored(self._world, self._scope(request)))

    async def replace_commands(self, request: web.Request) -> web.Response:
        """PUT the whole list of commands."""
        try:
            wanted = json.loads(await request.read())
        except ValueError:
            wanted = None
        if not isinstance(wanted, list):
            raise invalid_form("_", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        return as_json(commands.register(self._world, wanted, self._scope(request), replace=True))

    async def add_command(self, request: web.Request) -> web.Response:
        """POST one command; one of the same name is replaced."""
        body = await read_json(request)
        stored = commands.register(self._world, [body], self._scope(request), replace=False)
        return as_json(stored[0], status=201)

    def _command(self, request: web.Request) -> JSON:
        command = self._world.commands.get(number(request, "command"))
        if command is None:
            raise unknown("application command")
        return command

    async def get_command(self, request: web.Request) -> web.Response:
        """GET one command."""
        return as_json(self._command(request))

    async def edit_command(self, request: web.Request) -> web.Response:
        """PATCH one command."""
        command = self._command(request)
        command.update(await read_json(request))
        self._world.tell("COMMANDS", [command])
        return as_json(command)

    async def delete_command(self, request: web.Request) -> web.Response:
        """DELETE one command."""
        del self._world.commands[int(self._command(request)["id"])]
        self._world.tell("COMMANDS", [])
        return no_content()
