"""Light: brightness (mode L, 128 is neutral) from a shape's relief, folds and dithering."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from PIL import Image, ImageChops, ImageFilter

from .shapes import Path, Size, stroke

NEUTRAL = 128
BAYER = (0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5)
"""The order in which the dots of a 4 x 4 square light up when it gets brighter."""
Fold = tuple[Path, float, int]
"""A path, how thick it is in its middle, and how much lighter (or, below nought, darker) it makes things."""


def relief(mask: Image.Image, roundness: float, strength: float) -> Image.Image:
    """The shape swelling like a cushion, lit from the upper left: brighter there, darker on the lower right."""
    swollen = mask.filter(ImageFilter.GaussianBlur(roundness))
    step = max(1, round(roundness / 2))
    lit = ImageChops.offset(swollen, -step, -step)
    dark = ImageChops.offset(swollen, step, step)
    return ImageChops.subtract(lit, dark, scale=1 / strength, offset=NEUTRAL)


def folds(size: Size, given: Sequence[Fold], softness: float = 0.8) -> Image.Image:
    """Brightness of pleats and highlights."""
    level = Image.new("L", size, NEUTRAL)
    for path, thickness, amount in given:
        radii = [0.3, *([thickness / 2] * (len(path) - 2)), 0.3]
        mask = stroke(size, path, radii).filter(ImageFilter.GaussianBlur(softness))
        level.paste(level.point([min(255, max(0, value + amount)) for value in range(256)]), mask=mask)
    return level


def added(levels: Sequence[Image.Image]) -> Image.Image:
    """Several brightnesses as one."""
    first, *others = levels
    for other in others:
        first = ImageChops.add(first, other, scale=1, offset=-NEUTRAL)
    return first


def thicker(size: Size, top: int, bottom: int) -> Image.Image:
    """A dithered mask of nothing above the row `top` that fills up to everything at the row `bottom`."""
    mask = Image.new("L", size)
    for y in range(size[1]):
        share = 256 * (y - top) / (bottom - top)
        for x in range(4):
            if share > BAYER[y % 4 * 4 + x] * 16 + 8:
                mask.paste(255, (x, y, x + 1, y + 1))
    for x in range(4, size[0], 4):
        mask.paste(mask.crop((0, 0, 4, size[1])), (x, 0))
    return mask


@lru_cache(maxsize=16)
def grain(size: Size, strength: int) -> Image.Image:
    """A chequered brightness: dithers wherever two steps of a ramp meet."""
    tile = Image.new("L", (2, 2))
    tile.putdata([NEUTRAL + strength, NEUTRAL - strength // 2, NEUTRAL - strength, NEUTRAL + strength // 2])
    tiled = Image.new("L", size)
    for y in range(0, size[1], 2):
        for x in range(0, size[0], 2):
            tiled.paste(tile, (x, y))
    return tiled
