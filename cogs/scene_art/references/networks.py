"""The IP addresses of the open internet: explicit lists, the same on every release of Python.

`ipaddress.is_global` differs between patch releases and lets NAT64, 6to4, multicast and the metadata services of
clouds pass. The lists follow IANA's registries of special-purpose addresses; blocks that are routed for a purpose of
their own, such as the AS112 name servers, serve no pictures and are refused too.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

_REFUSED_V4: Final = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private use
        "100.64.0.0/10",  # carrier-grade NAT; 100.100.100.200 is Alibaba Cloud's metadata service
        "127.0.0.0/8",  # loopback
        "161.26.0.0/16",  # services that every IBM Cloud machine sees
        "166.8.0.0/14",  # the same
        "168.63.129.16/32",  # the platform service that every Azure machine sees
        "169.254.0.0/16",  # link-local, nearly every cloud's metadata service among it
        "172.16.0.0/12",  # private use
        "192.0.0.0/24",  # protocol assignments; 192.0.0.192 is Oracle Cloud's old metadata service
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # multicast tunnels (AMT)
        "192.88.99.0/24",  # 6to4 relays, deprecated
        "192.168.0.0/16",  # private use
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
# Targets that a private NAT64 prefix or an ISATAP router could lead to.
_INNER_V4: Final = tuple(
    IPv4Network(block)
    for block in (
        "10.0.0.0/8",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
    )
)
_ISATAP: Final = frozenset({0x0000_5EFE, 0x0200_5EFE})


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
