"""The witches' pointed hats: a bent cone with stripes around it, on a wide brim."""

from __future__ import annotations

import math
from itertools import pairwise

from PIL import Image

from .figure import Figure, Ramp
from .shapes import Point, both, spline, stroke, union

_CONE = (
    (0.0, 0.0, 17.0),
    (-1.0, -13.0, 13.0),
    (1.0, -26.0, 8.5),
    (9.0, -36.0, 5.0),
    (21.0, -40.0, 2.6),
    (32.0, -34.0, 0.8),
)
"""Places of the cone's middle line, seen from the middle of its foot, and half its thickness there."""


def hat(figure: Figure, foot: Point, light: Ramp, dark: Ramp, *, lean: int = 1) -> None:
    """A hat whose cone stands on `foot` and bends to the side of `lean` (-1 or 1), striped in two ramps."""
    x, y = foot
    line = spline([(x + lean * dx, y + dy, r) for dx, dy, r in _CONE])
    above = figure.area((x - 60, 0), (x + 60, 0), (x + 60, y), (x - 60, y), smooth=False)
    cone = both(stroke(figure.size, [(px, py) for px, py, _ in line], [r for *_, r in line]), above)
    creases = [([(x - 10, y - 16), (x - 2, y - 12), (x + 8, y - 17)], 1.6, -40),
               ([(x - 4, y - 30), (x + 2 * lean, y - 27), (x + 9, y - 31)], 1.4, -40)]  # fmt: skip
    figure.lay(cone, light, roundness=5, strength=1.1, bright=10, grained=6, pleats=creases)
    figure.tint(both(cone, _stripes(figure, line)), light, dark)
    _brim(figure, foot, light, dark)


def _stripes(figure: Figure, line: list[tuple[float, ...]]) -> Image.Image:
    """Every second band across the cone, sagging towards its foot."""
    bands = []
    gone, due = 0.0, 7.0
    for (x, y, r), (to_x, to_y, _) in pairwise(line):
        gone += math.hypot(to_x - x, to_y - y)
        if gone < due:
            continue
        period = max(4.5, r * 0.86)
        due += period
        way = math.atan2(to_y - y, to_x - x)
        across = (-math.sin(way) * (r + 2), math.cos(way) * (r + 2))
        middle = (x - math.cos(way) * r * 0.35, y - math.sin(way) * r * 0.35)
        thick = period * 0.26
        ends = [(x - across[0], y - across[1]), middle, (x + across[0], y + across[1])]
        bands.append(stroke(figure.size, ends, [thick] * 3))
    return union(bands)


def _brim(figure: Figure, foot: Point, light: Ramp, dark: Ramp) -> None:
    x, y = foot
    under = figure.area((x - 41, y + 5), (x - 20, y - 1), (x, y - 4), (x + 20, y - 1), (x + 41, y + 3), (x + 22, y + 9),
                        (x, y + 12), (x - 22, y + 10))  # fmt: skip
    figure.lay(under, dark, roundness=4, strength=1.1, bright=-6, grained=6, shadow=4)
    trim = figure.stroke([(x - 39, y + 5), (x - 22, y + 8), (x, y + 10), (x + 22, y + 7), (x + 39, y + 3)],
                         [0.4, 1.2, 1.5, 1.2, 0.4])  # fmt: skip
    figure.lay(both(trim, under), light, roundness=2, bright=20, lined=False)
    band = figure.stroke([(x - 18, y - 4), (x, y - 1), (x + 18, y - 4)], [2.4, 3.2, 2.4])
    figure.lay(band, light, roundness=2, bright=-10, shadow=2)
