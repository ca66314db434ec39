"""Glowing things around a witch: an aurora of neon curtains, and portals with a turning rainbow."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .figure import Colour, Figure
from .light import BAYER
from .shapes import Point

_WAVES = 10.0
"""Dots by which an aurora's foot swings up and down."""


def aurora(figure: Figure, start: Point, end: Point, high: float, colours: Sequence[Colour], *, phase: float) -> None:
    """A curtain whose waving foot goes from `start` to `end`, of rays about `high` dots that fade out upwards."""
    wide = round(end[0] - start[0])
    for step in range(wide):
        share = step / wide
        foot = start[1] + (end[1] - start[1]) * share + _WAVES * math.sin(share * 11 + phase)
        ray = 0.74 + 0.16 * math.sin(step * 0.19 + phase) + 0.1 * math.sin(step * 0.71 + phase * 2)
        taper = math.sin(math.pi * min(0.5, 2.2 * min(share, 1 - share)))
        _ray(figure, start[0] + step, foot - 8 * (1 - taper), high * ray * taper, colours)


def _ray(figure: Figure, x: float, foot: float, high: float, colours: Sequence[Colour]) -> None:
    """One column of light: through all `colours` from the foot upwards, dithered where they meet and at its end."""
    for up in range(round(high)):
        y = round(foot) - up
        threshold = BAYER[y % 4 * 4 + round(x) % 4] / 16
        share = up / high
        if share > 0.72 and (share - 0.72) / 0.28 > threshold:
            continue
        band = (share**0.8 * len(colours)) + (threshold - 0.5) * 0.8
        figure.dots(colours[min(len(colours) - 1, max(0, int(band)))], [(x, y)])


def portal(
    figure: Figure, centre: Point, radius: float, colours: Sequence[Colour], dark: Colour, *, flat: float = 1.0
) -> None:
    """A whirl: arms of all `colours` wind into a dark middle. `flat`: its width for its height."""
    reach = math.ceil(radius)
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            colour = _whirl(math.hypot(dx / flat, dy) / radius, math.atan2(dy, dx / flat) / math.tau, colours, dark)
            if colour:
                figure.dots(colour, [(centre[0] + dx, centre[1] + dy)])


def _whirl(far: float, turn: float, colours: Sequence[Colour], dark: Colour) -> Colour | None:
    """The colour at a distance (1 is the rim) and a turn (-0.5 to 0.5); None beyond the ragged rim."""
    arm = (turn * 3 + far * 1.2) % 1
    if far > 0.82 + 0.18 * arm:
        return None
    if far < 0.3 + 0.12 * arm or far > 0.76 + 0.18 * arm:
        return dark
    return colours[int((far * 1.7 + turn * 2) % 1 * len(colours))]
