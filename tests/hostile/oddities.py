"""More files that a hostile server may send: bombs, damaged ones, and what is no picture whatever it is called."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Iterator
from functools import partial

from PIL import Image

from tests.hostile.pictures import MARKER, PNG_HEAD, Make, chunk, jpeg_with, png, png_with, portrait, riff, saved

SEEDS = range(8)


def segment(marker: int, payload: bytes) -> bytes:
    """A JPEG segment."""
    return bytes([0xFF, marker]) + struct.pack(">H", len(payload) + 2) + payload


def many_scans(side: int, scans: int) -> bytes:
    """A grey progressive JPEG in arithmetic coding, whose every scan is a walk over all pixels."""
    tables = segment(0xDB, b"\0" + b"\1" * 64)
    frame = segment(0xCA, struct.pack(">BHHB", 8, side, side, 1) + b"\x01\x11\x00")
    first = segment(0xDA, b"\x01\x01\x00\x00\x00\x00") + b"\x12\x34" * 50
    further = segment(0xDA, b"\x01\x01\x00\x01\x3f\x0d") + b"\x35\x97\xa1" * 300
    return b"\xff\xd8" + tables + frame + first + further * scans + b"\xff\xd9"


def gif_frame(left: int, top: int, width: int, height: int) -> bytes:
    """A GIF of 8 by 8 whose first frame claims this place."""
    data = bytearray(saved(portrait("P", (8, 8)), "GIF"))
    struct.pack_into("<4H", data, data.index(b"\x2c") + 1, left, top, width, height)
    return bytes(data)


def plain(kind: str, side: int, mode: str = "RGB", **options: object) -> bytes:
    """A picture of one colour, so that much of it fits in little."""
    return saved(Image.new(mode, (side, side)), kind, **options)


def exif_flood() -> bytes:
    """EXIF that names five thousand fields, all of them the same 50 kB."""
    head = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1_000)
    fields = b"".join(struct.pack(">HHII", 0x9000 + number, 7, 50_000, 8) for number in range(1_000))
    return head + fields + bytes(4) + MARKER * 3_000


def several_pictures() -> bytes:
    """A JPEG with a second one behind it, as stereo cameras write."""
    buffer = io.BytesIO()
    second = Image.new("RGB", (24, 24))
    portrait().save(buffer, "MPO", save_all=True, append_images=[second])
    return buffer.getvalue()


def compressed_text() -> bytes:
    """International text of PNG's that unfolds to 40 MB."""
    return chunk(b"iTXt", b"t\0\1\0en\0t\0" + zlib.compress(MARKER + bytes(40_000_000)))


