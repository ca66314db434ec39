"""The lookup of channels: in the bot's cache, else, seldom, by a request to Discord, remembered for a while.

Bots are spread over processes, so a channel that is not in this process's cache may well be the bot's. Threads and
direct messages often are in no cache.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import discord
from cachetools import TLRUCache

from ..domain.token_bucket import Bucket, Rate
from ..errors import ChannelClosedError, PostError, SceneArtError
from ..i18n import gettext
from .requests import Requests

log = logging.getLogger(__name__)

AnyBot = discord.Client
"""The supported hosts: any of discord.py's bots, and a plain client."""

LOOK_SECONDS = 10.0
LOOKS = Rate(20, 1)
"""Limit of requests that find no channel of ours: Discord bans an address after 10,000 invalid ones in ten minutes."""
FOUND_SECONDS, MISSED_SECONDS, UNSURE_SECONDS = 600.0, 60.0, 10.0
"""Times for which a found channel, a missing one, and a failed request are remembered."""
REMEMBERED = 1_000

UNKNOWN_CHANNEL = 10003
MISSING_ACCESS = 50001
MISSING_PERMISSIONS = 50013
THREAD_ARCHIVED = 50083
CLOSED = {MISSING_ACCESS, MISSING_PERMISSIONS, THREAD_ARCHIVED}


@dataclass(frozen=True)
class ChannelPlace:
    """A channel that the bot is in."""

    guild_id: str | None
    """The server's id; None for direct messages."""
    age_restricted: bool
    """True for a channel marked as age-restricted, and for its threads; never for direct messages."""
    parent_id: str | None = None
    """The channel of a thread or of a forum's post; None for others."""


class LookLaterError(SceneArtError):
    """Too many unknown channels were looked up; the next look-up is allowed after `retry_after` seconds."""

    code = "look_later"


Answer = ChannelPlace | PostError | None
_NOT_ASKED = PostError("nobody asked Discord")


class ChannelLookup:
    """Looks channels up, with limits on its memory and on its requests to Discord."""

    def __init__(self, bot: AnyBot, clock: Callable[[], float] = time.monotonic) -> None:
        self._bot = bot
        self._clock = clock
        self._requests = Requests(bot)
        self._looks = Bucket(LOOKS, clock())
        self._answers: TLRUCache[int, Answer] = TLRUCache(REMEMBERED, _until, clock)

    def knows(self, channel_id: str) -> bool:
        """Tell whether the channel may be the bot's, without a request. True for any channel until the bot is ready."""
        return not self._bot.is_ready() or self.known(channel_id) is not None

    def known(self, channel_id: str) -> ChannelPlace | None:
        """Return the place of a channel that is in the cache or was found lately; else None."""
        place = self._cached(int(channel_id)) or self._answers.get(int(channel_id))
        return place if isinstance(place, ChannelPlace) else None

    async def find(self, channel_id: str, *, fresh: bool = False) -> ChannelPlace | None:
        """Look a channel up; None when Discord does not answer. `fresh` ignores earlier successes outside of the cache.

        Raises:
            ChannelClosedError: the bot may not see it.
            PostError: there is no such channel.
            LookLaterError: too many look-ups; no request was sent.
        """
        number = int(channel_id)
        if (place := self._cached(number)) is not None:
            return place
        answer = self._answers.get(number, _NOT_ASKED)
        if answer is _NOT_ASKED or (fresh and isinstance(answer, ChannelPlace)):
            answer = await self._ask(number)
        if isinstance(answer, PostError):
            raise type(answer)(answer.detail, sentence=answer.sentence)
        return answer

    def forget(self, channel_id: int) -> None:
        """Forget the earlier answer about a channel, which is out of date."""
        self._answers.pop(channel_id, None)

    def _cached(self, number: int) -> ChannelPlace | None:
        channel: Any = self._bot.get_channel(number)
        orphaned = isinstance(channel, discord.Thread) and channel.parent is None
        return None if channel is None or orphaned else _place_of(channel)

    async def _ask(self, number: int) -> Answer:
        now = self._clock()
        if not self._looks.has(1, LOOKS, now):
            raise LookLaterError(
                "too many channels are looked up", retry_after=self._looks.seconds_until(1, LOOKS) + 0.1
            )
        self._looks.take(1)
        self._answers[number] = answer = await self._look(number)
        if isinstance(answer, ChannelPlace):
            self._looks.give_back(1, LOOKS)
        return answer

    async def _look(self, number: int) -> Answer:
        try:
            return await self._requests.answer(self._fetched(number), LOOK_SECONDS)
        except discord.HTTPException as exc:
            if exc.code in {UNKNOWN_CHANNEL, MISSING_ACCESS}:
                return post_error(exc, "a look at it")
            log.debug("Channel %s cannot be looked at (%s)", number, exc.status)
        except Exception as exc:  # noqa: BLE001  # a channel that cannot be read may still take a post
            log.debug("Channel %s cannot be looked at (%s)", number, type(exc).__name__)
        return None

    async def _fetched(self, number: int) -> ChannelPlace:
        channel: Any = await self._bot.fetch_channel(number)
        if isinstance(channel, discord.Thread) and channel.parent is None:
            # The flag is the parent's, and the cache of a process without the server has no parents.
            return _place_of(channel, await self._bot.fetch_channel(channel.parent_id))
        return _place_of(channel)


def _place_of(channel: Any, parent: Any = None) -> ChannelPlace:
    if isinstance(channel, discord.abc.PrivateChannel):
        return ChannelPlace(guild_id=None, age_restricted=False)
    flagged = getattr(parent or channel, "is_nsfw", None)
    return ChannelPlace(
        guild_id=str(channel.guild.id),
        age_restricted=bool(flagged and flagged()),
        parent_id=str(channel.parent_id) if isinstance(channel, discord.Thread) else None,
    )


def _until(_: int, answer: Answer, now: float) -> float:
    if isinstance(answer, ChannelPlace):
        return now + FOUND_SECONDS
    return now + (UNSURE_SECONDS if answer is None else MISSED_SECONDS)


def post_error(exc: discord.HTTPException, what: str = "the post") -> PostError:
    """Translate Discord's refusal of `what` into an error of ours, which can be pickled."""
    detail = f"Discord refused {what}: {exc.status}, code {exc.code}"
    known = {
        UNKNOWN_CHANNEL: ("unknown channel", gettext("This channel no longer exists.")),
        MISSING_ACCESS: (
            "missing access",
            gettext("The bot can't see this channel. Ask a moderator to give it View Channel."),
        ),
        MISSING_PERMISSIONS: ("missing permissions", None),
        THREAD_ARCHIVED: ("the thread is locked", gettext("This thread is locked. Ask a moderator to unlock it.")),
    }
    note, sentence = known.get(
        exc.code,
        ("", gettext("Discord rejected the picture in this channel. Ask a moderator to check the bot's permissions.")),
    )
    kind = ChannelClosedError if exc.code in CLOSED else PostError
    return kind(f"{detail} ({note})" if note else detail, sentence=sentence)
