"""Files that a hostile server may send instead of a portrait. Made here, small, and none of them shows anything."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

from PIL import Image

MARKER = b"planted-marker"
"""Stands in every kind of metadata, and must not go on to anybody."""
PNG_HEAD = b"\x89PNG\r\n\x1a\n"


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """`image` as a file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def portrait(mode: str = "RGB", size: tuple[int, int] = (48, 64)) -> Image.Image:
    """A gradient, so that every format has something to encode."""
    gradient = Image.linear_gradient("L").resize(size)
    if mode in {"L", "1", "P"}:
        return gradient.convert(mode)
    return Image.merge("RGB", (gradient, gradient.rotate(90).resize(size), gradient)).convert(mode)


def chunk(kind: bytes, data: bytes) -> bytes:
    """A PNG chunk with its checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *, mode: int = 2, depth: int = 8, body: bytes = b"", extra: bytes = b"") -> bytes:
    """A PNG of any size on paper. Without a `body` its pixels are missing."""
    head = chunk(b"IHDR", struct.pack(">2I5B", width, height, depth, mode, 0, 0, 0))
    return PNG_HEAD + head + extra + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


def png_with(extra: bytes) -> bytes:
    """A good PNG with further chunks behind its header."""
    good = saved(portrait())
    return good[:33] + extra + good[33:]


def jpeg_of(width: int, height: int) -> bytes:
    """A JPEG whose header claims this size."""
    data = bytearray(saved(portrait(), "JPEG"))
    at = data.index(b"\xff\xc0") + 5
    struct.pack_into(">2H", data, at, height, width)
    return bytes(data)


def jpeg_with(marker: int, payload: bytes) -> bytes:
    """A good JPEG with one more segment."""
    good = saved(portrait(), "JPEG")
    return good[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(payload) + 2) + payload + good[2:]


def gif_of(width: int, height: int) -> bytes:
    """A GIF whose canvas and first frame claim this size."""
    data = bytearray(saved(portrait("P", (8, 8)), "GIF"))
    struct.pack_into("<2H", data, 6, width, height)
    frame = data.index(b"\x2c")
    struct.pack_into("<2H", data, frame + 5, width, height)
    return bytes(data)


def webp_of(width: int, height: int) -> bytes:
    """A WebP whose extended header claims this size."""
    good = saved(portrait(), "WEBP", lossless=True)
    canvas = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x00\0\0\0" + canvas + good[12:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


def animated(kind: str, frames: int, **options: Any) -> bytes:
    """Many frames; the first one is what counts."""
    pictures = [Image.new("RGB", (24, 24), (n % 256, 0, 255 - n % 256)) for n in range(frames)]
    return saved(pictures[0], kind, save_all=True, append_images=pictures[1:], duration=20, **options)


def zipped() -> bytes:
    """A zip file with one text in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("note.txt", MARKER)
    return buffer.getvalue()


def riff(body: bytes) -> bytes:
    """A RIFF container that says WebP."""
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _exif(orientation: int = 6) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = MARKER.decode()
    return exif.tobytes()


def _broken_checksum() -> bytes:
    data = bytearray(saved(portrait()))
    data[29] ^= 0xFF
    return bytes(data)


def _flipped(data: bytes, every: int) -> bytes:
    return bytes(
        byte ^ (1 << index % 8) if index > 40 and index % every == 0 else byte for index, byte in enumerate(data)
    )


Make = Callable[[], bytes]

BAD: dict[str, Make] = {
    "PNG of 65,535 pixels a side": lambda: png(65_535, 65_535),
    "PNG of 2^31 pixels a side": lambda: png(2**31 - 1, 2**31 - 1),
    "PNG of 20,000 pixels a side, all of them there": lambda: png(
        20_000, 20_000, mode=0, depth=1, body=b"\0" * (2_501 * 20_000)
    ),
    "PNG of no pixels": lambda: png(0, 0),
    "PNG of no height": lambda: png(10, 0),
    "PNG without pixel data": lambda: png(10, 10),
    "PNG with a broken checksum": _broken_checksum,
    "PNG of an unknown colour type": lambda: png(8, 8, mode=5, body=bytes(8 * 25)),
    "PNG of 77 bits": lambda: png(8, 8, depth=77, body=bytes(8 * 25)),
    "PNG cut in its header": lambda: saved(portrait())[:20],
    "PNG signature alone": lambda: PNG_HEAD,
    "PNG with a chunk that claims 2 GB": lambda: PNG_HEAD + struct.pack(">I", 2**31 - 1) + b"IDAT" + bytes(100),
    "JPEG of 65,500 pixels a side": lambda: jpeg_of(65_500, 65_500),
    "JPEG cut after its header": lambda: saved(portrait(), "JPEG")[:30],
    "JPEG signature alone": lambda: b"\xff\xd8\xff\xe0",
    "JPEG of markers without an end": lambda: b"\xff\xd8" + b"\xff\xe1\x00\x02" * 100_000,
    "GIF of 65,535 pixels a side": lambda: gif_of(65_535, 65_535),
    "GIF header alone": lambda: b"GIF89a" + bytes(7),
    "GIF of empty blocks": lambda: b"GIF89a\x08\0\x08\0\0\0\0" + b"\x21\xfe\0" * 100_000,
    "WebP of 16,384 pixels a side": lambda: webp_of(16_384, 16_384),
    "WebP of 2^24 pixels a side": lambda: webp_of(2**24, 2**24),
    "WebP without a picture": lambda: riff(b""),
    "WebP of nonsense": lambda: riff(b"VP8 " + struct.pack("<I", 40) + bytes(40)),
    "WebP cut short": lambda: saved(portrait("RGB", (300, 300)), "WEBP", lossless=True)[:40],
    "RIFF that is a sound": lambda: b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt " + bytes(28),
    "HTML": lambda: b"<!doctype html><title>A portrait</title>",
    "SVG with a script": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "SVG that asks for a file": lambda: b"<svg><image href='file:///etc/hostname'/></svg>",
    "BMP": lambda: saved(portrait(), "BMP"),
    "TIFF": lambda: saved(portrait(), "TIFF"),
    "ICO": lambda: saved(portrait(), "ICO"),
    "PPM": lambda: saved(portrait(), "PPM"),
    "TGA": lambda: saved(portrait(), "TGA"),
    "PDF": lambda: saved(portrait(), "PDF"),
    "EPS": lambda: saved(portrait(), "EPS"),
    "AVIF header": lambda: b"\0\0\0\x1cftypavif\0\0\0\0avifmif1" + bytes(100),
    "JPEG XL header": lambda: b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(100),
    "zip": zipped,
    "gzip": lambda: zlib.compress(bytes(1000), wbits=31),
    "ELF": lambda: b"\x7fELF" + bytes(200),
    "zeros": lambda: bytes(1_000_000),
    "one byte": lambda: b"\x89",
    "picture behind a line of text": lambda: b"portrait:\n" + saved(portrait()),
}
"""No picture of these goes on."""

