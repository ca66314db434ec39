"""The last step before posting: the painter's own bytes where they may go out as they are, else stepped down."""

from __future__ import annotations

import io
import random
from typing import Any

import pytest
from PIL import Image

from cogs.scene_art.domain.painting import Painting, Usage
from cogs.scene_art.errors import NoImageError
from cogs.scene_art.painters.fit import fit

LIMIT = 10 * 1024 * 1024


def noise(width: int = 120, height: int = 80, mode: str = "RGB") -> Image.Image:
    """A picture that no encoding makes much smaller."""
    data = random.Random(7).randbytes(width * height * len(mode))  # noqa: S311  # any noise will do
    return Image.frombytes(mode, (width, height), data)


def keep(picture: Image.Image | bytes, form: str = "PNG", **options: Any) -> Painting:
    """Make a painting of a painter's bytes."""
    return Painting(
        data=picture if isinstance(picture, bytes) else encoded(picture, form, **options),
        mime="image/png",
        width=0,
        height=0,
        painter="gemini",
        usage=Usage(output_tokens=1120),
    )


def encoded(picture: Image.Image, form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


@pytest.mark.parametrize(("form", "mime"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")])
def test_bytes_that_may_go_out_are_left_untouched(form: str, mime: str) -> None:
    painting = keep(noise(), form)
    before = painting.data
    fitted = fit(painting, len(before))
    assert fitted.data == before
    assert (fitted.mime, fitted.width, fitted.height) == (mime, 120, 80), "as the file is, not as it was announced"
    assert (fitted.painter, fitted.usage) == (painting.painter, painting.usage)


def test_one_byte_too_many_and_it_is_stepped_down_to_webp() -> None:
    painting = keep(noise())
    size = len(painting.data)
    fitted = fit(painting, size - 1)
    assert (fitted.mime, fitted.width, fitted.height) == ("image/webp", 120, 80)
    assert len(fitted.data) < size
    with Image.open(io.BytesIO(fitted.data)) as opened:
        assert opened.format == "WEBP"


def test_then_to_jpeg_and_then_to_a_smaller_picture() -> None:
    webp = len(fit(keep(noise(600, 400)), 500_000).data)
    jpeg = fit(keep(noise(600, 400)), webp - 1)
    assert (jpeg.mime, jpeg.width) == ("image/jpeg", 600)
    small = fit(keep(noise(600, 400)), 40_000)
    assert (small.mime, small.width < 600) == ("image/jpeg", True)
    assert len(small.data) <= 40_000
    assert abs(small.width / small.height - 1.5) < 0.02
    with Image.open(io.BytesIO(small.data)) as opened:
        assert opened.size == (small.width, small.height)


@pytest.mark.parametrize("form", ["GIF", "BMP"])
def test_what_discord_shows_badly_is_re_encoded_even_when_it_fits(form: str) -> None:
    fitted = fit(keep(noise(), form), LIMIT)
    assert fitted.mime == "image/webp"
    with Image.open(io.BytesIO(fitted.data)) as opened:
        assert (opened.format, opened.size) == ("WEBP", (120, 80))


def test_transparency_survives_webp_and_turns_black_in_jpeg() -> None:
    clear = noise(mode="RGBA")
    clear.putalpha(0)
    fitted = fit(keep(clear, "PNG"), 20_000)
    with Image.open(io.BytesIO(fitted.data)) as opened:
        assert opened.mode == "RGBA"
    half = noise(mode="RGBA")
    webp = io.BytesIO()
    half.save(webp, "WEBP", quality=90, method=0)
    fitted = fit(keep(half), webp.tell() - 1)
    assert fitted.mime == "image/jpeg"


@pytest.mark.parametrize("data", [b"", b"these bytes are no picture", b"<svg></svg>", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture_is_an_error_of_ours(data: bytes) -> None:
    with pytest.raises(NoImageError):
        fit(keep(data), LIMIT)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
@pytest.mark.parametrize("limit", [LIMIT, 3_000])
def test_a_picture_that_ends_in_the_middle_is_an_error_of_ours(form: str, limit: int) -> None:
    """Half a picture in grey is worse than another try."""
    painting = keep(noise(), form)
    half = keep(painting.data[: len(painting.data) * 2 // 3])
    with pytest.raises(NoImageError):
        fit(half, limit)


def test_a_picture_of_a_size_that_fills_the_memory_is_not_taken_apart() -> None:
    painting = keep(Image.new("1", (9_000, 8_000)))
    with pytest.raises(NoImageError, match="too large to re-encode"):
        fit(painting, 1_000)
