"""scene-art: a discord.py extension that illustrates a text game while it is played.

Operators load it (`await bot.load_extension(...)`); games written in Python publish with the two functions here.
Importing this package is cheap: Discord, docket and Pillow come in only when the extension is set up.
"""

from __future__ import annotations

import asyncio
import importlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from .publish import publish_art_request, publish_turn_complete

if TYPE_CHECKING:
    import discord
    from discord import app_commands
    from discord.ext import commands

    from .attached import Attached
    from .cog import SceneArt
    from .errors import BusyError, ConfigurationError, SceneArtError, TransientError, UnloadedError
    from .host.following import SceneHandle
    from .host.status import SceneStatus

__all__ = [
    "Attached",
    "BusyError",
    "ConfigurationError",
    "SceneArt",
    "SceneArtError",
    "SceneHandle",
    "SceneStatus",
    "TransientError",
    "UnloadedError",
    "attach",
    "publish_art_request",
    "publish_turn_complete",
    "setup",
]
__version__ = "0.1.0"

_HOMES = {
    "Attached": "attached",
    "SceneArt": "cog",
    "SceneHandle": "host.following",
    "SceneStatus": "host.status",
    **dict.fromkeys(("BusyError", "ConfigurationError", "SceneArtError", "TransientError", "UnloadedError"), "errors"),
}
"""Modules of the names that are imported on first use."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


async def setup(bot: commands.Bot | commands.AutoShardedBot) -> None:
    """Load the extension; discord.py's entry point.

    Raises:
        WrongSettingsError: settings do not fit; its text has a line for each.
        ConfigurationError: a command's name is taken, or there is no room for it.
    """
    await bot.add_cog(await _cog(bot, bot.tree))


async def attach(client: discord.Client, tree: app_commands.CommandTree[Any]) -> Attached:
    """Set scene-art up for a client that is no `commands.Bot`. Call it in `setup_hook`. It syncs no commands.

    `tree` is the client's own command tree. Await the result's `close` before the client is closed.

    Raises:
        WrongSettingsError: settings do not fit; its text has a line for each.
        ConfigurationError: a command's name is taken, or there is no room for it.
    """
    cog = await _cog(client, tree)
    attached: Attached = importlib.import_module(f"{__name__}.attached").Attached(cog)
    await attached.open()
    return attached


async def _cog(client: discord.Client, tree: app_commands.CommandTree[Any]) -> SceneArt:
    # The imports take about a second, and the operator's own files and module any time; the host's event loop must not
    # wait for them.
    loop = asyncio.get_running_loop()
    thread = ThreadPoolExecutor(1, thread_name_prefix="scene-art import")
    try:
        cog = await loop.run_in_executor(thread, importlib.import_module, f"{__name__}.cog")
        checks = await loop.run_in_executor(thread, importlib.import_module, f"{__name__}.startup_checks")
        config = await loop.run_in_executor(thread, checks.load_config)
    finally:
        thread.shutdown(wait=False)
    built: SceneArt = cog.SceneArt(client, config, await config.game_state(), tree=tree)
    return built
