"""The last step before posting: keep the painter's own bytes if they fit the upload limit, else re-encode them."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator

from PIL import Image

from ..domain.file_types import FILE_TYPES
from ..domain.painting import Painting, digest_of
from ..errors import NoImageError

_FORMATS = {kind.pillow_format: mime for mime, kind in FILE_TYPES.items()}
MAX_PIXELS = 64_000_000


def fit(painting: Painting, upload_limit: int) -> Painting:
    """Return `painting` if it is a valid PNG, JPEG or WebP of at most `upload_limit` bytes, else a smaller one.

    Tried in this order: WebP, JPEG, JPEG at ever smaller sizes. Blocking. The returned mime, width and height are
    those of the file, as are size and digest.

    Raises:
        NoImageError: the bytes are no picture.
    """
    found, width, height = _examine(painting.data)
    if found and len(painting.data) <= upload_limit:
        return _described(painting, painting.data, found, (width, height))
    if width * height > MAX_PIXELS:
        raise NoImageError(f"the painter's picture is too large to re-encode ({width} x {height})")
    return _smaller(painting, upload_limit)


@contextlib.contextmanager
def _opened(data: bytes) -> Iterator[Image.Image]:
    """Open the picture in `data`. Any error of its decoder, or within the block, becomes a `NoImageError`."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            yield image
    except Exception as exc:  # noqa: BLE001  # Pillow's decoders raise anything for a broken file
        raise NoImageError(f"the painter's answer is no picture ({type(exc).__name__})") from None


def _examine(data: bytes) -> tuple[str | None, int, int]:
    """Check the file, and return its mime type, width and height. The type is None for a kind that is not posted."""
    with _opened(data) as image:
        # Only padding may follow the end-of-image marker.
        if image.format == "JPEG" and b"\xff\xd9" not in data[-64:]:
            raise ValueError("a JPEG that ends in the middle, which verify() does not see")
        image.verify()
        return _FORMATS.get(image.format or ""), image.width, image.height


def _smaller(painting: Painting, upload_limit: int) -> Painting:
    with _opened(painting.data) as opened:
        image = opened.convert("RGBA" if "A" in opened.getbands() else "RGB")
    steps = _steps(image)
    data, mime, made = next(steps)
    while len(data) > upload_limit and (smaller := next(steps, None)):
        data, mime, made = smaller
    return _described(painting, data, mime, made.size)


def _described(painting: Painting, data: bytes, mime: str, side: tuple[int, int]) -> Painting:
    facts = {"data": data, "mime": mime, "width": side[0], "height": side[1]}
    return painting.model_copy(update={**facts, "size": len(data), "digest": digest_of(data)})


def _steps(image: Image.Image) -> Iterator[tuple[bytes, str, Image.Image]]:
    """Yield encodings as (file, mime type, pixels), each smaller than the one before."""
    # libwebp gives up on some large noisy pictures; Pillow says so with one of these two.
    with contextlib.suppress(OSError, ValueError):
        # method 0: four times faster than the default for a few percent more bytes.
        yield _encode(image, "WEBP", quality=90, method=0), "image/webp", image
    flat = image
    if image.mode == "RGBA":
        flat = Image.new("RGB", image.size, "black")
        flat.paste(image, mask=image.getchannel("A"))
    for quality in (90, 75):
        yield _encode(flat, "JPEG", quality=quality), "image/jpeg", flat
    while max(flat.size) > 256:
        flat = flat.resize((max(1, flat.width * 2 // 3), max(1, flat.height * 2 // 3)), Image.Resampling.LANCZOS)
        yield _encode(flat, "JPEG", quality=75), "image/jpeg", flat


def _encode(image: Image.Image, form: str, **options: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()
