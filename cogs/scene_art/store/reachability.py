"""Reasons why Redis cannot be used: for the operator in the log, and for people in Discord."""

from __future__ import annotations

import errno
import re
import socket
import ssl
from collections.abc import Iterator
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
        for row in (*_LASTING, *_PASSING):
            kind, pattern, detail = row
            if isinstance(cause, kind) and re.search(pattern, str(cause), re.IGNORECASE):
                why = getattr(cause, "verify_message", "") or "unknown reason"
                return Trouble(detail.format(why=why), lasting=row in _LASTING)
    return Trouble(type(exc).__name__)


def _causes(exc: BaseException | None) -> Iterator[BaseException]:
    """Yield `exc` and its causes, the latest first."""
    seen: set[int] = set()
    while exc is not None and id(exc) not in seen:
        yield exc
        seen.add(id(exc))
        exc = exc.__cause__ or exc.__context__


_SILENT = "no answer in time; check host, port and firewall, whether it speaks TLS (rediss://) there, and its load"
_NOBODY = "nobody listens there; start Redis, or correct host and port in REDIS_URL"
_NO_FILE = "the socket or a file that REDIS_URL names is not there; start Redis, or correct the path"
_CLOSED = "the connection is closed at once; where Redis speaks TLS, REDIS_URL takes rediss://"
_UNTRUSTED = (
    "its certificate is not trusted ({why}); name its authority in REDIS_URL with ?ssl_ca_certs=/path/to/ca.pem, "
    "and the host as the certificate has it"
)
_NONE_NAMED = "required|noauth|already authenticated"
_NO_WAY = rf"^\[Errno ({errno.ENETUNREACH}|{errno.EHOSTUNREACH})\]"

# Kinds of errors, a pattern of their text in any case, and the detail. The first row that fits counts.
_LASTING: tuple[tuple[type[BaseException], str, str], ...] = (
    (NoPermissionError, "", "Redis's ACL refuses scene-art's user; give it the rules of docs/redis-acl.md"),
    (
        AuthenticationError,
        "without any password",
        "Redis has no password and REDIS_URL names one; take it out, or give Redis one",
    ),
    (AuthenticationError, _NONE_NAMED, "Redis asks for a password and REDIS_URL names none; put it into REDIS_URL"),
    (AuthenticationError, "", "Redis does not accept the user name or password; correct them in REDIS_URL"),
    (ssl.SSLCertVerificationError, "", _UNTRUSTED),
    (ssl.SSLError, "", "Redis does not speak TLS there; write redis:// in REDIS_URL, or correct the port"),
    (ResponseError, "db index", "Redis has no such database; correct the number behind the host in REDIS_URL"),
)
_PASSING: tuple[tuple[type[BaseException], str, str], ...] = (
    (socket.gaierror, "", "the host's name is not known; correct it in REDIS_URL, or mend the name service"),
    (BusyLoadingError, "", "Redis is still loading its data"),
    (MasterNotFoundError, "", "no Sentinel names a master; correct hosts and name in REDIS_URL, or mend Redis"),
    (RedisTimeoutError, "", _SILENT),
    (TimeoutError, "", _SILENT),
    (ConnectionRefusedError, "", _NOBODY),
    # Where a name has several addresses, asyncio has the numbers of the errors in the text alone.
    (OSError, rf"Errno {errno.ECONNREFUSED}\]", _NOBODY),
    (FileNotFoundError, "", _NO_FILE),
    (PermissionError, "", "the socket or a file that REDIS_URL names may not be opened; correct its permissions"),
    (OSError, _NO_WAY, "no way leads to the host; check the network, or correct the host in REDIS_URL"),
    (Exception, "closed by server", _CLOSED),
    (ConnectionResetError, "", _CLOSED),
)
