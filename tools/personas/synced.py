"""The synced entity: striped hat, one pink and one red eye, a white coat with golden runes, pipe and pistol."""

from __future__ import annotations

from PIL import Image

from .anatomy import SKIN, eyes, face, sparkle, stars
from .coat import GOLD, coat_back, coat_front, lapels
from .figure import OUTLINE, Colour, Figure, Ramp
from .hair import Locks, lock
from .hats import hat
from .legs import leg
from .light import thicker
from .regalia import GLASS, pipe_arm, pistol_arm
from .shapes import both, mirrored

MIDDLE, CROWN = 104, 54

SUIT: Ramp = ((14, 10, 40), (22, 18, 66), (36, 32, 100), (58, 58, 146), (96, 104, 200))
PINK: Ramp = ((96, 20, 84), (178, 52, 128), (228, 96, 164), (255, 150, 200), (255, 212, 232))
PURPLE: Ramp = ((40, 12, 72), (70, 26, 116), (104, 46, 160), (146, 80, 206), (190, 136, 238))
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


def synced_entity() -> Figure:
    """She stands ready, pistol up, the pipe's crystal glowing in her other hand."""
    her = Figure((208, 320), seed=3)
    _back_hair(her)
    coat_back(her, MIDDLE, PURPLE)
    for path, turn in (
        ([(94, 180), (89, 212), (86, 241), (81, 260), (80, 288)], -1),
        ([(114, 180), (117, 212), (116, 241), (119, 260), (117, 288)], 1),
    ):
        leg(her, path, turn, suit=SUIT, boot=PURPLE, trim=GOLD)
    _suit(her)
    _head(her)
    coat_front(her, MIDDLE)
    pipe_arm(her)
    pistol_arm(her)
    lapels(her, MIDDLE)
    hat(her, (MIDDLE, CROWN - 4), PINK, PURPLE, lean=-1)
    her.finish(GLASS[4])
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
    her.tint(both(mask, thicker(her.size, top, bottom)), PURPLE, GLASS)


def _back_hair(her: Figure) -> None:
    for path, thick in _HAIR:
        lock(her, path, thick, PURPLE, bright=-6)
    _to_teal(her, her.shape(), 120, 190)
    stars(her, her.shape(), (WHITE, GLASS[4], PINK[3]), 40)


def _suit(her: Figure) -> None:
    right = [(0, 96), (12, 98), (22, 106), (21, 124), (14, 146), (19, 164), (24, 182), (14, 194), (0, 192)]
    trunk = her.area(*mirrored([(float(x), float(y)) for x, y in right], MIDDLE))
    her.lay(trunk, SUIT, roundness=7, strength=1.2, grained=6, name="body",
            pleats=[([(92, 150), (102, 155), (114, 148)], 1.6, -30)])  # fmt: skip
    above = her.area((0, 0), (208, 0), (208, 232), (0, 232), smooth=False)
    stars(her, both(her.body["body"], above), (WHITE, PINK[3], GLASS[4]), 90)
    for at in ((100, 122), (108, 138), (101, 178), (90, 206), (116, 214)):
        sparkle(her, at, WHITE, GLASS[4], 1)
    belt = her.area((86, 163), (104, 169), (122, 163), (123, 169), (104, 175), (85, 169))
    her.lay(belt, GOLD, roundness=2, name="body", shadow=2)
    buckle = her.area((104, 165), (110, 172), (104, 180), (98, 172), smooth=False)
    her.lay(buckle, GOLD, roundness=2, bright=40, shadow=2)
    sparkle(her, (104, 172), WHITE, PINK[2], 1)


def _head(her: Figure) -> None:
    her.lay(her.stroke([(104, 80), (104, 92), (104, 102)], [5.4, 5, 6.6]), SKIN, roundness=4, bright=-10, name="body")
    face(her, MIDDLE, CROWN, lips=PINK[1], blush=PINK[3])
    for path, thick in _FRINGE:
        _to_teal(her, lock(her, path, thick, PURPLE, bright=14), 96, 170)
    tones = {"K": OUTLINE, "w": WHITE, "W": WHITE, "k": OUTLINE, "h": PURPLE[0]}
    pink = {**tones, "i": PINK[3], "d": PINK[2], "l": PINK[4]}
    red = {**tones, "i": RED, "d": PINK[0], "l": PINK[3]}
    eyes(her, (MIDDLE, CROWN + 15), _EYE, left=pink, right=red)
    eyes(her, (MIDDLE, CROWN + 11), _BROW, left=tones, right=tones)
