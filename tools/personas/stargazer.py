"""Stargazer: galaxy hair, pink spiral eyes, an armoured suit with glowing constellations, heeled boots."""

from __future__ import annotations

import math

from .anatomy import SKIN, clouds, constellation, eyes, face, hand, sparkle, stars
from .figure import OUTLINE, Colour, Figure, Ramp
from .hair import Locks, lock
from .legs import leg
from .light import thicker
from .shapes import Path, Point, both, disc, mirrored, union

MIDDLE, CROWN = 96, 20

SUIT: Ramp = ((20, 16, 52), (28, 24, 84), (40, 40, 122), (60, 66, 166), (92, 104, 208))
PLATE: Ramp = ((34, 26, 78), (62, 52, 138), (98, 88, 190), (146, 140, 230), (208, 208, 255))
BOOT: Ramp = ((48, 14, 76), (84, 28, 124), (130, 52, 176), (178, 92, 216), (226, 158, 246))
HAIR: Ramp = ((18, 8, 40), (30, 16, 62), (46, 28, 92), (72, 46, 136), (118, 86, 196))
NEBULA: Ramp = ((18, 8, 40), (64, 16, 84), (108, 28, 122), (166, 48, 150), (232, 110, 196))
GLOW: Colour = (128, 218, 255)
FAINT: Colour = (72, 128, 222)
WHITE: Colour = (255, 255, 255)
PINK: Colour = (255, 84, 170)
ROSE: Colour = (255, 200, 230)
WINE: Colour = (140, 18, 92)

_EYE = (
    "..KKKKKK.",
    ".KKKKKKKK",
    "KKWWppppK",
    ".wWWlllpw",
    ".wpppplpw",
    ".wpldplpw",
    "..pllllpK",
    "...pppp..",
)
_BROW = ("..hhhhh.", ".hh...hh")


def stargazer() -> Figure:
    """She stands at ease, a small galaxy floating above her open hand."""
    her = Figure((192, 296), seed=1)
    _back_hair(her)
    _legs(her)
    _torso(her)
    _arm_on_hip(her)
    _head(her)
    _raised_arm(her)
    her.finish(GLOW)
    _galaxy(her, (33, 42))
    return her


# Hair


_BACK: Locks = (
    ([(84, 36), (66, 78), (60, 122), (48, 158), (30, 176)], 9),
    ([(108, 36), (127, 80), (134, 126), (150, 166), (178, 180)], 10),
    ([(88, 40), (74, 90), (74, 140), (62, 184), (44, 202)], 9),
    ([(104, 40), (118, 90), (122, 140), (136, 186), (162, 206)], 10),
    ([(92, 40), (86, 100), (88, 150), (78, 200), (62, 222)], 9),
    ([(100, 40), (108, 100), (108, 150), (118, 202), (142, 228)], 10),
    ([(80, 34), (67, 70), (64, 106), (54, 136), (38, 148)], 5),
    ([(112, 34), (126, 70), (131, 108), (146, 138), (166, 146)], 5),
    ([(104, 60), (121, 104), (124, 144), (130, 172), (146, 184)], 4),
    ([(88, 60), (70, 104), (70, 140), (62, 160), (50, 172)], 4),
)


def _back_hair(her: Figure) -> None:
    for path, thick in _BACK:
        lock(her, path, thick, HAIR, bright=-14)
    everything = her.shape()
    her.tint(both(everything, clouds(her, 16, 0.42)), HAIR, NEBULA)
    stars(her, everything, (WHITE, ROSE, GLOW, FAINT, PINK), 150)
    for at in ((60, 142), (138, 150), (150, 194), (72, 196), (124, 206), (134, 112)):
        sparkle(her, at, WHITE, ROSE)


_FRINGE: Locks = (
    ([(92, 20), (81, 26), (78, 46), (76, 68), (70, 92)], 4.5),
    ([(100, 20), (111, 26), (114, 46), (117, 70), (124, 96)], 4.5),
    ([(100, 18), (110, 24), (113, 34), (112, 48)], 4.5),
    ([(92, 18), (83, 24), (80, 34), (81, 48)], 4.5),
    ([(100, 17), (107, 21), (110, 27), (110, 35)], 4.5),
    ([(91, 18), (86, 22), (84, 28), (85, 36)], 4.5),
    ([(99, 16), (103, 20), (106, 25), (105, 32)], 4),
    ([(95, 16), (92, 20), (90, 25), (91, 32)], 4.5),
    ([(98, 16), (98, 20), (98, 25), (95, 33)], 4),
)


