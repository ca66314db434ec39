"""Writes pictures for painters: nothing but pixels, at most 1,536 px and 1 MB, named by their content."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image

from ..domain.file_types import FILE_TYPES
from ..domain.painting import Picture
from ..errors import ReferenceUnavailableError
from ..scratch import write_file

MAX_SIDE: Final = 1536
"""Most pixels on the long side. More would cost bytes and time, and show a painter nothing new."""
MAX_BYTES: Final = 1_000_000
_PALETTE_COLOURS: Final = 256
_SMALL_PIXELS: Final = 128 * 128
_QUALITIES: Final = (90, 82, 72, 60)
# The quick level; Pillow's default takes four times as long for a few per cent.
_PNG_LEVEL: Final = 1
_PNG_LEVEL_FLAT: Final = 6
_PAPER: Final = (255, 255, 255)


def fit(size: tuple[int, int], box: int = MAX_SIDE) -> tuple[int, int]:
    """Scale `size` down, never up, so that its long side is at most `box`, and no side below 1."""
    width, height = size
    scale = min(1.0, box / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def store(image: Image.Image, folder: Path) -> Picture:
    """Write `image`, as `encoded`, to a file in `folder`. The same pixels get the same file.

    Raises:
        FolderError: the file cannot be written.
    """
    mime, data, (width, height) = encoded(image)
    path = folder / f"ref-{hashlib.sha256(data).hexdigest()[:32]}.{FILE_TYPES[mime].ending}"
    write_file(path, data)
    return Picture(path=path, mime=mime, width=width, height=height)


def encoded(image: Image.Image) -> tuple[str, bytes, tuple[int, int]]:
    """Encode `image` (RGB or RGBA, of at most `MAX_SIDE`) as PNG, JPEG or WebP of at most `MAX_BYTES`.

    Returns its mime type, the file, and its width and height in pixels.

    A picture of few colours or few pixels becomes a PNG and keeps every pixel; a transparent one a PNG or, when that
    is too large, a WebP; any other a JPEG. A file that is still too large loses quality, then size.
    """
    # The pixels alone: a JPEG's comment, for one, survives convert and save.
    canvas = Image.new(image.mode, image.size)
    canvas.paste(image)
    mime, data = _encode(canvas)
    while len(data) > MAX_BYTES:
        canvas = canvas.resize(fit(canvas.size, max(canvas.size) * 3 // 4), Image.Resampling.LANCZOS)
        mime, data = _encode(canvas)
    return mime, data, canvas.size


def scaled_down(path: Path, side: int, folder: Path) -> Picture:
    """Scale a picture that `store` wrote to at most `side` pixels, on a white background. Blocking.

    Raises:
        ReferenceUnavailableError: the picture cannot be read or written.
    """
    shown = read_prepared(path)
    return store(_on_paper(shown.resize(fit(shown.size, side), Image.Resampling.LANCZOS)), folder)


def read_prepared(path: Path) -> Image.Image:
    """Read a picture that `store` wrote, as RGBA.

    Raises:
        ReferenceUnavailableError: it cannot be read.
    """
    try:
        with Image.open(path, formats=("PNG", "JPEG", "WEBP")) as image:
            return image.convert("RGBA")
    except (OSError, ValueError, SyntaxError) as exc:
        raise ReferenceUnavailableError(f"a prepared picture cannot be read ({type(exc).__name__})") from exc


def _on_paper(image: Image.Image) -> Image.Image:
    """Put an RGBA picture on a white background."""
    paper = Image.new("RGB", image.size, _PAPER)
    paper.paste(image, mask=image.getchannel("A"))
    return paper


def _encode(image: Image.Image) -> tuple[str, bytes]:
    """Encode in the best form that fits, or in the smallest one when none does."""
    for mime, data in _forms(image):
        if len(data) <= MAX_BYTES:
            return mime, data
    return mime, data


def _forms(image: Image.Image) -> Iterator[tuple[str, bytes]]:
    """Yield encodings as (mime type, file): the best one first, the smallest one last."""
    flat = image.getcolors(_PALETTE_COLOURS) is not None
    see_through = image.mode == "RGBA"
    if flat or see_through or image.width * image.height <= _SMALL_PIXELS:
        yield "image/png", _saved(image, "PNG", compress_level=_PNG_LEVEL_FLAT if flat else _PNG_LEVEL)
    if see_through:
        # libwebp gives up on some large noisy pictures ("encoding error 6").
        with suppress(OSError, ValueError):
            for quality in _QUALITIES:
                yield "image/webp", _saved(image, "WEBP", quality=quality, method=2)
    opaque = _on_paper(image) if see_through else image
    for quality in _QUALITIES:
        yield "image/jpeg", _saved(opaque, "JPEG", quality=quality)


def _saved(image: Image.Image, kind: str, **options: int) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
