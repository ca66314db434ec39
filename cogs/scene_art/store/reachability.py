"""Reasons why Redis cannot be used: for the operator in the log, and for people in Discord."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from redis.asyncio.sentinel import MasterNotFoundError
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    NoPermissionError,
    RedisClusterException,
    RedisError,
    ResponseError,
)
from redis.exceptions import TimeoutError as RedisTimeoutError

from ..i18n import Sentence, gettext

OUT_OF_REACH = gettext("The bot can't reach its database (Redis) right now. Try again in a minute.")
MISCONFIGURED = gettext(
    "scene-art can't use its database (Redis), because the connection isn't set up correctly. "
    "Trying again won't help: the bot owner has to fix it, and the log says how."
)
CONNECT_ERRORS = (RedisError, RedisClusterException, OSError)
"""Errors of a client that cannot connect."""


@dataclass(frozen=True)
class Trouble:
    """A reason why Redis cannot be used."""

    detail: str
    """The reason and the remedy, for the operator."""
    lasting: bool = False
    """True: somebody has to change something, and waiting is no use."""

    @property
    def sentence(self) -> Sentence:
        """The text for people."""
        return MISCONFIGURED if self.lasting else OUT_OF_REACH


def trouble_of(exc: BaseException) -> Trouble:
    """Explain `exc` or its cause. The text of a library is left out, since it may hold an address."""
    for cause in _causes(exc):
        for kind, explain in _KINDS:
            if isinstance(cause, kind) and (trouble := explain(cause)):
                return trouble
    return Trouble(type(exc).__name__)


def _causes(exc: BaseException | None) -> Iterator[BaseException]:
    """Yield `exc` and its causes, the latest first."""
    seen: set[int] = set()
    while exc is not None and id(exc) not in seen:
        yield exc
        seen.add(id(exc))
        exc = exc.__cause__ or exc.__context__


def _authentication(exc: BaseException) -> Trouble:
    text = str(exc).lower()
    if "without any password" in text:
        return Trouble("Redis has no password and REDIS_URL names one; take it out, or give Redis one", lasting=True)
    if "required" in text or "noauth" in text or "already authenticated" in text:
        return Trouble("Redis asks for a password and REDIS_URL names none; put it into REDIS_URL", lasting=True)
    return Trouble("Redis does not accept the user name or password; correct them in REDIS_URL", lasting=True)


def _certificate(exc: BaseException) -> Trouble:
    why = getattr(exc, "verify_message", "") or "unknown reason"
    return Trouble(
        f"its certificate is not trusted ({why}); name its authority in REDIS_URL with ?ssl_ca_certs=/path/to/ca.pem, "
        "and the host as the certificate has it",
        lasting=True,
    )


def _system(exc: BaseException) -> Trouble | None:
    # Where a name has several addresses, asyncio has the numbers of the errors in the text alone.
    if isinstance(exc, ConnectionRefusedError) or f"Errno {errno.ECONNREFUSED}]" in str(exc):
        return Trouble("nobody listens there; start Redis, or correct host and port in REDIS_URL")
    if isinstance(exc, FileNotFoundError):
        return Trouble("the socket or a file that REDIS_URL names is not there; start Redis, or correct the path")
    if isinstance(exc, PermissionError):
        return Trouble("the socket or a file that REDIS_URL names may not be opened; correct its permissions")
    if getattr(exc, "errno", None) in {errno.ENETUNREACH, errno.EHOSTUNREACH}:
        return Trouble("no way leads to the host; check the network, or correct the host in REDIS_URL")
    return None


def _refusal(exc: BaseException) -> Trouble | None:
    if "db index" in str(exc).lower():
        return Trouble("Redis has no such database; correct the number behind the host in REDIS_URL", lasting=True)
    return None


def _closed(exc: BaseException) -> Trouble | None:
    if "closed by server" in str(exc).lower() or isinstance(exc, ConnectionResetError):
        return Trouble("the connection is closed at once; where Redis speaks TLS, REDIS_URL takes rediss://")
    return None


def _always(detail: str, *, lasting: bool = False) -> Callable[[BaseException], Trouble | None]:
    return lambda _: Trouble(detail, lasting=lasting)


_SILENT = "no answer in time; check host, port and firewall, whether it speaks TLS (rediss://) there, and its load"
_KINDS: tuple[tuple[type[BaseException], Callable[[BaseException], Trouble | None]], ...] = (
    (
        NoPermissionError,
        _always("Redis's ACL refuses scene-art's user; give it the rules of docs/redis-acl.md", lasting=True),
    ),
    (AuthenticationError, _authentication),
    (ssl.SSLCertVerificationError, _certificate),
    (
        ssl.SSLError,
        _always("Redis does not speak TLS there; write redis:// in REDIS_URL, or correct the port", lasting=True),
    ),
    (socket.gaierror, _always("the host's name is not known; correct it in REDIS_URL, or mend the name service")),
    (BusyLoadingError, _always("Redis is still loading its data")),
    (MasterNotFoundError, _always("no Sentinel names a master; correct hosts and name in REDIS_URL, or mend Redis")),
    (ResponseError, _refusal),
    (RedisTimeoutError, _always(_SILENT)),
    (TimeoutError, _always(_SILENT)),
    (OSError, _system),
    (Exception, _closed),
)
