"""Stargazer: a galaxy in her hair, pink spiral eyes, constellations on dark indigo armour."""

from __future__ import annotations

from PIL import Image

from cogs.scene_art.painters.storyboard.ink import Colour, mix
from cogs.scene_art.painters.storyboard.shapes import ellipse, limb, polygon

from .easel import Easel, eye, features, hand, head, mirrored, strand

HAIR: Colour = (80, 42, 122)
SUIT: Colour = (52, 54, 136)
PLATE: Colour = (104, 110, 214)
BOOT: Colour = (156, 68, 204)
STARS: tuple[Colour, ...] = ((255, 255, 255), (255, 170, 230), (140, 220, 255), (200, 160, 255))
X, Y = 64, 30


def draw() -> Image.Image:
    """The figure on nothing."""
    easel = Easel(7)
    _back_hair(easel)
    _legs(easel)
    _body(easel)
    _arms(easel)
    head(easel, X, Y)
    eye(easel, X - 4.6, Y + 2, (255, 92, 190), spiral=True)
    eye(easel, X + 4.6, Y + 2, (255, 92, 190), spiral=True)
    features(easel, X, Y, HAIR)
    _front_hair(easel)
    _gift(easel)
    return easel.image


def _back_hair(easel: Easel) -> None:
    outline = [
        (54, 20),
        (74, 20),
        (84, 46),
        (90, 78),
        (96, 112),
        (84, 104),
        (80, 122),
        (66, 108),
        (54, 124),
        (46, 106),
        (34, 116),
        (38, 80),
        (42, 46),
    ]
    mass = easel.form(polygon(outline), HAIR, volume=9)
    for points in (
        [(48, 40), (44, 80), (38, 112)],
        [(58, 50), (54, 90), (54, 120)],
        [(78, 44), (82, 84), (80, 118)],
        [(84, 60), (90, 96), (95, 110)],
    ):
        easel.line(points, mix(HAIR, (140, 90, 210), 0.45))
    easel.stars(mass, 210, STARS)


def _legs(easel: Easel) -> None:
    for leg, boot, toe in (
        (
            [(56.4, 104), (55, 140), (53, 178)],
            [(55, 142), (54, 164), (53, 178)],
            [(48.6, 177), (55.6, 177), (55, 186), (50, 187), (44, 188), (44, 185)],
        ),
        (
            [(72, 104), (76, 140), (79, 178)],
            [(75.6, 142), (77.6, 164), (79, 178)],
            [(75.4, 177), (82.4, 177), (87, 185), (87, 188), (81, 187), (76, 186)],
        ),
    ):
        easel.form(limb(leg, [18, 12, 6]), SUIT, volume=6)
        easel.form(limb(boot, [13, 10.4, 5.6]) + polygon(toe), BOOT, volume=5)
        x, y = boot[0]
        easel.form(
            polygon([(x - 8, y - 4), (x, y - 8), (x + 8, y - 4), (x + 6, y + 4), (x - 6, y + 4)]), PLATE, volume=3
        )
        heel = boot[2][0] + (3.4 if boot[2][0] < X else -3.4)
        easel.line([(heel, 181), (heel, 188)], mix(BOOT, (20, 10, 40), 0.6), 2)
    easel.constellation([(58, 114), (52, 124), (57, 134), (54, 142)])
    easel.constellation([(73, 118), (78, 128), (74, 136)])
    easel.constellation([(78, 152), (76, 160), (80, 170)], (255, 170, 240))


def _body(easel: Easel) -> None:
    torso = [
        (47, 50),
        (58, 47),
        (70, 47),
        (81, 50),
        (80, 64),
        (75, 80),
        (79, 96),
        (82, 108),
        (70, 114),
        (64, 117),
        (58, 114),
        (46, 108),
        (49, 96),
        (53, 80),
        (48, 64),
    ]
    easel.form(polygon(torso), SUIT, volume=8)
    easel.form(polygon([(49, 52), (63, 56), (63, 72), (54, 76), (48, 66)]), PLATE, volume=4)
    easel.form(polygon([(79, 52), (65, 56), (65, 72), (74, 76), (80, 66)]), PLATE, volume=5)
    easel.form(polygon([(56, 78), (72, 78), (70, 86), (64, 89), (58, 86)]), mix(SUIT, PLATE, 0.5), volume=3)
    easel.form(polygon([(58, 46), (70, 46), (68, 52), (64, 54), (60, 52)]), mix(PLATE, SUIT, 0.4), volume=2)
    gem = ellipse((64, 66), 3.2, 3.6)
    easel.form(gem, (255, 120, 210), volume=2, shine=0.8)
    for side in (-1, 1):
        easel.form(
            polygon([(64 + side * 10, 96), (64 + side * 19, 98), (64 + side * 23, 114), (64 + side * 15, 117)]),
            PLATE,
            volume=3,
        )
    easel.constellation([(53, 60), (58, 64), (55, 70)])
    easel.constellation([(72, 60), (76, 66), (71, 71)])
    easel.constellation([(58, 93), (64, 97), (69, 93), (73, 102), (66, 107)])


