"""Posting: one message per scene, sent by the bot itself, never twice."""

from __future__ import annotations

import asyncio
import functools
import io
import logging
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import aiohttp
import discord
from discord.ext import commands

from .errors import ChannelClosedError, PostError, SceneArtError, TransientError
from .painters import Painting
from .scene import Scene
from .text import cut_on_word, one_line

log = logging.getLogger(__name__)

E = TypeVar("E", bound=SceneArtError)

AnyBot = commands.Bot | commands.AutoShardedBot
"""The hosts that are supported; discord.py gives them no common base."""

DEFAULT_UPLOAD_LIMIT = 10 * 1024 * 1024
REQUEST_LIMIT = 25 * 1024 * 1024
"""Discord's cap on a whole request, whatever the server's own limit."""
REQUEST_OVERHEAD = 16 * 1024
ALT_TEXT_LIMIT = 1_024
SEND_SECONDS = 60.0
RETRIES = 4
NONCE_TRUSTED_SECONDS = 45.0
"""Discord remembers a nonce for some minutes. A retry that comes later than this looks into the channel first."""
HISTORY_LIMIT = 100
CLOSED_SECONDS = 60.0
"""How long a channel that Discord refused is left in peace; 10,000 refusals in ten minutes ban an address."""
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}

_UNKNOWN_CHANNEL = 10003
_MISSING_ACCESS = 50001
_MISSING_PERMISSIONS = 50013
_THREAD_ARCHIVED = 50083
_SLOW_MODE = 20016
_CLOSED = {_MISSING_ACCESS, _MISSING_PERMISSIONS, _THREAD_ARCHIVED}
_TOO_LARGE = {40005, 50045}
_UNKNOWN_MESSAGE = 10008
_INVALID_FORM = 50035
_NO_REPLY = {_INVALID_FORM, 160002}
_KNOWN_CHANNELS = 1_000


class PictureTooLargeError(SceneArtError):
    """Discord did not take a file of this size; a smaller one may pass."""

    code = "too_large"


class ViewFactory(Protocol):
    """Makes the row of buttons under a scene."""

    def __call__(self, scene: Scene, /) -> discord.ui.View: ...


@dataclass(frozen=True)
class Posted:
    """A scene is at Discord: its message, or None when it was deleted before we heard of it."""

    message_id: str | None


