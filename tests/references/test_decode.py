"""Pictures of every kind go in; clean, small, upright ones come out."""

from __future__ import annotations

import random
import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from cogs.scene_art.domain.painting import Picture
from cogs.scene_art.errors import ReferenceUnavailableError
from cogs.scene_art.references.decode import prepare
from cogs.scene_art.references.encode import MAX_BYTES, MAX_SIDE, fit
from tests.references.support import encoded, failure_of, png


def noise(mode: str, size: tuple[int, int]) -> Image.Image:
    bands = len(Image.new(mode, (1, 1)).getbands())
    return Image.frombytes(mode, size, random.Random(7).randbytes(size[0] * size[1] * bands))  # noqa: S311


def quarters(mode: str = "RGB", side: int = 64) -> Image.Image:
    """Red, green, blue and white from the top left to the bottom right, so that a turn is seen."""
    small = Image.new("RGB", (2, 2))
    small.putdata([(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)])
    return small.resize((side * 2, side), Image.Resampling.NEAREST).convert(mode)


def opened(picture: Picture) -> Image.Image:
    """The file as a fresh reader sees it, checked against what is said about it."""
    data = picture.path.read_bytes()
    assert len(data) <= MAX_BYTES
    image = Image.open(BytesIO(data))
    image.load()
    assert image.get_format_mimetype() == picture.mime
    assert image.size == (picture.width, picture.height)
    assert max(image.size) <= MAX_SIDE
    assert image.mode in {"RGB", "RGBA"}
    return image


def near(image: Image.Image, at: tuple[int, int], colour: tuple[int, ...], tolerance: int = 12) -> bool:
    pixel = image.getpixel(at)
    assert isinstance(pixel, tuple)
    return all(abs(int(a) - b) <= tolerance for a, b in zip(pixel, colour, strict=True))


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "L"), ("PNG", "LA"), ("PNG", "1"), ("JPEG", "RGB"),
     ("JPEG", "L"), ("JPEG", "CMYK"), ("WEBP", "RGB"), ("WEBP", "RGBA"), ("GIF", "P")],
)  # fmt: skip
def test_every_kind_keeps_its_colours(tmp_path: Path, kind: str, mode: str) -> None:
    source = quarters(mode)
    image = opened(prepare(encoded(source, kind), tmp_path))
    assert image.size == (128, 64)
    expected = source.convert("RGB").getpixel((5, 5))
    assert isinstance(expected, tuple)
    assert near(image.convert("RGB"), (5, 5), expected)


def test_other_kinds_and_pages_are_refused(tmp_path: Path) -> None:
    bmp, tiff = encoded(quarters(), "BMP"), encoded(quarters(), "TIFF")
    for data in (b"", b"<html></html>", bmp, tiff, b"<svg/>", b"%PDF-1.7", b"RIFF1234WAVE", b"GIF88a"):
        with pytest.raises(ReferenceUnavailableError, match="not a PNG"):
            prepare(data, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_sixteen_bit_greys_keep_their_shades(tmp_path: Path) -> None:
    grey = Image.new("I;16", (64, 64), 0x8000)
    assert near(opened(prepare(encoded(grey), tmp_path)), (3, 3), (128, 128, 128), 2)


def test_the_first_frame_of_an_animation_counts(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue", "green")]
    for kind in ("GIF", "WEBP", "PNG"):
        data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)
        assert near(opened(prepare(data, tmp_path)).convert("RGB"), (5, 5), (255, 0, 0))


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_transparency_of_a_palette_is_kept(tmp_path: Path, kind: str) -> None:
    image = Image.new("P", (16, 16), 0)
    image.putpalette([255, 0, 255, 0, 200, 0])
    image.paste(1, (4, 4, 12, 12))
    result = opened(prepare(encoded(image, kind, transparency=0), tmp_path))
    assert result.format == "PNG"
    assert result.convert("RGBA").getchannel("A").getextrema() == (0, 255)
    assert result.convert("RGBA").getpixel((8, 8)) == (0, 200, 0, 255)


def test_alpha_that_hides_nothing_is_dropped(tmp_path: Path) -> None:
    image = noise("RGB", (300, 300)).convert("RGBA")
    assert prepare(encoded(image), tmp_path).mime == "image/jpeg"


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_photographs_stand_upright(tmp_path: Path, kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright = quarters(side=800)
    inverse = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]
    stored = upright if inverse is None else upright.transpose(Image.Transpose(inverse))
    result = opened(prepare(encoded(stored, kind, exif=exif), tmp_path)).convert("RGB")
    assert result.size == (1536, 768)
    assert near(result, (10, 10), (255, 0, 0))
    assert near(result, (1500, 10), (0, 255, 0))
    assert near(result, (10, 750), (0, 0, 255))
    assert 0x0112 not in result.getexif()


# Pillow warns of it and reads on; warnings are errors in our tests only.
@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_a_broken_orientation_costs_no_picture(tmp_path: Path) -> None:
    data = encoded(quarters(), "JPEG", exif=b"Exif\x00\x00MM\x00\x2a\xff\xff\xff\xff")
    assert opened(prepare(data, tmp_path)).size == (128, 64)


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 2), (1536, 1536), (1537, 3)])
def test_odd_sizes(tmp_path: Path, size: tuple[int, int]) -> None:
    picture = prepare(png("red", size), tmp_path)
    assert opened(picture).size == fit(size)


