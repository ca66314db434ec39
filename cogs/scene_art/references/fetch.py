"""The one place that opens addresses which players and games name.

Two sessions that share nothing: one whose every connection is checked, and one for the hosts that the
operator trusts. Each hop is checked afresh and then sent through the one or the other, so trust never
spills over to another address through a redirect, a kept-alive connection or a fetch that runs at the same
time.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Final, Self

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from ..errors import ReferenceUnavailableError
from .addresses import TrustedHosts, check_url
from .guard import AddressRefusedError, GuardedResolver, SystemResolver, guarded_socket
from .problems import NOT_ALLOWED, NOT_REACHED, TOO_LARGE, LastingProblemError, plain_address

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
# 4xx answers that may be different a moment later.
_PASSING_4XX: Final = frozenset({408, 423, 425, 429})
_HEADERS: Final = {
    "Accept": "image/png, image/jpeg, image/webp, image/gif;q=0.8, image/*;q=0.5",
    # A packed body could unfold to a thousand times its size.
    "Accept-Encoding": "identity",
    "User-Agent": "scene-art (reference pictures for a Discord bot)",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one fetch, and all of them together, may take."""

    total: timedelta = timedelta(seconds=15)
    """From the call of `fetch` to the last byte, redirects and the wait for a free slot included."""
    connect: timedelta = timedelta(seconds=5)
    body_bytes: int = 8 * 1024 * 1024
    redirects: int = 3
    at_once: int = 16
    per_group: int = 4
    """Of these for one group (a guild), so that a flood of one leaves room for the others."""
    wait: timedelta = timedelta(seconds=30)
    """For a turn among the others, before `total` begins."""
    at_once_per_host: int = 8
    """More than `per_group`: one group cannot keep the others from a host that they share, such as Discord's CDN."""


DEFAULT_LIMITS: Final = Limits()


@dataclass(slots=True)
class _Sessions:
    """What exists between entering and leaving a `Fetcher`."""

    guarded: aiohttp.ClientSession
    trusted: aiohttp.ClientSession
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)


class Fetcher:
    """Fetches small files from addresses that nobody vouches for.

    Use it as an async context manager. The given resolver stays the caller's; without one the system's is
    used.
    """

    def __init__(
        self,
        trusted: TrustedHosts,
        *,
        limits: Limits = DEFAULT_LIMITS,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._hosts = trusted
        self._limits = limits
        self._resolver = resolver
        self._slots = asyncio.Semaphore(limits.at_once)
        self._sessions: _Sessions | None = None

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            resolver = self._resolver
            if resolver is None:
                resolver = SystemResolver()
                stack.push_async_callback(resolver.close)
            guarded = await stack.enter_async_context(self._session(resolver, guarded=True))
            trusted = await stack.enter_async_context(self._session(resolver, guarded=False))
            self._sessions = _Sessions(guarded, trusted, stack.pop_all())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        sessions, self._sessions = self._sessions, None
        if sessions is not None:
            await sessions.stack.aclose()

    async def fetch(self, url: str) -> bytes:
        """The body behind `url`, as it came.

        Raises:
            ReferenceUnavailableError: whatever went wrong; a `LastingProblemError` when no
                other answer is to be expected soon.
        """
        # `from None`: aiohttp's errors quote whole addresses, whose query may hold a key.
        try:
            async with asyncio.timeout(self._limits.total.total_seconds()), self._slots:
                return await self._follow(url)
        except ReferenceUnavailableError:
            raise
        except TimeoutError:
            raise ReferenceUnavailableError(f"{plain_address(url)}: too slow", sentence=NOT_REACHED) from None
        except (aiohttp.ClientError, OSError, ValueError) as exc:
            raise _translate(url, exc) from None

    async def _follow(self, url: str) -> bytes:
        address = url
        for _ in range(self._limits.redirects + 1):
            answer = await self._ask(check_url(address, self._hosts))
            if isinstance(answer, bytes):
                return answer
            address = str(answer)
        raise LastingProblemError(f"{plain_address(url)}: more than {self._limits.redirects} redirects")

    async def _ask(self, url: URL) -> bytes | URL:
        """The body, or where the answer sends us."""
        if self._sessions is None:
            raise ReferenceUnavailableError(f"{plain_address(str(url))}: the fetcher is closed")
        session = self._sessions.trusted if self._hosts.covers(url) else self._sessions.guarded
        async with session.get(url, allow_redirects=False) as response:
            if response.status in _REDIRECTS:
                return _next_hop(url, response)
            _check_status(url, response)
            return await self._body(url, response)

    async def _body(self, url: URL, response: aiohttp.ClientResponse) -> bytes:
        most = self._limits.body_bytes
        too_large = LastingProblemError(f"{plain_address(str(url))}: more than {most} bytes", sentence=TOO_LARGE)
        if (response.content_length or 0) > most:
            raise too_large
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > most:
                raise too_large
        if not body:
            raise LastingProblemError(f"{plain_address(str(url))}: an empty body")
        return bytes(body)

    def _session(self, resolver: AbstractResolver, *, guarded: bool) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            resolver=GuardedResolver(resolver) if guarded else resolver,
            socket_factory=guarded_socket if guarded else None,
            use_dns_cache=False,
            limit=self._limits.at_once,
            limit_per_host=self._limits.at_once_per_host,
        )
        return aiohttp.ClientSession(
            connector=connector,
            headers=_HEADERS,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._limits.connect.total_seconds()),
            trust_env=False,
            auto_decompress=False,
        )


def _next_hop(url: URL, response: aiohttp.ClientResponse) -> URL:
    try:
        return url.join(URL(response.headers["Location"]))
    except (KeyError, ValueError):
        raise LastingProblemError(f"{plain_address(str(url))}: a redirect that leads nowhere") from None


def _check_status(url: URL, response: aiohttp.ClientResponse) -> None:
    status, where = response.status, plain_address(str(url))
    if status != 200:
        lasting = 200 <= status < 500 and status not in _PASSING_4XX
        kind = LastingProblemError if lasting else ReferenceUnavailableError
        raise kind(f"{where}: answered {status}", sentence=NOT_REACHED)
    packed = response.headers.get("Content-Encoding", "identity").strip().lower()
    if packed not in {"", "identity"}:
        raise LastingProblemError(f"{where}: a packed body, although none was accepted")


def _translate(url: str, error: Exception) -> ReferenceUnavailableError:
    """Our error for one of the libraries', without quoting what may hold the address."""
    where = plain_address(url)
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, AddressRefusedError):
        return LastingProblemError(
            f"{where}: refused, the name leads to a private or reserved address", sentence=NOT_ALLOWED
        )
    reason = (cause.strerror if isinstance(cause, OSError) else None) or type(cause).__name__
    return ReferenceUnavailableError(f"{where}: could not be fetched ({reason[:120]})", sentence=NOT_REACHED)
