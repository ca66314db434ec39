"""Posting: one message per scene, sent by the bot itself, never twice."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import logging
from collections import OrderedDict
from pathlib import Path
from typing import Protocol

import aiohttp
import discord
from discord.ext import commands

from .errors import PostError, SceneArtError, TransientError
from .painters import Painting
from .scene import Scene
from .text import cut_on_word, one_line

log = logging.getLogger(__name__)

AnyBot = commands.Bot | commands.AutoShardedBot
"""The hosts that are supported; discord.py gives them no common base."""

DEFAULT_UPLOAD_LIMIT = 10 * 1024 * 1024
REQUEST_LIMIT = 25 * 1024 * 1024
"""Discord's cap on a whole request, whatever the server's own limit."""
REQUEST_OVERHEAD = 16 * 1024
ALT_TEXT_LIMIT = 1_024
SEND_SECONDS = 60.0
RETRIES = 4
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}

_UNKNOWN_CHANNEL = 10003
_MISSING_ACCESS = 50001
_MISSING_PERMISSIONS = 50013
_TOO_LARGE = {40005, 50045}
_UNKNOWN_MESSAGE = 10008
_KNOWN_CHANNELS = 1_000


class PictureTooLargeError(SceneArtError):
    """Discord did not take a file of this size; a smaller one may pass."""

    code = "too_large"


class ViewFactory(Protocol):
    """Makes the row of buttons under a scene."""

    def __call__(self, scene: Scene, /) -> discord.ui.View: ...


class Poster:
    """Sends finished scenes through the bot's own connection."""

    def __init__(self, bot: AnyBot, view_of: ViewFactory) -> None:
        self._bot = bot
        self._view_of = view_of
        self._reachable: OrderedDict[int, None] = OrderedDict()

    async def check(self, scene: Scene) -> None:
        """Whether this channel could get a picture at all, asked before anything is paid.

        Raises:
            PostError: there is no such channel, or the bot lacks a permission in it.
            TransientError: Discord cannot be asked just now.
        """
        channel = self._bot.get_channel(int(scene.channel_id))
        if channel is None:
            await self._check_unknown(int(scene.channel_id))
        elif isinstance(channel, (discord.abc.GuildChannel, discord.Thread)):
            _check_permissions(channel, self._bot.user.id if self._bot.user else 0)
        elif not isinstance(channel, discord.abc.Messageable):
            raise PostError("the channel takes no messages")

    async def _check_unknown(self, channel_id: int) -> None:
        """Threads and direct messages are often not in the bot's cache: ask once and remember a good answer."""
        if channel_id in self._reachable:
            return
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._bot.fetch_channel(channel_id)
        except discord.HTTPException as exc:
            if exc.code in {_UNKNOWN_CHANNEL, _MISSING_ACCESS}:
                raise _post_error(exc) from None
            log.debug("Channel %s cannot be looked at (%s); posting will show", channel_id, exc.status)
        except Exception:  # noqa: BLE001  # only advice: a channel that cannot be read may still take a post
            log.debug("Channel %s cannot be looked at; posting will show", channel_id)
        self._reachable[channel_id] = None
        while len(self._reachable) > _KNOWN_CHANNELS:
            self._reachable.popitem(last=False)

    def upload_limit(self, channel_id: str) -> int:
        """Bytes that a picture in this channel may have."""
        channel = self._bot.get_channel(int(channel_id))
        guild = getattr(channel, "guild", None)
        limit = guild.filesize_limit if isinstance(guild, discord.Guild) else DEFAULT_UPLOAD_LIMIT
        return min(int(limit), REQUEST_LIMIT - REQUEST_OVERHEAD)

    async def post(self, scene: Scene, painting: Painting) -> discord.Message:
        """The message that shows `scene`. Repeated with the same nonce, Discord answers with the first message.

        Raises:
            PictureTooLargeError: a smaller encoding may pass.
            PostError: not in this channel, now or later.
            TransientError: Discord could not be reached in several tries.
        """
        name = await asyncio.to_thread(file_name, painting)
        for attempt in range(RETRIES):
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    return await self._send(scene, painting, name)
            except discord.HTTPException as exc:
                problem = _translated(exc)
            except (aiohttp.ClientError, OSError, TimeoutError) as exc:
                problem = TransientError(f"Discord cannot be reached ({type(exc).__name__})")
            if not isinstance(problem, TransientError) or attempt == RETRIES - 1:
                raise problem
            log.warning("scene %s: posting again: %s", scene.id, problem.detail)
            await asyncio.sleep(problem.retry_after or 0.5 * 2**attempt)
        raise TransientError("no try was allowed")

    async def _send(self, scene: Scene, painting: Painting, name: str) -> discord.Message:
        channel_id = int(scene.channel_id)
        channel = self._bot.get_channel(channel_id)
        target = (
            channel if isinstance(channel, discord.abc.Messageable) else self._bot.get_partial_messageable(channel_id)
        )
        view = self._view_of(scene)
        # The buttons are dynamic items, found by their ids: the library need not remember each message's view.
        view.stop()
        with painting.path.open("rb") as opened:
            file = discord.File(opened, filename=name, description=alt_text(scene))
            send = functools.partial(
                target.send,
                file=file,
                view=view,
                nonce=scene.nonce,
                allowed_mentions=discord.AllowedMentions.none(),
            )
            if not scene.reply_to:
                return await send()
            # A narrative that was deleted meanwhile costs the reply, not the picture.
            reply = discord.MessageReference(
                message_id=int(scene.reply_to), channel_id=channel_id, fail_if_not_exists=False
            )
            return await send(reference=reply)


