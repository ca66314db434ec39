"""More ways in which a hostile server answers: the corners of HTTP, and statuses that lead elsewhere."""

from __future__ import annotations

import asyncio
import itertools

from tests.hostile.answers import CHUNKED, GOOD_PICTURE, OK, WHOLE, answer, raw, stream
from tests.hostile.network import Answer

ELSEWHERE = "http://127.0.0.1/a.png"
"""Nobody may follow it, whatever header it stands in."""
END = b"0\r\n\r\n"
LENGTH = b"Content-Length: %d\r\n" % len(GOOD_PICTURE)


def later(given: Answer, seconds: float) -> Answer:
    """`given`, after so long. Not a wait for something to happen: slowness is what is tried."""

    async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        await given(reader, writer)

    return send


def chunks(*pieces: bytes) -> bytes:
    """Chunks, without the one that ends them."""
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)


FAILING: dict[str, Answer] = {
    **{
        f"status {status}": answer(GOOD_PICTURE, status, f"Location: {ELSEWHERE}", f"Refresh: 0;url={ELSEWHERE}")
        for status in (
            "202 Accepted", "203 Non-Authoritative", "205 Reset Content", "207 Multi-Status", "226 IM Used", "299 Odd",
            "300 Elsewhere", "304 Elsewhere", "305 Elsewhere", "306 Unused", "309 Odd", "310 Odd", "399 Odd",
            "405 Method Not Allowed", "406 Not Acceptable", "408 Request Timeout", "409 Conflict",
            "411 Length Required", "413 Content Too Large", "416 Range Not Satisfiable", "421 Misdirected Request",
            "422 Unprocessable", "425 Too Early", "426 Upgrade Required", "428 Precondition Required",
            "431 Headers Too Large", "444 Odd", "499 Odd", "501 Not Implemented", "504 Gateway Timeout",
            "505 Version Not Supported", "507 Insufficient Storage", "511 Network Authentication Required", "520 Odd",
            "600 Odd", "999 Odd", "000 Odd",
        )
    },
    "a negative status": raw(b"HTTP/1.1 -200 OK\r\n" + LENGTH + b"\r\n" + GOOD_PICTURE),
    "a status with letters": raw(b"HTTP/1.1 2OO OK\r\n" + LENGTH + b"\r\n" + GOOD_PICTURE),
    "401 that asks for a name": answer(b"", "401 Unauthorized", "WWW-Authenticate: Negotiate"),
    "407 that asks for a name": answer(b"", "407 Proxy", "Proxy-Authenticate: Basic realm=a"),
    "101 to a web socket": raw(b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"),
    "hints alone": raw(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
    "HTTP/2": raw(b"\0\0\x12\4\0\0\0\0\0\0\3\0\0\0\x64"),
    "an alert of TLS": raw(b"\x15\x03\x01\x00\x02\x02\x28"),
    "an answer of Redis": raw(b"-ERR unknown command 'GET'\r\n"),
    "a line of a megabyte": raw(b"A" * 1_000_000),
    "a reason of a megabyte": raw(b"HTTP/1.1 200 " + b"O" * 1_000_000 + b"\r\n\r\n"),
    "empty lines without an end": stream(b"", lambda: itertools.repeat(b"\r\n" * 5_000)),
    "blanks without an end": stream(b"", lambda: itertools.repeat(b" " * 10_000)),
    "a body of zstd": answer(b"\x28\xb5\x2f\xfd" + bytes(50), "200 OK", "Content-Encoding: zstd"),
    "a body of x-gzip": answer(GOOD_PICTURE, "200 OK", "Content-Encoding: x-gzip"),
    "a body of a packing that nobody knows": answer(GOOD_PICTURE, "200 OK", "Content-Encoding: odd"),
    "two packings": answer(GOOD_PICTURE, "200 OK", "Content-Encoding: identity", "Content-Encoding: gzip"),
    "a transfer of deflate": raw(OK + b"Transfer-Encoding: deflate\r\n\r\n" + GOOD_PICTURE),
    "a transfer that nobody knows": raw(OK + b"Transfer-Encoding: odd\r\n\r\n" + GOOD_PICTURE),
    "a length with a sign": answer(length=f"+{len(GOOD_PICTURE)}"),
    "a length in hexadecimal": answer(length=f"{len(GOOD_PICTURE):#x}"),
    "a length of several numbers": answer(length="5, 6"),
    "a length of nothing": answer(length=""),
    "a length in another script": answer(length="\u00b2"),
    "a length of none": answer(length=0),
    "a length of 9 MB, and little comes": answer(length=9 * 1024 * 1024),
    "a chunk of less than nothing": raw(CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n"),
    "a chunk in words": raw(CHUNKED + b"five\r\nhello\r\n0\r\n\r\n"),
    "a chunk that is longer than it says": raw(CHUNKED + b"3\r\nhello\r\n0\r\n\r\n"),
    "chunks that end early": raw(CHUNKED + chunks(GOOD_PICTURE)),
    "chunks of nothing": raw(CHUNKED + END),
    "9 MB in chunks": raw(CHUNKED + chunks(*[bytes(1024 * 1024)] * 9) + END),
    "a chunk's size of a megabyte": raw(CHUNKED + b"0" * 1_000_000 + b"5\r\nhello\r\n"),
    "a head that breaks off": raw(OK),
    "a redirect without a length or an end": stream(
        b"HTTP/1.1 302 Found\r\n\r\n", lambda: itertools.repeat(bytes(10_000))
    ),
    "a redirect to an empty place": answer(b"", "302 Found", "Location: "),
    "a redirect in two headers": answer(b"", "302 Found", f"Location: {ELSEWHERE}", "Location: /good.png"),
    "a redirect in Content-Location": answer(b"", "302 Found", f"Content-Location: {ELSEWHERE}"),
    "a redirect in URI": answer(b"", "301 Moved", f"URI: <{ELSEWHERE}>"),
    "a page that a script moves": answer(b"<script>location='http://127.0.0.1/'</script>"),
    "a frame of a page": answer(b"<iframe src='http://127.0.0.1/a.png'></iframe>"),
}  # fmt: skip
"""No picture comes of these."""

SLOW: dict[str, Answer] = {
    "an answer after a minute": later(answer(), 60),
    "a picture whose last byte is missing": stream(
        OK + LENGTH + b"\r\n" + GOOD_PICTURE[:-1], lambda: itertools.repeat(b"", 600), 0.1
    ),
    "empty lines that drip": stream(b"", lambda: itertools.repeat(b"\r\n"), 0.2),
    "hints that drip": stream(b"", lambda: itertools.repeat(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"), 0.2),
    "headers that drip": stream(OK, lambda: (b"X-%d: y\r\n" % number for number in itertools.count()), 0.2),
    "trailers that drip": stream(CHUNKED + chunks(GOOD_PICTURE) + b"0\r\n", lambda: itertools.repeat(b"X: y\r\n"), 0.2),
}  # fmt: skip
"""No picture comes of these either, and it takes the whole time to be sure."""

ARRIVING: dict[str, Answer] = {
    "no reason": raw(b"HTTP/1.1 200\r\n" + LENGTH + b"\r\n" + GOOD_PICTURE),
    "another reason": answer(GOOD_PICTURE, "200 Not Found"),
    "headers in small letters": raw(WHOLE.replace(b"Content", b"content")),
    "no type": raw(b"HTTP/1.1 200 OK\r\n" + LENGTH + b"\r\n" + GOOD_PICTURE),
    "two types": answer(GOOD_PICTURE, "200 OK", "Content-Type: text/html"),
    "a type with much behind it": answer(GOOD_PICTURE, "200 OK", "Content-Type: image/svg+xml; charset=utf-7; a=\"b\""),
    "a body that is as it is": answer(GOOD_PICTURE, "200 OK", "Content-Encoding: identity"),
    "eight-bit headers": answer(GOOD_PICTURE, "200 OK", "X-Name: caf\xe9"),
    "a refresh": answer(GOOD_PICTURE, "200 OK", f"Refresh: 0;url={ELSEWHERE}"),
    "a place that is not asked for": answer(
        GOOD_PICTURE, "200 OK", f"Location: {ELSEWHERE}", f"Content-Location: {ELSEWHERE}"
    ),
    "links to fetch before": answer(GOOD_PICTURE, "200 OK", f"Link: <{ELSEWHERE}>; rel=preload"),
    "another service": answer(GOOD_PICTURE, "200 OK", 'Alt-Svc: h2="127.0.0.1:80"; ma=99'),
    "strict security": answer(GOOD_PICTURE, "200 OK", "Strict-Transport-Security: max-age=99999999"),
    "a file name of ours": answer(GOOD_PICTURE, "200 OK", "Content-Disposition: attachment; filename=../../bot.py"),
    "sixty cookies": answer(GOOD_PICTURE, "200 OK", *(f"Set-Cookie: c{number}={'x' * 500}" for number in range(60))),
    "a wish to be kept": answer(GOOD_PICTURE, "200 OK", "Connection: keep-alive", "Keep-Alive: timeout=999"),
    "chunks with extensions": raw(CHUNKED + b"%x;a=b\r\n%s\r\n0\r\n\r\n" % (len(GOOD_PICTURE), GOOD_PICTURE)),
    "trailers": raw(CHUNKED + chunks(GOOD_PICTURE) + b"0\r\nX: y\r\n\r\n"),
    "zeros before a chunk's size": raw(CHUNKED + b"0000%x\r\n%s\r\n0\r\n\r\n" % (len(GOOD_PICTURE), GOOD_PICTURE)),
    "after a second": later(answer(), 1.0),
    "slowly, and soon enough": stream(
        OK + LENGTH + b"\r\n", lambda: (GOOD_PICTURE[at : at + 40] for at in range(0, len(GOOD_PICTURE), 40)), 0.02
    ),
    "exactly 8 MB": raw(OK + b"\r\n" + GOOD_PICTURE + bytes(8 * 1024 * 1024 - len(GOOD_PICTURE))),
    "exactly 8 MB in chunks": raw(
        CHUNKED + chunks(GOOD_PICTURE, bytes(8 * 1024 * 1024 - len(GOOD_PICTURE))) + END
    ),
}  # fmt: skip
"""Odd, and within the rules."""

EITHER: dict[str, Answer] = {
    "the same length twice": answer(GOOD_PICTURE, "200 OK", f"Content-Length: {len(GOOD_PICTURE)}"),
    "a length and chunks": raw(CHUNKED.replace(b"\r\n", b"\r\nContent-Length: 5\r\n", 1) + chunks(GOOD_PICTURE) + END),
    "chunked twice": raw(OK + b"Transfer-Encoding: chunked, chunked\r\n\r\n" + chunks(GOOD_PICTURE) + END),
    "a transfer as it is": raw(OK + b"Transfer-Encoding: identity\r\n" + LENGTH + b"\r\n" + GOOD_PICTURE),
    "lines that end in LF": raw(WHOLE.replace(b"\r\n", b"\n", 3)),
    "empty lines first": raw(b"\r\n\r\n" + WHOLE),
    "a folded header": raw(b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\n" + LENGTH + b"\r\n" + GOOD_PICTURE),
    "a blank before the colon": raw(b"HTTP/1.1 200 OK\r\nX : a\r\n" + LENGTH + b"\r\n" + GOOD_PICTURE),
    "an empty header's name": raw(b"HTTP/1.1 200 OK\r\n: a\r\n" + LENGTH + b"\r\n" + GOOD_PICTURE),
    "small letters": raw(b"http/1.1 200 ok\r\n" + LENGTH + b"\r\n" + GOOD_PICTURE),
    "HTTP/3.0": raw(b"HTTP/3.0 200 OK\r\n" + LENGTH + b"\r\n" + GOOD_PICTURE),
    "another protocol offered": answer(GOOD_PICTURE, "200 OK", "Upgrade: h2c", "Connection: upgrade"),
    "a length with blanks": answer(length=f"  {len(GOOD_PICTURE)}  "),
    "a picture and a half": raw(OK + b"\r\n" + GOOD_PICTURE + GOOD_PICTURE[:40]),
    "RTSP": raw(b"RTSP/1.0 200 OK\r\n" + LENGTH + b"\r\n" + GOOD_PICTURE),
    "several ranges": answer(GOOD_PICTURE, "200 OK", "Content-Range: bytes 0-5/9", "Accept-Ranges: bytes"),
}  # fmt: skip
"""Servers and clients differ about these; nothing else may come of them."""
