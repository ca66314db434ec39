"""The joints of an adult's body: the positions of head, hands and feet in each pose."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PIL import Image

from .shapes import Point

WIDTH, HEIGHT = 88, 104
"""Size of a figure's canvas in dots."""
CENTRE, GROUND = 38.0, 101.0
HEAD_WIDE, HEAD_TALL = 4.9, 5.7
_THIGH, _SHIN, _UPPER, _FORE = 16.5, 17.0, 11.5, 11.0

# Degrees from straight down, towards where the person looks: upper and lower part of each limb.
_POSES: dict[str, tuple[tuple[int, int], ...]] = {
    #         back arm    front arm    back leg   front leg
    "stand": ((-14, 2), (12, 26), (-7, -4), (7, 2)),
    "talk": ((-16, 8), (34, 118), (-7, -4), (8, 3)),
    "fight": ((34, 92), (72, 108), (-24, -16), (30, 4)),
    "cast": ((-26, -40), (128, 158), (-12, -6), (12, 2)),
    "rest": ((-12, 10), (22, 84), (-6, -3), (6, 2)),
    "sit": ((-34, -8), (30, 78), (98, 12), (112, 14)),
    "mourn": ((8, 40), (14, 44), (-5, -2), (5, 1)),
    "kneel": ((8, 52), (16, 58), (2, -84), (84, 2)),
    "walk": ((-24, -2), (20, 44), (-22, -32), (22, 8)),
}
POSES = tuple(_POSES)


@dataclass(frozen=True)
class Joints:
    """The positions of a body's parts, in dots."""

    hip: Point
    neck: Point
    head: Point
    back_arm: tuple[Point, Point, Point]
    front_arm: tuple[Point, Point, Point]
    back_leg: tuple[Point, Point, Point]
    front_leg: tuple[Point, Point, Point]
    shoulders: float
    bowed: bool
    seated: bool

    @property
    def hand(self) -> Point:
        """The front hand."""
        return self.front_arm[2]

    @property
    def reach(self) -> Point:
        """The direction of the front forearm, as a vector of length 1."""
        (x0, y0), (x1, y1) = self.front_arm[1:]
        length = max(0.1, math.hypot(x1 - x0, y1 - y0))
        return (x1 - x0) / length, (y1 - y0) / length


def _step(start: Point, degrees: float, length: float) -> Point:
    angle = math.radians(degrees)
    return start[0] + math.sin(angle) * length, start[1] + math.cos(angle) * length


def _limb(start: Point, angles: tuple[int, int], first: float, second: float) -> tuple[Point, Point, Point]:
    middle = _step(start, angles[0], first)
    return start, middle, _step(middle, angles[1], second)


def joints(pose: str, build: float = 1.0) -> Joints:
    """Compute the joints of a pose, with the lower foot on the ground, looking to the right."""
    back_arm, front_arm, back_leg, front_leg = _POSES[pose]
    drop = max(
        _THIGH * math.cos(math.radians(upper)) + _SHIN * math.cos(math.radians(lower))
        for upper, lower in (back_leg, front_leg)
    )
    hip = (CENTRE, GROUND - 2.5 - drop)
    shoulders = 6.4 * build
    neck = (CENTRE + (1.5 if pose in {"fight", "walk"} else 0.4), hip[1] - 24.5)
    bowed = pose in {"mourn", "kneel"}
    head = (neck[0] + (2.6 if bowed else 1.2), neck[1] - (4.6 if bowed else 6.6))
    return Joints(
        hip=hip,
        neck=neck,
        head=head,
        back_arm=_limb((neck[0] - shoulders, neck[1] + 4.2), back_arm, _UPPER, _FORE),
        front_arm=_limb((neck[0] + shoulders, neck[1] + 4.2), front_arm, _UPPER, _FORE),
        back_leg=_limb((hip[0] - 3, hip[1]), back_leg, _THIGH, _SHIN),
        front_leg=_limb((hip[0] + 3, hip[1]), front_leg, _THIGH, _SHIN),
        shoulders=shoulders,
        bowed=bowed,
        seated=pose == "sit",
    )


def blank() -> Image.Image:
    """Make a figure's empty canvas."""
    return Image.new("RGBA", (WIDTH, HEIGHT))
