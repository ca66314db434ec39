"""Decodes pictures of unknown origin and keeps nothing but their pixels. Blocking: call it in a thread.

Pillow gets only the parts that `containers` keeps of a file, and only when the `Budget` has the memory for it. Large
pictures are scaled down in bands, so that no second one of full size is made.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BufferedReader
from math import ceil
from pathlib import Path
from typing import Final

from PIL import Image

from ..domain.painting import Picture
from .anatomy import Anatomy, TooLargeError
from .budget import MOST_BYTES, Budget
from .containers import take_apart
from .encode import fit, store
from .pieces import PiecesFile
from .problems import NOT_A_PICTURE, TOO_LARGE, LastingProblemError

Begun = Callable[[], None]
"""Called when the wait is over and the work begins."""

_BAND_PIXELS: Final = 500_000
_PLAIN_PIXEL_BYTES: Final = 4
"""Pillow stores RGB in four bytes, as RGBA."""
_GENEROUS_BYTES: Final = 40_000_000
"""Up to here a JPEG is decoded at twice the needed size, beyond it at the needed size or the next larger one."""
_BAND_COPIES: Final = 3
_OUTPUT_COPIES: Final = 5
"""Copies of the output: rotated, on a fresh canvas, in the encoder, and encoded."""
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def prepare(data: bytes, folder: Path, budget: Budget | None = None, begun: Begun = lambda: None) -> Picture:
    """Write the first frame of a PNG, JPEG, WebP or GIF as a new file: upright, scaled down, without metadata.

    The kind is recognized by the first bytes alone. The file's name is its content's hash. Waits for memory in
    `budget`, and then calls `begun`.

    Raises:
        ReferenceUnavailableError: `data` is no such picture, or broken, or has more than 32 megapixels, or takes
            more memory than the whole budget.
    """
    anatomy = _anatomy(data)
    if anatomy is None:
        raise LastingProblemError(f"{len(data)} bytes that are not a PNG, JPEG, WebP or GIF", sentence=NOT_A_PICTURE)
    with (budget or Budget()).hold(memory_needed(anatomy, len(data))):
        begun()
        try:
            pixels = _pixels(anatomy)
        except Exception as exc:
            raise _broken(anatomy.kind, exc) from exc
        return store(pixels, folder)


def opens(data: bytes) -> bool:
    """Tell whether `prepare` would accept the picture, judged by its header."""
    try:
        anatomy = _anatomy(data)
    except LastingProblemError:
        return False
    return anatomy is not None and memory_needed(anatomy, len(data)) <= MOST_BYTES


def _anatomy(data: bytes) -> Anatomy | None:
    try:
        return take_apart(data)
    except TooLargeError as exc:
        raise LastingProblemError(str(exc), sentence=TOO_LARGE) from exc
    except Exception as exc:
        raise _broken("damaged", exc) from exc


def _broken(kind: str, error: Exception) -> LastingProblemError:
    # Pillow's readers raise nearly anything on a broken file: SyntaxError, struct.error, KeyError ...
    return LastingProblemError(f"a broken {kind} picture ({type(error).__name__})", sentence=NOT_A_PICTURE)


def memory_needed(anatomy: Anatomy, file_bytes: int) -> int:
    """Return an upper bound of the memory for preparing a picture, in bytes, including the file itself."""
    size = fit(anatomy.size)
    width, height = _drafted(anatomy)
    decoded = width * height * anatomy.pixel_bytes + file_bytes
    output = size[0] * size[1] * _PLAIN_PIXEL_BYTES * _OUTPUT_COPIES
    middle = size[0] * ceil(height / _thinning(height, size[1])) * _PLAIN_PIXEL_BYTES
    band = width * min(height, _band_rows(width, _thinning(height, size[1]))) * _PLAIN_PIXEL_BYTES * _BAND_COPIES
    return max(decoded + anatomy.loading_bytes, decoded + middle + band, file_bytes + middle + output)


def _pixels(anatomy: Anatomy) -> Image.Image:
    """Decode to RGB or RGBA, upright and of at most 1,536 px."""
    size = fit(anatomy.size)
    narrow = _narrowed(anatomy, size[0])
    # The decoder and its memory are gone. The last averaged row may be filled only in part.
    height = _drafted(anatomy)[1]
    box = (0.0, 0.0, float(size[0]), height / _thinning(height, size[1]))
    pixels = narrow.resize(size, Image.Resampling.LANCZOS, box=box)
    pixels = _without_idle_alpha(pixels.convert("RGBA")) if pixels.mode != "RGB" else pixels
    turn = _UPRIGHT.get(anatomy.orientation)
    return pixels.transpose(turn) if turn is not None else pixels


def _draft_request(anatomy: Anatomy) -> tuple[int, int]:
    """Choose the least size to decode a JPEG at. The decoder takes the smallest of 1, 1/2, 1/4 and 1/8 that has it."""
    width, height = anatomy.size
    size = fit(anatomy.size)
    generous = width * height * anatomy.pixel_bytes + anatomy.loading_bytes <= _GENEROUS_BYTES
    return (size[0] * 2, size[1] * 2) if generous else size


def _drafted(anatomy: Anatomy) -> tuple[int, int]:
    """Return the size at which the picture is decoded."""
    width, height = anatomy.size
    if anatomy.kind != "JPEG":
        return width, height
    request = _draft_request(anatomy)
    wanted = min(width // request[0], height // request[1])
    scale = next((step for step in (8, 4, 2) if wanted >= step), 1)
    return ceil(width / scale), ceil(height / scale)


def _narrowed(anatomy: Anatomy, width: int) -> Image.Image:
    """Decode the picture and scale it to `width`, averaging rows where there are many.

    The mode is RGB, or RGBA when it may be transparent, premultiplied (RGBa) when its size changes. It is done band
    after band: with the height scaled last, these are Pillow's own two steps without a copy of the whole.
    """
    with Image.open(BufferedReader(PiecesFile(anatomy.pieces)), formats=(anatomy.kind,)) as image:
        if image.size != anatomy.size:
            raise ValueError("its size is said in two ways")
        if anatomy.kind == "JPEG":
            image.draft(None, _draft_request(anatomy))
        image.load()
        mode = _mode(image, stays=image.size == fit(anatomy.size))
        thinning = _thinning(image.height, fit(anatomy.size)[1])
        rows = _band_rows(image.width, thinning)
        narrow = Image.new(mode, (width, ceil(image.height / thinning)))
        for top in range(0, image.height, rows):
            band = _plain(image.crop((0, top, image.width, min(top + rows, image.height))), mode)
            band = band.resize((width, band.height), Image.Resampling.LANCZOS)
            narrow.paste(band.reduce((1, thinning)), (0, top // thinning))
        return narrow


def _thinning(height: int, wanted: int) -> int:
    """Return the number of rows that are averaged to one, such that at least 1.5 times the `wanted` rows are left."""
    return max(1, int(height / wanted / 1.5))


def _band_rows(width: int, thinning: int) -> int:
    return thinning * max(1, _BAND_PIXELS // (width * thinning))


def _without_idle_alpha(image: Image.Image) -> Image.Image:
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        return image.convert("RGB")
    return image


def _mode(image: Image.Image, *, stays: bool) -> str:
    if not image.has_transparency_data:
        return "RGB"
    # Mixing pixels needs colours weighted by their alpha; without mixing, weighting would only round them.
    return "RGBA" if stays else "RGBa"


def _plain(image: Image.Image, mode: str) -> Image.Image:
    """Convert a band of the decoded picture to one of the modes of `_mode`."""
    if image.mode.startswith("I"):
        # 16 bits a pixel: converted directly, everything above 255 would be white.
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return image.convert("RGBA").convert("RGBa") if mode == "RGBa" else image.convert(mode)
