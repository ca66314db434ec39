"""The synced entity's things: a golden pipe with a green crystal in a glass orb, a tiger-striped golden pistol."""

from __future__ import annotations

from .anatomy import SKIN, fist, sparkle
from .coat import GOLD, sleeve
from .figure import OUTLINE, Colour, Figure, Ramp
from .shapes import Point, both

GLASS: Ramp = ((10, 44, 70), (18, 82, 104), (28, 126, 136), (60, 182, 172), (140, 236, 210))
GREEN: Ramp = (GLASS[0], (24, 150, 76), (64, 210, 96), (176, 255, 128))
WHITE: Colour = (255, 255, 255)


def pistol_arm(her: Figure) -> None:
    """The arm on the right, the pistol ready."""
    shoulder, elbow, wrist = (127, 110), (150, 139), (161, 118)
    _pistol(her, (168, 102))
    fist(her, (170, 107), 58, SKIN, side=1)
    sleeve(her, shoulder, elbow, wrist)


def _pistol(her: Figure, at: Point) -> None:
    """In profile, its muzzle up and a little outwards; `at` is where barrel and grip meet."""

    def turned(*points: Point) -> list[Point]:
        return [(at[0] + x * 0.97 - y * 0.22, at[1] + x * 0.22 + y * 0.97) for x, y in points]

    guard = her.stroke(turned((4, -12), (12, -10), (12, -2), (5, 0)), [1.1] * 4)
    her.lay(guard, GOLD, roundness=1, bright=20)
    grip = her.area(*turned((-5, -4), (5, -4), (18, 8), (14, 17), (8, 14), (-4, 5)), smooth=False)
    her.lay(grip, GOLD, roundness=3, bright=-10)
    barrel = her.area(*turned((-6, 2), (5, 0), (5, -14), (3, -18), (3, -42), (-5, -42), (-6, -18)), smooth=False)
    her.lay(barrel, GOLD, roundness=3, bright=16)
    for up in (4, 12, 20, 28, 36):
        for stripe in (((-7, -up), (-1, -up - 3), (-7, -up + 3)), ((6, -up - 4), (-1, -up - 5), (6, -up))):
            her.fill(both(her.area(*turned(*stripe), smooth=False), barrel), OUTLINE)
    her.lay(her.stroke(turned((-5, -42), (3, -42)), [1.8, 1.8]), GOLD, roundness=2, bright=40)
    her.lay(her.stroke(turned((-6, 1), (-9, 4)), [1.6, 1.0]), GOLD, roundness=2, bright=-10)


def pipe_arm(her: Figure) -> None:
    """The arm on the left, the pipe held by its stem."""
    shoulder, elbow, wrist = (81, 110), (68, 146), (56, 135)
    stem = [(74, 96), (60, 112), (44, 124), (31, 116), (28, 100)]
    her.lay(her.stroke(stem, [1.6, 1.4, 1.8, 2.6, 3.2]), GOLD, roundness=2, bright=20)
    _orb(her, (27, 84))
    fist(her, (49, 121), 143, SKIN, side=-1)
    sleeve(her, shoulder, elbow, wrist)


def _orb(her: Figure, at: Point) -> None:
    x, y = at
    her.lay(her.stroke([(x - 6, y + 11), (x, y + 14), (x + 6, y + 11)], [2.5] * 3), GOLD, roundness=2, bright=20)
    her.lay(her.stroke([at, at], [13, 13]), GLASS, roundness=6, bright=88, strength=0.7)
    crystal = her.area(
        (x, y - 9), (x + 5, y - 2), (x + 3, y + 7), (x, y + 10), (x - 4, y + 6), (x - 5, y - 2), smooth=False
    )
    her.lay(crystal, GREEN, roundness=3, strength=1.1)
    her.dots(WHITE, [(x - 7, y - 6), (x - 6, y - 7), (x - 8, y - 5), (x - 7, y - 5), (x + 8, y + 5)])
    sparkle(her, (x - 2, y - 3), WHITE, GREEN[3], 1)
