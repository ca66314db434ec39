"""Tries the installed wheel as a bot would: `make wheel-check`.

Run by the Python of an environment that holds the wheel and nothing of this repository, from an empty folder: loads
the extension into a bot of discord.py's, sees that it listens, and unloads it again.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import logging
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

import discord
from discord.ext import commands

EXTENSION = "scene_art"
ASSETS = ("personas.toml", "personas/stargazer.png", "styles.toml", "words/en.toml", "locales/de.po")
LISTENING_SECONDS = 30.0


def require(holds: object, otherwise: str) -> None:
    """End with one sentence unless it `holds`."""
    if not holds:
        sys.exit(f"wheel-check: {otherwise}")


def check_files() -> None:
    """The package lies in this environment, with its assets and the mark that it is typed."""
    package = files(EXTENSION)
    where = Path(str(package))
    require(where.is_relative_to(sys.prefix), f"{where} is not what was installed")
    for name in ("py.typed", *(f"assets/{asset}" for asset in ASSETS)):
        require(package.joinpath(name).is_file(), f"{name} is missing")


def is_empty(folder: Path) -> bool:
    """Tell whether the folder is empty."""
    return not any(folder.iterdir())


async def check_life(temp: Path) -> None:
    """Loaded, listening, unloaded without a trace; `temp` is where temporary folders are made."""
    bot = commands.Bot(command_prefix="!", intents=discord.Intents(guilds=True))
    async with bot:
        await bot.load_extension(EXTENSION)
        cog = bot.get_cog("SceneArt")
        async with asyncio.timeout(LISTENING_SECONDS):
            while not getattr(cog, "is_listening", False):  # noqa: ASYNC110  # a cog that sets no event for it
                await asyncio.sleep(0.05)
        require(bot.tree.get_command("scene-art"), "there is no /scene-art")
        await bot.unload_extension(EXTENSION)
        left = [task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("scene-art")]
        require(not left, f"still running: {left}")
        require(not bot.tree.get_command("scene-art"), "/scene-art is left")
        require(is_empty(temp), "the temp folder is left")


def main() -> None:
    """Check, and say which versions it was."""
    logging.basicConfig(level=logging.WARNING)
    check_files()
    with tempfile.TemporaryDirectory() as name:
        tempfile.tempdir = name
        asyncio.run(check_life(Path(name)))
    needed = importlib.metadata.requires("scene-art") or []
    names = [line.split(";")[0].split("<")[0].split(">")[0] for line in needed if "extra ==" not in line]
    versions = " ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    print(f"The wheel loads, listens and unloads on Python {sys.version.split()[0]} with {versions}")


if __name__ == "__main__":
    main()
