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
        ConfigurationError: a setting does not fit; the text names it.
    """
    # The imports take about a second, which the host's event loop must not wait for.
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1, thread_name_prefix="scene-art import") as thread:
        cog = await loop.run_in_executor(thread, importlib.import_module, f"{__name__}.cog")
        settings = await loop.run_in_executor(thread, importlib.import_module, f"{__name__}.settings")
    await bot.add_cog(cog.SceneArt(bot, settings.read_settings()))
