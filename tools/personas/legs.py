"""Legs in a tight suit and knee-high boots with heels."""

from __future__ import annotations

from .figure import Figure, Ramp
from .light import Fold
from .shapes import Path, Point


def leg(figure: Figure, path: Path, turn: int, *, suit: Ramp, boot: Ramp, trim: Ramp) -> None:
    """A leg through hip, thigh, knee, calf and ankle (22 dots above the ground), its foot to the side of `turn`."""
    thigh = figure.stroke(path, [13.5, 10.5, 6.6, 7.4, 3.8])
    figure.lay(thigh, suit, roundness=5, strength=1.1, grained=6, name="body")
    _foot(figure, path[4], turn, boot)
    _shaft(figure, path, boot)
    x, y = path[4]
    figure.lay(figure.stroke([(x - 4, y - 1), (x, y + 1), (x + 4, y - 1)], [1.3] * 3), trim, roundness=2, name="body")


def _foot(figure: Figure, ankle: Point, turn: int, boot: Ramp) -> None:
    x, y = ankle
    heel = figure.area((x - 5 * turn, y + 5), (x, y + 9), (x - 3 * turn, y + 21), (x - 5 * turn, y + 21), smooth=False)
    foot = figure.area((x - 5 * turn, y - 4), (x + 3 * turn, y - 4), (x + 5 * turn, y + 6), (x + 10 * turn, y + 15),
                       (x + 13 * turn, y + 20), (x + 7 * turn, y + 21), (x, y + 14),
                       (x - 5 * turn, y + 10))  # fmt: skip
    figure.lay(heel, boot, roundness=2, bright=-30, name="body")
    shine = ([(x + 2 * turn, y + 6), (x + 6 * turn, y + 14), (x + 10 * turn, y + 18)], 1.2, 50)
    figure.lay(foot, boot, roundness=3, strength=1.2, bright=6, name="body", pleats=[shine])


def _shaft(figure: Figure, path: Path, boot: Ramp) -> None:
    knee, calf, (x, y) = path[2:]
    pleats: list[Fold] = [
        ([(calf[0] - 4, calf[1] - 12), (calf[0] - 4, calf[1]), (x - 2, y - 10)], 1.6, 60),
        ([(x - 5, y - 6), (x, y - 4), (x + 5, y - 7)], 1.6, -50),
        ([(x - 5, y - 12), (x - 1, y - 10), (x + 5, y - 14)], 1.4, -36),
    ]
    shaft = figure.stroke([knee, calf, ((calf[0] + x) / 2, (calf[1] + y) / 2 + 4), (x, y + 4)], [7.6, 8.4, 6, 4.4])
    figure.lay(shaft, boot, roundness=4, strength=1.1, grained=6, name="body", pleats=pleats)
