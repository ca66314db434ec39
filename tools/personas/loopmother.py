"""The Dark Loopmother: striped hat, one glowing red eye, a body of starfield, portals, and a neon aurora behind her."""

from __future__ import annotations

from .anatomy import clouds, face, hand, sparkle, stars
from .figure import OUTLINE, Colour, Figure, Ramp
from .hair import Locks, lock
from .hats import hat
from .lights import aurora, portal
from .shapes import beside, both, disc, mirrored

MIDDLE, CROWN = 120, 52

NIGHT: Ramp = ((8, 6, 26), (14, 18, 56), (24, 34, 88), (42, 58, 134), (92, 122, 206))
DRESS: Ramp = ((8, 6, 26), (18, 14, 50), (32, 24, 84), (54, 40, 128), (96, 76, 186))
COSMOS: Ramp = ((8, 6, 26), (46, 12, 74), (86, 22, 112), (144, 42, 148), (214, 96, 196))
RAVEN: Ramp = ((8, 6, 26), (26, 15, 46), (44, 26, 72), (68, 42, 106), (116, 78, 164))
BLACK: Ramp = (OUTLINE, (20, 16, 30), (32, 27, 46), (50, 45, 70), (86, 82, 116))
CHALK: Ramp = (OUTLINE, (120, 116, 150), (176, 174, 200), (224, 224, 238), (255, 255, 255))
RAINBOW: tuple[Colour, ...] = (
    (255, 66, 98), (255, 156, 60), (255, 232, 96), (92, 240, 132), (70, 190, 255), (186, 92, 255),
)  # fmt: skip
AURORA: tuple[Colour, ...] = (
    (214, 255, 214),
    (92, 240, 132),
    (28, 200, 170),
    (70, 190, 255),
    (126, 84, 224),
    (186, 92, 255),
)
WHITE: Colour = (255, 255, 255)
EMBER: Colour = (255, 44, 56)
BLOOD: Colour = (150, 8, 44)
FIRE: Colour = (255, 196, 150)

_EYE = (
    "....d.d....",
    "..ddddddd..",
    ".ddeeeeedd.",
    "ddeefffeedd",
    ".deffwffed.",
    "ddefwwffedd",
    ".deeffffed.",
    "..ddeeeed..",
    "...d.d.d...",
)
_WINK = ("..llll..", "K......K", "KK....KK", ".KKKKKK.", "..K..K..")
_GRIN = ("r.........r", "rr.......rr", ".rrwrwrwrr.", "..rrrrrrr..")


def dark_loopmother() -> Figure:
    """She spreads her arms, and the world behind her comes loose."""
    her = Figure((240, 320), seed=2)
    _back_hair(her)
    _collar(her)
    _dress(her)
    _head(her)
    for side in (-1, 1):
        _arm(her, side)
    hat(her, (MIDDLE, CROWN - 2), CHALK, BLACK)
    her.finish(AURORA[2])
    front = her.lift()
    _behind(her)
    her.put_back(front)
    return her


_HAIR: Locks = (
    ([(108, 66), (92, 100), (90, 140), (78, 180), (58, 200)], 9),
    ([(132, 66), (148, 100), (150, 140), (164, 180), (186, 196)], 9),
    ([(112, 66), (100, 110), (100, 150), (94, 190), (78, 216)], 9),
    ([(128, 66), (140, 110), (140, 150), (148, 192), (168, 220)], 9),
    ([(106, 64), (95, 84), (88, 110), (76, 130), (62, 136)], 5),
    ([(134, 64), (145, 84), (152, 110), (164, 130), (180, 134)], 5),
)
_FRINGE: Locks = (
    ([(136, 58), (138, 72), (136, 90), (141, 110), (138, 132)], 3.6),
    ([(106, 60), (105, 72), (104, 92), (98, 114), (101, 136)], 4.5),
    ([(114, 57), (107, 64), (104, 74), (102, 86), (100, 98)], 4),
    ([(126, 57), (132, 61), (136, 68), (137, 80)], 3.5),
    ([(126, 56), (119, 58), (112, 61), (107, 68)], 3.6),
    ([(121, 56), (126, 58), (131, 60), (134, 65)], 3),
)


def _back_hair(her: Figure) -> None:
    for path, thick in _HAIR:
        lock(her, path, thick, RAVEN, bright=-6)
    stars(her, her.shape(), (WHITE, AURORA[2], RAINBOW[5]), 60)


def _dress(her: Figure) -> None:
    right = [(0, 95), (12, 95), (22, 102), (21, 122), (14, 144), (18, 160), (26, 184), (34, 214), (46, 250),
             (62, 288), (74, 302), (56, 300), (46, 309), (32, 301), (18, 310), (0, 303)]  # fmt: skip
    gown = her.area(*mirrored([(float(x), float(y)) for x, y in right], MIDDLE))
    pleats = [([(MIDDLE + x * 0.3, 150), (MIDDLE + x * 0.55, 215), (MIDDLE + x, 300)], 5.0, amount)
              for x, amount in ((-62, 40), (-50, -50), (-38, 46), (-24, -56), (-8, 40), (8, -60), (24, 30), (40, -50),
                                (54, 30))]  # fmt: skip
    her.lay(gown, DRESS, roundness=9, strength=1.0, grained=8, pleats=pleats, name="body")
    her.tint(both(gown, clouds(her, 22, 0.4)), DRESS, COSMOS)
    her.tint(both(gown, clouds(her, 26, 0.34)), DRESS, NIGHT)
    stars(her, gown, (WHITE, WHITE, AURORA[2], RAINBOW[5], RAINBOW[4]), 170)
    for at in ((96, 226), (140, 250), (112, 276), (160, 284), (82, 268), (130, 200), (118, 238)):
        sparkle(her, at, WHITE, AURORA[0])
    _bodice(her)


