"""Fetching from servers that nobody vouches for. Everything happens on loopback, with a name service of our own."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO

import pytest
from aiohttp import ClientConnectorError, ClientSession, TCPConnector, web
from aiohttp.test_utils import TestServer

from cogs.scene_art.errors import ReferenceUnavailableError
from cogs.scene_art.references.addresses import TrustedHosts
from cogs.scene_art.references.fetch import Fetcher, Limits
from cogs.scene_art.references.guard import AddressRefusedError, GuardedResolver, SystemResolver, guarded_socket
from cogs.scene_art.references.problems import LastingProblemError
from tests.references.support import FakeNames, WebServer


@pytest.fixture
async def fetcher(web: WebServer, names: FakeNames) -> AsyncIterator[Fetcher]:
    """Trusts the server `web`, as 127.0.0.1 and as depot.example, on its port only."""
    trusted = TrustedHosts.parse(f"127.0.0.1:{web.port}, depot.example:{web.port}")
    async with Fetcher(trusted, limits=Limits(body_bytes=100_000), resolver=names) as opened:
        yield opened


@pytest.fixture
async def impatient(web: WebServer, names: FakeNames) -> AsyncIterator[Fetcher]:
    """A fetcher for answers that never end: it gives up soon."""
    limits = Limits(total=timedelta(seconds=0.4))
    async with Fetcher(TrustedHosts.parse(f"127.0.0.1:{web.port}"), limits=limits, resolver=names) as opened:
        yield opened


async def fetched(fetcher: Fetcher, url: str) -> bytes:
    """Return the whole body behind `url`."""
    body = BytesIO()
    await fetcher.download(url, body.write)
    return body.getvalue()


async def problem(fetcher: Fetcher, url: str) -> ReferenceUnavailableError:
    with pytest.raises(ReferenceUnavailableError) as caught:
        await fetched(fetcher, url)
    assert "hush" not in caught.value.detail
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value


async def test_a_picture_comes_as_it_is(fetcher: Fetcher, web: WebServer) -> None:
    web.answer("/a.png", b"pixels")
    assert await fetched(fetcher, web.url("/a.png?key=1")) == b"pixels"
    head = web.heads[0].lower()
    assert "accept-encoding: identity" in head
    assert "cookie" not in head
    assert "referer" not in head


async def test_a_trusted_name_may_lead_to_a_private_address(fetcher: Fetcher, web: WebServer) -> None:
    web.answer("/a.png", b"pixels")
    assert await fetched(fetcher, web.url("/a.png", "depot.example")) == b"pixels"


async def test_environment_and_cookies_are_not_used(
    monkeypatch: pytest.MonkeyPatch, web: WebServer, canary: WebServer, names: FakeNames
) -> None:
    monkeypatch.setenv("HTTP_PROXY", canary.url())
    monkeypatch.setenv("http_proxy", canary.url())
    web.answer("/a.png", b"pixels", Set_Cookie="a=b")
    async with Fetcher(TrustedHosts.parse(f"depot.example:{web.port}"), resolver=names) as fetcher:
        for _ in range(2):
            await fetched(fetcher, web.url("/a.png", "depot.example"))
    assert canary.connections == 0
    assert not any("cookie" in head.lower() for head in web.heads)


@pytest.mark.parametrize(
    "answers",
    [
        ["127.0.0.1"],
        ["8.8.8.8", "127.0.0.1"],
        ["::ffff:127.0.0.1"],
        ["2606:4700::1111", "fd00::1"],
        ["169.254.169.254"],
    ],
)
async def test_a_name_with_any_private_answer_is_refused(
    fetcher: Fetcher, names: FakeNames, answers: list[str]
) -> None:
    names.say("evil.example", answers)
    error = await problem(fetcher, "http://evil.example/a.png?key=hush")
    assert isinstance(error, LastingProblemError)
    assert "private or reserved" in error.detail
    assert "127" not in error.detail


async def test_a_name_that_does_not_exist_may_exist_later(fetcher: Fetcher, names: FakeNames) -> None:
    names.say("new.example", [])
    error = await problem(fetcher, "http://new.example/a.png")
    assert not isinstance(error, LastingProblemError)
    assert "no such name" in error.detail


async def test_the_canary_is_never_reached(
    fetcher: Fetcher, web: WebServer, canary: WebServer, names: FakeNames
) -> None:
    port = canary.port
    for host in (
        "127.0.0.1",
        "0x7f.1",
        "2130706433",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "evil.example",
    ):
        web.answer("/hop", status="302 Found", Location=f"http://{host}:{port}/")
        await problem(fetcher, f"http://{host}:{port}/")
        await problem(fetcher, web.url("/hop"))
        await problem(fetcher, web.url("/hop", "depot.example"))
    assert canary.connections == 0


@pytest.mark.parametrize(
    "location",
    [
        "http://evil.example/x",
        "//evil.example/x",
        "http://10.0.0.1/x",
        "http://me:hush@depot.example/",
        "//hush@depot.example/",
        "http://@depot.example/",
        "http://depot.example\\@127.0.0.1/",
        "http://127。0。0。1/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "http://[",
    ],
)
async def test_a_trusted_host_cannot_send_us_elsewhere(fetcher: Fetcher, web: WebServer, location: str) -> None:
    web.answer("/hop", status="307 Temporary Redirect", Location=location)
    assert isinstance(await problem(fetcher, web.url("/hop?key=hush")), LastingProblemError)


async def test_trust_does_not_spill_over_to_fetches_at_the_same_time(
    web: WebServer, canary: WebServer, names: FakeNames
) -> None:
    asked = asyncio.Event()
    go_on = asyncio.Event()

    async def wait(writer: asyncio.StreamWriter) -> None:
        asked.set()
        await go_on.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    web.on("/slow", wait)
    trusted = TrustedHosts.parse(f"depot.example:{web.port}")
    async with Fetcher(trusted, resolver=names) as fetcher:
        slow = asyncio.create_task(fetched(fetcher, web.url("/slow", "depot.example")))
        await asked.wait()
        await problem(fetcher, "http://depot.example/")
        await problem(fetcher, f"http://depot.example:{canary.port}/")
        await problem(fetcher, "http://evil.example/")
        go_on.set()
        assert await slow == b"ok"
    assert canary.connections == 0


async def test_a_name_that_changes_its_mind_is_looked_at_every_time(names: FakeNames) -> None:
    names.say("rebind.example", ["8.8.8.8"], ["127.0.0.1"])
    guarded = GuardedResolver(names)
    assert [answer["host"] for answer in await guarded.resolve("rebind.example", 80)] == ["8.8.8.8"]
    with pytest.raises(AddressRefusedError):
        await guarded.resolve("rebind.example", 80)


async def test_the_socket_refuses_what_the_lookup_let_through(canary: WebServer, names: FakeNames) -> None:
    names.say("rebind.example", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
    connector = TCPConnector(resolver=names, socket_factory=guarded_socket)
    async with ClientSession(connector=connector) as session:
        for host in ("rebind.example", "127.0.0.1", "0x7f.1", "[::1]"):
            with pytest.raises((ClientConnectorError, OSError)) as caught:
                await session.get(canary.url("/", host))
            assert isinstance(getattr(caught.value, "os_error", caught.value), OSError)
    assert canary.connections == 0


async def test_the_system_resolver_knows_this_machine() -> None:
    resolver = SystemResolver()
    try:
        assert (await resolver.resolve("127.0.0.1", 80))[0]["host"] == "127.0.0.1"
    finally:
        await resolver.close()


async def test_three_redirects_are_followed_and_no_more(fetcher: Fetcher, web: WebServer) -> None:
    for hop in range(4):
        web.answer(f"/{hop}", status="302 Found", Location=f"/{hop + 1}")
    web.answer("/4", b"pixels")
    assert await fetched(fetcher, web.url("/1")) == b"pixels"
    assert "redirects" in (await problem(fetcher, web.url("/0"))).detail


async def test_a_circle_of_redirects_ends(fetcher: Fetcher, web: WebServer) -> None:
    web.answer("/a", status="301 Moved Permanently", Location="/a")
    assert "redirects" in (await problem(fetcher, web.url("/a"))).detail
    assert len(web.requests) == 4


@pytest.mark.parametrize(
    ("status", "lasting"),
    [("404 Not Found", True), ("403 Forbidden", True), ("204 No Content", True), ("206 Partial Content", True),
     ("429 Too Many Requests", False), ("408 Request Timeout", False), ("500 Oops", False), ("503 Busy", False),
     ("302 Found", True)],
)  # fmt: skip
async def test_answers_that_are_no_picture(fetcher: Fetcher, web: WebServer, status: str, lasting: bool) -> None:
    web.answer("/a.png", b"", status=status)
    error = await problem(fetcher, web.url("/a.png?key=hush"))
    assert isinstance(error, LastingProblemError) == lasting


async def test_an_announced_giant_is_not_read(fetcher: Fetcher, web: WebServer) -> None:
    web.raw("/a.png", b"HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\nx")
    assert "more than 100000 bytes" in (await problem(fetcher, web.url("/a.png"))).detail


async def test_a_giant_that_hides_its_size_is_cut_off(fetcher: Fetcher, web: WebServer) -> None:
    sent = 0

    async def flood(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x" * 65536)
            sent += 65536
            await writer.drain()

    web.on("/a.png", flood)
    assert "more than 100000 bytes" in (await problem(fetcher, web.url("/a.png"))).detail
    assert sent < 50_000_000


async def test_a_body_of_the_largest_size_is_fine(fetcher: Fetcher, web: WebServer) -> None:
    web.answer("/a.png", b"x" * 100_000)
    assert len(await fetched(fetcher, web.url("/a.png"))) == 100_000


async def test_a_body_that_is_shorter_than_announced_is_a_failure(fetcher: Fetcher, web: WebServer) -> None:
    web.raw("/a.png", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nshort")
    assert not isinstance(await problem(fetcher, web.url("/a.png")), LastingProblemError)


async def test_a_body_that_is_longer_than_announced_never_gives_more(fetcher: Fetcher, web: WebServer) -> None:
    web.raw("/a.png", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nshort, but there is more")
    (result,) = await asyncio.gather(fetched(fetcher, web.url("/a.png")), return_exceptions=True)
    assert result == b"short" or isinstance(result, ReferenceUnavailableError)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: \xff\xfe\r\nContent-Length: 0\r\n\r\n",
    ],
)
async def test_answers_that_are_not_http(fetcher: Fetcher, web: WebServer, data: bytes) -> None:
    web.raw("/a.png", data)
    await problem(fetcher, web.url("/a.png?key=hush"))


async def test_an_empty_body_is_a_failure(fetcher: Fetcher, web: WebServer) -> None:
    web.answer("/a.png", b"")
    assert "empty" in (await problem(fetcher, web.url("/a.png"))).detail


@pytest.mark.parametrize("coding", ["gzip", "br", "identity, gzip"])
@pytest.mark.parametrize("header", ["Content_Encoding", "Transfer_Encoding"])
async def test_a_packed_body_is_refused_unread(fetcher: Fetcher, web: WebServer, coding: str, header: str) -> None:
    web.answer("/a.png", gzip.compress(bytes(10_000_000)), **{header: coding})
    detail = (await problem(fetcher, web.url("/a.png"))).detail
    # aiohttp takes no answer that has both a length and another coding for the transfer.
    assert "packed" in detail or (header == "Transfer_Encoding" and "could not be fetched" in detail)


async def test_a_transfer_that_is_packed_is_refused(fetcher: Fetcher, web: WebServer) -> None:
    packed = gzip.compress(bytes(1000))
    web.raw("/a.png", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n" + packed)
    assert "packed" in (await problem(fetcher, web.url("/a.png"))).detail


@pytest.mark.parametrize(
    "first", [b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 O"]
)
async def test_a_body_that_drips_is_given_up(impatient: Fetcher, web: WebServer, first: bytes) -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    web.on("/a.png", drip)
    error = await problem(impatient, web.url("/a.png"))
    assert "too slow" in error.detail
    assert not isinstance(error, LastingProblemError)


async def test_endless_continues_are_given_up(impatient: Fetcher, web: WebServer) -> None:
    async def go_on(writer: asyncio.StreamWriter) -> None:
        while not writer.is_closing():
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            await writer.drain()
            await asyncio.sleep(0.01)

    web.on("/a.png", go_on)
    assert "too slow" in (await problem(impatient, web.url("/a.png"))).detail


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
        (b"", b"HTTP/1.1 103 Early Hints\r\nLink: " + b"y" * 8000 + b"\r\n\r\n"),
        (b"", b"\r\n" * 10_000),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 5000),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"e" * 65_536),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0" * 65_536),
    ],
)
async def test_an_answer_that_never_comes_to_the_point_is_cut_off(
    web: WebServer, names: FakeNames, first: bytes, then: bytes
) -> None:
    sent = 0

    async def flood(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(first)
        while not writer.is_closing():
            writer.write(then)
            sent += len(then)
            await writer.drain()

    web.on("/a.png", flood)
    async with Fetcher(TrustedHosts.parse("127.0.0.1"), resolver=names) as fetcher:
        error = await problem(fetcher, web.url("/a.png?key=hush"))
    assert isinstance(error, LastingProblemError)
    assert "endless" in error.detail
    # What the system's own buffers took is counted, too.
    assert sent < 16_000_000


@pytest.mark.parametrize(
    "head",
    [
        b"".join(b"X-%d: y\r\n" % number for number in range(1000)),
        b"X: " + b"y" * 20_000 + b"\r\n",
        b"y" * 20_000 + b": y\r\n",
    ],
)
async def test_headers_are_bounded_in_number_and_length(fetcher: Fetcher, web: WebServer, head: bytes) -> None:
    web.raw("/a.png", b"HTTP/1.1 200 OK\r\n" + head + b"Content-Length: 1\r\n\r\nx")
    assert "could not be fetched" in (await problem(fetcher, web.url("/a.png"))).detail


async def test_many_small_chunks_make_an_ordinary_body(fetcher: Fetcher, web: WebServer) -> None:
    body = b"".join(b"40\r\n" + b"p" * 64 + b"\r\n" for _ in range(1500))
    web.raw("/a.png", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body + b"0\r\n\r\n")
    assert await fetched(fetcher, web.url("/a.png")) == b"p" * 96_000


async def test_the_body_of_a_redirect_is_not_read(fetcher: Fetcher, web: WebServer) -> None:
    closed = asyncio.Event()

    async def flood(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: /b.png\r\n\r\n")
        try:
            while not writer.is_closing():
                writer.write(b"x" * 65_536)
                await writer.drain()
        finally:
            closed.set()

    web.on("/a.png", flood)
    web.answer("/b.png", b"pixels")
    assert await fetched(fetcher, web.url("/a.png")) == b"pixels"
    await closed.wait()


async def test_every_request_has_a_connection_of_its_own(names: FakeNames) -> None:
    peers = []

    async def note(request: web.Request) -> web.Response:
        assert request.transport is not None
        peers.append(request.transport.get_extra_info("peername"))
        return web.Response(body=b"pixels")

    app = web.Application()
    app.router.add_get("/a.png", note)
    async with TestServer(app) as server, Fetcher(TrustedHosts.parse("depot.example"), resolver=names) as fetcher:
        for _ in range(3):
            await fetched(fetcher, f"http://depot.example:{server.port}/a.png")
    assert len(set(peers)) == 3
    assert names.asked == ["depot.example"] * 3


async def test_another_name_for_a_trusted_address_is_not_trusted(fetcher: Fetcher, web: WebServer) -> None:
    before = web.connections
    for host in ("other.example", "depot.example.other.example", "localhost", "[::ffff:127.0.0.1]"):
        await problem(fetcher, web.url("/a.png", host))
        await problem(fetcher, f"http://{host}/a.png")
    assert web.connections == before


async def test_nobody_listens(fetcher: Fetcher, web: WebServer) -> None:
    await web.stop()
    assert "could not be fetched" in (await problem(fetcher, web.url("/a.png?key=hush"))).detail
    await web.start()


async def test_only_so_many_connections_at_once(names: FakeNames) -> None:
    now = most = 0

    async def count(request: web.Request) -> web.Response:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.01)
        now -= 1
        return web.Response(body=b"pixels", content_type="text/html")

    app = web.Application()
    app.router.add_get("/{name}", count)
    async with TestServer(app) as server:
        hosts = [f"{n}.example" for n in range(4)]
        trusted = TrustedHosts.parse(", ".join(hosts))
        limits = Limits(at_once=3, at_once_per_host=2)
        async with Fetcher(trusted, limits=limits, resolver=names) as fetcher:
            one = [fetched(fetcher, f"http://0.example:{server.port}/{n}") for n in range(6)]
            assert set(await asyncio.gather(*one)) == {b"pixels"}
            assert most <= 2
            most = 0
            many = [fetched(fetcher, f"http://{host}:{server.port}/{n}") for host in hosts for n in range(4)]
            assert set(await asyncio.gather(*many)) == {b"pixels"}
            assert most <= 3


async def test_a_closed_fetcher_says_so(names: FakeNames) -> None:
    fetcher = Fetcher(TrustedHosts(), resolver=names)
    assert "closed" in (await problem(fetcher, "http://a.example/a.png")).detail
