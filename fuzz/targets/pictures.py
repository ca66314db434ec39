"""Reference pictures: `references.decode.prepare`."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from random import Random

from PIL import Image, ImageFilter, PngImagePlugin

from cogs.scene_art.domain.painting import Picture
from cogs.scene_art.errors import ReferenceUnavailableError
from cogs.scene_art.references.anatomy import MAX_PIXELS
from cogs.scene_art.references.decode import prepare
from cogs.scene_art.references.encode import MAX_BYTES, MAX_SIDE

from ..containers import MARKER, mutated_picture
from ..target import Corpus, Target, promise

_KINDS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}
_HARMLESS = {"jfif", "jfif_version", "jfif_unit", "jfif_density", "loop", "background", "timestamp", "duration"}
_SIZES = ((24, 17), (61, 40), (1, 1), (300, 2))


def painted(size: tuple[int, int], mode: str) -> Image.Image:
    """A small picture of many colours, always the same one."""
    dice = Random(f"{size} {mode}")
    noise = Image.frombytes("RGBA", size, dice.randbytes(size[0] * size[1] * 4))
    smooth = noise.filter(ImageFilter.BoxBlur(2)) if min(size) > 4 else noise
    return smooth.convert("RGB").quantize(16) if mode == "P" else smooth.convert(mode)


def corpus(_: Path) -> Corpus:
    """Small pictures of every kind and mode that we read, with the marker wherever a file can hold words."""
    files = []
    for size in _SIZES:
        files += [_png(painted(size, mode)) for mode in ("RGB", "RGBA", "P", "L", "1", "I;16", "LA")]
        files += [_saved(painted(size, "RGB"), "PNG", exif=_exif(), icc_profile=MARKER * 9)]
        files += [_jpeg(painted(size, mode), progressive) for mode in ("RGB", "L", "CMYK") for progressive in (0, 1)]
        files += [_webp(painted(size, mode), lossless) for mode in ("RGB", "RGBA") for lossless in (0, 1)]
        files += [_gif(size, frames) for frames in (1, 3)]
    large = painted((40, 30), "RGB").resize((2000, 1500))
    # A bomb: 40 megapixels of one colour are some kilobytes.
    bomb = _saved(Image.new("1", (8_000, 5_000)), "PNG", optimize=True)
    return [*files, _jpeg(large, 0), bomb, *(file + MARKER for file in files[:: len(files) // 8])]


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = MARKER.decode()
    return exif


def _png(image: Image.Image) -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", MARKER.decode())
    texts.add_itxt("XML:com.adobe.xmp", MARKER.decode(), zip=False)
    return _saved(image, "PNG", pnginfo=texts)


def _jpeg(image: Image.Image, progressive: int) -> bytes:
    return _saved(
        image, "JPEG", exif=_exif(), comment=MARKER, icc_profile=MARKER * 9, xmp=MARKER, progressive=bool(progressive)
    )


def _webp(image: Image.Image, lossless: int) -> bytes:
    return _saved(image, "WEBP", lossless=bool(lossless), exif=_exif(), xmp=MARKER, icc_profile=MARKER * 9)


def _gif(size: tuple[int, int], frames: int) -> bytes:
    first, *others = (painted((size[0], size[1]), "P").rotate(90 * turn) for turn in range(frames))
    return _saved(first, "GIF", save_all=True, append_images=others, comment=MARKER, duration=50)


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def mutate(dice: Random, corpus: Corpus) -> bytes:
    """A broken file."""
    return mutated_picture(dice, dice.choice(corpus), corpus)


def trial(data: bytes, folder: Path) -> bool:
    """Refused, or a new file with nothing in it but pixels."""
    try:
        picture = prepare(data, folder)
    except ReferenceUnavailableError:
        promise(not list(folder.iterdir()), "a refusal leaves no file behind")
        return False
    try:
        promise(_pixels_said(data) <= MAX_PIXELS, "a bomb is not opened")
        _check(picture, folder)
    finally:
        picture.path.unlink()
    return True


def _pixels_said(data: bytes) -> int:
    """What Pillow would make room for; 0 when it cannot tell before `prepare` has put the file in order."""
    try:
        with Image.open(BytesIO(data)) as image:
            return image.width * image.height
    except Exception:  # noqa: BLE001  # its readers raise anything
        return 0


def _check(picture: Picture, folder: Path) -> None:
    written = picture.path.read_bytes()
    promise(picture.path.parent == folder, "the file is in its folder")
    promise(len(written) <= MAX_BYTES and max(picture.width, picture.height) <= MAX_SIDE, "the file is bounded")
    promise(MARKER not in written, "nothing of the metadata is kept")
    with Image.open(BytesIO(written), formats=[_KINDS[picture.mime]]) as image:
        image.load()
        promise(image.size == (picture.width, picture.height), "the size is the file's")
        promise(set(image.info) <= _HARMLESS, f"the file says nothing about itself: {sorted(image.info)}")
        promise(getattr(image, "n_frames", 1) == 1, "one frame")


PICTURES = Target("pictures", 30, 5.0, corpus, mutate, trial)
