"""The synced entity: striped hat, one pink and one red eye, a white coat with golden runes, pipe and pistol."""

from __future__ import annotations

import math

from PIL import Image

from .anatomy import SKIN, eyes, face, hand, sparkle, stars
from .figure import OUTLINE, Colour, Figure, Ramp
from .hair import Locks, lock
from .hats import hat
from .legs import leg
from .light import thicker
from .shapes import Path, Point, both, mirrored

MIDDLE, CROWN = 104, 54

COAT: Ramp = ((74, 64, 118), (138, 132, 184), (190, 188, 222), (232, 230, 244), (255, 255, 255))
SUIT: Ramp = ((14, 10, 40), (22, 18, 66), (36, 32, 100), (58, 58, 146), (96, 104, 200))
GOLD: Ramp = ((92, 46, 30), (168, 94, 36), (222, 154, 52), (250, 208, 92), (255, 244, 184))
PINK: Ramp = ((96, 20, 84), (178, 52, 128), (228, 96, 164), (255, 150, 200), (255, 212, 232))
PURPLE: Ramp = ((40, 12, 72), (70, 26, 116), (104, 46, 160), (146, 80, 206), (190, 136, 238))
TEAL: Ramp = ((10, 44, 70), (18, 82, 104), (28, 126, 136), (60, 182, 172), (140, 236, 210))
WHITE: Colour = (255, 255, 255)
RED: Colour = (232, 28, 46)

_EYE = (
    "..KKKKKK.",
    ".KKKKKKKK",
    "KKWWddddK",
    ".wWWikidw",
    ".wdikkidw",
    ".wdiikidw",
    "..dllldwK",
    "...ddd...",
)
_BROW = (".....hh.", "..hhhhhh", ".hh.....")
_RUNES = (
    ("g...g", ".g.g.", "..g..", ".ggg.", "..g..", "..g.."),
    ("..g..", ".g.g.", "g...g", ".g.g.", "..g..", "..ggg"),
    ("ggg..", "..g..", ".ggg.", "..g..", "..ggg", "....."),
    ("..g..", "g.g.g", "ggggg", "..g..", ".g.g.", "g...g"),
    ("g....", "gg...", "g.g..", "gg.g.", "g.g..", "g..g."),
)
"""Invented letters."""


def synced_entity() -> Figure:
    """She stands ready, pistol up, the pipe's crystal glowing in her other hand."""
    her = Figure((208, 320), seed=3)
    _back_hair(her)
    _coat_back(her)
    for path, turn in (
        ([(94, 180), (89, 212), (86, 241), (81, 260), (80, 288)], -1),
        ([(114, 180), (117, 212), (116, 241), (119, 260), (117, 288)], 1),
    ):
        leg(her, path, turn, suit=SUIT, boot=PURPLE, trim=GOLD)
    _suit(her)
    _head(her)
    _coat_front(her)
    _pipe_arm(her)
    _pistol_arm(her)
    _lapels(her)
    hat(her, (MIDDLE, CROWN - 4), PINK, PURPLE, lean=-1)
    her.finish(TEAL[4])
    return her


_HAIR: Locks = (
    ([(92, 68), (76, 104), (70, 150), (56, 196), (34, 214)], 9),
    ([(116, 68), (134, 104), (142, 150), (156, 194), (184, 206)], 10),
    ([(96, 68), (84, 120), (82, 170), (68, 222), (50, 246)], 9),
    ([(112, 68), (126, 120), (130, 170), (146, 222), (172, 242)], 10),
    ([(90, 66), (79, 90), (72, 124), (60, 150), (44, 160)], 5),
    ([(118, 66), (130, 90), (138, 124), (152, 148), (172, 154)], 5),
)
_FRINGE: Locks = (
    ([(118, 62), (119, 76), (117, 96), (124, 124), (119, 150)], 4.5),
    ([(90, 62), (89, 76), (88, 96), (83, 122), (87, 146)], 4.5),
    ([(108, 60), (115, 65), (119, 74), (120, 92)], 4),
    ([(100, 60), (93, 65), (89, 74), (87, 92)], 4),
    ([(106, 58), (110, 61), (113, 64), (115, 69)], 3.5),
    ([(106, 58), (99, 61), (95, 65), (95, 71)], 4),
)


def _to_teal(her: Figure, mask: Image.Image, top: int, bottom: int) -> None:
    """The hair runs from purple to teal on the way down."""
    her.tint(both(mask, thicker(her.size, top, bottom)), PURPLE, TEAL)


def _back_hair(her: Figure) -> None:
    for path, thick in _HAIR:
        lock(her, path, thick, PURPLE, bright=-6)
    _to_teal(her, her.shape(), 120, 190)
    stars(her, her.shape(), (WHITE, TEAL[4], PINK[3]), 40)


def _coat_back(her: Figure) -> None:
    right = [(0, 120), (16, 130), (24, 170), (36, 230), (50, 276), (34, 284), (22, 276), (0, 282)]
    her.lay(her.area(*mirrored([(float(x), float(y)) for x, y in right], MIDDLE)), PURPLE, roundness=6, bright=-40,
            grained=6, pleats=[([(MIDDLE + x * 0.4, 180), (MIDDLE + x * 0.8, 240), (MIDDLE + x, 280)], 4, a)
                               for x, a in ((-30, 40), (-16, -30), (0, 40), (16, -30), (32, 40))])  # fmt: skip


