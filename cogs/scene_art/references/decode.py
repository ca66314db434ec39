"""Takes pictures of unknown origin apart and keeps their pixels. Blocking: call it in a thread."""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image

from ..errors import ReferenceUnavailableError
from ..painters import Picture
from .encode import fit, store
from .problems import NOT_A_PICTURE, TOO_LARGE, LastingProblemError

MAX_PIXELS: Final = 32_000_000
_ORIENTATION_TAG: Final = 0x0112
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def prepare(data: bytes, folder: Path) -> Picture:
    """The first frame of a PNG, JPEG, WebP or GIF as a new file: upright, shrunk, without metadata.

    The kind is told by the first bytes alone. The file's name is its content's hash.

    Raises:
        ReferenceUnavailableError: not such a picture, a broken one, or one of more than 32 megapixels.
    """
    kind = sniff(data)
    if kind is None:
        raise LastingProblemError(f"{len(data)} bytes that are not a PNG, JPEG, WebP or GIF", sentence=NOT_A_PICTURE)
    try:
        pixels = _pixels(data, kind)
    except ReferenceUnavailableError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many(kind) from None
    except Exception as exc:
        # Pillow's readers raise nearly anything on a broken file: SyntaxError, struct.error, KeyError ...
        raise LastingProblemError(f"a broken {kind} picture ({type(exc).__name__})", sentence=NOT_A_PICTURE) from exc
    return store(pixels, folder)


def sniff(data: bytes) -> str | None:
    """Pillow's name of the format, or None for everything that we do not open."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    return None


def _pixels(data: bytes, kind: str) -> Image.Image:
    """RGB or RGBA, upright and of at most 1,536 px."""
    # Pillow's WebP reader makes room for the whole canvas while it opens the file, so that one is measured
    # before; the others decode nothing until they are asked for pixels.
    if kind == "WEBP":
        _check_size(_webp_size(data), kind)
    with Image.open(BytesIO(data), formats=(kind,)) as image:
        _check_size(image.size, kind)
        size = fit(image.size)
        # A JPEG is decoded at 1/2, 1/4 or 1/8 when that is still twice of what is needed.
        image.draft(None, (size[0] * 2, size[1] * 2))
        image.load()
        turn = _UPRIGHT.get(_orientation(image))
        pixels = _plain(image)
    if pixels.size != size:
        pixels = pixels.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return pixels.transpose(turn) if turn is not None else pixels


def _check_size(size: tuple[int, int], kind: str) -> None:
    if size[0] * size[1] > MAX_PIXELS:
        raise _too_many(kind)


def _too_many(kind: str) -> LastingProblemError:
    return LastingProblemError(
        f"a {kind} picture of more than {MAX_PIXELS // 1_000_000} megapixels", sentence=TOO_LARGE
    )


def _webp_size(data: bytes) -> tuple[int, int]:
    """What the first chunk says; raises `struct.error` when it is cut short."""
    chunk = data[12:16]
    if chunk == b"VP8X":
        width, width_high, height, height_high = struct.unpack_from("<HBHB", data, 24)
        return (width | width_high << 16) + 1, (height | height_high << 16) + 1
    if chunk == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF


def _orientation(image: Image.Image) -> int:
    """1 to 8; 1 (upright) when the EXIF block is missing, and when it is broken, which costs no picture."""
    try:
        value = image.getexif().get(_ORIENTATION_TAG, 1)
    except Exception:  # noqa: BLE001 - as above, and a broken note is no reason to lose the picture
        return 1
    return value if isinstance(value, int) else 1


def _plain(image: Image.Image) -> Image.Image:
    """The picture as RGBA when any of it is see-through, else as RGB."""
    if image.mode.startswith("I"):
        # 16 bits a pixel: converted directly, everything above 255 would be white.
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    pixels = image.convert("RGBA")
    opaque = pixels.getchannel("A").getextrema() == (255, 255)
    return pixels.convert("RGB") if opaque else pixels
