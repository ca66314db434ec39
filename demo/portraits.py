"""Portraits of the sample game's characters: small pixel art, drawn by this program."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, ImageDraw

SCALE = 12
WIDTH, HEIGHT = 40, 64

Colour = tuple[int, int, int]

OUTLINE: Colour = (24, 20, 37)


@dataclass(frozen=True)
class Look:
    """What a character wears and carries."""

    skin: Colour
    hair: Colour
    coat: Colour
    trim: Colour
    trousers: Colour
    long_hair: bool
    carries: str


LOOKS = {
    "mira": Look((224, 172, 128), (172, 50, 50), (38, 92, 110), (254, 231, 97), (58, 46, 70), True, "lantern"),
    "tobin": Look((188, 132, 92), (60, 42, 36), (120, 130, 148), (192, 203, 220), (74, 54, 42), False, "sword"),
    "rook": Look((150, 104, 76), (224, 224, 224), (94, 44, 102), (247, 118, 34), (44, 44, 60), False, "hammer"),
}


def portrait(name: str) -> bytes:
    """The character's picture as PNG bytes, the whole figure on a plain ground.

    Raises:
        KeyError: nobody of that name is known.
    """
    look = LOOKS[name]
    image = Image.new("RGB", (WIDTH, HEIGHT), (207, 216, 228))
    pen = ImageDraw.Draw(image)
    _hair_behind(pen, look)
    _legs(pen, look)
    _coat(pen, look)
    _head(pen, look)
    _CARRIED[look.carries](pen, look)
    buffer = io.BytesIO()
    image.resize((WIDTH * SCALE, HEIGHT * SCALE), Image.Resampling.NEAREST).save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def _dark(colour: Colour) -> Colour:
    red, green, blue = (value * 2 // 3 for value in colour)
    return red, green, blue


def _box(pen: ImageDraw.ImageDraw, corners: tuple[int, int, int, int], colour: Colour) -> None:
    """A block of colour with an outline and a shaded right edge."""
    x0, y0, x1, y1 = corners
    pen.rectangle(corners, fill=colour, outline=OUTLINE)
    if x1 - x0 > 3:
        pen.line((x1 - 1, y0 + 1, x1 - 1, y1 - 1), fill=_dark(colour))


def _hair_behind(pen: ImageDraw.ImageDraw, look: Look) -> None:
    if look.long_hair:
        pen.polygon([(13, 8), (26, 8), (29, 28), (10, 28)], fill=look.hair, outline=OUTLINE)


def _legs(pen: ImageDraw.ImageDraw, look: Look) -> None:
    for x in (14, 21):
        _box(pen, (x, 40, x + 5, 56), look.trousers)
        _box(pen, (x - 1, 55, x + 5, 61), _dark(_dark(look.trousers)))


def _coat(pen: ImageDraw.ImageDraw, look: Look) -> None:
    pen.polygon([(11, 19), (28, 19), (30, 44), (9, 44)], fill=look.coat, outline=OUTLINE)
    pen.polygon([(25, 20), (28, 20), (29, 43), (25, 43)], fill=_dark(look.coat))
    pen.line((19, 20, 19, 43), fill=look.trim)
    pen.line((11, 33, 28, 33), fill=_dark(look.trim), width=2)
    for x in (7, 28):
        _box(pen, (x, 20, x + 4, 36), look.coat)
        _box(pen, (x, 35, x + 4, 39), look.skin)


def _head(pen: ImageDraw.ImageDraw, look: Look) -> None:
    _box(pen, (18, 16, 21, 20), _dark(look.skin))
    pen.rounded_rectangle((14, 5, 25, 17), 3, fill=look.skin, outline=OUTLINE)
    pen.rounded_rectangle((13, 3, 26, 8), 3, fill=look.hair, outline=OUTLINE)
    pen.rectangle((13, 7, 15, 12), fill=look.hair)
    for x in (17, 22):
        pen.line((x, 11, x, 12), fill=OUTLINE)
    pen.line((18, 15, 21, 15), fill=_dark(look.skin))


def _lantern(pen: ImageDraw.ImageDraw, look: Look) -> None:
    pen.ellipse((27, 38, 39, 52), fill=(255, 246, 190))
    pen.rectangle((31, 41, 35, 49), fill=look.trim, outline=OUTLINE)
    pen.line((33, 37, 33, 41), fill=OUTLINE)


def _sword(pen: ImageDraw.ImageDraw, look: Look) -> None:
    pen.line((33, 8, 33, 36), fill=OUTLINE, width=4)
    pen.line((33, 9, 33, 35), fill=look.trim, width=2)
    pen.line((29, 36, 37, 36), fill=(190, 130, 50), width=2)


def _hammer(pen: ImageDraw.ImageDraw, look: Look) -> None:
    pen.line((33, 16, 33, 50), fill=(90, 60, 40), width=2)
    pen.rectangle((27, 10, 38, 18), fill=look.trim, outline=OUTLINE)


_CARRIED = {"lantern": _lantern, "sword": _sword, "hammer": _hammer}