class Poster:
    """Sends finished scenes through the bot's own connection."""

    def __init__(self, bot: AnyBot, view_of: ViewFactory) -> None:
        self._bot = bot
        self._view_of = view_of
        self._reachable: OrderedDict[int, None] = OrderedDict()
        self._closed: OrderedDict[int, tuple[float, SceneArtError]] = OrderedDict()
        self._told: OrderedDict[int, None] = OrderedDict()

    async def check(self, scene: Scene) -> None:
        """Whether this channel could get a picture at all, asked before anything is paid.

        Raises:
            PostError: there is no such channel, or the bot lacks a permission in it.
        """
        channel_id = int(scene.channel_id)
        if not self.seems_open(scene.channel_id):
            raise self._closed[channel_id][1]
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

    def _close(self, channel_id: int, exc: E) -> E:
        """Leave the channel in peace for a while, and say so once."""
        self._tell_once(channel_id, exc)
        self._closed[channel_id] = (time.monotonic() + CLOSED_SECONDS, exc)
        _bound(self._closed)
        return exc

    def _tell_once(self, channel_id: int, exc: SceneArtError) -> None:
        """One line for the operator until something is posted there again."""
        if channel_id not in self._told:
            log.warning("Channel %s is paused: %s", channel_id, exc.detail)
        self._told[channel_id] = None
        _bound(self._told)

    async def _check_unknown(self, channel_id: int) -> None:
        """Threads and direct messages are often not in the bot's cache: ask once and remember a good answer."""
        if channel_id in self._reachable:
            return
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._bot.fetch_channel(channel_id)
        except discord.HTTPException as exc:
            if exc.code in {_UNKNOWN_CHANNEL, _MISSING_ACCESS}:
                raise self._close(channel_id, _post_error(exc)) from None
            log.debug("Channel %s cannot be looked at (%s); posting will show", channel_id, exc.status)
        except Exception:  # noqa: BLE001  # only advice: a channel that cannot be read may still take a post
            log.debug("Channel %s cannot be looked at; posting will show", channel_id)
        self._reachable[channel_id] = None
        _bound(self._reachable)

    def upload_limit(self, channel_id: str) -> int:
        """Bytes that a picture in this channel may have."""
        channel = self._bot.get_channel(int(channel_id))
        guild = getattr(channel, "guild", None)
        limit = guild.filesize_limit if isinstance(guild, discord.Guild) else DEFAULT_UPLOAD_LIMIT
        return min(int(limit), REQUEST_LIMIT - REQUEST_OVERHEAD)

    async def post(self, scene: Scene, painting: Painting, picture: bytes, *, look_first: bool = False) -> Posted:
        """Show `scene` with `picture`, the bytes of `painting`.

        Once: repeated with the same nonce, Discord answers with the first message.

        With `look_first`, and before a retry that comes late, the channel's recent messages are looked through, since
        Discord forgets a nonce after some minutes.

        Raises:
            PictureTooLargeError: a smaller encoding may pass.
            ChannelClosedError: not in this channel as things stand.
            PostError: not in this channel, now or later.
            TransientError: Discord could not be reached in several tries.
        """
        attempt = _Attempt(scene, painting, picture)
        began = time.monotonic()
        for number in range(RETRIES):
            late = look_first if number == 0 else time.monotonic() - began > NONCE_TRUSTED_SECONDS
            if late and (twin := await self._find(scene)) is not None:
                return twin
            problem = await self._try(attempt)
            if isinstance(problem, Posted):
                self._closed.pop(int(scene.channel_id), None)
                self._told.pop(int(scene.channel_id), None)
                return problem
            if not isinstance(problem, TransientError) or number == RETRIES - 1:
                raise problem
            log.warning("scene %s: posting again: %s", scene.id, problem.detail)
            await asyncio.sleep(problem.retry_after or 0.5 * 2**number)
        raise TransientError("no try was allowed")

    async def _try(self, attempt: _Attempt) -> Posted | SceneArtError:
        """One send: how it went."""
        scene = attempt.scene
        try:
            async with asyncio.timeout(SEND_SECONDS):
                return Posted(str((await self._send(attempt)).id))
        except discord.HTTPException as exc:
            if exc.code == _UNKNOWN_MESSAGE:
                log.info("scene %s: posted before, and deleted meanwhile", scene.id)
                return Posted(None)
            if exc.status == 400 and exc.code in _NO_REPLY and attempt.reply_to:
                log.warning("scene %s: Discord takes no reply to message %s (%s)", scene.id, attempt.reply_to, exc.code)
                attempt.reply_to = None
                return await self._try(attempt)
            return self._refused(scene, exc)
        except (aiohttp.ClientError, OSError, TimeoutError) as exc:
            return TransientError(f"Discord cannot be reached ({type(exc).__name__})")

    def _refused(self, scene: Scene, exc: discord.HTTPException) -> SceneArtError:
        problem = _translated(exc)
        about_the_channel = isinstance(problem, PostError) and exc.code in {*_CLOSED, _UNKNOWN_CHANNEL}
        return self._close(int(scene.channel_id), problem) if about_the_channel else problem

    async def _find(self, scene: Scene) -> Posted | None:
        """Our message of `scene` among the channel's last ones, told by its buttons; None where it cannot be seen."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                async for message in self._target(int(scene.channel_id)).history(limit=HISTORY_LIMIT):
                    if self._bot.user == message.author and _belongs_to(message, scene):
                        log.info("scene %s: found in the channel: it was posted before", scene.id)
                        return Posted(str(message.id))
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as exc:
            log.warning("scene %s: the channel cannot be looked through (%s)", scene.id, type(exc).__name__)
        return None

    def _target(self, channel_id: int) -> Any:
        channel = self._bot.get_channel(channel_id)
        known = isinstance(channel, discord.abc.Messageable)
        return channel if known else self._bot.get_partial_messageable(channel_id)

    async def _send(self, attempt: _Attempt) -> discord.Message:
        scene = attempt.scene
        view = self._view_of(scene)
        # The buttons are dynamic items, found by their ids: the library need not remember each message's view.
        view.stop()
        # From memory: a file would be read in the default executor, which is the host's.
        file = discord.File(io.BytesIO(attempt.picture), filename=attempt.file_name, description=alt_text(scene))
        send = functools.partial(
            self._target(int(scene.channel_id)).send,
            file=file,
            view=view,
            nonce=scene.nonce,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        message: discord.Message = await (send(reference=attempt.reference) if attempt.reply_to else send())
        return message

    async def notify(self, scene: Scene, view: discord.ui.View) -> None:
        """Say in the channel why there is no picture, once. Never fails: a notice is a nicety."""
        view.stop()
        send = functools.partial(
            self._target(int(scene.channel_id)).send,
            content=scene.sentence,
            view=view,
            nonce=f"sn{scene.id}",
            silent=True,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await send()
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as exc:
            log.warning("scene %s: the notice could not be posted (%s)", scene.id, type(exc).__name__)


class _Attempt:
    """What is sent. `reply_to` is given up when Discord takes no reply."""

    def __init__(self, scene: Scene, painting: Painting, picture: bytes) -> None:
        self.scene = scene
        self.picture = picture
        self.file_name = f"scene_{painting.digest}.{_ENDINGS[painting.mime]}"
        self.reply_to = scene.reply_to

    @property
    def reference(self) -> discord.MessageReference:
        # A narrative that was deleted meanwhile costs the reply, not the picture.
        return discord.MessageReference(
            message_id=int(self.reply_to or 0), channel_id=int(self.scene.channel_id), fail_if_not_exists=False
        )


def _belongs_to(message: discord.Message, scene: Scene) -> bool:
    """Whether a message of ours shows `scene`: its buttons carry the scene's id."""
    if not message.attachments:
        return False
    rows = (row.children for row in message.components if isinstance(row, discord.ActionRow))
    return any(scene.id in (getattr(item, "custom_id", None) or "") for row in rows for item in row)


