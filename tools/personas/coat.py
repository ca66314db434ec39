"""The synced entity's white coat: golden hems and runes, a purple lining, turned-back cuffs."""

from __future__ import annotations

import math

from .figure import Figure, Ramp
from .light import Fold
from .shapes import Path, Point, beside, mirrored

COAT: Ramp = ((74, 64, 118), (138, 132, 184), (190, 188, 222), (232, 230, 244), (255, 255, 255))
GOLD: Ramp = ((92, 46, 30), (168, 94, 36), (222, 154, 52), (250, 208, 92), (255, 244, 184))

_RUNES = (
    ("g...g", ".g.g.", "..g..", ".ggg.", "..g..", "..g.."),
    ("..g..", ".g.g.", "g...g", ".g.g.", "..g..", "..ggg"),
    ("ggg..", "..g..", ".ggg.", "..g..", "..ggg", "....."),
    ("..g..", "g.g.g", "ggggg", "..g..", ".g.g.", "g...g"),
    ("g....", "gg...", "g.g..", "gg.g.", "g.g..", "g..g."),
)
"""Invented letters."""


def coat_back(her: Figure, middle: float, lining: Ramp) -> None:
    """Draw the part of the coat that is visible behind the legs."""
    right = [(0, 120), (16, 130), (24, 170), (36, 230), (50, 276), (34, 284), (22, 276), (0, 282)]
    her.lay(her.area(*mirrored(right, middle)), lining, roundness=6, bright=-40,
            grained=6, pleats=[([(middle + x * 0.4, 180), (middle + x * 0.8, 240), (middle + x, 280)], 4, a)
                               for x, a in ((-30, 40), (-16, -30), (0, 40), (16, -30), (32, 40))])  # fmt: skip


def coat_front(her: Figure, middle: float) -> None:
    """The two open halves in front, from the shoulders to the calves."""
    for side in (-1, 1):
        at = beside(middle, side)
        panel = her.area(at(8, 98), at(20, 98), at(27, 106), at(25, 130), at(19, 150), at(27, 178), at(38, 226),
                         at(54, 282), at(40, 290), at(30, 286), at(27, 240), at(20, 196), at(13, 160),
                         at(13, 124))  # fmt: skip
        pleats = [([at(18, 152), at(26, 200), at(36, 284)], 4.0, -84),
                  ([at(24, 170), at(35, 224), at(47, 282)], 4.0, -66),
                  ([at(16, 112), at(20, 128), at(17, 148)], 2.4, -50)]  # fmt: skip
        her.lay(panel, COAT, roundness=6, strength=1.0, bright=30, grained=6, pleats=pleats, shadow=3, name="body")
        _hem(her, [at(54, 281), at(40, 288), at(31, 285)], [at(31, 284), at(27, 240), at(20, 196), at(14, 160)])
        for number, (x, y) in enumerate(((21, 180), (26, 200), (30, 220), (34, 240), (38, 260), (20, 122), (19, 134))):
            _rune(her, at(x, y), number)


def lapels(her: Figure, middle: float) -> None:
    """The high collar, over the sleeves."""
    for side in (-1, 1):
        at = beside(middle, side)
        lapel = her.area(at(4, 108), at(8, 94), at(17, 90), at(22, 102), at(16, 116), at(11, 132))
        her.lay(lapel, COAT, roundness=3, bright=50, shadow=2, name="body")
        _hem(her, [at(17, 91), at(21, 102), at(16, 115), at(11, 131)])


def _hem(her: Figure, *paths: Path) -> None:
    for path in paths:
        her.lay(her.stroke(path, [1.1] * len(path)), GOLD, roundness=1, bright=40, lined=False)


def _rune(her: Figure, at: Point, number: int) -> None:
    rune = _RUNES[number % len(_RUNES)]
    her.stamp(rune, (at[0] - 2, at[1] + 1), {"g": GOLD[3]})
    her.stamp(rune, (at[0] - 2, at[1]), {"g": GOLD[1]})


def sleeve(her: Figure, shoulder: Point, elbow: Point, wrist: Point) -> None:
    """A sleeve with creases at the elbow and a cuff."""
    x, y = elbow
    creases: list[Fold] = [([(x - 6, y - 8), (x, y - 5), (x + 6, y - 8)], 1.8, -70),
                           ([(x - 6, y - 2), (x, y - 1), (x + 6, y - 3)], 1.8, -70)]  # fmt: skip
    for start, end, radii in ((shoulder, elbow, (8.6, 8, 7.4)), (elbow, wrist, (7.4, 7.2, 7.6))):
        tube = her.stroke([start, _between(start, end, 0.5), end], radii)
        her.lay(tube, COAT, roundness=4, bright=34, grained=6, pleats=creases, shadow=3, name="body")
    _cuff(her, _between(elbow, wrist, 0.72), wrist)


def _cuff(her: Figure, upper: Point, lower: Point) -> None:
    her.lay(her.stroke([upper, lower], [8.2, 9]), COAT, roundness=3, bright=20, shadow=2, name="body")
    way = math.atan2(lower[1] - upper[1], lower[0] - upper[0])
    wide = (-math.sin(way) * 8, math.cos(way) * 8)
    for x, y in (_between(upper, lower, -0.5), _between(upper, lower, 1.3)):
        _hem(her, [(x - wide[0], y - wide[1]), (x, y), (x + wide[0], y + wide[1])])


def _between(start: Point, end: Point, share: float) -> Point:
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
