"""Which addresses references may come from: pure rules, no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, Self

from yarl import URL

from ..errors import ConfigurationError
from .problems import NOT_ALLOWED, LastingProblemError, plain_address

MAX_URL_CHARACTERS: Final = 4096
WEB_PORTS: Final = frozenset({80, 443})

# Lists of our own: `ipaddress.is_global` differs between patch releases and lets NAT64, 6to4, multicast and
# the metadata services of clouds pass.
_REFUSED_V4: Final = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # the platform service that every Azure machine sees
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "255.255.255.255/32",
    )
)
_PUBLIC_V6: Final = IPv6Network("2000::/3")
_REFUSED_V6: Final = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",  # protocol assignments, Teredo and ORCHID among them
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries an IPv4 address of the sender's choice
        "3fff::/20",
        "64:ff9b::/96",  # NAT64, outside 2000::/3 already; named so that a wider list keeps refusing it
        "64:ff9b:1::/48",
    )
)
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER: Final = re.compile(r"\d+|0x[0-9a-f]*")


def is_public_address(address: str | IPv4Address | IPv6Address) -> bool:
    """Whether `address` belongs to the open internet. Whatever is not an address is not public."""
    try:
        ip = ip_address(address) if isinstance(address, str) else address
    except ValueError:
        return False
    if isinstance(ip, IPv4Address):
        return not any(ip in block for block in _REFUSED_V4)
    if ip.ipv4_mapped is not None:
        return is_public_address(ip.ipv4_mapped)
    return ip in _PUBLIC_V6 and not any(ip in block for block in _REFUSED_V6)


@dataclass(frozen=True, slots=True)
class TrustedHosts:
    """Hosts whose private addresses and other ports are allowed, because the operator named them."""

    entries: frozenset[tuple[str, int | None]] = frozenset()
    """Host (lower case, an IPv6 address without brackets) and port; no port means every port."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """The hosts of a setting such as `a.example, b.example:8080, [::1]:9000`.

        Raises:
            ConfigurationError: an entry is not a host or host:port.
        """
        return cls(frozenset(_parse_entry(entry) for entry in _entries(text)))

    def covers(self, url: URL) -> bool:
        """Whether the host and port of `url` were named. Another spelling of an address is another host."""
        host = _canonical_host(url)
        return host is not None and bool({(host, url.port), (host, None)} & self.entries)


def check_url(url: str, trusted: TrustedHosts) -> URL:
    """`url`, when its form allows it to be opened; names are not looked up here.

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


def _parse(url: str) -> URL:
    if len(url) > MAX_URL_CHARACTERS:
        raise _refusal(url, f"longer than {MAX_URL_CHARACTERS} characters")
    if any(not sign.isprintable() for sign in url):
        raise _refusal(url, "control characters in the address")
    try:
        return URL(url)
    except ValueError:
        raise _refusal(url, "not a valid address") from None


def _canonical_host(url: URL) -> str | None:
    """The host in the one form that rules are applied to, or None when it is no proper host.

    Numbers that a C library would read as an IPv4 address (`0x7f.1`, `2130706433`, `0177.0.0.1`) are not
    proper.
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


def _entries(text: str) -> Iterator[str]:
    return (entry.strip() for entry in text.split(",") if entry.strip())


def _parse_entry(entry: str) -> tuple[str, int | None]:
    host, _, port = entry.partition("]") if entry.startswith("[") else entry.partition(":")
    port = port.removeprefix(":")
    problem = ConfigurationError(f"trusted hosts: {entry[:80]!r} is neither a host nor host:port")
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
