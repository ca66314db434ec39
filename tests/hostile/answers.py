"""Ways in which a hostile server answers."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import zlib
from collections.abc import AsyncIterator, Callable, Iterable

from tests.hostile.network import Answer
from tests.hostile.pictures import portrait, saved

GOOD_PICTURE = saved(portrait())
MEGABYTE = b"\0" * 1_000_000


def answer(body: bytes = GOOD_PICTURE, status: str = "200 OK", *lines: str, length: int | str | None = None) -> Answer:
    """One answer with these header lines; `length` is what its Content-Length claims."""
    claimed = len(body) if length is None else length
    head = [f"HTTP/1.1 {status}", f"Content-Length: {claimed}", "Content-Type: image/png", *lines, "", ""]
    return raw("\r\n".join(head).encode("latin-1") + body)


def raw(data: bytes) -> Answer:
    """These bytes, then the end."""

    async def send(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()

    return send


def stream(head: bytes, pieces: Callable[[], Iterable[bytes]], pause: float = 0.0) -> Answer:
    """`head`, and then piece after piece for as long as anybody takes them."""

    async def send(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        async for piece in _paced(pieces(), pause):
            writer.write(piece)
            await writer.drain()

    return send


async def _paced(pieces: Iterable[bytes], pause: float) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
        await asyncio.sleep(pause)


async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take the question and never answer."""
    await writer.wait_closed()