def _bound(known: OrderedDict[int, Any]) -> None:
    while len(known) > _KNOWN_CHANNELS:
        known.popitem(last=False)


def alt_text(scene: Scene) -> str:
    """What the picture shows, for those who do not see it: the scene itself and who is in it."""
    names = [ref.name for ref in scene.brief.references if ref.role in {"game_master", "character"} and ref.name]
    cast = f" With {', '.join(names)}." if names else ""
    story = one_line(scene.narrative)
    room = ALT_TEXT_LIMIT - len(cast)
    return cut_on_word(f"{cut_on_word(story, max(200, room))}{cast}", ALT_TEXT_LIMIT)


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


def _translated(exc: discord.HTTPException) -> SceneArtError:
    """Discord's answer as an error of ours: what to do next, and nothing that cannot be pickled."""
    if exc.code in _TOO_LARGE or exc.status == 413:
        return PictureTooLargeError(f"Discord finds the picture too large ({exc.status}, code {exc.code})")
    if exc.status >= 500 or exc.status == 429 or exc.code == _SLOW_MODE:
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
        _THREAD_ARCHIVED: ("the thread is locked", "This thread is locked. A moderator can open it."),
    }
    note, sentence = known.get(exc.code, ("", "Discord did not accept the picture in this channel."))
    kind = ChannelClosedError if exc.code in _CLOSED else PostError
    return kind(f"{detail} ({note})" if note else detail, sentence=sentence)
