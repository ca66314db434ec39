"""A person drawn from nothing but a look: for those of whom there is no picture. Always a grown-up in proportion."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from PIL import Image, ImageDraw

from .ink import Colour, dark

WIDTH, HEIGHT = 40, 64
"""Dots. The head is a sixth of the height, as with adults."""
OUTLINE: Colour = (24, 20, 37)
CARRIED = ("nothing", "lantern", "sword", "hammer", "staff", "book")

_SKINS: tuple[Colour, ...] = ((240, 200, 164), (224, 172, 128), (188, 132, 92), (150, 104, 76), (108, 74, 58))
_HAIRS: tuple[Colour, ...] = (
    (60, 42, 36), (172, 50, 50), (224, 208, 140), (40, 36, 52), (214, 214, 224), (150, 90, 50), (78, 110, 160),
)  # fmt: skip
_CLOTHES: tuple[Colour, ...] = (
    (38, 92, 110), (120, 130, 148), (94, 44, 102), (62, 112, 62), (160, 62, 50), (52, 64, 140), (176, 128, 52),
    (88, 76, 66), (168, 84, 120),
)  # fmt: skip
_TRIMS: tuple[Colour, ...] = ((254, 231, 97), (192, 203, 220), (247, 118, 34), (128, 226, 190), (240, 150, 190))


@dataclass(frozen=True)
class Look:
    """What a person wears and carries."""

    skin: Colour
    hair: Colour
    coat: Colour
    trim: Colour
    trousers: Colour
    long_hair: bool = False
    hat: bool = False
    robe: bool = False
    carries: str = "nothing"


def look_of(name: str) -> Look:
    """The look that belongs to `name`: the same name always looks the same."""
    dice = hashlib.sha256(name.casefold().encode("utf-8", "replace")).digest()
    return Look(
        skin=_SKINS[dice[0] % len(_SKINS)],
        hair=_HAIRS[dice[1] % len(_HAIRS)],
        coat=_CLOTHES[dice[2] % len(_CLOTHES)],
        trim=_TRIMS[dice[3] % len(_TRIMS)],
        trousers=dark(_CLOTHES[dice[4] % len(_CLOTHES)], 0.5),
        long_hair=dice[5] % 2 == 0,
        hat=dice[6] % 4 == 0,
        robe=dice[7] % 3 == 0,
        carries=CARRIED[dice[8] % len(CARRIED)],
    )


def figure(look: Look) -> Image.Image:
    """The person as an RGBA picture of 40 x 64 dots on nothing."""
    image = Image.new("RGBA", (WIDTH, HEIGHT))
    pen = ImageDraw.Draw(image)
    if look.long_hair:
        pen.polygon([(14, 6), (25, 6), (28, 25), (11, 25)], fill=look.hair, outline=OUTLINE)
    _legs(pen, look)
    _coat(pen, look)
    _head(pen, look)
    _carry(pen, look)
    return image


def _block(pen: ImageDraw.ImageDraw, corners: tuple[int, int, int, int], colour: Colour) -> None:
    """A block of colour with an outline and a shaded right edge."""
    pen.rectangle(corners, fill=colour, outline=OUTLINE)
    x0, y0, x1, y1 = corners
    if x1 - x0 > 3:
        pen.line((x1 - 1, y0 + 1, x1 - 1, y1 - 1), fill=dark(colour))


def _legs(pen: ImageDraw.ImageDraw, look: Look) -> None:
    for x in (14, 20):
        _block(pen, (x, 36, x + 5, 57), look.trousers)
        _block(pen, (x - 1, 55, x + 5, 62), dark(look.trousers, 0.6))


def _coat(pen: ImageDraw.ImageDraw, look: Look) -> None:
    hem = 56 if look.robe else 42
    spread = 4 if look.robe else 2
    pen.polygon([(12, 16), (27, 16), (27 + spread, hem), (12 - spread, hem)], fill=look.coat, outline=OUTLINE)
    pen.polygon([(24, 17), (27, 17), (26 + spread, hem - 1), (24, hem - 1)], fill=dark(look.coat))
    pen.line((19, 17, 19, hem - 1), fill=look.trim)
    pen.line((11, 31, 28, 31), fill=dark(look.trim), width=2)
    for x in (8, 27):
        _block(pen, (x, 17, x + 4, 32), look.coat)
        _block(pen, (x, 31, x + 4, 35), look.skin)


def _head(pen: ImageDraw.ImageDraw, look: Look) -> None:
    _block(pen, (18, 13, 21, 17), dark(look.skin))
    pen.rounded_rectangle((15, 4, 24, 14), 3, fill=look.skin, outline=OUTLINE)
    pen.rounded_rectangle((14, 2, 25, 7), 3, fill=look.hair, outline=OUTLINE)
    pen.rectangle((14, 6, 15, 10), fill=look.hair)
    for x in (18, 22):
        pen.line((x, 9, x, 10), fill=OUTLINE)
    pen.line((19, 12, 21, 12), fill=dark(look.skin))
    if look.hat:
        pen.polygon([(10, 5), (29, 5), (20, 0)], fill=dark(look.coat), outline=OUTLINE)


def _carry(pen: ImageDraw.ImageDraw, look: Look) -> None:
    if look.carries == "lantern":
        pen.ellipse((26, 34, 38, 48), fill=(255, 246, 190, 150))
        pen.rectangle((30, 37, 34, 45), fill=look.trim, outline=OUTLINE)
        pen.line((32, 33, 32, 37), fill=OUTLINE)
    elif look.carries == "sword":
        pen.line((33, 6, 33, 33), fill=OUTLINE, width=4)
        pen.line((33, 7, 33, 32), fill=(214, 220, 232), width=2)
        pen.line((29, 33, 36, 33), fill=(190, 130, 50), width=2)
    elif look.carries == "hammer":
        pen.line((33, 14, 33, 48), fill=(90, 60, 40), width=2)
        pen.rectangle((28, 8, 38, 16), fill=look.trim, outline=OUTLINE)
    elif look.carries == "staff":
        pen.line((33, 4, 33, 61), fill=(110, 76, 48), width=2)
        pen.ellipse((30, 0, 36, 6), fill=look.trim, outline=OUTLINE)
    elif look.carries == "book":
        _block(pen, (27, 28, 36, 36), dark(look.trim))