async def cut_off(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Cut the connection in the middle of an answer."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + GOOD_PICTURE[:100])
    await writer.drain()
    writer.transport.abort()


OK = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n"
WHOLE = OK + b"Content-Length: %d\r\n\r\n" % len(GOOD_PICTURE) + GOOD_PICTURE
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def _for_ever(piece: bytes) -> Callable[[], Iterable[bytes]]:
    return lambda: itertools.repeat(piece)


def _headers_for_ever() -> Iterable[bytes]:
    return (b"X-%d: %s\r\n" % (number, b"y" * 4_000) for number in itertools.count())


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


FAILING: dict[str, Answer] = {
    **{
        f"status {status}": answer(status=status)
        for status in (
            "100 Continue", "101 Switching Protocols", "201 Created", "204 No Content", "206 Partial Content",
            "300 Multiple Choices", "304 Not Modified", "305 Use Proxy", "400 Bad Request", "401 Unauthorized",
            "402 Payment Required", "403 Forbidden", "404 Not Found", "407 Proxy Authentication Required",
            "410 Gone", "418 I'm a teapot", "429 Too Many Requests", "451 Unavailable", "500 Internal Server Error",
            "502 Bad Gateway", "503 Service Unavailable", "599 Odd",
        )
    },
    "a status of four digits": raw(b"HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n"),
    "a status that is no number": raw(b"HTTP/1.1 OK OK\r\nContent-Length: 0\r\n\r\n"),
    "nothing at all": raw(b""),
    "no HTTP": raw(b"SSH-2.0-OpenSSH_9.9\r\n"),
    "HTTP/0.9": raw(GOOD_PICTURE),
    "zeros instead of HTTP": raw(bytes(100_000)),
    "a body of gzip": answer(gzip.compress(GOOD_PICTURE), "200 OK", "Content-Encoding: gzip"),
    "a bomb of gzip": answer(gzip.compress(MEGABYTE * 100, 1), "200 OK", "Content-Encoding: gzip"),
    "a bomb of deflate": answer(zlib.compress(MEGABYTE * 100, 1), "200 OK", "Content-Encoding: deflate"),
    "a body of brotli": answer(b"\x0b\x02\x80", "200 OK", "Content-Encoding: br"),
    "packed twice": answer(gzip.compress(gzip.compress(GOOD_PICTURE)), "200 OK", "Content-Encoding: gzip, gzip"),
    "a transfer of gzip": raw(
        OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + _chunk(gzip.compress(MEGABYTE)) + b"0\r\n\r\n"
    ),
    "a length of 8 EB": answer(GOOD_PICTURE, length=2**63 - 1),
    "a length beyond numbers": answer(GOOD_PICTURE, length="9" * 400),
    "a negative length": answer(GOOD_PICTURE, length=-1),
    "a length that is no number": answer(GOOD_PICTURE, length="many"),
    "two lengths": answer(GOOD_PICTURE, "200 OK", "Content-Length: 5"),
    "a length that is too long": answer(GOOD_PICTURE, length=len(GOOD_PICTURE) + 100),
    "one byte more than 8 MB": answer(b"\x89PNG\r\n\x1a\n" + bytes(8 * 1024 * 1024 - 7)),
    "100 MB": stream(OK + b"\r\n", lambda: itertools.repeat(MEGABYTE, 100)),
    "an endless body": stream(OK + b"\r\n", _for_ever(MEGABYTE)),
    "endless chunks": stream(CHUNKED, _for_ever(_chunk(MEGABYTE))),
    "endless chunks of one byte": stream(CHUNKED, _for_ever(_chunk(b"x") * 5_000)),
    "endless chunk extensions": stream(CHUNKED, _for_ever(b"1;" + b"e" * 4_000 + b"\r\nx\r\n")),
    "a chunk of a size beyond numbers": raw(CHUNKED + b"f" * 100 + b"\r\nx\r\n"),
    "endless trailers": stream(CHUNKED + _chunk(GOOD_PICTURE) + b"0\r\n", _headers_for_ever),
    "endless headers": stream(OK, _headers_for_ever),
    "a header of a gigabyte": stream(OK + b"X: ", _for_ever(b"y" * 100_000)),
    "100,000 headers": raw(OK + b"X: y\r\n" * 100_000 + b"Content-Length: 5\r\n\r\nhello"),
    "endless 100 Continue": stream(b"", _for_ever(b"HTTP/1.1 100 Continue\r\n\r\n" * 500)),
    "endless 103 Early Hints": stream(b"", _for_ever(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 200)),
    "a header with a NUL": raw(b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 5\r\n\r\nhello"),
    "a header without a colon": raw(b"HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 5\r\n\r\nhello"),
    "an empty body": answer(b""),
    "cut off in the middle": cut_off,
    "a redirect that leads nowhere": raw(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"),
    "a page that refreshes elsewhere": answer(
        b"<meta http-equiv=refresh content='0;url=http://127.0.0.1/'>", "200 OK", "Refresh: 0;url=http://127.0.0.1/"
    ),
}  # fmt: skip
"""No picture comes of these."""

SLOW: dict[str, Answer] = {
    "silence": silent,
    "silence after the head": stream(OK + b"Content-Length: 100\r\n\r\n", lambda: itertools.repeat(b"", 10_000), 0.1),
    "a head that drips": stream(b"HTTP/1.1 200 OK\r\nX: ", _for_ever(b"y"), 0.2),
    "a body that drips": stream(OK + b"Content-Length: 900000\r\n\r\n", _for_ever(b"y"), 0.2),
    "chunks that drip": stream(CHUNKED, _for_ever(b"1\r\nx\r\n"), 0.2),
    "100 Continue that drips": stream(b"", _for_ever(b"HTTP/1.1 100 Continue\r\n\r\n"), 0.2),
}
"""No picture comes of these either, and it takes the whole time to be sure."""

ARRIVING: dict[str, Answer] = {
    "a wrong type": answer(GOOD_PICTURE, "200 OK", "Content-Type: text/html"),
    "no length": raw(OK + b"\r\n" + GOOD_PICTURE),
    "HTTP/1.0": raw(b"HTTP/1.0 200 OK\r\n\r\n" + GOOD_PICTURE),
    "small chunks": raw(
        CHUNKED + b"".join(_chunk(GOOD_PICTURE[at : at + 3]) for at in range(0, len(GOOD_PICTURE), 3)) + b"0\r\n\r\n"
    ),
    "more than it said": raw(WHOLE + b"HTTP/1.1 200 OK\r\n\r\nmore"),
    "cookies": answer(GOOD_PICTURE, "200 OK", "Set-Cookie: id=1; Domain=127.0.0.1; Path=/", "Set-Cookie: b=2"),
    "a few hints first": raw(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 3 + WHOLE),
    "ninety headers": answer(GOOD_PICTURE, "200 OK", *(f"X-{number}: y" for number in range(90))),
    "exactly 8 MB, and it says so": answer(GOOD_PICTURE + bytes(8 * 1024 * 1024 - len(GOOD_PICTURE))),
}  # fmt: skip
"""Odd, and within the rules."""
