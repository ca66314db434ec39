"""A picture that a relay wrote into the text, however it did that."""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
from google.genai import types
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cogs.scene_art.painters.gemini.pictures import picture_in
from sandbox import gemini_answers as answers

WORDS = " Here is the scene, as you asked: a ferry at night. See https://example.com/9k"


def noise(form: str, side: tuple[int, int] = (61, 37), **options: object) -> bytes:
    """A picture whose bytes take all values."""
    file = io.BytesIO()
    Image.effect_noise(side, 80).convert("RGB").save(file, form, **options)
    return file.getvalue()


def with_thumbnail() -> bytes:
    """A JPEG that holds another one, with an end mark of its own."""
    exif = Image.Exif()
    exif[0x927C] = noise("JPEG", (16, 9))
    data = noise("JPEG", exif=exif, progressive=True)
    assert data.count(b"\xff\xd9") == 2
    return data


def of_length(remainder: int) -> bytes:
    """A PNG whose base64 lacks that many characters of padding."""
    return next(data for side in range(20, 90) if (-len(data := noise("PNG", (side, 9))) % 3) == remainder)


PICTURES = {
    "PNG": noise("PNG"),
    "PNG, one =": of_length(1),
    "PNG, two =": of_length(2),
    "JPEG": noise("JPEG"),
    "JPEG in a JPEG": with_thumbnail(),
    "WebP": noise("WEBP"),
}


def plain(data: bytes) -> str:
    return base64.b64encode(data).decode()


def url_safe(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


def wrapped(data: bytes) -> str:
    return base64.encodebytes(data).decode()


WAYS: dict[str, Callable[[bytes], str]] = {
    "with padding": lambda data: f"data:image/png;base64,{plain(data)}",
    "without padding": lambda data: f"data:image/png;base64,{plain(data).rstrip('=')}",
    "in capitals": lambda data: f"DATA:IMAGE/PNG;BASE64,{plain(data)}",
    "percent-encoded": lambda data: f"data:image/png;base64,{quote(plain(data), safe='')}",
    "percent-encoded from the beginning": lambda data: quote(f"data:image/png;base64,{plain(data)}", safe=""),
    "percent-encoded in small letters": lambda data: (
        f"data:image/png;base64,{plain(data).replace('+', '%2b').replace('/', '%2f').replace('=', '%3d')}"
    ),
    "url-safe": lambda data: f"data:image/png;base64,{url_safe(data)}",
    "url-safe without padding": lambda data: f"data:image/png;base64,{url_safe(data).rstrip('=')}",
    "in lines": lambda data: f"data:image/png;base64,\r\n{wrapped(data)}",
    "in lines without padding": lambda data: f"data:image/png;base64,{wrapped(data).strip().rstrip('=')}\n\n",
    "with parameters": lambda data: f'data:image/png;charset=utf-8;name="a b.png"; base64,{plain(data)}',
    "without a kind": lambda data: f"data:;base64,{plain(data)}",
}
TAILS = {"": "", "words": WORDS, "a bracket": ") Enjoy!", "a letter": "\nA"}


def found_in(*texts: str) -> bytes | None:
    body = answers.candidate([answers.text_part(text) for text in texts])
    picture = picture_in(types.GenerateContentResponse.model_validate(body))
    return picture.data if picture else None


@pytest.mark.parametrize("kind", PICTURES)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("tail", TAILS)
def test_a_picture_in_the_text_is_found_to_the_byte(kind: str, way: str, tail: str) -> None:
    assert found_in(f"Your scene: {WAYS[way](PICTURES[kind])}{TAILS[tail]}") == PICTURES[kind]


@pytest.mark.parametrize("kind", ["GIF", "AVIF"])
def test_a_picture_that_does_not_tell_its_end_opens_with_the_words_behind_it(kind: str) -> None:
    data = found_in(WAYS["without padding"](noise(kind)) + WORDS)

    assert data is not None
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        assert image.size == (61, 37)


def test_words_behind_one_picture_do_not_hide_the_next() -> None:
    first, second = noise("GIF")[:-30], PICTURES["PNG"]
    broken = f"data:image/png;base64,{plain(b'no picture').rstrip('=')} and now "

    assert found_in(broken + WAYS["without padding"](second) + WORDS) == second
    assert found_in(WAYS["without padding"](second) + " and " + WAYS["without padding"](first)) == second


def test_a_picture_that_breaks_off_stays_as_it_is() -> None:
    """That it is broken is told where it is examined."""
    for kind in ("PNG", "JPEG", "WebP"):
        half = PICTURES[kind][: len(PICTURES[kind]) // 6 * 3]
        assert found_in(f"data:image/png;base64,{plain(half)}") == half


@pytest.mark.parametrize(
    "text",
    [
        "data:" * 400_000,
        "data:;" * 400_000,
        "data:;base64," * 200_000,
        "data:;base64," + "\xff\xd9 data: " * 200_000,
        "data:;base64,/9j/" + "/+AA" * 500_000,
        "data:;base64,iVBORw0KGgo" + " A" * 1_000_000,
        "data:;base64," + "%" * 500_000,
        "data:" + "; " * 1_000_000,
    ],
    ids=lambda text: text[:24],
)
def test_a_text_of_megabytes_takes_no_time(text: str) -> None:
    before = time.process_time()
    found_in(text)
    assert time.process_time() - before < 2, "seconds"


@given(st.text(alphabet="data:;base64,/9jUklGR%2BiVBOw0KGgo=_- \n", max_size=200))
def test_no_text_is_an_error(text: str) -> None:
    found_in(text, f"data:;base64,{text}", f"data:;base64,/9j/{text}")