_SHINE = ((81, 30, 5), (84, 27, 5), (87, 27, 2), (90, 23, 6), (93, 24, 3), (100, 23, 5), (103, 24, 2), (106, 25, 3))
"""Highlights on the crown of her hair, with their lengths downwards."""


def _fringe(her: Figure) -> None:
    masks = [lock(her, path, thick, HAIR, bright=14) for path, thick in _FRINGE]
    long = union(masks[:2])
    her.tint(both(long, thicker(her.size, 52, 84)), HAIR, NEBULA)
    for x, y, high in _SHINE:
        her.fill(her.stroke([(x, y), (x - 0.4, y + high)], [0.8, 0.4]), PLATE[3])
    for mask in masks:
        stars(her, mask, (WHITE, ROSE, GLOW), 2)
    sparkle(her, (109, 26), WHITE, ROSE)
    sparkle(her, (84, 56), WHITE, GLOW, 1)


# Body


def _legs(her: Figure) -> None:
    for path, turn in (
        ([(86, 146), (81, 178), (78, 207), (73, 226), (72, 254)], -1),
        ([(106, 146), (109, 178), (108, 207), (111, 226), (109, 254)], 1),
    ):
        leg(her, path, turn, suit=SUIT, boot=BOOT, trim=PLATE)
        _knee(her, path[2])
    constellation(her, [(82, 160), (77, 172), (83, 184), (78, 194)], FAINT, GLOW, WHITE)
    constellation(her, [(104, 168), (111, 178), (105, 190)], FAINT, GLOW, WHITE)


def _knee(her: Figure, at: Point) -> None:
    x, y = at
    plate = her.area((x, y - 14), (x + 6, y - 5), (x + 7, y + 1), (x, y + 8), (x - 7, y + 1), (x - 6, y - 5))
    her.lay(
        plate,
        PLATE,
        roundness=3,
        bright=-8,
        shadow=3,
        name="body",
        pleats=[([(x, y - 12), (x, y), (x, y + 9)], 1.2, 70)],
    )
    sparkle(her, (round(x), round(y - 1)), WHITE, GLOW, 1)


def _torso(her: Figure) -> None:
    right = [(0, 62), (12, 64), (24, 70), (23, 88), (15, 112), (20, 130), (24, 148), (14, 160), (0, 158)]
    trunk = her.area(*mirrored(right, MIDDLE))
    creases = [([(83, 116), (93, 121), (107, 113)], 1.6, -30), ([(82, 122), (96, 127), (110, 120)], 1.6, -26),
               ([(96, 146), (96, 152), (96, 160)], 2, -40)]  # fmt: skip
    her.lay(trunk, SUIT, roundness=7, strength=1.2, grained=6, name="body", pleats=creases)
    _breastplate(her)
    constellation(her, [(84, 116), (91, 123), (99, 118), (107, 126)], FAINT, GLOW, WHITE)
    for side in (-1, 1):
        hip = her.area((MIDDLE + side * 12, 138), (MIDDLE + side * 23, 134), (MIDDLE + side * 28, 148),
                       (MIDDLE + side * 21, 168), (MIDDLE + side * 14, 156))  # fmt: skip
        her.lay(hip, PLATE, roundness=4, bright=-24, shadow=2, name="body")
    belt = her.area((75, 131), (96, 138), (117, 131), (119, 135), (96, 143), (73, 135))
    her.lay(belt, BOOT, roundness=2, name="body", shadow=2)
    her.lay(
        her.area((96, 133), (101, 140), (96, 147), (91, 140), smooth=False), PLATE, roundness=2, bright=40, shadow=2
    )
    sparkle(her, (96, 140), WHITE, GLOW)


def _breastplate(her: Figure) -> None:
    right = [(0, 78), (9, 72), (19, 74), (20.5, 84), (19, 94), (12, 101), (5, 105), (0, 112)]
    plate = her.area(*mirrored(right, MIDDLE))
    shine = [([(81, 79), (79, 84), (80, 90)], 3, 40), ([(96, 80), (96, 92), (96, 108)], 2, -60),
             ([(78, 98), (86, 96), (96, 104)], 2, -34), ([(114, 98), (106, 96), (97, 104)], 2, -34)]  # fmt: skip
    her.lay(plate, PLATE, roundness=6, bright=-22, shadow=3, grained=6, name="body", pleats=shine)
    her.lay(disc(her.size, (MIDDLE, 104), 3.6), (SUIT[0], FAINT, GLOW, WHITE), roundness=2, shadow=2)
    constellation(her, [(80, 86), (88, 82), (96, 90), (104, 84), (112, 88)], FAINT, GLOW, WHITE)


