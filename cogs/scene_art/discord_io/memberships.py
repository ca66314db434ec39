"""The servers that the bot is in, by its cache and by Discord's own word."""

from __future__ import annotations

import logging
from typing import Any

import discord

from .channel_lookup import MISSING_ACCESS, AnyBot
from .requests import Requests

log = logging.getLogger(__name__)

ASK_SECONDS = 10.0
UNKNOWN_GUILD = 10004


class BotServers:
    """The bot's servers. A process of a bot with shards knows those of its own shards alone."""

    def __init__(self, bot: AnyBot, requests: Requests) -> None:
        self._bot = bot
        self._requests = requests

    @property
    def bot_id(self) -> str:
        """The bot's own id; empty before it has logged in."""
        return str(self._bot.user.id) if self._bot.user else ""

    def present(self) -> set[str]:
        """List the servers in the cache, also those that Discord cannot serve now."""
        return {str(guild.id) for guild in self._bot.guilds}

    def would_know(self, server: str) -> bool:
        """Tell whether the server belongs to a shard of this process, so that its absence here means something."""
        bot: Any = self._bot
        own = list(bot.shards) if isinstance(bot, discord.AutoShardedClient) else [bot.shard_id or 0]
        return (int(server) >> 22) % (bot.shard_count or 1) in own

    async def has_left(self, server: str) -> bool:
        """Ask Discord whether the bot is no longer in the server. False also where it does not say."""
        try:
            await self._requests.answer(self._bot.fetch_guild(int(server), with_counts=False), ASK_SECONDS)
        except discord.HTTPException as exc:
            return exc.code in {UNKNOWN_GUILD, MISSING_ACCESS}
        except Exception as exc:  # noqa: BLE001  # whatever it is, it does not say that the bot has left
            log.debug("Server %s cannot be asked for (%s)", server, type(exc).__name__)
        return False
