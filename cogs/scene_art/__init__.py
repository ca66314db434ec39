"""scene-art: a discord.py extension that illustrates a text game while it is played.

Operators load it (`await bot.load_extension(...)`); games written in Python publish with the two functions here.
Importing this package is cheap: Discord, docket and Pillow come in only when the extension is set up.
"""

from __future__ import annotations

import asyncio
import importlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from .publish import publish_art_request, publish_turn_complete

if TYPE_CHECKING:
    from .showing.channels import AnyBot

__all__ = ["publish_art_request", "publish_turn_complete", "setup"]
__version__ = "0.1.0"


async def setup(bot: AnyBot) -> None:
    """discord.py's entry point.

    Raises:
        WrongSettingsError: settings do not fit; its text has a line for each.
    """
    # The imports take about a second, and the operator's own files and module what they take; the host's event loop
    # must not wait for them.
    loop = asyncio.get_running_loop()
    thread = ThreadPoolExecutor(1, thread_name_prefix="scene-art import")
    try:
        cog = await loop.run_in_executor(thread, importlib.import_module, f"{__name__}.cog")
        checks = await loop.run_in_executor(thread, importlib.import_module, f"{__name__}.startup_checks")
        config = await loop.run_in_executor(thread, checks.load_config)
    finally:
        thread.shutdown(wait=False)
    await bot.add_cog(cog.SceneArt(bot, config, await config.game_state()))