def _arm_on_hip(her: Figure) -> None:
    upper = her.stroke([(119, 76), (134, 92), (145, 110)], [8, 7, 6])
    her.lay(upper, SUIT, roundness=4, strength=1.1, grained=6, name="body")
    hand(her, (124, 131), 165, SUIT, fan=0.15, thumb=-1)
    _bracer(her, [(146, 110), (136, 122), (124, 131)])
    _pauldron(her, 1)


def _raised_arm(her: Figure) -> None:
    upper = her.stroke([(73, 76), (62, 92), (51, 106)], [8, 7, 6])
    her.lay(upper, SUIT, roundness=4, strength=1.1, grained=6, name="body", shadow=3)
    hand(her, (37, 77), -100, SUIT, fan=0.34)
    _bracer(her, [(50, 106), (43, 92), (37, 77)])
    _pauldron(her, -1)


def _bracer(her: Figure, path: Path) -> None:
    (x, y), (to_x, to_y) = path[0], path[2]
    shine = ([(x - 2, y - 2), ((x + to_x) / 2 - 2, (y + to_y) / 2 - 2), (to_x - 1, to_y)], 1.4, 50)
    her.lay(her.stroke(path, [6.6, 6.4, 4.2]), PLATE, roundness=3, bright=-14, shadow=3, name="body", pleats=[shine])
    her.lay(her.stroke([path[0], path[0]], [5, 5]), PLATE, roundness=3, bright=6, name="body")


def _pauldron(her: Figure, side: int) -> None:
    for low, bright in ((6, -40), (0, -6)):
        plate = her.area((MIDDLE + side * 15, 66 + low), (MIDDLE + side * 26, 62 + low), (MIDDLE + side * 35, 71 + low),
                         (MIDDLE + side * 37, 83 + low), (MIDDLE + side * 26, 78 + low))  # fmt: skip
        her.lay(plate, PLATE, roundness=4, bright=bright, shadow=3, grained=6, name="body")
    sparkle(her, (MIDDLE + side * 27, 71), WHITE, GLOW, 1)


# Head


def _head(her: Figure) -> None:
    her.lay(her.stroke([(96, 46), (96, 58), (96, 68)], [5.4, 5, 6.6]), SKIN, roundness=4, bright=-10, name="body")
    collar = her.area((87, 57), (96, 63), (105, 57), (111, 68), (96, 77), (81, 68))
    her.lay(collar, PLATE, roundness=3, bright=-30, name="body")
    face(her, MIDDLE, CROWN)
    tones = {"K": OUTLINE, "w": WHITE, "p": PINK, "l": ROSE, "W": WHITE, "d": WINE, "h": HAIR[0]}
    _fringe(her)
    eyes(her, (MIDDLE, CROWN + 15), _EYE, left=tones, right=tones)
    eyes(her, (MIDDLE, CROWN + 12), _BROW, left=tones, right=tones)


def _galaxy(her: Figure, at: Point) -> None:
    """A small galaxy, seen aslant: two arms of stars around a bright core."""
    for dy in range(-13, 14):
        for dx in range(-22, 23):
            x, y = dx * 0.96 + dy * 0.28, (dy * 0.96 - dx * 0.28) / 0.5
            far, turn = math.hypot(x, y) / 22, math.atan2(y, x) / math.tau
            if far < 1:
                her.dots(_galaxy_light(far, (turn * 2 - far * 1.7) % 1), [(at[0] + dx, at[1] + dy)])
    sparkle(her, at, WHITE, WHITE, 2)


def _galaxy_light(far: float, arm: float) -> Colour:
    """The colour at a distance from the core (0 to 1) and a place across the arms (0 to 1, in an arm near 0.5)."""
    if far < 0.2:
        return WHITE if far < 0.14 else ROSE
    depth = abs(arm - 0.5) * 2 + far * 0.3
    if depth < 0.34:
        return (ROSE, PINK, GLOW, FAINT)[min(3, int(far * 4))]
    return NEBULA[3 if depth < 0.5 and far < 0.7 else 2 if depth < 0.7 and far < 0.8 else 1]
