"""The addresses that may be opened at all."""

from __future__ import annotations

import ipaddress
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from cogs.scene_art.errors import ConfigurationError, ReferenceUnavailableError
from cogs.scene_art.references.addresses import TrustedHosts, check_url, is_public_address, join_url
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
        ("http://a.exa\tmple/", "control"),
        ("http://a\u200b.example/", "control"),
        ("http://@a.example/", "user name"),
        ("http://:@a.example/", "user name"),
        ("http://a.example:\uff18\uff10/", "not a valid"),
        ("http://a.example:+80/", "not a valid"),
        ("http://a.example:80:80/", "not a valid"),
        ("http://a.example\\@127.0.0.1/", "user name"),
        ("http://127.0.0.1\\.a.example/", "not a valid"),
        ("http:\\\\127.0.0.1/", "host"),
        ("http://[v1.x]/", "not a valid"),
        ("http://[127.0.0.1]/", "not a valid"),
        ("http://[2606:4700::1111%25eth0]/", "host"),
        ("http://%31%32%37.0.0.1/", "host"),
        ("http://a%2eexample/", "host"),
        ("http://ⓛocalhost/", "host"),
        ("http://pictures。example/", "host"),
        ("http://./", "host"),
        ("http:a.example/a.png", "host"),
        ("http://a.example/" + "a" * 5000, "longer"),
    ],
)
def test_other_forms_are_refused_with_a_reason(url: str, reason: str) -> None:
    with pytest.raises(ReferenceUnavailableError, match=reason) as caught:
        check_url(url, NOBODY)
    assert "secret" not in caught.value.detail
    assert caught.value.sentence.startswith("The link of a reference picture")


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "0.1.2.3", "10.255.0.1", "100.64.0.1", "100.127.255.254", "127.255.255.254", "161.26.0.6",
        "166.9.1.1", "168.63.129.16", "169.254.0.23", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.0.170",
        "192.0.0.192", "192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.2", "192.168.255.1", "192.175.48.1",
        "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.251", "239.255.255.255", "240.0.0.1",
        "255.255.255.255", "::", "::1", "::8.8.8.8", "::ffff:10.0.0.1", "::ffff:0:8.8.8.8", "64:ff9b::8.8.8.8",
        "64:ff9b:1::1", "100::1", "100:0:0:1::1", "200::1", "2001::1", "2001:1::1", "2001:2::1", "2001:3::1",
        "2001:4:112::1", "2001:10::1", "2001:20::1", "2001:30::1", "2001:db8::1", "2002:808:808::1", "2620:4f:8000::1",
        "3ffe::1", "3fff::1", "3fff:fff::1", "4000::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fd20:ce::254",
        "fe80::1", "fe80::a9fe:a9fe", "fec0::1", "ff02::1", "2606:4700::5efe:7f00:1", "2606:4700::200:5efe:808:808",
        "2606:4700::127.0.0.1", "2606:4700:1:2::a9fe:a9fe", "2606:4700::1111%eth0",
    ],
)  # fmt: skip
def test_every_special_block_is_closed(address: str) -> None:
    assert not is_public_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
        "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255", "198.17.255.255", "198.20.0.0",
        "223.255.255.255", "::ffff:8.8.8.8", "2001:200::1", "2001:4860:4860::8888", "2606:4700::1111",
        "2606:4700::6810:84e5", "2a00:1450:4001:80e::200a", "2620:4f:8001::1", "2620:fe::fe",
    ],
)  # fmt: skip
def test_their_neighbours_are_open(address: str) -> None:
    assert is_public_address(address)


@pytest.mark.parametrize(
    ("location", "leads_to"),
    [
        ("b.png", "http://a.example/x/b.png"),
        ("/b.png?k=1", "http://a.example/b.png?k=1"),
        ("//b.example/c", "http://b.example/c"),
        ("https://b.example/ü.png", "https://b.example/%C3%BC.png"),
        ("?v=2", "http://a.example/x/y?v=2"),
    ],
)
def test_a_redirect_leads_where_it_says(location: str, leads_to: str) -> None:
    assert join_url(URL("http://a.example/x/y"), location) == leads_to


@pytest.mark.parametrize(
    "location", ["http://@b.example/", "//me@b.example/", "//b.example:+80/", "/a\tb", "//ⓑ.example/", "/" + "a" * 5000]
)
def test_a_redirect_is_read_as_strictly(location: str) -> None:
    with pytest.raises(ReferenceUnavailableError, match="refused"):
        join_url(URL("http://a.example/"), location)


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
    with pytest.raises(ConfigurationError, match="neither a host nor host:port"):
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
