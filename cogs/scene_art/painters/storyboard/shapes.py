"""Shapes with volume: drawn large, scaled down to dots, and shaded in steps by a light from the upper left."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .ink import Colour, Size, mix

FINE = 4
"""Points of the large drawing on the side of a dot."""
OUTLINE: Colour = (24, 20, 37)
NIGHT: Colour = (34, 24, 66)
SUN: Colour = (255, 244, 200)

Point = tuple[float, float]
Points = Sequence[Point]


class Tones(NamedTuple):
    """The three colours of a surface."""

    shadow: Colour
    base: Colour
    light: Colour


def tones(colour: Colour, depth: float = 0.42) -> Tones:
    """Make the tones of a colour: a cooler shadow, the colour, and a warmer light."""
    return Tones(mix(colour, NIGHT, depth), colour, mix(colour, SUN, depth * 0.62))


@dataclass(frozen=True)
class Shape:
    """An outline in dots, which may have fractions. `+` joins two."""

    polygons: tuple[tuple[Point, ...], ...] = ()
    ellipses: tuple[tuple[Point, float, float], ...] = ()

    def __add__(self, other: Shape) -> Shape:
        return Shape(self.polygons + other.polygons, self.ellipses + other.ellipses)

    def dots(self, size: Size) -> Image.Image:
        """Draw the shape as a mask (L) of whole dots."""
        fine = Image.new("L", (size[0] * FINE, size[1] * FINE))
        pen = ImageDraw.Draw(fine)
        for points in self.polygons:
            pen.polygon([(x * FINE, y * FINE) for x, y in points], fill=255)
        for (x, y), wide, tall in self.ellipses:
            box = ((x - wide) * FINE, (y - tall) * FINE, (x + wide) * FINE, (y + tall) * FINE)
            pen.ellipse(box, fill=255)
        return fine.resize(size, Image.Resampling.BOX).point(_HALF)


_HALF = [0] * 116 + [255] * 140


def polygon(points: Points) -> Shape:
    """Make the polygon with these corners."""
    return Shape(polygons=(tuple(points),))


def ellipse(centre: Point, wide: float, tall: float) -> Shape:
    """Make an ellipse with these radii."""
    return Shape(ellipses=((centre, wide, tall),))


def limb(points: Points, widths: Sequence[float]) -> Shape:
    """Make a line with round ends through `points`, with a width for each of them."""
    whole = Shape()
    for (start, end), (first, last) in zip(pairwise(points), pairwise(widths), strict=True):
        whole += _taper(start, end, first / 2, last / 2)
    return whole


def _taper(start: Point, end: Point, first: float, last: float) -> Shape:
    (x0, y0), (x1, y1) = start, end
    length = max(0.001, math.hypot(x1 - x0, y1 - y0))
    across, along = -(y1 - y0) / length, (x1 - x0) / length
    sides = [
        (x0 + across * first, y0 + along * first),
        (x1 + across * last, y1 + along * last),
        (x1 - across * last, y1 - along * last),
        (x0 - across * first, y0 - along * first),
    ]
    return polygon(sides) + ellipse(start, first, first) + ellipse(end, last, last)


def moved(mask: Image.Image, x: int, y: int) -> Image.Image:
    """Shift a mask by whole dots, without wrapping around."""
    result = Image.new("L", mask.size)
    result.paste(mask, (x, y))
    return result


def shade(image: Image.Image, mask: Image.Image, surface: Tones, volume: int = 2) -> None:
    """Paint a mask into `image` (RGB or RGBA): its lower right in shadow, a rim of light at the upper left.

    `volume` is the width of the shadow in dots.
    """
    shadow = ImageChops.subtract(mask, moved(mask, -volume, -max(1, volume // 2)))
    light = ImageChops.subtract(mask, moved(mask, 1, 1))
    for part, colour in ((mask, surface.base), (light, surface.light), (shadow, surface.shadow)):
        _paste(image, part, colour)


def put(image: Image.Image, shape: Shape, surface: Tones | Colour, volume: int = 2) -> None:
    """Paint a shape into `image` (RGB or RGBA), with volume if `surface` has tones."""
    dots = shape.dots(image.size)
    if isinstance(surface, Tones):
        shade(image, dots, surface, volume)
    else:
        _paste(image, dots, surface)


def put_outlined(image: Image.Image, shape: Shape, surface: Tones, volume: int = 2) -> None:
    """Paint a shape into `image` (RGBA) with a thin outline in its own dark tone."""
    dots = shape.dots(image.size)
    _paste(image, dots.filter(ImageFilter.MaxFilter(3)), mix(surface.shadow, OUTLINE, 0.73))
    shade(image, dots, surface, volume)


def _paste(image: Image.Image, mask: Image.Image, colour: Colour) -> None:
    image.paste(colour if image.mode == "RGB" else (*colour, 255), mask=mask)
