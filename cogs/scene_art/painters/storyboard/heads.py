"""Heads: faces, hair and hats; and the look of a whole person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PIL import Image, ImageDraw

from .body import HEAD_TALL, HEAD_WIDE, Joints
from .ink import Colour, mix
from .shapes import OUTLINE, Tones, ellipse, limb, polygon, put, put_outlined, tones

STEEL: Colour = (168, 178, 200)
Surfaces = Mapping[str, Tones]


@dataclass(frozen=True)
class Look:
    """A person's looks, clothes and carried thing."""

    skin: Colour
    hair: Colour
    coat: Colour
    trim: Colour
    trousers: Colour
    hair_style: str = "short"
    hat: str = ""
    outfit: str = "tunic"
    carries: str = "nothing"
    beard: bool = False
    cape: bool = False
    build: float = 1.0


def draw(image: Image.Image, at: Joints, look: Look, surfaces: Surfaces) -> None:
    """Draw neck, face, hair and hat. `surfaces` has the tones of `skin`, `hair`, `coat` and `trim`."""
    x, y = at.head
    neck = [(at.neck[0], at.neck[1] + 2), (x - 0.6, y + 3)]
    put_outlined(image, limb(neck, [4.6, 4.2]), tones(mix(look.skin, OUTLINE, 0.18)), 1)
    face = ellipse((x, y), HEAD_WIDE, HEAD_TALL) + polygon([(x - 3.6, y + 2), (x + 4.4, y + 1), (x + 1.8, y + 6.4)])
    put_outlined(image, face, surfaces["skin"], 2)
    _face(image, (round(x), round(y)), look, surfaces, bowed=at.bowed)
    _hair(image, (x, y), look, surfaces["hair"])
    if look.hat in _HAT_SHAPES:
        _HAT_SHAPES[look.hat](image, (x, y), surfaces)


def _face(image: Image.Image, at: tuple[int, int], look: Look, surfaces: Surfaces, *, bowed: bool) -> None:
    x, y = at
    pen = ImageDraw.Draw(image)
    brow, eye = (*mix(look.hair, OUTLINE, 0.5), 255), (*OUTLINE, 255)
    for ex in (x, x + 3):
        pen.point((ex, y - 2), fill=brow)
        if bowed:
            pen.point((ex, y + 1), fill=eye)
        else:
            pen.line((ex, y, ex, y + 1), fill=eye)
    if not bowed:
        pen.point((x - 1, y), fill=(250, 246, 240, 255))
        pen.point((x + 2, y), fill=(250, 246, 240, 255))
    pen.point((x + 4, y + 2), fill=(*surfaces["skin"].shadow, 255))
    pen.line((x + 1, y + 4, x + 2, y + 4), fill=(*mix(look.skin, (150, 40, 50), 0.55), 255))
    if look.beard:
        beard = polygon([(x - 3, y + 2), (x, y + 3), (x + 4, y + 3), (x + 3, y + 8), (x, y + 9), (x - 3, y + 6)])
        put(image, beard, surfaces["hair"].base)
        pen.line((x + 1, y + 4, x + 2, y + 4), fill=(*mix(look.skin, (120, 30, 40), 0.6), 255))


def _hair(image: Image.Image, at: tuple[float, float], look: Look, surface: Tones) -> None:
    x, y = at
    if look.hair_style == "bald":
        return
    cap = polygon(
        [
            (x - 5.6, y + 2),
            (x - 6, y - 3),
            (x - 3, y - 7.4),
            (x + 2, y - 7.8),
            (x + 5.4, y - 4.6),
            (x + 5, y - 2.2),
            (x + 1, y - 3.6),
            (x - 2, y - 1.4),
            (x - 3.2, y + 3),
        ]
    )
    if look.hair_style == "curly":
        for dx, dy in ((-5, -1), (-5, -5), (-1, -7.5), (3, -7), (-4, 3)):
            cap += ellipse((x + dx, y + dy), 3.2, 3.2)
    if look.hair_style == "bob":
        cap += polygon([(x - 6, y - 2), (x - 2.6, y - 2), (x - 2.6, y + 6.6), (x - 6.4, y + 6)])
    put_outlined(image, cap, surface, 2)
    ImageDraw.Draw(image).line((x - 3, y - 6, x + 1, y - 7), fill=(*surface.light, 255))


