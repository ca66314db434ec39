"""Discord's channels: whether the bot may post there, what fits, and which ones are left in peace for a while."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from typing import Any

import discord
from discord.ext import commands

from .errors import ChannelClosedError, PostError
from .scene import Scene

log = logging.getLogger(__name__)

AnyBot = commands.Bot | commands.AutoShardedBot
"""The hosts that are supported; discord.py gives them no common base."""

DEFAULT_UPLOAD_LIMIT = 10 * 1024 * 1024
REQUEST_LIMIT = 25 * 1024 * 1024
"""Discord's cap on a whole request, whatever the server's own limit."""
REQUEST_OVERHEAD = 16 * 1024
LOOK_SECONDS = 60.0
CLOSED_SECONDS = 60.0
"""How long a channel that Discord refused is left in peace; 10,000 refusals in ten minutes ban an address."""
KNOWN_CHANNELS = 1_000

_UNKNOWN_CHANNEL = 10003
_MISSING_ACCESS = 50001
_MISSING_PERMISSIONS = 50013
_THREAD_ARCHIVED = 50083
_CLOSED = {_MISSING_ACCESS, _MISSING_PERMISSIONS, _THREAD_ARCHIVED}


class Channels:
    """What is known of them; bounded, and forgotten at the end of the process."""

    def __init__(self, bot: AnyBot) -> None:
        self._bot = bot
        self._reachable: OrderedDict[int, None] = OrderedDict()
        self._closed: OrderedDict[int, tuple[float, PostError]] = OrderedDict()
        self._told: OrderedDict[int, None] = OrderedDict()

    async def check(self, scene: Scene) -> None:
        """Whether its channel could get a picture at all, asked before anything is paid.

        Raises:
            PostError: there is no such channel, or the bot lacks a permission in it.
        """
        channel_id = int(scene.channel_id)
        if not self.seems_open(scene.channel_id):
            _, refusal = self._closed[channel_id]
            raise type(refusal)(refusal.detail, sentence=refusal.sentence)
        channel = self._bot.get_channel(channel_id)
        if channel is None:
            await self._check_unknown(channel_id)
        elif isinstance(channel, (discord.abc.GuildChannel, discord.Thread)):
            self._check_known(channel)
        elif not isinstance(channel, discord.abc.Messageable):
            raise PostError("the channel takes no messages")

    def _check_known(self, channel: discord.abc.GuildChannel | discord.Thread) -> None:
        try:
            _check_permissions(channel, self._bot.user.id if self._bot.user else 0)
        except ChannelClosedError as exc:
            self._tell_once(channel.id, exc)
            raise
        self._told.pop(channel.id, None)

    async def _check_unknown(self, channel_id: int) -> None:
        """Threads and direct messages are often not in the bot's cache: ask once and remember a good answer."""
        if channel_id in self._reachable:
            return
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await self._bot.fetch_channel(channel_id)
        except discord.HTTPException as exc:
            if exc.code in {_UNKNOWN_CHANNEL, _MISSING_ACCESS}:
                raise self.refused(channel_id, exc) from None
            log.debug("Channel %s cannot be looked at (%s); posting will show", channel_id, exc.status)
        except Exception:  # noqa: BLE001  # only advice: a channel that cannot be read may still take a post
            log.debug("Channel %s cannot be looked at; posting will show", channel_id)
        self._reachable[channel_id] = None
        _bound(self._reachable)

    def refused(self, channel_id: int, exc: discord.HTTPException) -> PostError:
        """Discord's refusal as an error of ours; if it is about the channel, that is left in peace for a while."""
        problem = _post_error(exc)
        if exc.code in {*_CLOSED, _UNKNOWN_CHANNEL}:
            self._tell_once(channel_id, problem)
            self._closed[channel_id] = (time.monotonic() + CLOSED_SECONDS, problem)
            _bound(self._closed)
        return problem

    def took(self, channel_id: int) -> None:
        """Discord took a message for it."""
        self._closed.pop(channel_id, None)
        self._told.pop(channel_id, None)

    def _tell_once(self, channel_id: int, exc: PostError) -> None:
        """One line for the operator until something is posted there again."""
        if channel_id not in self._told:
            log.warning("Channel %s is paused: %s", channel_id, exc.detail)
        self._told[channel_id] = None
        _bound(self._told)

    def seems_open(self, channel_id: str) -> bool:
        """Whether Discord has not just refused this channel; True again after a while, or after `reopen`."""
        until, _ = self._closed.get(int(channel_id), (0.0, None))
        return time.monotonic() >= until

    def reopen(self, guild_id: int) -> None:
        """The server's permissions changed: its closed channels may be tried again."""
        for channel_id in [cid for cid in self._closed if self.is_in(guild_id, str(cid))]:
            del self._closed[channel_id]

    def is_in(self, guild_id: int, channel_id: str) -> bool:
        """Whether the channel is one of that server's."""
        guild = self._bot.get_guild(guild_id)
        return guild is not None and guild.get_channel_or_thread(int(channel_id)) is not None

    def guild_of(self, channel_id: str) -> str | None:
        """The server that the channel is in, as far as the bot's cache knows."""
        guild = getattr(self._bot.get_channel(int(channel_id)), "guild", None)
        return str(guild.id) if guild is not None else None

    def upload_limit(self, channel_id: str) -> int:
        """Bytes that a picture in this channel may have."""
        channel = self._bot.get_channel(int(channel_id))
        guild = getattr(channel, "guild", None)
        limit = guild.filesize_limit if isinstance(guild, discord.Guild) else DEFAULT_UPLOAD_LIMIT
        return min(int(limit), REQUEST_LIMIT - REQUEST_OVERHEAD)

    def target(self, channel_id: str) -> Any:
        """What messages are sent to and read from, also where the bot's cache does not know the channel."""
        channel = self._bot.get_channel(int(channel_id))
        known = isinstance(channel, discord.abc.Messageable)
        return channel if known else self._bot.get_partial_messageable(int(channel_id))

    def is_own(self, message: discord.Message) -> bool:
        """Whether the bot wrote it."""
        return self._bot.user == message.author


