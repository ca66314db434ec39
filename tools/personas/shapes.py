"""Masks (mode L, 0 or 255) of smooth outlines and tapering strokes, in dots; coordinates may be fractions."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from PIL import Image, ImageChops, ImageDraw

Point = tuple[float, float]
Path = Sequence[Point]
Size = tuple[int, int]

FINE = 4
"""Masks are drawn so much larger, and a dot is on when half of it is covered."""
_STEPS = 8
"""Between two given points of a curve."""
_SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1))


def spline(values: Sequence[Sequence[float]], *, closed: bool = False) -> list[tuple[float, ...]]:
    """A Catmull-Rom curve through `values`, each a tuple of as many numbers; a value given twice makes a corner."""
    count = len(values)
    found: list[tuple[float, ...]] = []
    for index in range(count if closed else count - 1):
        four = [values[_at(index + step, count, closed=closed)] for step in (-1, 0, 1, 2)]
        found += [_between(four, step / _STEPS) for step in range(_STEPS)]
    return found if closed else [*found, tuple(values[-1])]


def _at(index: int, count: int, *, closed: bool) -> int:
    return index % count if closed else min(count - 1, max(0, index))


def _between(four: Sequence[Sequence[float]], t: float) -> tuple[float, ...]:
    return tuple(
        b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
        for a, b, c, d in zip(*four, strict=True)
    )


def area(size: Size, outline: Path, *, smooth: bool = True) -> Image.Image:
    """Make the mask of an outline's inside."""
    points = spline(outline, closed=True) if smooth else outline
    fine = _fine(size)
    ImageDraw.Draw(fine).polygon([(x * FINE, y * FINE) for x, y in points], fill=255)
    return _reduced(fine, size)


def stroke(size: Size, path: Path, radii: Sequence[float]) -> Image.Image:
    """A limb, a strand, a finger: discs along `path`, their radii going from one of `radii` to the next."""
    fine = _fine(size)
    pen = ImageDraw.Draw(fine)
    curve = spline([(x, y, r) for (x, y), r in zip(path, radii, strict=True)])
    for start, end in pairwise(curve):
        many = max(1, math.ceil(math.dist(start[:2], end[:2]) * 2))
        for step in range(many + 1):
            x, y, r = (FINE * (a + (b - a) * step / many) for a, b in zip(start, end, strict=True))
            pen.ellipse((x - r, y - r, x + r, y + r), fill=255)
    return _reduced(fine, size)


def disc(size: Size, centre: Point, radius: float) -> Image.Image:
    """A round."""
    return stroke(size, [centre, centre], [radius, radius])


def _fine(size: Size) -> Image.Image:
    return Image.new("L", (size[0] * FINE, size[1] * FINE))


def _reduced(fine: Image.Image, size: Size) -> Image.Image:
    return fine.resize(size, Image.Resampling.BOX).point([0] * 128 + [255] * 128)


def moved(mask: Image.Image, x: int, y: int) -> Image.Image:
    """The mask `x` dots further right and `y` further down; nothing comes in from the other side."""
    there = Image.new("L", mask.size)
    there.paste(mask, (x, y))
    return there


def union(masks: Iterable[Image.Image]) -> Image.Image:
    """Join masks, of which there must be at least one."""
    first, *others = masks
    for other in others:
        first = ImageChops.lighter(first, other)
    return first


def both(one: Image.Image, other: Image.Image) -> Image.Image:
    """Intersect two masks."""
    return ImageChops.darker(one, other)


def without(one: Image.Image, other: Image.Image) -> Image.Image:
    """Subtract the second mask from the first."""
    return ImageChops.subtract(one, other)


def edge(mask: Image.Image) -> Image.Image:
    """The dots just outside the mask."""
    return without(union(moved(mask, x, y) for x, y in _SIDES), mask)


def inner_edge(mask: Image.Image) -> Image.Image:
    """The mask's outermost dots."""
    kept = mask
    for x, y in _SIDES:
        kept = both(kept, moved(mask, x, y))
    return without(mask, kept)


def mirrored(right: Path, middle: float) -> list[Point]:
    """A symmetric outline from its right half, given from top to bottom as distances from the middle."""
    return [*((middle + x, y) for x, y in right), *((middle - x, y) for x, y in reversed(right))]


def beside(middle: float, side: int) -> Callable[[float, float], Point]:
    """Names places by their distance from `middle`, all on the side of `side` (-1 or 1)."""
    return lambda x, y: (middle + side * x, y)
