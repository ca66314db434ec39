"""The parts of a file that a decoder gets: those that hold pixels, byte for byte, and no others."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from cogs.scene_art.errors import ReferenceUnavailableError
from cogs.scene_art.references.anatomy import PiecesFile, orientation_of
from cogs.scene_art.references.containers import take_apart
from cogs.scene_art.references.decode import MOST_BYTES, Budget, memory_needed, prepare
from tests.references.support import encoded, failure_of, png

MARK = b"MARKED-BY-A-STRANGER"
PICTURE = Image.frombytes("RGB", (90, 60), random.Random(7).randbytes(90 * 60 * 3))  # noqa: S311


def kept(data: bytes) -> bytes:
    return b"".join(take_apart(data).pieces)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_with(kind: bytes, data: bytes, *, late: bool = False) -> bytes:
    whole = encoded(PICTURE)
    at = whole.index(b"IEND") - 4 if late else 33
    return whole[:at] + chunk(kind, data) + whole[at:]


def jpeg_with(marker: int, data: bytes, *, late: bool = False) -> bytes:
    whole = encoded(PICTURE, "JPEG", progressive=True)
    at = whole.rindex(b"\xff\xda") if late else 2
    return whole[:at] + struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data + whole[at:]


def gif_with(label: int, data: bytes) -> bytes:
    whole = encoded(PICTURE.convert("P"), "GIF")
    at = 13 + 3 * 256
    return whole[:at] + bytes([0x21, label, len(data)]) + data + b"\0" + whole[at:]


def webp_with(**options: bytes) -> bytes:
    return encoded(PICTURE, "WEBP", lossless=True, **options)


def webp_with_chunk() -> bytes:
    whole = webp_with(xmp=b"x")
    extra = b"JUNK" + struct.pack("<I", len(MARK)) + MARK + bytes(len(MARK) & 1)
    return whole[:4] + struct.pack("<I", len(whole) - 8 + len(extra)) + whole[8:] + extra


def animated(kind: str) -> bytes:
    later = Image.new("RGB", PICTURE.size, "blue")
    return encoded(
        PICTURE,
        kind,
        save_all=True,
        append_images=[later],
        duration=9,
        **({"lossless": True} if kind == "WEBP" else {}),
    )


EXIF = Image.Exif()
EXIF[0x010E] = MARK.decode()
NOTE = PngImagePlugin.PngInfo()
NOTE.add_text("Comment", MARK.decode())
MARKED: dict[str, Callable[[], bytes]] = {
    "PNG tEXt": lambda: png_with(b"tEXt", b"Comment\0" + MARK),
    "PNG tEXt, late": lambda: png_with(b"tEXt", b"Comment\0" + MARK, late=True),
    "PNG zTXt": lambda: png_with(b"zTXt", b"Comment\0\0" + zlib.compress(MARK)),
    "PNG iTXt": lambda: png_with(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + MARK),
    "PNG iCCP": lambda: png_with(b"iCCP", MARK + b"\0\0" + zlib.compress(MARK)),
    "PNG eXIf": lambda: encoded(PICTURE, "PNG", exif=EXIF),
    "PNG of no known kind": lambda: png_with(b"stRa", MARK),
    "PNG tail": lambda: encoded(PICTURE) + MARK,
    "PNG, all by Pillow": lambda: encoded(PICTURE, "PNG", pnginfo=NOTE, exif=EXIF, icc_profile=MARK),
    "JPEG COM": lambda: jpeg_with(0xFE, MARK),
    "JPEG COM, late": lambda: jpeg_with(0xFE, MARK, late=True),
    "JPEG EXIF": lambda: encoded(PICTURE, "JPEG", exif=EXIF),
    "JPEG XMP": lambda: jpeg_with(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + MARK),
    "JPEG ICC": lambda: jpeg_with(0xE2, b"ICC_PROFILE\0\1\1" + MARK),
    "JPEG Photoshop": lambda: jpeg_with(0xED, b"Photoshop 3.0\0" + MARK),
    "JPEG APP9": lambda: jpeg_with(0xE9, MARK, late=True),
    "JPEG tail": lambda: encoded(PICTURE, "JPEG") + MARK,
    "GIF comment": lambda: gif_with(0xFE, MARK),
    "GIF application": lambda: gif_with(0xFF, b"XMP DataXMP" + MARK),
    "GIF plain text": lambda: gif_with(0x01, MARK),
    "GIF tail": lambda: encoded(PICTURE.convert("P"), "GIF") + MARK,
    "WebP EXIF": lambda: webp_with(exif=EXIF.tobytes()),
    "WebP XMP": lambda: webp_with(xmp=MARK),
    "WebP ICC": lambda: webp_with(icc_profile=MARK),
    "WebP of no known kind": webp_with_chunk,
    "WebP tail": lambda: webp_with() + MARK,
}


@pytest.mark.parametrize("name", MARKED)
def test_no_mark_gets_into_the_new_file(name: str, tmp_path: Path) -> None:
    data = MARKED[name]()
    assert MARK in data or name in {"PNG zTXt"}
    clean = {"PNG": encoded(PICTURE), "JPE": encoded(PICTURE, "JPEG", progressive="late" in name or "EXIF" not in name),
             "GIF": encoded(PICTURE.convert("P"), "GIF"), "Web": webp_with()}[name[:3]]  # fmt: skip
    picture = prepare(data, tmp_path / "marked")
    assert MARK not in picture.path.read_bytes()
    if name not in {"JPEG tail"}:
        # The very bytes that the picture without the mark gives.
        assert picture.path.read_bytes() == prepare(clean, tmp_path / "clean").path.read_bytes()


@pytest.mark.parametrize("name", [name for name in MARKED if name != "GIF tail"])
def test_no_mark_even_reaches_a_decoder(name: str) -> None:
    assert MARK not in kept(MARKED[name]())
    assert zlib.compress(MARK) not in kept(MARKED[name]())


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP"])
def test_of_an_animation_the_first_frame_is_kept(kind: str) -> None:
    image = Image.open(io.BufferedReader(PiecesFile(take_apart(animated(kind)).pieces)))
    assert image.convert("RGB").getpixel((0, 0)) != (0, 0, 255)
    if kind != "GIF":
        assert getattr(image, "n_frames", 1) == 1


def test_a_picture_within_a_picture_is_left_out() -> None:
    # As cameras do it: a second JPEG behind the first.
    data = encoded(PICTURE, "JPEG") + encoded(Image.new("RGB", (8, 8)), "JPEG")
    assert kept(data) == kept(encoded(PICTURE, "JPEG"))


def progressive(scans: int) -> bytes:
    data = encoded(PICTURE, "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * scans + data[-2:]


def test_endless_scans_are_refused(tmp_path: Path) -> None:
    assert failure_of(lambda: prepare(progressive(20), tmp_path)) is None
    with pytest.raises(ReferenceUnavailableError, match="broken"):
        prepare(progressive(200), tmp_path)


def test_parts_without_number_are_refused(tmp_path: Path) -> None:
    whole = png()
    with pytest.raises(ReferenceUnavailableError, match="broken"):
        prepare(whole[:33] + chunk(b"stRa", b"") * 150_000 + whole[33:], tmp_path)


@pytest.mark.parametrize("scans", [40, 90])
def test_scans_that_cost_more_than_any_program_writes_are_refused(scans: int) -> None:
    """Each costs the sender three bytes a block and us a walk over all of them."""
    with pytest.raises(ValueError, match="too many scans"):
        take_apart(progressive(scans))


def test_as_many_scans_as_there_may_be_on_a_small_picture_are_too_many_on_a_large_one() -> None:
    data = encoded(Image.new("L", (5_600, 5_600)), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    with pytest.raises(ValueError, match="too many scans"):
        take_apart(data[:-2] + data[last:-2] * 18 + data[-2:])


def test_what_a_pixel_takes_is_said_once_in_a_png() -> None:
    """The first header promises grey, of one byte a pixel; Pillow goes by the second one, of four."""
    grey = encoded(Image.new("L", (90, 60)))
    colour = encoded(Image.new("RGBA", (90, 60)))
    for at in (33, grey.index(b"IEND") - 4):
        with pytest.raises(ValueError, match="several"):
            take_apart(grey[:at] + colour[8:33] + grey[at:])


@pytest.mark.parametrize("options", [{}, {"lossless": True}])
def test_what_a_canvas_takes_is_said_once_in_a_webp(options: dict[str, bool]) -> None:
    whole = bytearray(encoded(PICTURE, "WEBP", xmp=b"x", **options))
    assert take_apart(bytes(whole)).size == PICTURE.size
    whole[24:30] = (0 | 0 << 24).to_bytes(6, "little")  # a canvas of one pixel
    with pytest.raises(ValueError, match="two ways"):
        take_apart(bytes(whole))


@pytest.mark.parametrize("what", ["frame", "pixels", "corner"])
def test_a_frame_of_a_webp_stays_on_its_canvas(what: str) -> None:
    whole = bytearray(animated("WEBP"))
    frame = whole.index(b"ANMF")
    assert take_apart(bytes(whole)).size
    if what == "corner":
        whole[frame + 8 : frame + 11] = (5_000).to_bytes(3, "little")
    elif what == "frame":
        whole[frame + 14 : frame + 17] = (5_000).to_bytes(3, "little")
    else:
        at = whole.index(b"VP8", frame)
        here = at + (14 if whole[at : at + 4] == b"VP8 " else 9)
        whole[here : here + 2] = struct.pack("<H", 5_000)
    with pytest.raises(ValueError, match=r"two ways|beyond"):
        take_apart(bytes(whole))


def test_two_sizes_in_one_file_are_refused(tmp_path: Path) -> None:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 5000, 5000, 8, 2, 0, 0, 0))
    with pytest.raises(ReferenceUnavailableError):
        prepare(png()[:33] + header + png()[33:], tmp_path)
    whole = encoded(PICTURE, "JPEG")
    at = whole.index(b"\xff\xc0")
    second = bytearray(whole[at : at + 19])
    second[5:9] = struct.pack(">HH", 5000, 5000)
    with pytest.raises(ReferenceUnavailableError):
        prepare(whole[:at] + bytes(second) + whole[at:], tmp_path)


@given(st.lists(st.binary(max_size=20), max_size=8), st.lists(st.integers(0, 40), max_size=8))
def test_pieces_read_like_one_file(pieces: list[bytes], reads: list[int]) -> None:
    ours, plain = io.BufferedReader(PiecesFile(pieces)), io.BytesIO(b"".join(pieces))
    for step, count in enumerate(reads):
        if step % 3 == 2:
            assert ours.seek(count) == plain.seek(count)
        assert ours.read(count) == plain.read(count)
        assert ours.tell() == plain.tell()
    assert ours.read() == plain.read()


@given(st.binary(max_size=64))
def test_any_exif_is_upright_or_turned(block: bytes) -> None:
    for data in (block, b"MM\0*" + block, b"Exif\0\0II*\0\x08\0\0\0" + block):
        assert 1 <= orientation_of(data) <= 8


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
@given(at=st.integers(0, 300), junk=st.binary(max_size=12))
def test_any_damage_is_a_known_error(kind: str, at: int, junk: bytes) -> None:
    data = bytearray(animated(kind) if kind != "JPEG" else encoded(PICTURE, kind, exif=EXIF))
    data[at : at + len(junk)] = junk
    with suppress(ReferenceUnavailableError, ValueError, IndexError, struct.error):
        take_apart(bytes(data))


def header_of(kind: str, side: int) -> bytes:
    """A file that promises a square of `side`, with hardly any pixels in it."""
    if kind == "PNG":
        return png()[:16] + struct.pack(">II", side, side) + png()[24:]
    if kind == "GIF":
        still = encoded(PICTURE.convert("P"), "GIF")
        return still[:6] + struct.pack("<HH", side, side) + still[10:]
    if kind == "WEBP":
        whole = bytearray(encoded(PICTURE, "WEBP", xmp=b"x"))
        whole[24:30] = ((side - 1) | (side - 1) << 24).to_bytes(6, "little")
        at = whole.index(b"VP8 ") + 14
        whole[at : at + 4] = struct.pack("<HH", side, side)
        return bytes(whole)
    whole = bytearray(encoded(PICTURE, "JPEG", progressive=kind == "JPEG progressive", subsampling=0))
    at = whole.index(b"\xff\xc2" if kind == "JPEG progressive" else b"\xff\xc0") + 5
    whole[at : at + 4] = struct.pack(">HH", side, side)
    return bytes(whole)


@pytest.mark.parametrize(
    ("kind", "fits", "too_large"),
    [("PNG", 5656, 0), ("GIF", 5656, 0), ("JPEG", 5656, 0), ("JPEG progressive", 4096, 5656), ("WEBP", 3000, 4096)],
)
def test_what_takes_too_much_memory_is_refused_from_its_header(
    kind: str, fits: int, too_large: int, tmp_path: Path
) -> None:
    anatomy = take_apart(header_of(kind, fits))
    assert anatomy.size == (fits, fits)
    assert memory_needed(anatomy, 8 * 1024 * 1024) <= MOST_BYTES
    if too_large:
        with pytest.raises(ReferenceUnavailableError, match="MB to open") as caught:
            prepare(header_of(kind, too_large), tmp_path)
        assert caught.value.sentence == "A reference picture is too large. Try a smaller one."


def test_what_does_not_fit_beside_others_waits(tmp_path: Path) -> None:
    budget = Budget(10_000_000)
    with budget.hold(4_000_000):
        prepare(png(), tmp_path, budget.hold)
        with pytest.raises(ReferenceUnavailableError, match="MB to open"):
            prepare(png("red", (2000, 2000)), tmp_path, budget.hold)
    # Everything was given back, also after the failure.
    with budget.hold(10_000_000):
        pass
