"""Discord's channels: whether the bot may post there, what fits, and which ones are left in peace for a while."""

from __future__ import annotations

import logging
from typing import Any

import discord
from cachetools import LRUCache, TTLCache

from ..domain.scene import Scene
from ..errors import ChannelClosedError, PostError, RefusedError, TransientError
from ..i18n import ENGLISH, Sentence, gettext, listed
from ..store.preferences import ChannelScope
from .channel_lookup import (
    CLOSED,
    UNKNOWN_CHANNEL,
    AnyBot,
    ChannelLookup,
    ChannelPlace,
    LookLaterError,
    post_error,
)
from .requests import Requests

__all__ = ["AnyBot", "Channels", "NotAgeRestrictedError"]

log = logging.getLogger(__name__)

_VIEW, _SEND, _ATTACH = gettext("View Channel"), gettext("Send Messages"), gettext("Attach Files")
"""Permissions, as Discord's own settings call them."""
DEFAULT_UPLOAD_LIMIT = 10 * 1024 * 1024
REQUEST_LIMIT = 25 * 1024 * 1024
"""Discord's cap on a whole request, whatever the server's own limit."""
REQUEST_OVERHEAD = 16 * 1024
CLOSED_SECONDS = 60.0
"""Pause after Discord refused a channel; 10,000 refusals in ten minutes ban an address."""
KNOWN_CHANNELS = 1_000


class NotAgeRestrictedError(RefusedError):
    """The operator wants pictures in age-restricted channels alone, and this is none."""

    code = "not_age_restricted"


