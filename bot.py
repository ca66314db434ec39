"""A small, complete host for scene-art: reads `.env`, connects, loads the cog, syncs its commands, stops cleanly.

Have a bot already? Then you need only `await bot.load_extension("cogs.scene_art")`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys

import discord
import yarl
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from dotenv import load_dotenv
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

log = logging.getLogger("bot")

SYNC_SECONDS = 30.0
EXTENSION = "cogs.scene_art"


class BotSettings(BaseSettings):
    """What the host itself needs; scene-art reads its own settings."""

    discord_token: SecretStr = Field(default=SecretStr(""))
    discord_api_base: str = ""


class Host(commands.AutoShardedBot):
    """Loads scene-art and syncs the commands; needs no privileged intent."""

    def __init__(self, *, api_base: str = "") -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            help_command=None,
        )
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


async def run(settings: BotSettings) -> str:
    """Run until a signal asks to stop. Answers with what went wrong, in one sentence; empty when nothing did."""
    bot = Host(api_base=settings.discord_api_base)
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
            return f"scene-art cannot be loaded: {_reason(exc)}"
        except (OSError, discord.HTTPException, discord.GatewayNotFound) as exc:
            return f"Discord cannot be reached ({type(exc).__name__}): check the network and DISCORD_API_BASE."
    return ""


def _reason(exc: commands.ExtensionError) -> str:
    return str(getattr(exc, "original", exc))


def main() -> int:
    """The exit code: 0 after a clean stop, 1 with one sentence on standard error."""
    load_dotenv(".env")
    discord.utils.setup_logging(level=logging.INFO)
    settings = BotSettings()
    if not settings.discord_token.get_secret_value().strip():
        sys.stderr.write(
            "DISCORD_TOKEN is missing: put DISCORD_TOKEN=… into .env or the environment "
            "(Discord's developer portal, your application, Bot, Token).\n"
        )
        return 1
    problem = asyncio.run(run(settings))
    if problem:
        sys.stderr.write(problem + "\n")
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
