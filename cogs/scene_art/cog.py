"""The cog: the extension's life cycle and its one task loop, nothing else."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import discord
from discord.ext import commands, tasks

from . import __version__
from .game import GameState
from .house import House
from .services import Services
from .showing.channels import AnyBot
from .startup_checks import Config
from .ui.buttons import Buttons
from .ui.cast_menu import LookMenu
from .ui.change import change_forms
from .ui.commands import SceneArtCommands
from .ui.forms import Forms
from .ui.items import bound_items
from .ui.menus import illustrate_menu
from .ui.moderation import ModerationCommands
from .ui.panel import setting_forms


class SceneArt(commands.Cog):
    """Illustrates the game that is played in the bot's channels."""

    def __init__(self, bot: AnyBot, config: Config, state: GameState | None) -> None:
        """`state` is the operator's own; None means what the game keeps in Redis."""
        self.bot = bot
        self._buttons = Buttons(self.find_services)
        self._house = House(bot, config, state, view_of=self._buttons.view_of, retry_view=self._buttons.retry_view)
        progress = self._buttons.progress
        looks = LookMenu(self.find_services)
        self._commands = (
            SceneArtCommands(self.find_services, progress, __version__),
            ModerationCommands(self.find_services),
            illustrate_menu(self.find_services, progress),
            looks.command,
        )
        self._forms = Forms(change_forms(progress), setting_forms(self.find_services), looks.forms)
        self._items = (*self._buttons.all, *bound_items(self.find_services))
        self._stack = AsyncExitStack()

    @property
    def house(self) -> House:
        """The connected parts, for an operator's own tools and for the tests."""
        return self._house

    @property
    def is_listening(self) -> bool:
        """Whether an event that is published now would be heard."""
        listener = self._house.listener
        return listener is not None and listener.subscribed.is_set()

    def find_services(self) -> Services:
        """What commands and buttons call.

        Raises:
            SceneArtError: there is nothing to call yet, or any more; its sentence says why.
        """
        return self._house.find_services()

    async def cog_load(self) -> None:
        """Start everything in the background. What fails here is taken back: `cog_unload` would not be called."""
        async with AsyncExitStack() as stack:
            for command in self._commands:
                self.bot.tree.add_command(command)
                kind = getattr(command, "type", discord.AppCommandType.chat_input)
                stack.callback(self.bot.tree.remove_command, command.name, type=kind)
            self.bot.add_dynamic_items(*self._items)
            stack.callback(self.bot.remove_dynamic_items, *self._items)
            self._house.start()
            stack.push_async_callback(self._house.close)
            self.listen.start()
            stack.push_async_callback(self._stop_listening)
            self._stack = stack.pop_all()

    async def cog_unload(self) -> None:
        """Take back everything that `cog_load` did, in the opposite order."""
        await self._stack.aclose()

    @commands.Cog.listener()
    async def on_guild_channel_update(
        self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel, /
    ) -> None:
        """A channel's own permissions may have changed."""
        await self._house.permissions_changed(after.guild.id)

    @commands.Cog.listener()
    async def on_guild_role_update(self, before: discord.Role, after: discord.Role, /) -> None:
        """What a role may do may have changed."""
        await self._house.permissions_changed(after.guild.id)

    @commands.Cog.listener()
    async def on_member_update(self, before: discord.Member, after: discord.Member, /) -> None:
        """Discord tells every bot of its own roles, whatever its intents."""
        if self.bot.user is not None and after.id == self.bot.user.id:
            await self._house.permissions_changed(after.guild.id)

    @commands.Cog.listener()
    async def on_thread_update(self, before: discord.Thread, after: discord.Thread, /) -> None:
        """A locked thread may have been opened."""
        await self._house.permissions_changed(after.guild.id)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[AnyBot], /) -> None:
        """Forms that were sent; commands and buttons go their own ways."""
        await self._forms.take(interaction)

    @tasks.loop()
    async def listen(self) -> None:
        """Each round is one life of the subscription to the game's two channels."""
        await self._house.listen()

    async def _stop_listening(self) -> None:
        task = self.listen.get_task()
        self.listen.cancel()
        if task is not None:
            await asyncio.gather(task, return_exceptions=True)
