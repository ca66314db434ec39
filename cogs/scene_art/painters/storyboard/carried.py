"""The things that people hold in their hands."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PIL import Image, ImageDraw

from .body import Joints
from .shapes import Tones, ellipse, limb, polygon, put_outlined, tones

WEAPONS = frozenset({"sword", "hammer", "bow"})
_WOOD, _STEEL, _BRASS = tones((128, 84, 52)), tones((206, 214, 230)), tones((226, 176, 78))


def draw(image: Image.Image, what: str, at: Joints, trim: Tones) -> None:
    """Draw the thing into the front hand. Does nothing for an unknown one."""
    if what in _DRAWN:
        _DRAWN[what](image, at, trim)


def _sword(image: Image.Image, at: Joints, trim: Tones) -> None:
    (x, y), (dx, dy) = at.hand, _blade(at)
    put_outlined(image, limb([(x - dx * 3, y - dy * 3), (x + dx * 2, y + dy * 2)], [2, 2]), _WOOD, 1)
    put_outlined(image, limb([(x + dx * 3, y + dy * 3), (x + dx * 24, y + dy * 24)], [3.6, 1.2]), _STEEL, 1)
    put_outlined(
        image,
        limb([(x + dx * 3 - dy * 4, y + dy * 3 + dx * 4), (x + dx * 3 + dy * 4, y + dy * 3 - dx * 4)], [2.2, 2.2]),
        _BRASS,
        1,
    )


def _blade(at: Joints) -> tuple[float, float]:
    """Return the direction of a blade as a vector of length 1: up and forward from the hand, in any pose."""
    reach = at.reach
    return (0.5, -0.866) if reach[1] > -0.2 else (0.3, -0.954)


def _hammer(image: Image.Image, at: Joints, trim: Tones) -> None:
    (x, y), (dx, dy) = at.hand, _blade(at)
    put_outlined(image, limb([(x - dx * 10, y - dy * 10), (x + dx * 16, y + dy * 16)], [2.4, 2.4]), _WOOD, 1)
    cx, cy = x + dx * 17, y + dy * 17
    head = [(cx - dy * 7 - dx * 4, cy + dx * 7 - dy * 4), (cx - dy * 7 + dx * 4, cy + dx * 7 + dy * 4),
            (cx + dy * 7 + dx * 4, cy - dx * 7 + dy * 4), (cx + dy * 7 - dx * 4, cy - dx * 7 - dy * 4)]  # fmt: skip
    put_outlined(image, polygon(head), tones((150, 156, 176)), 2)


def _staff(image: Image.Image, at: Joints, trim: Tones) -> None:
    x, y = at.hand
    put_outlined(image, limb([(x + 2, y - 30), (x, min(100.0, y + 40))], [2.4, 2.2]), _WOOD, 1)
    put_outlined(image, ellipse((x + 2, y - 32), 3.6, 3.6), trim, 2)
    ImageDraw.Draw(image).point((round(x) + 1, round(y) - 34), fill=(255, 255, 255, 255))


def _lantern(image: Image.Image, at: Joints, trim: Tones) -> None:
    x, y = at.hand
    halo = Image.new("L", image.size)
    ImageDraw.Draw(halo).ellipse((x - 8, y - 2, x + 8, y + 14), fill=70)
    image.paste((255, 232, 150, 255), mask=halo)
    put_outlined(
        image,
        polygon([(x - 3, y + 3), (x + 3, y + 3), (x + 4, y + 10), (x - 4, y + 10)]),
        tones((255, 226, 130)),
        1,
    )
    put_outlined(image, polygon([(x - 4, y + 3.6), (x, y), (x + 4, y + 3.6)]), _BRASS, 1)


def _book(image: Image.Image, at: Joints, trim: Tones) -> None:
    x, y = at.hand
    put_outlined(image, polygon([(x - 4, y - 6), (x + 6, y - 7), (x + 7, y + 2), (x - 3, y + 3)]), trim, 2)
    ImageDraw.Draw(image).line((x - 2, y + 2, x + 6, y + 1), fill=(250, 244, 226, 255))


def _bow(image: Image.Image, at: Joints, trim: Tones) -> None:
    x, y = at.hand
    put_outlined(
        image,
        limb([(x - 3, y - 19), (x + 3, y - 9), (x + 4, y), (x + 3, y + 9), (x - 3, y + 19)], [1.6, 2.6, 3, 2.6, 1.6]),
        _WOOD,
        1,
    )
    ImageDraw.Draw(image).line((x - 3, y - 19, x - 3, y + 19), fill=(236, 230, 214, 255))


def _flask(image: Image.Image, at: Joints, trim: Tones) -> None:
    x, y = at.hand
    put_outlined(
        image,
        polygon(
            [(x - 1.4, y - 9), (x + 1.4, y - 9), (x + 1.6, y - 5), (x + 5, y + 1), (x - 5, y + 1), (x - 1.6, y - 5)]
        ),
        tones((120, 240, 190)),
        2,
    )
    ImageDraw.Draw(image).line((x - 1, y - 9, x + 1, y - 9), fill=(232, 240, 246, 255))


_DRAWN: Mapping[str, Callable[[Image.Image, Joints, Tones], None]] = {
    "sword": _sword, "hammer": _hammer, "staff": _staff, "lantern": _lantern, "book": _book, "bow": _bow,
    "flask": _flask,
}  # fmt: skip
