"""The parts that all three share: a grown woman's face, hands with fingers, sparkles."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from PIL import Image

from .figure import Colour, Figure, Ramp
from .light import added, grain
from .shapes import Path, Point, mirrored

HEAD = 34
"""Dots from crown to chin; a figure is about seven and a half times as tall."""

SKIN: Ramp = ((104, 48, 74), (186, 108, 116), (228, 158, 144), (250, 208, 180), (255, 232, 212))
BLUSH: Colour = (240, 150, 146)
LIPS: Colour = (176, 62, 88)

_FACE = ((0, 0), (8, 1.5), (12.5, 8), (13, 17), (11.4, 23.5), (7, 29.5), (2.5, 33.6), (0, 34))
_NOSE = ("l.", "lt", "lt", "ss")
_SMILE = ("r......r", ".rrrrrr.", "..tttt..", "...tt...")


def face(
    figure: Figure, middle: float, top: float, ramp: Ramp = SKIN, *, lips: Colour = LIPS, blush: Colour = BLUSH
) -> Image.Image:
    """A head seen from the front, its crown at `top`, with nose and a smile but no eyes."""
    head = figure.lay(
        figure.area(*mirrored([(x, top + y) for x, y in _FACE], middle)),
        ramp,
        roundness=8,
        strength=0.55,
        bright=44,
        name="head",
        shadow=4,
    )
    for side in (-1, 1):
        figure.dots(blush, [(middle + side * x, top + 24 + x % 2) for x in (7, 8, 9, 10)])
    colours = {"t": ramp[2], "s": ramp[1], "l": ramp[-1], "r": lips, "b": blush}
    figure.stamp(_NOSE, (middle - 1, top + 21), colours)
    figure.stamp(_SMILE, (middle - 4, top + 27), colours)
    return head


def eyes(
    figure: Figure, inner: Point, stamp: Sequence[str], *, left: Mapping[str, Colour], right: Mapping[str, Colour]
) -> None:
    """Two eyes from one stamp, which shows the one on the right; the left one is its mirror image.

    `inner`: the place between the eyes, at the height of the stamp's first row.
    """
    middle, top = inner
    figure.stamp(stamp, (middle + 2, top), right)
    figure.stamp([row[::-1] for row in stamp], (middle - 2 - len(stamp[0]), top), left)


def hand(
    figure: Figure, wrist: Point, angle: float, ramp: Ramp, *, fan: float = 0.3, curl: float = 0.0, thumb: float = 1.0
) -> None:
    """An open hand that points to `angle` (degrees, 0 is right, 90 down).

    `fan`: how far the fingers are spread. `curl`: how far they bend, to the side of the thumb when positive.
    `thumb`: on which side it is (1 or -1).
    """
    way = math.radians(angle)
    palm = _gone(wrist, way, 7)
    figure.lay(figure.stroke([wrist, palm], [3.0, 4.0]), ramp, roundness=3, bright=20, name="body")
    _finger(figure, _gone(wrist, way + thumb * 0.9, 3.5), way + thumb * 0.8, 7, ramp, curl=-0.3 * thumb)
    for number, length in enumerate((9, 10.5, 10, 8)):
        side = thumb * (1.5 - number)
        base = _gone(_gone(palm, way, 1), way + math.pi / 2, side * 2.0)
        _finger(figure, base, way + side * fan, length, ramp, curl=curl * thumb)
    figure.lay(figure.stroke([wrist, palm], [2.6, 3.4]), ramp, roundness=3, bright=24, lined=False, name="body")


def fist(figure: Figure, at: Point, angle: float, ramp: Ramp, *, side: int = 1) -> None:
    """A hand closed around something that lies in the direction of `angle` (degrees, as with `hand`).

    `side`: where its back is, 1 for clockwise from that direction.
    """
    way = math.radians(angle)
    across = way + side * math.pi / 2
    figure.lay(figure.stroke([_gone(at, across, 3), _gone(at, across, 1)], [5, 5]), ramp, bright=30, name="body")
    for number in (1.5, 0.5, -0.5, -1.5):
        row = _gone(at, way, number * 2.7)
        finger = figure.stroke([_gone(row, across, 2), _gone(row, across, -3)], [1.5, 1.3])
        figure.lay(finger, ramp, roundness=2, bright=40, name="body")
    thumb = [
        _gone(_gone(at, way, -4), across, 4),
        _gone(_gone(at, way, -5), across, 0),
        _gone(_gone(at, way, -3), across, -3),
    ]
    figure.lay(figure.stroke(thumb, [1.8, 1.7, 1.2]), ramp, roundness=2, bright=44, name="body")


def _finger(figure: Figure, base: Point, way: float, length: float, ramp: Ramp, *, curl: float) -> None:
    bent = _gone(base, way, length / 2)
    tip = _gone(bent, way + curl, length / 2)
    figure.lay(figure.stroke([base, bent, tip], [1.5, 1.3, 0.7]), ramp, roundness=2, bright=30, name="body")


def _gone(start: Point, way: float, far: float) -> Point:
    return start[0] + math.cos(way) * far, start[1] + math.sin(way) * far


def stars(figure: Figure, mask: Image.Image, colours: Sequence[Colour], many: int) -> None:
    """Single dots of light, strewn over the mask."""
    box = mask.getbbox()
    if box is None:
        return
    left = many
    while left:
        at = (figure.dice.randrange(box[0], box[2]), figure.dice.randrange(box[1], box[3]))
        if mask.getpixel(at):
            figure.dots(figure.dice.choice(colours), [at])
            left -= 1


def clouds(figure: Figure, cell: int, share: float) -> Image.Image:
    """A mask of soft-edged patches about `cell` dots wide that cover about `share` (0 to 1) of everything."""
    wide, high = figure.size[0] // cell + 1, figure.size[1] // cell + 1
    coarse = Image.new("L", (wide, high))
    coarse.putdata([figure.dice.randrange(256) for _ in range(wide * high)])
    smooth = coarse.resize(figure.size, Image.Resampling.BICUBIC)
    level = round(255 * (1 - share))
    return added([smooth, grain(figure.size, 20)]).point([0] * level + [255] * (256 - level))


def sparkle(figure: Figure, at: Point, core: Colour, rays: Colour, reach: int = 2) -> None:
    """A star with four rays."""
    x, y = at
    for far in range(1, reach + 1):
        figure.dots(rays, [(x + far, y), (x - far, y), (x, y + far), (x, y - far)])
    figure.dots(core, [at])


def constellation(figure: Figure, points: Path, line: Colour, ray: Colour, core: Colour) -> None:
    """Stars joined by a dotted line."""
    for (x, y), (to_x, to_y) in pairwise(points):
        many = max(1, round(max(abs(to_x - x), abs(to_y - y))))
        figure.dots(line, [(x + (to_x - x) * n / many, y + (to_y - y) * n / many) for n in range(many)])
    for number, point in enumerate(points):
        sparkle(figure, (round(point[0]), round(point[1])), core, ray, 1 + number % 2)
