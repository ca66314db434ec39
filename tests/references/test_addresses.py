"""Which addresses may be opened at all."""

from __future__ import annotations

import ipaddress
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.errors import ConfigurationError, ReferenceUnavailableError
from cogs.scene_art.references.addresses import TrustedHosts, check_url, is_public_address
from cogs.scene_art.references.problems import plain_address
from tests.references.support import failure_of

NOBODY = TrustedHosts()


@pytest.mark.parametrize(
    "url",
    [
        "http://pictures.example/a.png",
        "https://pictures.example:443/a.png?size=2",
        "http://8.8.8.8/a.png",
        "http://[2606:4700::1111]/a.png",
        "HTTPS://PICTURES.EXAMPLE/A.PNG",
        "https://bücher.example/a.png",
        "http://pictures.example./a.png",
    ],
)
def test_ordinary_addresses_pass(url: str) -> None:
    assert check_url(url, NOBODY).path.lower() == "/a.png"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "①②⑦.⓪.⓪.①",
        "127.0.0.1.",
        "127。0。0。1",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1%25eth0]",
        "[fd00:ec2::254]",
        "169.254.169.254",
        "168.63.129.16",
        "100.100.100.200",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
    ],
)
def test_private_addresses_are_refused_in_every_spelling(host: str) -> None:
    with pytest.raises(ReferenceUnavailableError, match="refused"):
        check_url(f"http://{host}/a.png", NOBODY)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://a.example/a.png", "only http"),
        ("file:///etc/passwd", "only http"),
        ("data:image/png;base64,AAAA", "only http"),
        ("ws://a.example/a.png", "only http"),
        ("//a.example/a.png", "only http"),
        ("/a.png", "only http"),
        ("", "only http"),
        ("http://me@a.example/a.png", "user name"),
        ("http://me:secret@a.example/a.png", "user name"),
        ("http://a.example@127.0.0.1/", "user name"),
        ("http://a.example:8080/a.png", "port 8080"),
        ("http://a.example:0/a.png", "port 0"),
        ("http://a.example:99999/a.png", "not a valid"),
        ("http:///a.png", "host"),
        ("http://a b/", "host"),
        ("http://a..example/", "host"),
        ("http://-a.example/", "host"),
        ("http://a%00.example/", "host"),
        ("http://[::1/a.png", "not a valid"),
        ("http://a.example/\r\nHost: b", "control"),
        ("http://a.example/" + "a" * 5000, "longer"),
    ],
)
def test_other_forms_are_refused_with_a_reason(url: str, reason: str) -> None:
    with pytest.raises(ReferenceUnavailableError, match=reason) as caught:
        check_url(url, NOBODY)
    assert "secret" not in caught.value.detail
    assert caught.value.sentence.startswith("The address of a reference")


def test_a_trusted_host_may_be_private_on_its_port_only() -> None:
    trusted = TrustedHosts.parse("127.0.0.1:9000, Depot.example:8080, [::1], Any.Example")
    assert check_url("http://127.0.0.1:9000/a.png", trusted).port == 9000
    assert check_url("http://depot.EXAMPLE:8080/a.png", trusted).port == 8080
    assert check_url("http://[0::1]:1234/a.png", trusted).port == 1234
    assert check_url("http://any.example:1/a.png", trusted).port == 1
    for url in (
        "http://127.0.0.1:9001/",
        "http://127.0.0.1/",
        "http://127.1:9000/",
        "http://[::ffff:127.0.0.1]:9000/",
        "http://depot.example:8081/",
        "http://sub.any.example:1/",
        "ftp://any.example/",
        "http://me@any.example/",
    ):
        with pytest.raises(ReferenceUnavailableError):
            check_url(url, trusted)


def test_trust_is_told_by_host_and_port() -> None:
    trusted = TrustedHosts.parse("depot.example:80")
    assert trusted.covers(check_url("http://depot.example/a.png", NOBODY))
    assert not trusted.covers(check_url("https://depot.example/a.png", NOBODY))


@pytest.mark.parametrize(
    "entry",
    [
        "http://a.example",
        "a.example:",
        "a.example:0",
        "a.example:70000",
        "a.example:x",
        "[::1",
        "a b",
        "*.example",
    ],
)
def test_a_broken_setting_is_told_to_the_operator(entry: str) -> None:
    with pytest.raises(ConfigurationError, match="trusted hosts"):
        TrustedHosts.parse(f"good.example, {entry}")


def test_no_hosts_are_trusted_by_default() -> None:
    assert TrustedHosts.parse(" , ") == TrustedHosts()


@given(st.ip_addresses(v=4))
def test_mapped_addresses_are_judged_like_the_ones_they_hold(address: ipaddress.IPv4Address) -> None:
    assert is_public_address(f"::ffff:{address}") == is_public_address(address)


@given(st.ip_addresses())
def test_what_is_public_is_global_for_python_as_well(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if is_public_address(address):
        assert not address.is_private
        assert not address.is_multicast


def test_what_is_no_address_is_not_public() -> None:
    assert not is_public_address("localhost")
    assert not is_public_address("fe80::1%eth0")


@given(st.text())
def test_any_text_is_passed_or_refused(text: str) -> None:
    for url in (text, f"http://{text}", f"http://a.example/{text}"):
        error = failure_of(partial(check_url, url, NOBODY))
        assert error is None or error.detail.isprintable()


@pytest.mark.parametrize(
    "url",
    [
        "https://me:hush@a.example/p.png?key=hush#hush",
        "https:///me:hush@a.example/p.png",
        "http:/me:hush@a.example/p.png",
        "me:hush@a.example/p.png",
        "http://a\\me:hush@a.example/p.png",
    ],
)
def test_a_log_never_sees_secrets_of_an_address(url: str) -> None:
    assert "hush" not in plain_address(url)
    assert plain_address(url).endswith("a.example/p.png")


def test_a_log_sees_short_clean_addresses() -> None:
    assert plain_address("http://a.example/a\n\x1b[31mb") == "http://a.example/a[31mb"
    assert len(plain_address("http://a.example/" + "a" * 999)) == 120
