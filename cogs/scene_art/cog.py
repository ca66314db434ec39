"""The cog: the extension's life cycle and its one task loop, nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands, tasks

from . import __version__
from .app import App
from .host.following import SceneHandle
from .startup_checks import Config
from .store.game_state import GameState
from .ui.command_tree import add_commands
from .ui.commands.group import SceneArtCommands
from .ui.commands.menus import LookMenu, build_illustrate_menu
from .ui.commands.moderation import ModerationCommands
from .ui.components.buttons import CHANGE_FORMS, build_view
from .ui.components.kinds import bind_all
from .ui.components.progress import build_retry_view
from .ui.components.settings_panel import SETTING_FORMS
from .ui.forms import serve_form


class SceneArt(commands.Cog):
    """Illustrates the game that is played in the bot's channels."""

    def __init__(
        self, bot: discord.Client, config: Config, state: GameState | None, *, tree: app_commands.CommandTree[Any]
    ) -> None:
        """`state` is the operator's own; None means what the game keeps in Redis. `tree` has the commands of `bot`."""
        self.bot = bot
        self._tree = tree
        self.app = App(bot, config, state, view_of=build_view, retry_view=build_retry_view)
        """The connected parts, for an operator's own tools and for the tests."""
        services = self.app.find_services
        looks = LookMenu(services)
        menus = (build_illustrate_menu(services), looks.command) if config.settings.message_menus else ()
        self._commands = (SceneArtCommands(services, __version__), ModerationCommands(services), *menus)
        self._forms = (CHANGE_FORMS, SETTING_FORMS, looks.forms)
        self._items = bind_all(services)
        self._stack = AsyncExitStack()

    @property
    def is_listening(self) -> bool:
        """True: an event that is published now is heard."""
        wiring = self.app.wiring
        return wiring is not None and wiring.listener.subscribed.is_set()

    async def illustrate(
        self,
        channel: discord.abc.Snowflake | int,
        narrative: str,
        *,
        character_names: Sequence[str] = (),
        character_urls: Sequence[str] = (),
        game_name: str = "",
        aspect_ratio: str = "16:9",
        turn_id: str | int | None = None,
        message_id: int | str | None = None,
        guild_id: int | str | None = None,
    ) -> SceneHandle:
        """Ask for a picture of `narrative` in the channel or thread, as the game's `game:art:request` does.

        The same rules hold: cooldown, one picture a turn, limits of floods. The i-th picture shows the i-th name; the
        picture replies to the message `message_id`. The server is the channel's, `guild_id` where only an id is given.
        Works with any `REDIS_URL`; before Redis is reached, the request waits in the buffer of all events.

        Raises:
            ValueError: an argument does not fit; the text names it.
            BusyError: too much was asked for; nothing was noted.
            UnloadedError: scene-art was unloaded, or has stopped.
        """
        return self.app.hosting.illustrate(
            channel,
            narrative=narrative,
            character_names=character_names,
            character_urls=character_urls,
            game_name=game_name,
            aspect_ratio=aspect_ratio,
            turn_id=turn_id,
            message_id=message_id,
            guild_id=guild_id,
        )

    async def cog_load(self) -> None:
        """Start everything in the background. What fails here is taken back: `cog_unload` would not be called.

        Raises:
            ConfigurationError: a command's name is taken, or there is no room for it.
        """
        async with AsyncExitStack() as stack:
            stack.callback(add_commands(self._tree, self._commands))
            self.bot.add_dynamic_items(*self._items)
            stack.callback(self.bot.remove_dynamic_items, *self._items)
            self.app.start()
            stack.push_async_callback(self.app.close)
            self.listen.start()
            stack.push_async_callback(self._stop_listening)
            self._stack = stack.pop_all()

    async def cog_unload(self) -> None:
        """Take back everything that `cog_load` did, in the opposite order."""
        await self._stack.aclose()

    @commands.Cog.listener("on_guild_channel_update")
    @commands.Cog.listener("on_guild_role_update")
    @commands.Cog.listener("on_thread_update")
    async def on_permissions(self, _: object, after: discord.abc.GuildChannel | discord.Role | discord.Thread) -> None:
        """Take up what waits for a permission: a channel's or a role's may have changed, or a thread is unlocked."""
        await self.app.permissions_changed(after.guild.id)

    @commands.Cog.listener()
    async def on_member_update(self, before: discord.Member, after: discord.Member, /) -> None:
        """Discord tells every bot of its own roles, whatever its intents."""
        if self.bot.user is not None and after.id == self.bot.user.id:
            await self.app.permissions_changed(after.guild.id)

    @commands.Cog.listener("on_guild_join")
    @commands.Cog.listener("on_guild_available")
    async def on_server(self, guild: discord.Guild, /) -> None:
        """The bot came into a server, of whose end it may hear only later. Discord tells a new one in either way."""
        if self.bot.is_ready():
            await self.app.server_joined(guild.id)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild, /) -> None:
        """The bot has left the server, or was removed. An outage of Discord's is another event."""
        await self.app.server_left(guild.id, [place.id for place in (*guild.channels, *guild.threads)])

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Any], /) -> None:
        """Forms that were sent; commands and buttons go their own ways."""
        await serve_form(interaction, self.app.find_services, self._forms)

    @tasks.loop()
    async def listen(self) -> None:
        """Each round is one life of the subscription to the game's channels."""
        await self.app.listen()

    async def _stop_listening(self) -> None:
        task = self.listen.get_task()
        self.listen.cancel()
        if task is not None:
            await asyncio.gather(task, return_exceptions=True)
