"""Links of Discord's own CDN: they expire after about a day, and the bot can have them renewed.

Facts (Discord's API reference, "Signed Attachment CDN URLs"): `ex` is the time of expiry, in hexadecimal unix seconds;
an expired link is answered with 404. `POST /attachments/refresh-urls` takes up to 50 links, expired ones or unsigned
ones included, and answers with pairs of `original` and `refreshed`.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol

import aiohttp
import discord
from yarl import URL

from .channels import AnyBot
from .events import MAX_URL
from .references.addresses import TrustedHosts

log = logging.getLogger(__name__)

HOSTS: Final = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
LINKS_A_CALL: Final = 50
RENEW_SECONDS: Final = 5.0
EARLY_SECONDS: Final = 60.0
"""A link that expires so soon may have expired when it is opened."""
REMEMBERED: Final = 1_000
_PATH: Final = re.compile(r"/(?:ephemeral-)?attachments/[0-9]{1,20}/[0-9]{1,20}/[^/]+", re.ASCII)


class AttachmentLinks(Protocol):
    """What casting needs of Discord."""

    def is_one(self, url: str) -> bool: ...
    def is_expired(self, url: str) -> bool: ...
    async def renew(self, urls: Sequence[str], scene_id: str) -> dict[str, str]: ...


class DiscordLinks:
    """Renews links through the bot, and remembers what came of it until that expires, too."""

    def __init__(self, bot: AnyBot, trusted: TrustedHosts, now: Callable[[], float] = time.time) -> None:
        """`trusted` are hosts that may stand in the place of Discord's CDN; `now` tells unix seconds."""
        self._bot = bot
        self._trusted = trusted
        self._now = now
        self._renewed: OrderedDict[str, str] = OrderedDict()

    def is_one(self, url: str) -> bool:
        """Whether `url` leads to an attachment of Discord's."""
        link = _parsed(url)
        if link is None or not _PATH.fullmatch(link.raw_path):
            return False
        return link.raw_host in HOSTS or self._trusted.covers(link)

    def is_expired(self, url: str) -> bool:
        """Whether opening `url`, an attachment's link, is in vain: its time is over, or it has no signature."""
        link = _parsed(url)
        if link is None:
            return False
        expiry = _expiry(link)
        unsigned = expiry is None and link.raw_host in HOSTS
        return unsigned or (expiry is not None and expiry <= self._now() + EARLY_SECONDS)

    async def renew(self, urls: Sequence[str], scene_id: str) -> dict[str, str]:
        """Those of `urls` that could be renewed, each with its new link. Never fails: it costs the reference."""
        known = {url: link for url in urls if (link := self._remembered(url)) is not None}
        wanted = [url for url in dict.fromkeys(urls) if url not in known]
        for start in range(0, len(wanted), LINKS_A_CALL):
            batch = wanted[start : start + LINKS_A_CALL]
            try:
                async with asyncio.timeout(RENEW_SECONDS):
                    known |= self._taken(batch, await self._ask(batch))
            except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError, ValueError) as exc:
                why = f"{exc.status}" if isinstance(exc, discord.HTTPException) else type(exc).__name__
                log.warning("scene %s: %d links of attachments were not renewed (%s)", scene_id, len(batch), why)
        return known

    async def _ask(self, urls: Sequence[str]) -> object:
        # discord.py has no method for it; its client keeps the rate limits and knows the bot's token.
        route = discord.http.Route("POST", "/attachments/refresh-urls")
        return await self._bot.http.request(route, json={"attachment_urls": list(urls)})

    def _taken(self, urls: Sequence[str], answer: object) -> dict[str, str]:
        found = dict(_pairs(answer))
        renewed = {url: found[url] for url in urls if url in found}
        for url, link in renewed.items():
            self._renewed[_bare(url)] = link
        while len(self._renewed) > REMEMBERED:
            self._renewed.popitem(last=False)
        return renewed

    def _remembered(self, url: str) -> str | None:
        link = self._renewed.get(_bare(url))
        return link if link is not None and link != url and not self.is_expired(link) else None


def _pairs(answer: object) -> Iterable[tuple[str, str]]:
    """Original and new link, whatever else Discord says."""
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


def _expiry(link: URL) -> float | None:
    text = link.query.get("ex", "")
    return float(int(text, 16)) if re.fullmatch(r"[0-9a-fA-F]{1,16}", text) else None


def _bare(url: str) -> str:
    """The link without its signature: all links of an attachment have this in common."""
    return url.partition("?")[0]