GOOD: dict[str, Make] = {
    "PNG": lambda: saved(portrait()),
    "PNG, see-through": lambda: saved(portrait("RGBA")),
    "PNG, palette": lambda: saved(portrait("P")),
    "PNG, one bit": lambda: saved(portrait("1")),
    "PNG, grey of 16 bits": lambda: saved(portrait("L").convert("I").point(lambda value: value * 256).convert("I;16")),
    "PNG, interlaced header": lambda: saved(portrait("LA")),
    "PNG of 1 by 30,000": lambda: saved(Image.new("RGB", (1, 30_000))),
    "PNG with text": lambda: png_with(chunk(b"tEXt", b"Comment\0" + MARKER)),
    "PNG with 60 MB of packed text": lambda: png_with(
        b"".join(chunk(b"zTXt", b"a%d\0\0" % n + zlib.compress(b"x" * 1_000_000)) for n in range(60))
    ),
    "PNG with a packed profile of 50 MB": lambda: png_with(
        chunk(b"iCCP", b"p\0\0" + zlib.compress(MARKER + bytes(50_000_000)))
    ),
    "PNG with EXIF": lambda: saved(portrait(), exif=_exif()),
    "PNG with a zip behind it": lambda: saved(portrait()) + zipped(),
    "PNG with a script behind it": lambda: saved(portrait()) + b"<script>" + MARKER + b"</script>",
    "PNG of two hundred frames": lambda: animated("PNG", 200),
    "JPEG": lambda: saved(portrait(), "JPEG"),
    "JPEG, progressive": lambda: saved(portrait(), "JPEG", progressive=True),
    "JPEG in four inks": lambda: saved(portrait("CMYK"), "JPEG"),
    "JPEG with a comment": lambda: jpeg_with(0xFE, MARKER),
    "JPEG with EXIF": lambda: saved(portrait(), "JPEG", exif=_exif()),
    "JPEG with broken EXIF": lambda: jpeg_with(0xE1, b"Exif\0\0MM\0*\xff\xff\xff\xff" + MARKER),
    "JPEG with 1 MB of segments": lambda: jpeg_with(0xEF, MARKER * 4_000),
    "JPEG with a page behind it": lambda: saved(portrait(), "JPEG") + b"<html>" + MARKER,
    "GIF": lambda: saved(portrait("P"), "GIF"),
    "GIF with a comment": lambda: saved(portrait("P"), "GIF", comment=MARKER),
    "GIF of two thousand frames": lambda: animated("GIF", 2_000),
    "GIF with a script behind it": lambda: saved(portrait("P"), "GIF") + b"*/=1;" + MARKER,
    "WebP": lambda: saved(portrait(), "WEBP"),
    "WebP, lossless and see-through": lambda: saved(portrait("RGBA"), "WEBP", lossless=True),
    "WebP with EXIF and XMP": lambda: saved(portrait(), "WEBP", exif=_exif(), xmp=MARKER),
    "WebP of three hundred frames": lambda: animated("WEBP", 300),
}
"""Odd, and pictures all the same: what they show goes on, and nothing else of them."""

EITHER: dict[str, Make] = {
    "PNG with flipped bits": lambda: _flipped(saved(portrait()), 97),
    "JPEG with flipped bits": lambda: _flipped(saved(portrait("RGB", (300, 300)), "JPEG"), 211),
    "GIF with flipped bits": lambda: _flipped(saved(portrait("P", (300, 300)), "GIF"), 499),
    "WebP with flipped bits": lambda: _flipped(saved(portrait("RGB", (300, 300)), "WEBP"), 97),
    "PNG cut in the middle": lambda: (data := saved(portrait("RGB", (200, 200))))[: len(data) // 2],
    "JPEG cut in the middle": lambda: (data := saved(portrait("RGB", (200, 200)), "JPEG"))[: len(data) // 2],
    "GIF cut in the middle": lambda: (data := saved(portrait("P", (200, 200)), "GIF"))[: len(data) // 2],
    "PNG of 30 megapixels": lambda: png(5_477, 5_477, mode=0, body=bytes(5_478 * 5_477)),
}
"""A decoder may make something of them or not; what matters is that nothing else happens."""
