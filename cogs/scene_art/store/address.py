"""The address of Redis: checked before anything is opened, and shown without its secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlencode, urlsplit

from pydantic import SecretStr
from redis.asyncio import ConnectionPool
from redis.asyncio.connection import parse_url
from redis.exceptions import RedisError

from ..errors import wrong_setting

PLAIN, IN_PROCESS = ("redis", "rediss", "unix"), "memory"
SENTINEL, CLUSTER = ("redis+sentinel", "rediss+sentinel"), ("redis+cluster", "rediss+cluster")
TAKES = (
    "an address such as redis://user:password@host:6379/0, "
    "with redis://, rediss://, unix://, redis+sentinel://, redis+cluster:// or memory://"
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,20}", re.IGNORECASE)
_MEMBER = r"(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"
_HOSTS = re.compile(rf"{_MEMBER}(?:,{_MEMBER})*")
_DATABASE = re.compile(r"/?[0-9]*/?")
_PORT = "the port is no number from 1 to 65535; in a password, write / ? # and @ as %2F %3F %23 and %40"


def check_redis_url(url: SecretStr) -> None:
    """Check everything that can be known about `url` without opening it.

    Raises:
        ConfigurationError: it cannot be used; the text shows its scheme and host alone.
    """
    if why := _trouble(url.get_secret_value()):
        raise wrong_setting("REDIS_URL", shown(url), TAKES, why)


def shown(url: SecretStr) -> str:
    """Show the scheme and the host, as far as they are certainly no part of a password."""
    scheme, found, rest = url.get_secret_value().partition("://")
    if not found or not _SCHEME.fullmatch(scheme):
        return "…"
    before, _, after = rest.rpartition("@")
    hosts = re.split(r"[/?#]", after, maxsplit=1)[0]
    if scheme == IN_PROCESS:
        return f"{IN_PROCESS}://"
    # Behind a question mark an @ may stand in an option, and what follows it be a part of a password.
    certain = "?" not in before and _HOSTS.fullmatch(hosts)
    return f"{scheme}://{hosts if certain else '…'}"


def passwords(url: SecretStr) -> Iterator[str]:
    """Yield the passwords in `url`, each as it stands there and as Redis takes it. Works on anything."""
    rest = url.get_secret_value().partition("://")[2]
    before = rest.rpartition("@")[0]
    _, found, password = before.partition(":")
    options = parse_qs(rest.partition("?")[2])
    told = [password if found else before, *options.get("password", ()), *options.get("sentinel_password", ())]
    yield from (form for one in told for form in (one, unquote(one)))


def _trouble(url: str) -> str:
    scheme, found, _ = url.partition("://")
    if not found or scheme not in (*PLAIN, *SENTINEL, *CLUSTER, IN_PROCESS):
        return "no address of a Redis begins like that"
    if scheme == IN_PROCESS:
        return ""
    hosts, parts = _split(url)
    if not all(map(_has_port, hosts)):
        return _PORT
    if scheme in SENTINEL:
        return _trouble_of_sentinel(hosts, parts)
    plain = url.replace("+cluster", "", 1)
    return _trouble_of_path(scheme, parts.path) or _trouble_of_options(plain, connect=scheme in PLAIN)


def _trouble_of_path(scheme: str, path: str) -> str:
    if scheme == "unix":
        return "" if path else "the path of the socket is missing"
    if scheme in CLUSTER and path.strip("/0"):
        return "a cluster has no databases"
    return "" if _DATABASE.fullmatch(path) else "the database behind the host is no number"


def _split(url: str) -> tuple[list[str], SplitResult]:
    """Split off the hosts with their ports. `urlsplit` alone does not understand several hosts."""
    scheme, _, rest = url.partition("://")
    netloc = re.split(r"[/?#]", rest, maxsplit=1)[0]
    return netloc.rpartition("@")[2].split(","), urlsplit(f"{scheme}://host{rest[len(netloc) :]}")


def _has_port(host: str) -> bool:
    """Check that the port of `host` is valid, or that there is none."""
    try:
        return urlsplit(f"//{host}").port != 0
    except ValueError:
        return False


def _trouble_of_sentinel(hosts: list[str], parts: SplitResult) -> str:
    name, _, database = parts.path.strip("/").partition("/")
    if not all(hosts) or not name:
        return "it takes at least one host and the master's name: redis+sentinel://host:26379/name"
    if database and not database.isdecimal():
        return "the database behind the master's name is no number"
    options = {key: value for key, value in parse_qs(parts.query).items() if not key.startswith("sentinel_")}
    return _trouble_of_options(f"{parts.scheme.partition('+')[0]}://host?{urlencode(options, doseq=True)}")


def _trouble_of_options(url: str, *, connect: bool = True) -> str:
    """Have redis-py check the options. Nothing is opened."""
    options = parse_qs(urlsplit(url).query)
    for name in ("ssl_ca_certs", "ssl_ca_path", "ssl_certfile", "ssl_keyfile"):
        if name in options and not Path(options[name][0]).exists():
            return f"there is no such file as {name} names"
    try:
        if connect:
            ConnectionPool.from_url(url).make_connection()  # type: ignore[no-untyped-call]
        else:
            parse_url(url)
    except (ValueError, RedisError):
        return "one of its options has a value that does not fit"
    except TypeError:
        return "one of its options is none of redis-py's"
    return ""
