"""Links of Discord's own CDN: they expire after about a day, and the bot can renew them.

Facts (Discord's API reference, "Signed Attachment CDN URLs"): `ex` is the time of expiry, in hexadecimal unix seconds;
an expired link is answered with 404. `POST /attachments/refresh-urls` takes up to 50 links, expired ones or unsigned
ones included, and answers with pairs of `original` and `refreshed`.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final, Protocol

import aiohttp
import discord
from cachetools import LRUCache
from yarl import URL

from ..domain.events import MAX_URL
from ..domain.scene_log import remark
from ..references.addresses import TrustedHosts
from .channels import AnyBot
from .requests import Requests

HOSTS: Final = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
LINKS_A_CALL: Final = 50
CALLS_AT_MOST: Final = 12
"""Most calls for one scene when Discord rejects some of its links."""
UNANSWERED_AT_MOST: Final = 8
RENEW_SECONDS: Final = 5.0
EARLY_SECONDS: Final = 60.0
"""A link counts as expired so long before its time, since opening it takes a while."""
REMEMBERED: Final = 1_000
_PORTS: Final = frozenset({80, 443})
# Garbage in an answer's head or body raises one of the last three.
_TROUBLES: Final = (
    discord.DiscordException,
    aiohttp.ClientError,
    OSError,
    RuntimeError,
    ValueError,
    TypeError,
    KeyError,
)
_PATH: Final = re.compile(r"/(?:ephemeral-)?attachments/[0-9]{1,20}/[0-9]{1,20}/[^/]+", re.ASCII)


class AttachmentLinks(Protocol):
    """The port for renewing links."""

    def is_one(self, url: str) -> bool: ...
    def is_expired(self, url: str) -> bool: ...
    async def renew(self, urls: Sequence[str], scene_id: str, failed: Collection[str] = ()) -> dict[str, str]: ...


class DiscordLinks:
    """Renews links through the bot, and remembers the new ones until they expire, too."""

    def __init__(
        self, bot: AnyBot, trusted: TrustedHosts, now: Callable[[], float] = time.time, timeout: float = RENEW_SECONDS
    ) -> None:
        """`trusted` are hosts that may take the place of Discord's CDN; `now` is in unix seconds.

        `timeout` is the most seconds that a scene waits for all of Discord's answers together.
        """
        self._bot = bot
        self._trusted = trusted
        self._now = now
        self._timeout = timeout
        self._requests = Requests(bot)
        self._renewed: LRUCache[str, str] = LRUCache(REMEMBERED)

    def is_one(self, url: str) -> bool:
        """Tell whether `url` leads to an attachment on Discord."""
        link = _parsed(url)
        if link is None or link.raw_user is not None or not _PATH.fullmatch(link.raw_path):
            return False
        return (link.raw_host in HOSTS and link.port in _PORTS) or self._trusted.covers(link)

    def is_expired(self, url: str) -> bool:
        """Tell whether `url`, an attachment's link, cannot be opened: it has expired, or it has no signature."""
        link = _parsed(url)
        if link is None:
            return False
        expiry = link.query.get("ex", "")
        if re.fullmatch(r"[0-9a-fA-F]{1,16}", expiry):
            return int(expiry, 16) <= self._now() + EARLY_SECONDS
        return link.raw_host in HOSTS

    async def renew(self, urls: Sequence[str], scene_id: str, failed: Collection[str] = ()) -> dict[str, str]:
        """Renew links, and return the new ones by their old ones. Never fails: a link that fails is left out.

        `failed` are links that could not be opened; they are not returned from memory again.
        """
        known = {url: link for url in urls if (link := self._remembered(url)) is not None and link not in failed}
        wanted = [url for url in dict.fromkeys(urls) if url not in known]
        try:
            async with asyncio.timeout(self._timeout):
                problem = await self._ask_for(wanted, known)
        except _TROUBLES as exc:
            problem = type(exc).__name__
        if problem:
            remark(scene_id, f"links of attachments were not renewed ({problem})")
        return known

    async def _ask_for(self, wanted: Sequence[str], known: dict[str, str]) -> str:
        """Add renewed links to `known`. Returns the reason why Discord did not answer for all, or an empty text."""
        batches = deque(wanted[start : start + LINKS_A_CALL] for start in range(0, len(wanted), LINKS_A_CALL))
        problem = ""
        for _ in range(CALLS_AT_MOST):
            if not batches:
                return problem
            batch = batches.popleft()
            try:
                known |= self._taken(batch, await self._ask(batch))
            except discord.HTTPException as exc:
                problem = str(exc.status)
                if exc.status != 400:
                    return problem
                # An invalid link must not keep the others from being renewed.
                if middle := len(batch) // 2:
                    batches += [batch[:middle], batch[middle:]]
        return problem

    async def _ask(self, urls: Sequence[str]) -> object:
        """Send the request and return Discord's answer."""
        if len(self._requests) >= UNANSWERED_AT_MOST:
            raise TimeoutError
        # discord.py has no method for it; its client keeps the rate limits and knows the bot's token.
        route = discord.http.Route("POST", "/attachments/refresh-urls")
        request = self._bot.http.request(route, json={"attachment_urls": list(urls)})
        return await self._requests.answer(request, self._timeout)

    def _taken(self, urls: Sequence[str], answer: object) -> dict[str, str]:
        found = dict(_pairs(answer))
        renewed = {url: found[url] for url in urls if url in found}
        for url, link in renewed.items():
            self._renewed[_bare(url)] = link
        return renewed

    def _remembered(self, url: str) -> str | None:
        link = self._renewed.get(_bare(url))
        return link if link is not None and link != url and not self.is_expired(link) else None


def _pairs(answer: object) -> Iterable[tuple[str, str]]:
    """Yield (original, new link) for each valid pair in Discord's answer."""
    listed = answer.get("refreshed_urls") if isinstance(answer, dict) else None
    for entry in listed if isinstance(listed, list) else []:
        pair = (entry.get("original"), entry.get("refreshed")) if isinstance(entry, dict) else (None, None)
        if isinstance(pair[0], str) and isinstance(pair[1], str) and len(pair[1]) <= MAX_URL:
            yield pair[0], pair[1]


def _parsed(url: str) -> URL | None:
    try:
        return URL(url)
    except ValueError:
        return None


def _bare(url: str) -> str:
    """Return the link without its signature, which is the same for all links of an attachment."""
    return url.partition("?")[0]