def alt_text(scene: Scene) -> str:
    """What the picture shows, for those who do not see it: the scene itself and who is in it."""
    names = [ref.name for ref in scene.brief.references if ref.role in {"game_master", "character"} and ref.name]
    cast = f" With {', '.join(names)}." if names else ""
    story = one_line(scene.narrative)
    room = ALT_TEXT_LIMIT - len(cast)
    return cut_on_word(f"{cut_on_word(story, max(200, room))}{cast}", ALT_TEXT_LIMIT)


def file_name(painting: Painting) -> str:
    """`scene_<first 12 hex digits of the bytes' sha256>.<ending>`. Blocking: reads the file."""
    with Path(painting.path).open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return f"scene_{digest[:12]}.{_ENDINGS[painting.mime]}"


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
        raise PostError(
            f"missing permission in channel {channel.id}: {names}",
            sentence=f"I may not post pictures here: I lack {names}. A moderator can allow it.",
        )


def _translated(exc: discord.HTTPException) -> SceneArtError:
    """Discord's answer as an error of ours: what to do next, and nothing that cannot be pickled."""
    if exc.code in _TOO_LARGE or exc.status == 413:
        return PictureTooLargeError(f"Discord finds the picture too large ({exc.status}, code {exc.code})")
    if exc.status >= 500 or exc.status == 429:
        retry_after = getattr(exc, "retry_after", None)
        return TransientError(
            f"Discord answered {exc.status}",
            retry_after=min(float(retry_after), SEND_SECONDS) if retry_after else None,
            sentence="Discord did not take the picture just now. Please try again in a minute.",
        )
    return _post_error(exc)


def _post_error(exc: discord.HTTPException) -> PostError:
    detail = f"Discord refused the post: {exc.status}, code {exc.code}"
    known = {
        _UNKNOWN_CHANNEL: ("unknown channel", "This channel does not exist any more."),
        _MISSING_ACCESS: ("missing access", "I cannot see this channel. A moderator can let me in."),
        _MISSING_PERMISSIONS: ("missing permissions", None),
        _UNKNOWN_MESSAGE: ("the picture was posted and deleted meanwhile", "The picture was deleted."),
    }
    note, sentence = known.get(exc.code, ("", "Discord did not accept the picture in this channel."))
    return PostError(f"{detail} ({note})" if note else detail, sentence=sentence)