def _suit(her: Figure) -> None:
    right = [(0, 96), (12, 98), (22, 106), (21, 124), (14, 146), (19, 164), (24, 182), (14, 194), (0, 192)]
    trunk = her.area(*mirrored([(float(x), float(y)) for x, y in right], MIDDLE))
    her.lay(trunk, SUIT, roundness=7, strength=1.2, grained=6, name="body",
            pleats=[([(92, 150), (102, 155), (114, 148)], 1.6, -30)])  # fmt: skip
    above = her.area((0, 0), (208, 0), (208, 232), (0, 232), smooth=False)
    stars(her, both(her.body["body"], above), (WHITE, PINK[3], TEAL[4]), 90)
    for at in ((100, 122), (108, 138), (101, 178), (90, 206), (116, 214)):
        sparkle(her, at, WHITE, TEAL[4], 1)
    belt = her.area((82, 162), (104, 169), (126, 162), (127, 168), (104, 175), (81, 168))
    her.lay(belt, GOLD, roundness=2, name="body", shadow=2)


def _coat_front(her: Figure) -> None:
    for side in (-1, 1):

        def at(x: float, y: float, side: int = side) -> Point:
            return MIDDLE + side * x, y

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


def _lapels(her: Figure) -> None:
    for side in (-1, 1):

        def at(x: float, y: float, side: int = side) -> Point:
            return MIDDLE + side * x, y

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


def _sleeve(her: Figure, shoulder: Point, elbow: Point, wrist: Point) -> None:
    middle = ((shoulder[0] + elbow[0]) / 2, (shoulder[1] + elbow[1]) / 2)
    creases = [([(elbow[0] - 6, elbow[1] - 8), (elbow[0], elbow[1] - 5), (elbow[0] + 6, elbow[1] - 8)], 1.6, -60),
               ([(elbow[0] - 6, elbow[1] - 2), (elbow[0], elbow[1] - 1), (elbow[0] + 6, elbow[1] - 3)], 1.6,
                -60)]  # fmt: skip
    her.lay(her.stroke([shoulder, middle, elbow], [8.6, 8, 7.4]), COAT, roundness=4, bright=40, grained=6,
            pleats=creases, shadow=3, name="body")  # fmt: skip
    lower = ((elbow[0] + wrist[0]) / 2, (elbow[1] + wrist[1]) / 2)
    her.lay(her.stroke([elbow, lower, wrist], [7.4, 7.4, 8]), COAT, roundness=4, bright=40, grained=6,
            pleats=creases, shadow=3, name="body")  # fmt: skip
    across = (wrist[1] - elbow[1], elbow[0] - wrist[0])
    far = math.hypot(*across) / 9
    x, y = across[0] / far, across[1] / far
    _hem(her, [(wrist[0] - x, wrist[1] - y), wrist, (wrist[0] + x, wrist[1] + y)])


def _pistol_arm(her: Figure) -> None:
    shoulder, elbow, wrist = (127, 110), (151, 138), (163, 116)
    _pistol(her, (168, 102))
    hand(her, (163, 114), -62, SKIN, fan=0.02, curl=1.5, thumb=-1)
    _sleeve(her, shoulder, elbow, wrist)


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


def _pipe_arm(her: Figure) -> None:
    shoulder, elbow, wrist = (81, 110), (66, 146), (50, 136)
    stem = [(74, 96), (60, 112), (44, 124), (31, 116), (28, 100)]
    her.lay(her.stroke(stem, [1.6, 1.4, 1.8, 2.6, 3.2]), GOLD, roundness=2, bright=20)
    _orb(her, (27, 84))
    hand(her, (50, 135), 235, SKIN, fan=0.06, curl=1.3, thumb=1)
    _sleeve(her, shoulder, elbow, wrist)


def _orb(her: Figure, at: Point) -> None:
    x, y = at
    her.lay(her.stroke([(x - 6, y + 11), (x, y + 14), (x + 6, y + 11)], [2.5] * 3), GOLD, roundness=2, bright=20)
    her.lay(her.stroke([at, at], [13, 13]), TEAL, roundness=6, bright=30, strength=0.6)
    crystal = her.area(
        (x, y - 9), (x + 5, y - 2), (x + 3, y + 7), (x, y + 10), (x - 4, y + 6), (x - 5, y - 2), smooth=False
    )
    green: Ramp = (TEAL[0], (24, 150, 76), (70, 216, 110), TEAL[4])
    her.lay(crystal, green, roundness=2, strength=1.2)
    her.dots(WHITE, [(x - 7, y - 6), (x - 6, y - 7), (x - 8, y - 5), (x - 7, y - 5), (x + 8, y + 5)])
    sparkle(her, (x - 2, y - 3), WHITE, green[3], 1)


def _head(her: Figure) -> None:
    her.lay(her.stroke([(104, 80), (104, 92), (104, 102)], [5.4, 5, 6.6]), SKIN, roundness=4, bright=-10, name="body")
    face(her, MIDDLE, CROWN, lips=PINK[1], blush=PINK[3])
    for path, thick in _FRINGE:
        _to_teal(her, lock(her, path, thick, PURPLE, bright=14), 96, 170)
    tones = {"K": OUTLINE, "w": WHITE, "W": WHITE, "k": OUTLINE, "h": PURPLE[0]}
    pink = {**tones, "i": PINK[2], "d": PINK[1], "l": PINK[3]}
    red = {**tones, "i": RED, "d": PINK[0], "l": PINK[3]}
    eyes(her, (MIDDLE, CROWN + 15), _EYE, left=pink, right=red)
    eyes(her, (MIDDLE, CROWN + 11), _BROW, left=tones, right=tones)