@given(st.tuples(st.integers(1, 70_000), st.integers(1, 70_000)))
def test_scaled_sizes_are_always_sound(size: tuple[int, int]) -> None:
    width, height = fit(size)
    assert min(width, height) >= 1
    assert max(width, height) == min(max(size), MAX_SIDE)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_the_noisiest_picture_fits_into_a_megabyte(tmp_path: Path, mode: str) -> None:
    opened(prepare(encoded(noise(mode, (1600, 1500)), "PNG", compress_level=0), tmp_path))


def test_pixel_art_keeps_every_pixel(tmp_path: Path) -> None:
    art = noise("L", (48, 64)).point(lambda value: value // 32 * 32).convert("P")
    picture = prepare(encoded(art), tmp_path)
    assert picture.mime == "image/png"
    assert opened(picture).convert("RGB").tobytes() == art.convert("RGB").tobytes()


def test_a_photograph_becomes_a_jpeg(tmp_path: Path) -> None:
    assert prepare(encoded(noise("RGB", (500, 400)), "WEBP"), tmp_path).mime == "image/jpeg"


def test_nothing_but_pixels_survives(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "SECRET"
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "SECRET")
    notes.add_itxt("More", "SECRET")
    source = noise("RGB", (300, 300))
    tail = b"PK\x03\x04 SECRET"
    for data in (
        encoded(source, "JPEG", exif=exif, comment="SECRET", icc_profile=b"SECRET" * 50) + tail,
        encoded(source, "PNG", exif=exif, pnginfo=notes, icc_profile=b"SECRET" * 50) + tail,
        encoded(source, "WEBP", exif=exif, xmp=b"SECRET", icc_profile=b"SECRET" * 50),
        encoded(quarters(), "GIF", comment=b"SECRET") + tail,
    ):
        picture = prepare(data, tmp_path)
        assert b"SECRET" not in picture.path.read_bytes()
        assert not set(opened(picture).info) & {"exif", "comment", "icc_profile", "Comment", "xmp"}


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def giant(kind: str) -> bytes:
    """A small file whose header promises far too many pixels."""
    if kind == "PNG":
        header = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
        return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"x")) + chunk(b"IEND", b"")
    if kind == "PNG just over":
        return encoded(Image.new("1", (8001, 4000)))
    if kind == "PNG with a warning":
        return encoded(Image.new("1", (10_000, 10_000)))
    if kind == "GIF":
        return b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0, 0, 0) + encoded(quarters(), "GIF")[13:]
    if kind == "JPEG":
        data = bytearray(encoded(quarters(), "JPEG"))
        at = data.index(b"\xff\xc0") + 5
        data[at : at + 4] = b"\xff\xff\xff\xff"
        return bytes(data)
    data = bytearray(encoded(quarters("RGBA"), "WEBP", lossless=kind == "WEBP lossless", exif=kind.encode()))
    data[24:30] = b"\xff\x3f\x00\xff\x3f\x00"
    return bytes(data)


@pytest.mark.parametrize("kind", ["PNG", "PNG just over", "PNG with a warning", "GIF", "JPEG", "WEBP", "WEBP lossless"])
def test_giants_are_refused_before_they_unfold(tmp_path: Path, kind: str) -> None:
    with pytest.raises(ReferenceUnavailableError, match="megapixels") as caught:
        prepare(giant(kind), tmp_path)
    assert caught.value.sentence == "A reference picture is too large. Try a smaller one."


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_pictures_that_are_cut_short_are_refused(tmp_path: Path, kind: str) -> None:
    data = encoded(noise("RGB", (64, 64)), kind)
    for length in (12, 20, 30, len(data) // 2, len(data) * 9 // 10):
        with pytest.raises(ReferenceUnavailableError):
            prepare(data[:length], tmp_path)
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(["PNG", "JPEG", "WEBP", "GIF"]), at=st.integers(8, 400), junk=st.binary(max_size=8))
def test_damaged_pictures_are_read_or_refused(tmp_path: Path, kind: str, at: int, junk: bytes) -> None:
    data = encoded(quarters(), kind)
    damaged = data[:at] + junk + data[at + len(junk) :]
    error = failure_of(lambda: opened(prepare(damaged, tmp_path)))
    assert error is None or error.sentence.startswith("A reference")


def test_the_same_pixels_share_a_file(tmp_path: Path) -> None:
    first = prepare(png("red"), tmp_path / "new")
    again = prepare(encoded(Image.new("RGBA", (8, 8), "red")), tmp_path / "new")
    assert first == again
    assert prepare(png("blue"), tmp_path / "new").path != first.path
    assert len(list((tmp_path / "new").iterdir())) == 2


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ReferenceUnavailableError, match="cannot be written"):
        prepare(png(), tmp_path / "file")