def _collar(her: Figure) -> None:
    for side in (-1, 1):
        outline = [(4, 102), (12, 92), (31, 70), (31, 70), (30, 96), (20, 110)]
        wing = her.area(*[(MIDDLE + side * x, y) for x, y in outline])
        her.lay(wing, COSMOS, roundness=4, bright=-20, pleats=[([(MIDDLE + side * 10, 102), (MIDDLE + side * 20, 90),
                (MIDDLE + side * 30, 72)], 2, 50)])  # fmt: skip


def _bodice(her: Figure) -> None:
    for side in (-1, 1):
        trim = [(MIDDLE + side * 15, 99), (MIDDLE + side * 12, 118), (MIDDLE, 137)]
        her.lay(her.stroke(trim, [1.4, 1.6, 1.4]), CHALK, roundness=2, shadow=2)
        pleat = [(MIDDLE + side * 18, 112), (MIDDLE + side * 15, 124), (MIDDLE + side * 8, 138)]
        her.dim(her.stroke(pleat, [0.5, 1.4, 0.5]))
    for at in ((MIDDLE - 4, 116), (MIDDLE + 5, 110), (MIDDLE + 2, 124)):
        sparkle(her, at, WHITE, AURORA[2], 1)
    for number, width in enumerate((19, 15, 16)):
        y = 138 + number * 7
        sash = her.stroke([(MIDDLE - width, y - 2), (MIDDLE, y + 2), (MIDDLE + width, y - 2)], [3, 3.4, 3])
        her.lay(sash, CHALK if number == 1 else BLACK, roundness=2, name="body")
    her.lay(her.area(*mirrored([(0, 146), (5, 146), (0, 154)], MIDDLE), smooth=False), NIGHT)


def _arm(her: Figure, side: int) -> None:
    at = beside(MIDDLE, side)
    raised = -26 if side < 0 else 0
    wrist = at(66, 142 + raised * 1.2)
    hand(her, wrist, 200 if side < 0 else 20, NIGHT, fan=0.42, curl=-0.5, thumb=-side)
    sleeve = her.area(at(18, 102), at(27, 103), at(44, 118), at(64, 134 + raised), at(70, 142 + raised),
                      at(76, 176 + raised), at(60, 190 + raised), at(44, 160 + raised / 2), at(22, 124))  # fmt: skip
    pleats = [([at(26, 110), at(44, 136 + raised / 2), at(x, 184 + raised)], 3.0, amount)
              for x, amount in ((56, -50), (64, 40), (72, -40))]  # fmt: skip
    her.lay(sleeve, DRESS, roundness=6, strength=1.1, grained=6, pleats=pleats, shadow=3, name="body")
    her.tint(both(sleeve, clouds(her, 18, 0.45)), DRESS, COSMOS)
    stars(her, sleeve, (WHITE, AURORA[2], RAINBOW[5]), 22)


def _head(her: Figure) -> None:
    her.lay(her.stroke([(MIDDLE, 78), (MIDDLE, 90), (MIDDLE, 99)], [5.2, 4.8, 7]), NIGHT, roundness=4, name="body")
    her.lay(
        her.stroke([(MIDDLE - 9, 95), (MIDDLE, 100), (MIDDLE + 9, 95)], [2.4, 2.6, 2.4]),
        CHALK,
        roundness=2,
        name="body",
    )
    her.lay(
        her.stroke([(MIDDLE, 101), (MIDDLE, 101)], [3.6, 3.6]), (OUTLINE, BLOOD, EMBER, FIRE), roundness=2, shadow=2
    )
    head = face(her, MIDDLE, CROWN, NIGHT, lips=NIGHT[2], blush=NIGHT[3])
    stars(her, head, (WHITE, AURORA[2], RAINBOW[4]), 16)
    tones = {"d": BLOOD, "e": EMBER, "f": FIRE, "w": WHITE, "r": EMBER, "K": NIGHT[0], "l": NIGHT[4]}
    her.stamp(_GRIN, (MIDDLE - 5, CROWN + 26), tones)
    for path, thick in _FRINGE:
        lock(her, path, thick, RAVEN, bright=6)
    her.stamp(_WINK, (MIDDLE - 10, CROWN + 17), tones)
    her.stamp(_EYE, (MIDDLE + 1, CROWN + 14), tones)


def _behind(her: Figure) -> None:
    aurora(her, (32, 132), (212, 112), 96, AURORA, phase=0.4)
    aurora(her, (18, 212), (224, 190), 104, AURORA, phase=2.2)
    for centre, radius in (((42, 88), 27), ((199, 112), 24), ((38, 250), 20), ((203, 244), 21)):
        portal(her, centre, radius, RAINBOW, NIGHT[0], flat=0.88)
        stars(her, disc(her.size, centre, 5), (WHITE, AURORA[0]), 4)