class Channels:
    """The channels as this process knows them; bounded, and forgotten at its end."""

    def __init__(self, bot: AnyBot, *, age_restricted_only: bool = False) -> None:
        self._bot = bot
        self.requests = Requests(bot)
        """To be asked of Discord through this."""
        self._age_restricted_only = age_restricted_only
        self._places = ChannelLookup(bot)
        self._closed: TTLCache[int, PostError] = TTLCache(KNOWN_CHANNELS, CLOSED_SECONDS)
        self._told: LRUCache[int, None] = LRUCache(KNOWN_CHANNELS)

    def knows(self, channel_id: str) -> bool:
        """Tell whether the channel is one of the bot's, as far as this process knows without asking."""
        return self._places.knows(channel_id)

    def server_of(self, channel_id: str) -> str:
        """Name what a channel shares its turns with: its server, as far as this process knows it; else itself."""
        place = self._places.known(channel_id) if channel_id.isdecimal() else None
        return (place and place.guild_id) or channel_id

    async def place(self, channel_id: str) -> ChannelPlace | None:
        """Find the channel's place. Returns and raises as `ChannelLookup.find`."""
        return await self._places.find(channel_id)

    async def check(self, scene: Scene) -> None:
        """Check that the scene's channel can get a picture at all, before anything is paid.

        Raises:
            PostError: there is no such channel in the scene's server, or the bot lacks a permission in it.
            NotAgeRestrictedError, TransientError: see `check_audience`.
        """
        channel_id = int(scene.channel_id)
        if (refusal := self._closed.get(channel_id)) is not None:
            raise type(refusal)(refusal.detail, sentence=refusal.sentence)
        channel = self._bot.get_channel(channel_id)
        if isinstance(channel, (discord.abc.GuildChannel, discord.Thread)):
            self._check_known(channel)
        elif channel is not None and not isinstance(channel, discord.abc.Messageable):
            raise PostError("the channel takes no messages")
        await self._check_place(scene)
        await self.check_audience(scene)

    async def _check_place(self, scene: Scene) -> None:
        try:
            place = await self.place(scene.channel_id)
        except LookLaterError:
            return  # only advice: posting will show
        except PostError as exc:
            self._pause(int(scene.channel_id), exc)
            raise
        if place is not None and scene.guild_id not in {None, place.guild_id}:
            raise PostError("the channel is not in the server that the game named")

    async def check_audience(self, scene: Scene) -> None:
        """Check that pictures may be shown to those who read the scene's channel now.

        Raises:
            NotAgeRestrictedError: they may not.
            TransientError: Discord cannot be asked.
        """
        if not self._age_restricted_only:
            return
        place = await self._find(scene.channel_id, fresh=True)
        if place is None:
            raise TransientError(
                "Discord could not say whether the channel is age-restricted",
                sentence=gettext("Discord didn't say whether this channel is age-restricted. Try again in a minute."),
            )
        if not place.age_restricted:
            raise _not_age_restricted(scene.channel_id, place)

    async def home(self, channel_id: str) -> str | None:
        """Tell the id of the channel's server, by Discord's word; None for direct messages.

        Raises:
            PostError: there is no such channel, or the bot may not see it.
            TransientError: Discord cannot be asked.
        """
        place = await self._find(channel_id)
        if place is None:
            raise TransientError(
                "Discord could not say which server the channel is in",
                sentence=gettext("Discord didn't say which server this channel is in. Try again in a minute."),
            )
        return place.guild_id

    async def _find(self, channel_id: str, *, fresh: bool = False) -> ChannelPlace | None:
        """Find the channel's place; None while Discord cannot be asked."""
        try:
            return await self._places.find(channel_id, fresh=fresh)
        except LookLaterError:
            return None

    def _check_known(self, channel: discord.abc.GuildChannel | discord.Thread) -> None:
        missing = _missing_permissions(channel, self._bot.user.id if self._bot.user else 0)
        if not missing:
            self._told.pop(channel.id, None)
            return
        names = listed(missing)
        problem = ChannelClosedError(
            f"missing permission in channel {channel.id}: {names}",
            sentence=gettext("The bot can't post pictures here. Ask a moderator to give it: {names}.", names=names),
        )
        self._tell_once(channel.id, problem)
        raise problem

    def refused(self, channel_id: int, exc: discord.HTTPException) -> PostError:
        """Discord's refusal as an error of ours; if it is about the channel, that is left in peace for a while."""
        problem = post_error(exc)
        if exc.code in {*CLOSED, UNKNOWN_CHANNEL}:
            self._places.forget(channel_id)
            self._pause(channel_id, problem)
        return problem

    def _pause(self, channel_id: int, problem: PostError) -> None:
        self._tell_once(channel_id, problem)
        self._closed[channel_id] = problem

    def took(self, channel_id: int) -> None:
        """Discord took a message for it."""
        self._closed.pop(channel_id, None)
        self._told.pop(channel_id, None)

    def _tell_once(self, channel_id: int, exc: PostError) -> None:
        """One line for the operator until something is posted there again."""
        if channel_id not in self._told:
            log.warning("Channel %s is paused: %s", channel_id, exc.detail)
        self._told[channel_id] = None

    def seems_open(self, channel_id: str) -> bool:
        """Tell whether Discord has not refused this channel lately; True again after a while, or after `reopen`."""
        return int(channel_id) not in self._closed

    def reopen(self, guild_id: int) -> None:
        """The server's permissions changed: its closed channels may be tried again."""
        for channel_id in [cid for cid in self._closed if self.is_in(guild_id, str(cid))]:
            self._closed.pop(channel_id, None)

    def is_in(self, guild_id: int, channel_id: str) -> bool:
        """Tell whether the channel belongs to that server."""
        guild = self._bot.get_guild(guild_id)
        return guild is not None and guild.get_channel_or_thread(int(channel_id)) is not None

    def channel_scope(self, channel_id: str, guild_id: str | None = None) -> ChannelScope:
        """The channel and what its settings are laid over, as far as this process knows; `guild_id` if it does not."""
        place = self._places.known(channel_id)
        if place is None:
            return ChannelScope(channel_id, guild_id)
        return ChannelScope(channel_id, place.guild_id, place.parent_id)

    def locale(self, channel_id: str) -> str:
        """Discord's name of the language of the channel's server, as far as this process knows."""
        guild = getattr(self._bot.get_channel(int(channel_id)), "guild", None)
        return str(guild.preferred_locale) if isinstance(guild, discord.Guild) else ENGLISH

    def upload_limit(self, channel_id: str) -> int:
        """Bytes that a picture in this channel may have."""
        channel = self._bot.get_channel(int(channel_id))
        guild = getattr(channel, "guild", None)
        limit = guild.filesize_limit if isinstance(guild, discord.Guild) else DEFAULT_UPLOAD_LIMIT
        return min(int(limit), REQUEST_LIMIT - REQUEST_OVERHEAD)

    def target(self, channel_id: str) -> Any:
        """Return the channel to send to and read from, also where the bot's cache does not know it."""
        channel = self._bot.get_channel(int(channel_id))
        known = isinstance(channel, discord.abc.Messageable)
        return channel if known else self._bot.get_partial_messageable(int(channel_id))

    def is_own(self, message: discord.Message) -> bool:
        """Tell whether the bot wrote the message."""
        return self._bot.user == message.author


def _not_age_restricted(channel_id: str, place: ChannelPlace) -> NotAgeRestrictedError:
    if place.guild_id is None:
        return NotAgeRestrictedError(
            f"channel {channel_id} is a direct conversation, and pictures go to age-restricted channels alone",
            sentence=gettext("Pictures are only posted in age-restricted channels of a server. Ask in one of those."),
        )
    return NotAgeRestrictedError(
        f"channel {channel_id} is not age-restricted",
        sentence=gettext(
            "Pictures are only posted in age-restricted channels. A moderator can turn that on in this "
            "channel's settings."
        ),
    )


def _missing_permissions(channel: discord.abc.GuildChannel | discord.Thread, bot_id: int) -> list[Sentence]:
    """List the missing ones that the cache knows. Where it knows none, Discord's own answer will tell."""
    guild = channel.guild
    me = guild.get_member(bot_id)
    if me is None or guild.get_role(guild.id) is None or not me.guild_permissions.value:
        return []
    allowed = channel.permissions_for(me)
    in_thread = isinstance(channel, discord.Thread)
    needed = {
        _VIEW: allowed.view_channel,
        _SEND: allowed.send_messages_in_threads if in_thread else allowed.send_messages,
        _ATTACH: allowed.attach_files,
    }
    return [name for name, has in needed.items() if not has]