def _bound(known: OrderedDict[int, Any]) -> None:
    while len(known) > KNOWN_CHANNELS:
        known.popitem(last=False)


def _check_permissions(channel: discord.abc.GuildChannel | discord.Thread, bot_id: int) -> None:
    """What the cache knows of the bot's permissions. Where it does not know them, Discord's own answer will tell."""
    guild = channel.guild
    me = guild.get_member(bot_id)
    if me is None or guild.get_role(guild.id) is None or not me.guild_permissions.value:
        return
    allowed = channel.permissions_for(me)
    in_thread = isinstance(channel, discord.Thread)
    needed = {
        "View Channel": allowed.view_channel,
        "Send Messages": allowed.send_messages_in_threads if in_thread else allowed.send_messages,
        "Attach Files": allowed.attach_files,
    }
    missing = [name for name, has in needed.items() if not has]
    if missing:
        names = " and ".join(missing)
        raise ChannelClosedError(
            f"missing permission in channel {channel.id}: {names}",
            sentence=f"I may not post pictures here: I lack {names}. A moderator can allow it.",
        )


def _post_error(exc: discord.HTTPException) -> PostError:
    detail = f"Discord refused the post: {exc.status}, code {exc.code}"
    known = {
        _UNKNOWN_CHANNEL: ("unknown channel", "This channel does not exist any more."),
        _MISSING_ACCESS: ("missing access", "I cannot see this channel. A moderator can let me in."),
        _MISSING_PERMISSIONS: ("missing permissions", None),
        _THREAD_ARCHIVED: ("the thread is locked", "This thread is locked. A moderator can open it."),
    }
    note, sentence = known.get(exc.code, ("", "Discord did not accept the picture in this channel."))
    kind = ChannelClosedError if exc.code in _CLOSED else PostError
    return kind(f"{detail} ({note})" if note else detail, sentence=sentence)
