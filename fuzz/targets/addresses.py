"""Addresses that strangers name: `references.addresses`."""

from __future__ import annotations

import ipaddress
import socket
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from yarl import URL

from cogs.scene_art.errors import ConfigurationError, ReferenceUnavailableError
from cogs.scene_art.references.addresses import TrustedHosts, check_url, join_url

from ..mutation import mutated
from ..target import Corpus, Target, promise

_NOBODY = TrustedHosts()
_TRUSTED = TrustedHosts.parse("files.internal, 127.0.0.1:8080, [::1]:9000")
_WEB_PORTS = {80, 443}
_TRANSLATED = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")))
_HOSTS = (
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1", "127.0.0.1.", "0", "10.0.0.1",
    "169.254.169.254", "192.168.0.1", "100.64.0.1", "224.0.0.1", "255.255.255.255", "[::1]", "[::]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1%25eth0]", "[fd00::1]",
    "[2001:db8::1]", "[2606:4700::1111]", "8.8.8.8", "files.example", "FILES.example.", "files.internal:81",
    "127.0.0.1:8080", "[::1]:9000", "\u2460\u2461\u2466.0.0.1", "127\u30020\u30020\u30021", "a" * 64 + ".example",
    "xn--e1afmkfd.example", "m\u00fcnchen.example", "a..b", "-a.example", "a_b.example", "%31%32%37.0.0.1",
)  # fmt: skip
_SCHEMES = ("http", "https", "HTTP", "file", "ftp", "gopher", "ws", "data", "javascript", "unix", "")
_USERS = ("", "", "", "", "user@", "user:word@", "files.example@", "files.example#@", "files.example\\@", "@")
_PORTS = ("", "", "", ":80", ":443", ":22", ":6379", ":0", ":", ":65536", ":080", ":\u0661", ":80:80")
_PATHS = (
    "/a.png",
    "",
    "/",
    "?a.png",
    "#a.png",
    "\\a.png",
    "/../a.png",
    "//127.0.0.1/a.png",
    "/%00.png",
    "/a b",
    ":22/",
)


def corpus(_: Path) -> Corpus:
    """Parts that addresses are made of."""
    parts = (
        *_HOSTS,
        *_PATHS,
        "http://[",
        "//127.0.0.1/",
        "http:/\\127.0.0.1",
        "\t",
        "\r\n",
        "\u00ad",
        "\u200b",
        "\x00",
    )
    return [part.encode() for part in parts]


def mutate(dice: Random, corpus: Corpus) -> bytes:
    """An address; every second one is broken afterwards, and sometimes only its host is."""
    host = dice.choice(_HOSTS).encode()
    host = mutated(dice, host, corpus, most_steps=1)[:300] if dice.random() < 0.3 else host
    scheme, user = dice.choice(_SCHEMES if dice.random() < 0.4 else _SCHEMES[:2]), dice.choice(_USERS)
    mark = dice.choice(("://",) * 8 + (":", ":/", ":///", ":\\\\"))
    end = dice.choice(_PORTS) + dice.choice(_PATHS)
    url = f"{scheme}{mark}{user}".encode() + host + end.encode()
    return mutated(dice, url, corpus, most_steps=2)[:6_000] if dice.random() < 0.4 else url


def trial(data: bytes, _: Path) -> bool:
    """Whether nobody's trust opens it."""
    text = data.decode("utf-8", "replace")
    _try_setting(text)
    _try_redirect(text)
    _opened(text, _TRUSTED)
    return _opened(text, _NOBODY)


def _opened(text: str, trusted: TrustedHosts) -> bool:
    try:
        url = check_url(text, trusted)
    except ReferenceUnavailableError as exc:
        promise(exc.detail.replace("\u200d", "").isprintable(), "a refusal is one line")
        return False
    promise(url.scheme in {"http", "https"}, f"a scheme of the web: {url}")
    promise(url.user is None and url.password is None, f"nobody's name: {url}")
    _check_readings(url)
    if not trusted.covers(url):
        promise(url.port in _WEB_PORTS, f"a port of the web: {url}")
        promise(is_open(url.raw_host or ""), f"an address of the open internet: {url}")
    return True


def _check_readings(url: URL) -> None:
    """Another parser sees the same place."""
    other = urlsplit(str(url))
    host = (other.hostname or "").removesuffix(".")
    promise(host == (url.raw_host or "").lower().removesuffix("."), f"two parsers see two hosts: {url}")
    promise((other.port or {"http": 80, "https": 443}[other.scheme]) == url.port, f"two parsers see two ports: {url}")


def is_open(host: str) -> bool:
    """Whether `host` is a name, or a literal address of the open internet, however it is written."""
    host = host.removesuffix(".")
    try:
        # What a C library takes for numbers, `127.1` and `0x7f.1` among it.
        host = socket.inet_ntoa(socket.inet_aton(host))
    except (OSError, ValueError):
        if ":" not in host:
            return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    inside = isinstance(address, ipaddress.IPv6Address) and any(address in block for block in _TRANSLATED)
    return address.is_global and not address.is_multicast and not inside


def _try_setting(text: str) -> None:
    try:
        trusted = TrustedHosts.parse(text)
    except ConfigurationError as exc:
        promise("\n" not in exc.detail, "a complaint is one line")
        return
    for host, port in trusted.entries:
        promise(host and "@" not in host and "/" not in host and "*" not in host, f"a host: {host!r}")
        promise(port is None or 0 < port < 65536, f"a port: {port}")


def _try_redirect(text: str) -> None:
    try:
        target = join_url(URL("https://files.example/a/b.png?c"), text)
    except ReferenceUnavailableError:
        return
    _opened(target, _NOBODY)


ADDRESSES = Target("addresses", 15, 1.0, corpus, mutate, trial)