def _hood(image: Image.Image, at: tuple[float, float], surfaces: Surfaces) -> None:
    x, y = at
    hood = polygon(
        [
            (x - 7, y + 7),
            (x - 7.6, y - 3),
            (x - 2, y - 9),
            (x + 4, y - 8),
            (x + 6, y - 4),
            (x + 1, y - 4.4),
            (x - 2.4, y),
            (x - 2, y + 7),
        ]
    )
    put_outlined(image, hood, surfaces["coat"], 2)


def _pointed(image: Image.Image, at: tuple[float, float], surfaces: Surfaces) -> None:
    x, y = at
    put_outlined(
        image,
        polygon([(x - 5, y - 4), (x + 5.4, y - 4.6), (x - 1, y - 14), (x - 7, y - 16)]),
        surfaces["coat"],
        3,
    )
    put_outlined(image, ellipse((x, y - 4), 9, 2), surfaces["coat"], 1)
    ImageDraw.Draw(image).line((x - 4, y - 6, x + 4, y - 6), fill=(*surfaces["trim"].base, 255))


def _brimmed(image: Image.Image, at: tuple[float, float], surfaces: Surfaces) -> None:
    x, y = at
    leather = tones(mix(surfaces["coat"].base, (92, 62, 44), 0.7))
    put_outlined(image, polygon([(x - 4.6, y - 4), (x + 5, y - 4.4), (x + 4, y - 9), (x - 3.6, y - 9)]), leather, 2)
    put_outlined(image, ellipse((x + 0.4, y - 4.4), 8.6, 1.8), leather, 1)


def _captain(image: Image.Image, at: tuple[float, float], surfaces: Surfaces) -> None:
    x, y = at
    navy = tones((44, 48, 84))
    put_outlined(
        image,
        polygon(
            [
                (x - 9, y - 5),
                (x - 4, y - 10),
                (x + 1, y - 11),
                (x + 5, y - 10),
                (x + 9.4, y - 5),
                (x + 4, y - 3.6),
                (x - 4, y - 3.6),
            ]
        ),
        navy,
        2,
    )
    ImageDraw.Draw(image).line((x - 8, y - 5, x + 8, y - 5), fill=(*surfaces["trim"].light, 255))


def _crown(image: Image.Image, at: tuple[float, float], surfaces: Surfaces) -> None:
    x, y = at
    points = [
        (x - 5, y - 4),
        (x - 6, y - 10),
        (x - 2.6, y - 7),
        (x, y - 11),
        (x + 2.6, y - 7),
        (x + 6, y - 10),
        (x + 5, y - 4),
    ]
    put_outlined(image, polygon(points), tones((246, 200, 80)), 2)


def _band(image: Image.Image, at: tuple[float, float], surfaces: Surfaces) -> None:
    x, y = at
    ImageDraw.Draw(image).line((x - 5, y - 3, x + 5, y - 4), fill=(*surfaces["trim"].base, 255), width=2)


def _visor(image: Image.Image, at: tuple[float, float], surfaces: Surfaces) -> None:
    x, y = at
    put_outlined(image, ellipse((x - 0.4, y - 0.6), 6, 7), tones(STEEL), 3)
    pen = ImageDraw.Draw(image)
    pen.rectangle((x - 1, y - 1, x + 5, y + 1), fill=(30, 34, 56, 255))
    pen.line((x, y, x + 4, y), fill=(120, 244, 255, 255))


_HAT_SHAPES: Mapping[str, Callable[[Image.Image, tuple[float, float], Surfaces], None]] = {
    "hood": _hood, "pointed": _pointed, "brimmed": _brimmed, "captain": _captain, "crown": _crown, "band": _band,
    "visor": _visor,
}  # fmt: skip
