"""The only module that opens addresses from players and games.

Two sessions share nothing: one whose every connection is checked, and one for the hosts that the operator trusts. Each
hop is checked afresh and then sent through the one or the other, on a connection of its own. So trust never spills over
to another address through a redirect, a kept-alive connection or a fetch that runs at the same time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from ..errors import ReferenceUnavailableError
from .addresses import TrustedHosts, check_url, join_url
from .guard import METER, AddressRefusedError, GuardedResolver, Meter, SystemResolver, guarded_socket, trusted_socket
from .problems import NOT_ALLOWED, NOT_REACHED, TOO_LARGE, LastingProblemError, plain_address

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
# 4xx answers that may change a moment later.
_PASSING_4XX: Final = frozenset({408, 423, 425, 429})
_UNPACKED: Final = frozenset({"", "identity", "chunked"})
_HEADERS: Final = {
    "Accept": "image/png, image/jpeg, image/webp, image/gif;q=0.8, image/*;q=0.5",
    # A compressed body could expand to a thousand times its size.
    "Accept-Encoding": "identity",
    "User-Agent": "scene-art (reference pictures for a Discord bot)",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one fetch, and of all of them together."""

    total: timedelta = timedelta(seconds=15)
    """Time limit from the call of `fetch` to the last byte, including redirects and the wait for a free slot."""
    connect: timedelta = timedelta(seconds=5)
    body_bytes: int = 8 * 1024 * 1024
    redirects: int = 3
    timeout: timedelta = timedelta(seconds=90)
    """Time limit of one reference, with the waits for a turn and for a decoder. Less than the host's time limit."""
    at_once: int = 48
    per_group: int = 16
    """Most fetches of one group (a guild) at once, so that a flood of one leaves room for the others.

    A scene's 64 addresses end within `timeout`, even when all of them are as slow as allowed.
    """
    at_once_per_host: int = 24
    """More than `per_group`: one group cannot keep the others from a host that they share, such as Discord's CDN."""


DEFAULT_LIMITS: Final = Limits()


Write = Callable[[bytes], object]
"""Takes a part of a body."""


class Fetcher:
    """Fetches small files from untrusted addresses.

    Use it as an async context manager. It does not close the given resolver; without one the system's is used.
    """

    def __init__(
        self,
        trusted: TrustedHosts,
        *,
        limits: Limits = DEFAULT_LIMITS,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._hosts = trusted
        self.limits = limits
        self._resolver = resolver
        self._slots = asyncio.Semaphore(limits.at_once)
        self._sessions: dict[bool, aiohttp.ClientSession] = {}
        """While it is open: the guarded session, and the one for trusted hosts, by whether they are trusted."""
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            resolver = self._resolver
            if resolver is None:
                resolver = SystemResolver()
                stack.push_async_callback(resolver.close)
            for is_trusted in (False, True):
                session = self._session(resolver, is_trusted=is_trusted)
                self._sessions[is_trusted] = await stack.enter_async_context(session)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._sessions.clear()
        await self._stack.aclose()

    async def download(self, url: str, write: Write) -> None:
        """Pass the body behind `url` to `write`, part by part, as it comes. An error may come behind some of it.

        Raises:
            ReferenceUnavailableError: the download failed; a `LastingProblemError` when a retry will not help soon.
        """
        # `from None`: aiohttp's errors quote whole addresses, whose query may hold a key.
        try:
            async with asyncio.timeout(self.limits.total.total_seconds()), self._slots:
                await self._follow(url, write)
        except TimeoutError:
            raise ReferenceUnavailableError(f"{plain_address(url)}: too slow", sentence=NOT_REACHED) from None
        except (aiohttp.ClientError, OSError, ValueError) as exc:
            raise _translate(url, exc) from None

    async def _follow(self, url: str, write: Write) -> None:
        address = url
        for _ in range(self.limits.redirects + 1):
            onward = await self._ask(check_url(address, self._hosts), write)
            if onward is None:
                return
            address = onward
        raise LastingProblemError(f"{plain_address(url)}: more than {self.limits.redirects} redirects")

    async def _ask(self, url: URL, write: Write) -> str | None:
        """Send the request, and pass the body to `write`. Returns the address of a redirect instead, or None."""
        session = self._sessions.get(self._hosts.covers(url))
        if session is None:
            raise ReferenceUnavailableError(f"{plain_address(str(url))}: the fetcher is closed")
        meter = Meter()
        METER.set(meter)
        try:
            async with session.get(url, allow_redirects=False) as response:
                if response.status in _REDIRECTS:
                    return _next_hop(url, response)
                _check_head(url, response)
                await self._body(url, response, meter, write)
        except (aiohttp.ClientError, OSError):
            if meter.spent:
                raise LastingProblemError(f"{plain_address(str(url))}: an endless answer", sentence=TOO_LARGE) from None
            raise
        return None

    async def _body(self, url: URL, response: aiohttp.ClientResponse, meter: Meter, write: Write) -> None:
        most = self.limits.body_bytes
        too_large = LastingProblemError(f"{plain_address(str(url))}: more than {most} bytes", sentence=TOO_LARGE)
        if (response.content_length or 0) > most:
            raise too_large
        size = 0
        meter.read(size)
        async for chunk in response.content.iter_any():
            size += len(chunk)
            if size > most:
                raise too_large
            meter.read(size)
            write(chunk)
        if not size:
            raise LastingProblemError(f"{plain_address(str(url))}: an empty body")

    def _session(self, resolver: AbstractResolver, *, is_trusted: bool) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            resolver=resolver if is_trusted else GuardedResolver(resolver),
            socket_factory=trusted_socket if is_trusted else guarded_socket,
            use_dns_cache=False,
            force_close=True,
            limit=self.limits.at_once,
            limit_per_host=self.limits.at_once_per_host,
        )
        return aiohttp.ClientSession(
            connector=connector,
            headers=_HEADERS,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self.limits.connect.total_seconds()),
            trust_env=False,
            auto_decompress=False,
        )


def _next_hop(url: URL, response: aiohttp.ClientResponse) -> str:
    location = response.headers.get("Location")
    if location is None:
        raise LastingProblemError(f"{plain_address(str(url))}: a redirect that leads nowhere", sentence=NOT_REACHED)
    return join_url(url, location)


def _check_head(url: URL, response: aiohttp.ClientResponse) -> None:
    status, where = response.status, plain_address(str(url))
    if status != 200:
        lasting = 200 <= status < 500 and status not in _PASSING_4XX
        kind = LastingProblemError if lasting else ReferenceUnavailableError
        raise kind(f"{where}: answered {status}", sentence=NOT_REACHED)
    for name in ("Content-Encoding", "Transfer-Encoding"):
        coding = ",".join(response.headers.getall(name, [])).strip().lower()
        if coding not in _UNPACKED:
            raise LastingProblemError(f"{where}: a packed body, although none was accepted")


def _translate(url: str, error: Exception) -> ReferenceUnavailableError:
    """Translate a library's error into ours, without its text, which may hold the address."""
    where = plain_address(url)
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, AddressRefusedError):
        return LastingProblemError(
            f"{where}: refused, the name leads to a private or reserved address", sentence=NOT_ALLOWED
        )
    reason = (cause.strerror if isinstance(cause, OSError) else None) or type(cause).__name__
    return ReferenceUnavailableError(f"{where}: could not be fetched ({reason[:120]})", sentence=NOT_REACHED)
