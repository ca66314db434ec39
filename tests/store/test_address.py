"""The address of Redis: what is wrong is found without opening it, and nothing secret is shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from cogs.scene_art.errors import ConfigurationError
from cogs.scene_art.store.address import check_redis_url, passwords, shown

SECRET = "hunter2"
PORT = "the port is no number"
DATABASE = "the database behind the host is no number"


@pytest.mark.parametrize(
    "url",
    [
        "memory://",
        "memory://mine",
        "redis://localhost",
        "redis://",
        "redis:///2",
        "redis://r.example:6379/0",
        "redis://[::1]:6379/",
        "redis://game:p%40ss%2Fword@127.0.0.1:6379/3?health_check_interval=5&max_connections=9",
        "rediss://:pass@r.example:6380/0?ssl_cert_reqs=none",
        "rediss://r.example?ssl_ca_certs={file}",
        "unix:///run/redis.sock?db=3",
        "redis+sentinel://a:26379,b,[::1]:26379/mymaster/2?sentinel_password=x&socket_timeout=3",
        "rediss+sentinel://game:pass@a/mymaster",
        "redis+cluster://game:pass@a:7000",
        "redis+cluster://a:7000/0?require_full_coverage=false",
    ],
)
def test_an_address_that_can_be_opened_is_taken(url: str) -> None:
    check_redis_url(SecretStr(url.format(file=__file__)))


@pytest.mark.parametrize(
    ("url", "why", "seen"),
    [
        (
            "http://gamer:hunter2@r.example/?password=hunter2",
            "no address of a Redis begins like that",
            "http://r.example",
        ),
        ("REDIS://r.example", "no address of a Redis begins like that", "REDIS://r.example"),
        ("localhost:6379", "no address of a Redis begins like that", "…"),
        ("hunter2", "no address of a Redis begins like that", "…"),
        ("redis://gamer:hunter2@r.example:not-a-port/0", PORT, "redis://…"),
        ("redis://r.example:0", PORT, "redis://r.example:0"),
        ("redis://r.example:65536", PORT, "redis://r.example:65536"),
        ("redis://gamer:hunter2", PORT, "redis://…"),
        ("redis://gamer:hun/hunter2@r.example:1/0", PORT, "redis://r.example:1"),
        ("redis://gamer:hun#hunter2@r.example:1/0", PORT, "redis://r.example:1"),
        ("redis://gamer:hun?hunter2@r.example:1/0", PORT, "redis://…"),
        ("redis://r.example/zero", DATABASE, "redis://r.example"),
        ("redis://r.example/1/2x", DATABASE, "redis://r.example"),
        ("redis://r.example/-1", DATABASE, "redis://r.example"),
        ("redis://r.example?db=x", "a value that does not fit", "redis://r.example"),
        ("redis://r.example?password=a@hunter2", "", "redis://…"),
        ("redis://r.example?pasword=hunter2", "none of redis-py's", "redis://r.example"),
        ("redis://r.example?protocol=7", "a value that does not fit", "redis://r.example"),
        ("rediss://r.example?ssl_cert_reqs=maybe", "a value that does not fit", "rediss://r.example"),
        ("rediss://r.example?ssl_ca_certs=/nowhere.pem", "no such file as ssl_ca_certs names", "rediss://r.example"),
        ("unix://", "the path of the socket is missing", "unix://…"),
        ("redis+sentinel://a:26379", "the master's name", "redis+sentinel://a:26379"),
        ("redis+sentinel:///mymaster", "at least one host", "redis+sentinel://…"),
        ("redis+sentinel://a:x,b/mymaster", PORT, "redis+sentinel://…"),
        ("redis+sentinel://gamer:hunter2@a,b:1/m/x", "behind the master's name is no number", "redis+sentinel://a,b:1"),
        ("redis+cluster://a:7000/1", "a cluster has no databases", "redis+cluster://a:7000"),
    ],
)
def test_what_is_wrong_is_told_with_scheme_and_host_alone(url: str, why: str, seen: str) -> None:
    assert shown(SecretStr(url)) == seen
    if not why:
        return
    with pytest.raises(ConfigurationError) as error:
        check_redis_url(SecretStr(url))

    assert error.value.detail.startswith(f'REDIS_URL is "{seen}" (')
    assert why in error.value.detail.partition("; it takes ")[0]
    assert "redis://user:password@host:6379/0" in error.value.detail
    assert SECRET not in error.value.detail
    assert "gamer" not in error.value.detail


def test_a_file_that_an_option_names_must_be_there(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    url = SecretStr(f"rediss://r.example?ssl_ca_certs={authority}")
    with pytest.raises(ConfigurationError):
        check_redis_url(url)
    authority.touch()
    check_redis_url(url)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("redis://game:p%40ss%2Fword@r.example:6379/0", {"p%40ss%2Fword", "p@ss/word"}),
        ("redis://:secret-of-mine@r.example", {"secret-of-mine"}),
        ("redis://secret-of-mine@r.example", {"secret-of-mine"}),
        ("redis://a:se#cr/et?of@mine@r.example", {"se#cr/et?of@mine"}),
        ("redis+sentinel://r.example/name?password=one&sentinel_password=two", {"one", "two"}),
        ("redis://r.example:6379/0", {""}),
        ("", {""}),
    ],
)
def test_its_passwords_are_known_and_nothing_else_is_taken_for_one(url: str, found: set[str]) -> None:
    assert set(passwords(SecretStr(url))) - {""} == found - {""}


def test_a_password_among_the_options_may_have_an_at_sign() -> None:
    assert "one@two-three" in set(passwords(SecretStr("redis://r.example:6379/0?password=one@two-three")))
