"""A small, complete host for scene-art: reads `.env`, connects, loads the cog, syncs its commands, stops cleanly.

Have a bot already? Then you need only `await bot.load_extension("cogs.scene_art")`. What can be set is told in
docs/settings.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
from pathlib import Path

import discord
import yarl
from discord.ext import commands, tasks
from discord.gateway import DiscordWebSocket
from dotenv import load_dotenv
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

log = logging.getLogger("bot")

SYNC_SECONDS = 30.0
HEALTH_SECONDS = 5.0
EXTENSION = "cogs.scene_art"


class BotSettings(BaseSettings):
    """What the host itself needs; scene-art reads its own settings."""

    discord_token: SecretStr = Field(default=SecretStr(""))
    discord_api_base: str = ""
    health_file: Path | None = None


class Host(commands.AutoShardedBot):
    """Loads scene-art and syncs the commands; needs no privileged intent."""

    def __init__(self, *, api_base: str = "", health_file: Path | None = None) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            help_command=None,
        )
        self._health_file = health_file
        self._api_base = api_base.rstrip("/")
        if self._api_base:
            discord.http.Route.BASE = self._api_base

    async def setup_hook(self) -> None:
        """After the login, before the first event."""
        if self._api_base:
            # A shard that has to identify anew asks for the built-in address otherwise.
            _, gateway, _ = await self.http.get_bot_gateway()
            DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)
        await self.load_extension(EXTENSION)
        if self._health_file is not None:
            self._show_health.start(self._health_file)
        try:
            async with asyncio.timeout(SYNC_SECONDS):
                synced = await self.tree.sync()
        except Exception as exc:  # noqa: BLE001  # pictures come without the commands, too
            log.error("The commands could not be synced (%s)", type(exc).__name__)  # noqa: TRY400
        else:
            log.info("%d commands are synced", len(synced))

    async def on_ready(self) -> None:
        """Said after every new connection."""
        log.info("Connected as %s", self.user)

    def is_healthy(self) -> bool:
        """Tell whether every shard is connected to Discord, and the game's events are heard."""
        shards = [not shard.is_closed() for shard in self.shards.values()]
        return self.is_ready() and all(shards) and bool(getattr(self.get_cog("SceneArt"), "is_listening", False))

    @tasks.loop(seconds=HEALTH_SECONDS)
    async def _show_health(self, file: Path) -> None:
        """Touch `file`, whose age tells a health check how long ago the bot last did its work."""
        if self.is_healthy():
            await asyncio.to_thread(file.touch)

    async def close(self) -> None:
        """Also end what was begun here."""
        self._show_health.cancel()
        await super().close()


async def run(settings: BotSettings) -> str:
    """Run until a signal asks to stop. Answers with what went wrong, a sentence a line; empty when nothing did."""
    bot = Host(api_base=settings.discord_api_base, health_file=settings.health_file)
    loop = asyncio.get_running_loop()
    async with bot:
        running = asyncio.create_task(bot.start(settings.discord_token.get_secret_value()), name="bot")
        for name in (signal.SIGINT, signal.SIGTERM):
            # Windows has no such handlers; there Ctrl-C ends `asyncio.run` itself.
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(name, running.cancel)
        try:
            await running
        except asyncio.CancelledError:
            log.info("Stopping")
        except discord.LoginFailure:
            return "Discord does not accept DISCORD_TOKEN: copy it again from the application's Bot page."
        except discord.PrivilegedIntentsRequired:
            return "Discord asks for privileged intents that this bot does not need: check the application's Bot page."
        except commands.ExtensionError as exc:
            return "\n".join(f"scene-art cannot be loaded: {line}" for line in _reason(exc).splitlines())
        except (OSError, discord.HTTPException, discord.GatewayNotFound) as exc:
            return f"Discord cannot be reached ({type(exc).__name__}): check the network and DISCORD_API_BASE."
    return ""


def _reason(exc: commands.ExtensionError) -> str:
    return str(getattr(exc, "original", exc))


def _is_web_address(text: str) -> bool:
    """Tell whether `text` is a web address, or empty."""
    try:
        address = yarl.URL(text)
    except ValueError:
        return False
    return not text or (address.scheme in {"http", "https"} and bool(address.host))


def _health_problem(file: Path | None) -> str:
    """Why `file` cannot be used, in one sentence. One that is there is of an earlier life, and goes."""
    try:
        if file is not None:
            file.touch()
            file.unlink()
    except OSError as exc:
        return (
            f"HEALTH_FILE={file} cannot be written ({type(exc).__name__}): name a file in a folder that the bot owns."
        )
    return ""


def main() -> int:
    """The exit code: 0 after a clean stop, 1 with a sentence on standard error, or one for each wrong setting."""
    load_dotenv(".env")
    discord.utils.setup_logging(level=logging.INFO)
    settings = BotSettings()
    if not _is_web_address(settings.discord_api_base):
        sys.stderr.write(
            "DISCORD_API_BASE takes the address of a REST API, version included, "
            "such as https://discord.com/api/v10, or nothing.\n"
        )
        return 1
    if not settings.discord_token.get_secret_value().strip():
        sys.stderr.write(
            "DISCORD_TOKEN is missing: put DISCORD_TOKEN=… into .env or the environment "
            "(Discord's developer portal, your application, Bot, Token).\n"
        )
        return 1
    problem = _health_problem(settings.health_file) or asyncio.run(run(settings))
    if problem:
        sys.stderr.write(problem + "\n")
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
