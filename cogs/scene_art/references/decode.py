"""Decodes pictures of unknown origin and keeps nothing but their pixels. Blocking: call it in a thread.

Pillow gets only the parts that `containers` keeps of a file, and only when the `Budget` has the memory for it. Large
pictures are scaled down in bands, so that no second one of full size is made.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import BufferedReader, BytesIO
from math import ceil
from pathlib import Path
from typing import Final

from PIL import Image

from ..domain.painting import Picture
from ..errors import ReferenceUnavailableError
from .anatomy import Anatomy, PiecesFile
from .containers import take_apart
from .encode import MAX_SIDE, encoded, fit, store
from .problems import NOT_A_PICTURE, TOO_LARGE, LastingProblemError, named

log = logging.getLogger(__name__)

Hold = Callable[[int], AbstractContextManager[None]]
"""Reserves so many bytes of memory within a `with` block, as `Budget.hold` does."""

MOST_BYTES: Final = 176_000_000
"""Enough for a PNG of 32 megapixels or a WebP of 9; together with the rest of a process below 250 MB."""
_LARGEST_FILE: Final = 32 * 1024 * 1024
"""Most bytes of a local picture. Those are the operator's own, so they may be larger than a fetched one."""
_MOST_PIXELS: Final = 64_000_000
"""Pixels of the largest picture that is posted. A JPEG may be larger, since it is decoded at a fraction of its size."""
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


class Budget:
    """A limit on the memory of all pictures that threads decode at the same time."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = self._free = most_bytes
        self._changed = threading.Condition()

    @contextmanager
    def hold(self, need_bytes: int) -> Iterator[None]:
        """Reserve so many bytes within the `with` block. Blocks until they are free.

        Raises:
            ReferenceUnavailableError: `need_bytes` exceeds the whole budget.
        """
        if need_bytes > self._most:
            raise LastingProblemError(f"it takes {need_bytes // 1_000_000} MB to open", sentence=TOO_LARGE)
        with self._changed:
            self._changed.wait_for(lambda: self._free >= need_bytes)
            self._free -= need_bytes
        try:
            yield
        finally:
            with self._changed:
                self._free += need_bytes
                self._changed.notify_all()


def prepare(data: bytes, folder: Path, hold: Hold | None = None) -> Picture:
    """Write the first frame of a PNG, JPEG, WebP or GIF as a new file: upright, scaled down, without metadata.

    The file's name is its content's hash. Waits for memory with `hold`; without it the picture may take a whole budget.

    Raises:
        ReferenceUnavailableError: `data` is no such picture, or broken, or has more than 32 megapixels, or takes
            more memory than the whole budget.
    """
    anatomy = _anatomy(data)
    with (hold or Budget().hold)(memory_needed(anatomy, len(data))):
        try:
            pixels = _pixels(anatomy)
        except Exception as exc:
            raise _broken(anatomy.kind, exc) from exc
        return store(pixels, folder)


def prepare_file(path: Path, folder: Path, hold: Hold) -> Picture:
    """Prepare a local file's picture as `prepare` does. Errors name the file."""
    try:
        data = path.read_bytes()
    except OSError as exc:
        raise _unreadable(path, exc) from exc
    with named(path.name):
        return prepare(data, folder, hold)


def stamp(path: Path) -> tuple[int, int]:
    """Return a file's size in bytes and time of change in nanoseconds, which together identify its content.

    Raises:
        ReferenceUnavailableError: there is no such file, or it is too large.
    """
    try:
        status = path.stat()
    except (OSError, ValueError) as exc:
        raise _unreadable(path, exc) from exc
    if status.st_size > _LARGEST_FILE:
        raise LastingProblemError(f"{path.name}: more than {_LARGEST_FILE} bytes", sentence=TOO_LARGE)
    return status.st_size, status.st_mtime_ns


def small_copy(picture: bytes) -> bytes:
    """Make a copy, of at most 1,536 px, of a picture of our own; empty where that can be opened itself, or not at all.

    A WebP of 5504 x 3072 takes 278 MB to open. As a reference it is refused, so our own could not be varied.
    """
    try:
        return b"" if _opens(picture) else _copied(picture)
    except Exception as exc:  # noqa: BLE001  # the picture is paid for: a copy is help, never an obstacle
        log.warning("A small copy of a picture could not be made: %s", type(exc).__name__)
        return b""


def _opens(data: bytes) -> bool:
    """Tell whether `prepare` would accept the picture, judged by its header."""
    try:
        return memory_needed(_anatomy(data), len(data)) <= MOST_BYTES
    except LastingProblemError:
        return False


def _copied(picture: bytes) -> bytes:
    with Image.open(BytesIO(picture)) as image:
        if image.format != "JPEG" and image.width * image.height > _MOST_PIXELS:
            return b""
        image.draft("RGB", (MAX_SIDE, MAX_SIDE))
        image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
        _, data, _ = encoded(image.convert("RGBA" if image.has_transparency_data else "RGB"))
        return data


def _anatomy(data: bytes) -> Anatomy:
    try:
        return take_apart(data)
    except LastingProblemError:
        raise
    except Exception as exc:
        raise _broken("damaged", exc) from exc


def _broken(kind: str, error: Exception) -> LastingProblemError:
    # Pillow's readers raise nearly anything on a broken file: SyntaxError, struct.error, KeyError ...
    return LastingProblemError(f"a broken {kind} picture ({type(error).__name__})", sentence=NOT_A_PICTURE)


def _unreadable(path: Path, error: Exception) -> ReferenceUnavailableError:
    reason = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
    return ReferenceUnavailableError(f"{path.name}: cannot be read ({reason})")


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
    if pixels.mode != "RGB":
        pixels = pixels.convert("RGBA")
        is_opaque = pixels.getchannel("A").getextrema() == (255, 255)
        pixels = pixels.convert("RGB") if is_opaque else pixels
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
        # Mixing pixels needs colours weighted by their alpha; without mixing, weighting would only round them.
        see_through = "RGBA" if image.size == fit(anatomy.size) else "RGBa"
        mode = see_through if image.has_transparency_data else "RGB"
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


def _plain(image: Image.Image, mode: str) -> Image.Image:
    """Convert a band of the decoded picture to one of the modes of `_narrowed`."""
    if image.mode.startswith("I"):
        # 16 bits a pixel: converted directly, everything above 255 would be white.
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return image.convert("RGBA").convert("RGBa") if mode == "RGBa" else image.convert(mode)
