"""Tells who may see a channel: by the bot's cache, else by single requests to Discord, remembered for some minutes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

import discord
from cachetools import TLRUCache, TTLCache

from ..domain.token_bucket import Bucket, Rate
from .channel_lookup import LOOK_SECONDS, LOOKS, UNSURE_SECONDS, AnyBot
from .requests import Requests

log = logging.getLogger(__name__)

SEEN_SECONDS = 300.0
"""Time for which an answer is remembered: so long somebody who lost a channel may still be shown there."""
REMEMBERED, GUILDS = 5_000, 100
QUESTIONS = Rate(100, 10)
"""Limit of questions that need requests, all servers together."""

Answer = bool | None
"""None: Discord did not say."""


class Audience:
    """Tells whether somebody may see a channel, with limits on its memory and on its requests to Discord."""

    def __init__(self, bot: AnyBot, requests: Requests, clock: Callable[[], float] = time.monotonic) -> None:
        self._bot = bot
        self._requests = requests
        self._clock = clock
        self._questions, self._misses = Bucket(QUESTIONS, clock()), Bucket(LOOKS, clock())
        self._answers: TLRUCache[tuple[str, str], Answer] = TLRUCache(REMEMBERED, _until, clock)
        self._guilds: TTLCache[int, discord.Guild] = TTLCache(GUILDS, SEEN_SECONDS, clock)
        """Servers of other processes' bots, with their roles; without channels and members."""

    async def may_view(self, user_id: str, *, guild_id: str, channel_id: str) -> bool:
        """Tell whether the person is in the server and may see the channel; False where Discord does not say."""
        asked = (user_id, channel_id)
        if asked not in self._answers:
            self._answers[asked] = await self._ask(int(user_id), int(guild_id), int(channel_id))
        return bool(self._answers.get(asked))

    async def _ask(self, user_id: int, guild_id: int, channel_id: int) -> Answer:
        now = self._clock()
        if not (self._questions.has(1, QUESTIONS, now) and self._misses.has(1, LOOKS, now)):
            log.debug("Whether user %s may see channel %s is not asked: too many questions", user_id, channel_id)
            return None
        self._questions.take(1)
        try:
            return await self._requests.answer(self._look(user_id, guild_id, channel_id), LOOK_SECONDS)
        except discord.NotFound:
            self._misses.take(1)  # Discord bans an address after too many requests that find nothing
            return False
        except Exception as exc:  # noqa: BLE001  # whatever is wrong, nobody is shown where they may not look
            self._misses.take(1)
            log.debug("Whether user %s may see channel %s is unknown (%s)", user_id, channel_id, type(exc).__name__)
            return None

    async def _look(self, user_id: int, guild_id: int, channel_id: int) -> bool:
        guild = self._bot.get_guild(guild_id) or await self._guild(guild_id)
        member = guild.get_member(user_id) or await guild.fetch_member(user_id)
        channel: Any = guild.get_channel_or_thread(channel_id) or await guild.fetch_channel(channel_id)
        if not isinstance(channel, discord.Thread):
            return bool(channel.permissions_for(member).view_channel)
        parent: Any = channel.parent or await guild.fetch_channel(channel.parent_id)
        allowed = parent.permissions_for(member)
        if not allowed.view_channel:
            return False
        return not channel.is_private() or allowed.manage_threads or await _is_in(channel, user_id)

    async def _guild(self, guild_id: int) -> discord.Guild:
        if guild_id not in self._guilds:
            self._guilds[guild_id] = await self._bot.fetch_guild(guild_id, with_counts=False)
        return self._guilds[guild_id]


async def _is_in(thread: discord.Thread, user_id: int) -> bool:
    """Tell whether somebody was added to a private thread. May raise `discord.NotFound`: they were not."""
    return bool(await thread.fetch_member(user_id))


def _until(_: tuple[str, str], answer: Answer, now: float) -> float:
    return now + (UNSURE_SECONDS if answer is None else SEEN_SECONDS)
