"""Rules for the addresses of references, and the IP addresses of the open internet. Pure.

The lists of networks are explicit, the same on every release of Python: `ipaddress.is_global` differs between patch
releases and lets NAT64, 6to4, multicast and the metadata services of clouds pass. They follow IANA's registries of
special-purpose addresses; blocks that are routed for a purpose of their own, such as the AS112 name servers, serve no
pictures and are refused too.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, Self

from yarl import URL

from ..errors import ConfigurationError
from .problems import NOT_ALLOWED, LastingProblemError, plain_address

MAX_URL_CHARACTERS: Final = 4096
WEB_PORTS: Final = frozenset({80, 443})

_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER: Final = re.compile(r"\d+|0x[0-9a-f]*")
_AUTHORITY: Final = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//([^/?#]*)", re.IGNORECASE)
_PLACE: Final = re.compile(r"(?:\[[^\[\]]*:[^\[\]]*\]|[^:\[\]]*)(?::[0-9]{0,5})?")
# Signs that the standard of international names reads as a full stop.
_FULL_STOPS: Final = frozenset("。．｡")  # noqa: RUF001 - these very characters are meant

# Also what a private NAT64 prefix or an ISATAP router could lead to.
_INNER_V4: Final = tuple(
    IPv4Network(block)
    for block in (
        "10.0.0.0/8",  # private use
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # the platform service that every Azure machine sees
        "169.254.0.0/16",  # link-local, nearly every cloud's metadata service among it
        "172.16.0.0/12",  # private use
        "192.168.0.0/16",  # private use
    )
)
_REFUSED_V4: Final = _INNER_V4 + tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "100.64.0.0/10",  # carrier-grade NAT; 100.100.100.200 is Alibaba Cloud's metadata service
        "161.26.0.0/16",  # services that every IBM Cloud machine sees
        "166.8.0.0/14",  # the same
        "192.0.0.0/24",  # protocol assignments; 192.0.0.192 is Oracle Cloud's old metadata service
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # multicast tunnels (AMT)
        "192.88.99.0/24",  # 6to4 relays, deprecated
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast among it
    )
)
# Everything outside is refused by that alone: loopback, mapped, compatible and translated IPv4 (::/8), NAT64
# (64:ff9b::/96 and 64:ff9b:1::/48), discard-only (100::/64), NSAP (200::/7), segment routing (5f00::/16), unique
# local with its metadata services (fc00::/7), link-local (fe80::/10), site-local (fec0::/10), multicast (ff00::/8).
_PUBLIC_V6: Final = IPv6Network("2000::/3")
_REFUSED_V6: Final = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",  # protocol assignments: Teredo, benchmarks, AMT, AS112, ORCHID, drones among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4 carries an IPv4 address of the sender's choice
        "2620:4f:8000::/48",  # AS112
        "3ffe::/16",  # the 6bone, given back
        "3fff::/20",  # documentation
    )
)
_ISATAP: Final = frozenset({0x0000_5EFE, 0x0200_5EFE})


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


def is_public_address(address: str | IPv4Address | IPv6Address) -> bool:
    """Tell whether `address` belongs to the open internet. A text that is no address, or has a zone, does not."""
    try:
        ip = ip_address(address) if isinstance(address, str) else address
    except ValueError:
        return False
    if isinstance(ip, IPv4Address):
        return not any(ip in block for block in _REFUSED_V4)
    if ip.scope_id is not None:
        return False
    if ip.ipv4_mapped is not None:
        return is_public_address(ip.ipv4_mapped)
    return ip in _PUBLIC_V6 and not any(ip in block for block in _REFUSED_V6) and not _leads_inside(ip)


def _leads_inside(ip: IPv6Address) -> bool:
    """Tell whether a private network could route `ip` to a private IPv4 address within it.

    An ISATAP interface does so always; elsewhere the last 32 bits count when the 32 before them are empty, as in
    `2a00:1:2:3::10.0.0.1` (RFC 6052). Addresses such as `2606:4700::1111` have that form too and hold nothing private.
    """
    above, last = int(ip) >> 32 & 0xFFFF_FFFF, IPv4Address(int(ip) & 0xFFFF_FFFF)
    return above in _ISATAP or (above == 0 and any(last in block for block in _INNER_V4))


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