def damaged() -> Iterator[tuple[str, Make]]:
    """Each format with flipped bits, in eight ways, and cut at four places."""
    for kind in ("PNG", "JPEG", "GIF", "WEBP"):
        whole = saved(portrait("P" if kind == "GIF" else "RGB", (96, 96)), kind)
        for seed in SEEDS:
            yield f"{kind} with flipped bits, {seed + 1}", partial(flipped, whole, seed)
        for percent in (5, 25, 75, 99):
            yield f"{kind} cut at {percent} %", partial(bytes, whole[: len(whole) * percent // 100])


def flipped(data: bytes, seed: int) -> bytes:
    """`data` with one bit in two hundred turned over, and its first bytes as they were."""
    dice = random.Random(seed)  # noqa: S311 - the same damage each time
    damaged = bytearray(data)
    for _ in range(max(3, len(data) // 25)):
        damaged[dice.randrange(12, len(data))] ^= 1 << dice.randrange(8)
    return bytes(damaged)


def _cropped(data: bytes, old: bytes, new: bytes) -> bytes:
    assert old in data
    return data.replace(old, new, 1)


def _broken_at(data: bytes, mark: bytes, behind: int) -> bytes:
    at = data.index(mark) + behind
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


def _webp_of_two_sizes() -> bytes:
    inner = saved(portrait("RGB", (64, 64)), "WEBP", lossless=True)
    canvas = struct.pack("<I", 31)[:3] * 2
    return riff(b"VP8X" + struct.pack("<I", 10) + bytes(4) + canvas + inner[12:])


BAD: dict[str, Make] = {
    "PNG of 1 by 100,000": lambda: png(1, 100_000, body=bytes(4 * 100_000)),
    "PNG of 100,000 by 1": lambda: png(100_000, 1, body=bytes(3 * 100_000 + 1)),
    "PNG of 33 megapixels": lambda: png(5_745, 5_745, mode=0, body=bytes(100)),
    "PNG with a palette that is missing": lambda: png(8, 8, mode=3, body=bytes(9 * 8)),
    "PNG whose pixels are not packed": lambda: (
        PNG_HEAD + chunk(b"IHDR", struct.pack(">2I5B", 8, 8, 8, 2, 0, 0, 0)) + chunk(b"IDAT", bytes(500))
    ),
    "PNG damaged as text": lambda: saved(portrait()).replace(b"\r\n", b"\n"),
    "PNG without a header": lambda: PNG_HEAD + chunk(b"IDAT", zlib.compress(bytes(25 * 8))) + chunk(b"IEND", b""),
    "PNG of chunks without an end": lambda: PNG_HEAD + chunk(b"tEXt", b"a\0b") * 200_000,
    "JPEG of no height": lambda: _cropped(
        saved(portrait(), "JPEG"), struct.pack(">2H", 64, 48), struct.pack(">2H", 0, 48)
    ),
    "JPEG with two frames": lambda: (data := saved(portrait(), "JPEG"))[:-2] + data[2:],
    "JPEG of 200 scans": lambda: many_scans(512, 200),
    "JPEG of a lossless kind": lambda: _cropped(saved(portrait(), "JPEG"), b"\xff\xc0", b"\xff\xc3"),
    "JPEG without tables": lambda: (
        b"\xff\xd8" + segment(0xC0, struct.pack(">BHHB", 8, 8, 8, 1) + b"\x01\x11\x00") + b"\xff\xd9"
    ),
    "GIF of no width": lambda: b"GIF89a" + struct.pack("<2H", 0, 0) + bytes(3) + b"\x2c" + bytes(9) + b"\x02\0\x3b",
    "GIF whose frame is elsewhere": lambda: gif_frame(60_000, 60_000, 8, 8),
    "GIF whose frame is far larger": lambda: gif_frame(0, 0, 60_000, 60_000),
    "GIF that ends at once": lambda: saved(portrait("P", (8, 8)), "GIF")[:6] + bytes(7) + b"\x3b",
    "WebP whose sizes differ": _webp_of_two_sizes,
    "WebP of 16 megapixels": lambda: plain("WEBP", 4_096, lossless=True),
    "WebP of chunks without an end": lambda: riff(b"XMP \x04\0\0\0abcd" * 200_000),
    "WebP that claims 4 GB": lambda: b"RIFF\xff\xff\xff\xffWEBPVP8L\xff\xff\xff\xff" + bytes(100),
    "TIFF of a camera": lambda: b"II*\0\x08\0\0\0" + bytes(200),
    "JPEG 2000": lambda: b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(200),
    "PSD": lambda: b"8BPS\0\1" + bytes(200),
    "ICNS": lambda: b"icns\0\0\0\x10ic07" + bytes(200),
    "DDS": lambda: b"DDS |\0\0\0" + bytes(200),
    "FLI": lambda: struct.pack("<IH", 200, 0xAF12) + bytes(200),
    "XPM": lambda: b'/* XPM */ static char *a[] = {"8 8 1 1"};',
    "WMF": lambda: b"\xd7\xcd\xc6\x9a" + bytes(200),
    "HEIC": lambda: b"\0\0\0\x1cftypheic\0\0\0\0heicmif1" + bytes(200),
    "MP4": lambda: b"\0\0\0\x18ftypisom" + bytes(200),
    "WebM": lambda: b"\x1aE\xdf\xa3" + bytes(200),
    "PostScript": lambda: b"%!PS\n(a) print quit",
    "XML whose names unfold": lambda: (
        b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><svg xmlns="http://www.w3.org/2000/svg">&c;</svg>'
    ),
    "HTML in two bytes a letter": lambda: "<html><script>1</script>".encode("utf-16"),
    "a pickle": lambda: b"\x80\x04\x95\x0b\0\0\0\0\0\0\0\x8c\x07portrait\x94.",
    "a shell script": lambda: b"#!/bin/sh\ntrue\n",
    "tar": lambda: b"a.png" + bytes(252) + b"ustar\0" + bytes(300),
    "7z": lambda: b"7z\xbc\xaf\x27\x1c" + bytes(200),
    "WebAssembly": lambda: b"\0asm\1\0\0\0",
}
"""Nothing of these is shown."""


GOOD: dict[str, Make] = {
    "PNG of 16 bits a colour": lambda: png(48, 64, depth=16, body=(b"\0" + bytes(48 * 6)) * 64),
    "PNG, grey and see-through": lambda: saved(portrait("L").convert("LA")),
    "PNG with a see-through colour": lambda: saved(portrait("P"), transparency=3),
    "PNG whose pixels unfold to 100 MB": lambda: png(48, 64, body=bytes(100_000_000)),
    "PNG with 40 MB of packed international text": lambda: png_with(compressed_text()),
    "PNG with five thousand unknown chunks": lambda: png_with(chunk(b"abCd", MARKER) * 5_000),
    "PNG with a profile that is none": lambda: png_with(chunk(b"iCCP", b"p\0\0" + MARKER)),
    "PNG with an odd gamma": lambda: png_with(chunk(b"gAMA", bytes(4))),
    "JPEG of 31 megapixels": lambda: plain("JPEG", 5_600),
    "JPEG, progressive, of 16 megapixels": lambda: plain("JPEG", 4_000, progressive=True),
    "JPEG, grey": lambda: saved(portrait("L"), "JPEG"),
    "JPEG with a thousand fields of EXIF": lambda: jpeg_with(0xE1, exif_flood()[:65_000]),
    "JPEG with a profile": lambda: saved(portrait(), "JPEG", icc_profile=MARKER * 20_000),
    "JPEG with a second picture": several_pictures,
    "JPEG with XMP": lambda: jpeg_with(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x>" + MARKER),
    "JPEG with a zip in a comment": lambda: jpeg_with(0xFE, b"PK\3\4" + MARKER),
    "GIF of 25 megapixels": lambda: plain("GIF", 5_000, "P"),
    "GIF, interlaced": lambda: saved(portrait("P"), "GIF", interlace=1),
    "GIF, see-through": lambda: saved(portrait("P"), "GIF", transparency=0),
    "WebP of 9 megapixels": lambda: plain("WEBP", 3_000, lossless=True),
    "WebP with a page behind it": lambda: saved(portrait(), "WEBP") + b"<script>" + MARKER,
    "WebP with a profile": lambda: saved(portrait(), "WEBP", icc_profile=MARKER * 2_000),
}
"""Odd, and pictures all the same."""

EITHER: dict[str, Make] = {
    "JPEG of 90 scans over 25 megapixels": lambda: many_scans(5_000, 90),
    "PNG with a broken checksum of its pixels": lambda: _broken_at(saved(portrait()), b"IDAT", 20),
    "PNG without an end": lambda: saved(portrait())[:-12],
    "JPEG without an end": lambda: saved(portrait(), "JPEG")[:-2],
    "GIF without an end": lambda: saved(portrait("P"), "GIF")[:-1],
    **dict(damaged()),
}
"""A decoder may make something of them or not."""
