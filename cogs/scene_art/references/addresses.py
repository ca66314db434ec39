"""Rules for the addresses of references. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final, Self

from yarl import URL

from ..errors import ConfigurationError
from .networks import is_public_address
from .problems import NOT_ALLOWED, LastingProblemError, plain_address

MAX_URL_CHARACTERS: Final = 4096
WEB_PORTS: Final = frozenset({80, 443})

_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER: Final = re.compile(r"\d+|0x[0-9a-f]*")
_AUTHORITY: Final = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//([^/?#]*)", re.IGNORECASE)
_PLACE: Final = re.compile(r"(?:\[[^\[\]]*:[^\[\]]*\]|[^:\[\]]*)(?::[0-9]{0,5})?")
# Signs that the standard of international names reads as a full stop.
_FULL_STOPS: Final = frozenset("。．｡")  # noqa: RUF001 - these very characters are meant


@dataclass(frozen=True, slots=True)
class TrustedHosts:
    """Hosts whose private addresses and other ports are allowed, because the operator named them."""

    entries: frozenset[tuple[str, int | None]] = frozenset()
    """Host (lower case, an IPv6 address without brackets) and port; no port means every port."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse the hosts of a setting such as `a.example, b.example:8080, [::1]:9000`.

        Raises:
            ConfigurationError: an entry is not a host or host:port.
        """
        return cls(frozenset(_parse_entry(entry.strip()) for entry in text.split(",") if entry.strip()))

    def covers(self, url: URL) -> bool:
        """Tell whether the host and port of `url` are trusted. Another spelling of an address is another host."""
        host = _canonical_host(url)
        return host is not None and bool({(host, url.port), (host, None)} & self.entries)


def check_url(url: str, trusted: TrustedHosts) -> URL:
    """Parse `url` and check that its form allows opening it. Names are not looked up here.

    Raises:
        ReferenceUnavailableError: not http or https, a user name, a port other than 80 and 443, no proper
            host, or a literal address that is not public. A trusted host may have any port and any address.
    """
    parsed = _parse(url)
    if parsed.scheme not in {"http", "https"}:
        raise _refusal(url, "only http and https are opened")
    if parsed.user is not None or parsed.password is not None:
        raise _refusal(url, "a user name or password in the address")
    host = _canonical_host(parsed)
    if host is None:
        raise _refusal(url, "the host is missing or malformed")
    if trusted.covers(parsed):
        return parsed
    if parsed.port not in WEB_PORTS:
        raise _refusal(url, f"port {parsed.port} on a host that is not trusted")
    if _is_literal(host) and not is_public_address(host):
        raise _refusal(url, "a private or reserved address")
    return parsed


def join_url(base: URL, location: str) -> str:
    """Resolve `location`, a redirect's target, against `base`. Check the result with `check_url` before opening it.

    Raises:
        ReferenceUnavailableError: `location` is malformed, or written in a way that parsers read differently.
    """
    _check_text(location)
    try:
        return str(base.join(URL(location)))
    except ValueError:
        raise _refusal(location, "not a valid address") from None


def _parse(url: str) -> URL:
    _check_text(url)
    try:
        return URL(url)
    except ValueError:
        raise _refusal(url, "not a valid address") from None


def _check_text(url: str) -> None:
    """Check the raw text, before a parser normalizes it. For relative addresses as well."""
    if len(url) > MAX_URL_CHARACTERS:
        raise _refusal(url, f"longer than {MAX_URL_CHARACTERS} characters")
    if any(not sign.isprintable() for sign in url):
        raise _refusal(url, "control characters in the address")
    authority = _AUTHORITY.match(url.strip())
    if authority is None:
        return
    _, at, place = authority[1].rpartition("@")
    if at:
        raise _refusal(url, "a user name or password in the address")
    if not _PLACE.fullmatch(place):
        raise _refusal(url, "not a valid address")
    if any(map(_is_disguised, place)):
        raise _refusal(url, "the host is missing or malformed")


def _is_disguised(sign: str) -> bool:
    """Tell whether `sign` is not ASCII and normalizes to ASCII, as a circled digit does."""
    return not sign.isascii() and (sign in _FULL_STOPS or any(map(str.isascii, unicodedata.normalize("NFKC", sign))))


def _canonical_host(url: URL) -> str | None:
    """Return the host in the form that rules are applied to, or None when it is no proper host.

    Numbers that a C library would read as an IPv4 address (`0x7f.1`, `2130706433`, `0177.0.0.1`) are not proper.
    """
    host = (url.raw_host or "").lower().removesuffix(".")
    if _is_literal(host):
        return str(ip_address(host)) if "%" not in host else None
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return None
    return None if _NUMBER.fullmatch(labels[-1]) else host


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _parse_entry(entry: str) -> tuple[str, int | None]:
    host, _, port = entry.partition("]") if entry.startswith("[") else entry.partition(":")
    port = port.removeprefix(":")
    problem = ConfigurationError(f"{entry[:80]!r} is neither a host nor host:port")
    if port and not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536):
        raise problem
    # A colon with nothing behind it would silently mean every port.
    if entry.endswith(":") or (entry.startswith("[") and not entry.partition("]")[1]):
        raise problem
    try:
        canonical = _canonical_host(URL.build(scheme="http", host=host.removeprefix("[")))
    except ValueError:
        canonical = None
    if canonical is None:
        raise problem
    return canonical, int(port) if port else None


def _refusal(url: str, reason: str) -> LastingProblemError:
    return LastingProblemError(f"{plain_address(url)}: refused, {reason}", sentence=NOT_ALLOWED)