def _arms(easel: Easel) -> None:
    # One hand on the hip.
    easel.form(limb([(49, 55), (38, 74), (47, 92)], [11, 9, 7]), SUIT, volume=4)
    hand(easel, 48, 94, 1)
    easel.form(limb([(41, 76), (46, 88)], [10, 8]), PLATE, volume=3)
    # The other one raised, with what she gives.
    easel.form(limb([(80, 55), (92, 72), (101, 56)], [11, 9, 7]), SUIT, volume=4)
    easel.form(limb([(94, 69), (100, 59)], [10, 8]), PLATE, volume=3)
    easel.form(ellipse((102, 52), 4, 3.4), (250, 214, 186), volume=2)
    for finger in range(4):
        easel.form(limb([(99.4 + finger * 2, 51), (98 + finger * 2.8, 45.6)], [2, 1.5]), (250, 214, 186), volume=1)
    pauldron = ellipse((46, 53), 9, 7) + polygon([(38, 54), (54, 54), (50, 62), (40, 62)])
    easel.form(pauldron, PLATE, volume=4)
    easel.form(mirrored(pauldron), PLATE, volume=5)
    for side in (-1, 1):
        easel.line([(64 + side * 12, 57), (64 + side * 24, 57)], mix(PLATE, (200, 220, 255), 0.6))


def _front_hair(easel: Easel) -> None:
    crown = ellipse((X, Y - 9), 12.6, 8) + polygon(
        [(X - 12.6, Y - 9), (X + 12.6, Y - 9), (X + 12, Y - 2), (X + 9, Y - 7), (X - 9, Y - 7), (X - 12, Y - 2)]
    )
    mass = easel.form(crown, HAIR, volume=5)
    for points, wide in (
        ([(X - 2, Y - 16), (X - 7, Y - 10), (X - 9.6, Y - 2)], 6),
        ([(X, Y - 16), (X - 2, Y - 11), (X - 4, Y - 6)], 5),
        ([(X + 2, Y - 16), (X + 4, Y - 11), (X + 3, Y - 6)], 5),
        ([(X + 3, Y - 16), (X + 8, Y - 10), (X + 10, Y - 2)], 6),
        ([(X - 11, Y - 8), (X - 12.6, Y + 8), (X - 11, Y + 28), (X - 15, Y + 44)], 5),
        ([(X + 11, Y - 8), (X + 12.6, Y + 8), (X + 12, Y + 28), (X + 16, Y + 42)], 5),
    ):
        easel.form(strand(points, wide), HAIR, volume=3)
    easel.line([(X - 8, Y - 13), (X - 1, Y - 15), (X + 6, Y - 14)], mix(HAIR, (230, 190, 255), 0.7))
    easel.line([(X - 9, Y - 11), (X - 3, Y - 13)], mix(HAIR, (230, 190, 255), 0.4))
    easel.stars(mass, 46, STARS)


def _gift(easel: Easel) -> None:
    """Small stars that rise from her hand."""
    for x, y, colour in (
        (103, 38, (255, 220, 120)),
        (97, 33, (255, 170, 230)),
        (109, 31, (140, 220, 255)),
        (104, 25, (255, 255, 255)),
    ):
        for reach in (1, 2):
            for dx, dy in ((reach, 0), (-reach, 0), (0, reach), (0, -reach)):
                easel.dot(x + dx, y + dy, mix(colour, (90, 70, 170), 0.25 * reach))
        easel.dot(x, y, (255, 255, 255))
