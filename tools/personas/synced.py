"""The synced entity: the Dark Loopmother and whoever holds the crown, become one."""

from __future__ import annotations

from PIL import Image

from cogs.scene_art.painters.storyboard.ink import Colour, mix
from cogs.scene_art.painters.storyboard.shapes import ellipse, limb, polygon

from .easel import Easel, eye, features, hand, hat, head, strand

PURPLE: Colour = (112, 58, 168)
TEAL: Colour = (48, 168, 168)
COAT: Colour = (238, 236, 246)
SUIT: Colour = (34, 28, 82)
GOLD: Colour = (240, 184, 66)
BOOT: Colour = (92, 46, 138)
STRIPES: tuple[Colour, Colour] = ((124, 60, 180), (255, 132, 196))
STARS: tuple[Colour, ...] = ((255, 255, 255), (255, 160, 220), (130, 230, 255))
X, Y = 64, 46


def draw() -> Image.Image:
    """The figure on nothing."""
    easel = Easel(21)
    _back_hair(easel)
    _coat_tails(easel)
    _legs(easel)
    _body(easel)
    _lapels(easel)
    _arms(easel)
    head(easel, X, Y)
    eye(easel, X - 4.6, Y + 2, (255, 92, 190), spiral=True)
    eye(easel, X + 4.6, Y + 2, (240, 40, 52))
    features(easel, X, Y, PURPLE)
    _front_hair(easel)
    hat(easel, X, Y, STRIPES, (255, 224, 120))
    return easel.image


def _back_hair(easel: Easel) -> None:
    for points, wide, share in (
        ([(54, 44), (42, 74), (40, 104), (32, 126)], 15, 0.0),
        ([(74, 44), (86, 74), (90, 104), (98, 122)], 15, 1.0),
        ([(58, 46), (50, 82), (50, 116), (44, 134)], 14, 0.35),
        ([(70, 46), (78, 82), (80, 114), (86, 132)], 14, 0.75),
    ):
        mass = easel.form(strand(points, wide), mix(PURPLE, TEAL, share), volume=6)
        easel.stars(mass, 34, STARS)


def _coat_tails(easel: Easel) -> None:
    for way in (-1, 1):
        tail = [
            (64 + way * 9, 86),
            (64 + way * 20, 92),
            (64 + way * 29, 132),
            (64 + way * 33, 166),
            (64 + way * 22, 172),
            (64 + way * 12, 164),
            (64 + way * 10, 120),
        ]
        easel.form(polygon(tail), COAT, volume=7, shine=0.2)
        for number in range(6):
            _rune(easel, 64 + way * (20 + number * 1.6), 104 + number * 11, number)
        easel.line([(64 + way * 12, 163), (64 + way * 22, 170), (64 + way * 32, 164)], GOLD, 2)


def _rune(easel: Easel, x: float, y: float, number: int) -> None:
    """A sign that is no letter of anybody's."""
    marks = (
        ((0, 0), (0, 5)),
        ((0, 0), (3, 2), (0, 5)),
        ((3, 0), (0, 2), (3, 5)),
        ((0, 2), (4, 2)),
        ((0, 5), (2, 0), (4, 5)),
    )
    for mark in (marks[number % 5], marks[(number * 2 + 3) % 5]):
        easel.line([(x - 2 + dx, y + dy) for dx, dy in mark], GOLD)


def _legs(easel: Easel) -> None:
    for leg, boot, toe in (
        (
            [(57, 112), (56, 144), (55, 178)],
            [(56, 142), (55.6, 164), (55, 178)],
            [(51, 176), (58.6, 176), (58, 186), (52, 188), (46, 188), (46, 185)],
        ),
        (
            [(71, 112), (73, 144), (75, 178)],
            [(72.8, 142), (74, 164), (75, 178)],
            [(71.6, 176), (79, 176), (84, 185), (84, 188), (78, 188), (72, 186)],
        ),
    ):
        mass = easel.form(limb(leg, [16, 11, 6]), SUIT, volume=5)
        easel.stars(mass, 16, STARS)
        easel.form(limb(boot, [12, 10, 6]) + polygon(toe), BOOT, volume=5)
        x, y = boot[0]
        easel.line([(x - 6, y), (x + 6, y)], GOLD, 2)


def _body(easel: Easel) -> None:
    torso = [
        (50, 66),
        (58, 63),
        (70, 63),
        (78, 66),
        (76, 80),
        (72, 92),
        (77, 108),
        (78, 116),
        (64, 122),
        (50, 116),
        (51, 108),
        (56, 92),
        (52, 80),
    ]
    mass = easel.form(polygon(torso), SUIT, volume=7)
    easel.stars(mass, 70, STARS)
    easel.form(polygon([(52, 98), (76, 98), (77, 104), (51, 104)]), mix(GOLD, (120, 70, 40), 0.5), volume=2)
    easel.form(ellipse((64, 101), 4, 3.6), GOLD, volume=2, shine=0.8)


def _lapels(easel: Easel) -> None:
    for way in (-1, 1):
        panel = [
            (64 + way * 5, 62),
            (64 + way * 18, 64),
            (64 + way * 21, 78),
            (64 + way * 16, 94),
            (64 + way * 21, 112),
            (64 + way * 24, 128),
            (64 + way * 14, 130),
            (64 + way * 10, 98),
            (64 + way * 8, 82),
        ]
        easel.form(polygon(panel), COAT, volume=5, shine=0.2)
        easel.line([(64 + way * 6, 64), (64 + way * 9, 84), (64 + way * 11, 99), (64 + way * 15, 129)], GOLD)
        for number, height in enumerate((72, 108, 118)):
            _rune(easel, 64 + way * (14 if height < 100 else 18), height, number + 2)


def _arms(easel: Easel) -> None:
    # The pipe, held up: its orb holds the crystal.
    easel.form(limb([(49, 70), (37, 90), (29, 78)], [12, 10, 10]), COAT, volume=4, shine=0.2)
    easel.line([(31, 88), (27, 82)], GOLD, 2)
    easel.form(limb([(27, 88), (24, 62), (26, 50)], [3, 3, 4]), GOLD, volume=2, shine=0.7)
    easel.form(ellipse((26, 40), 11, 11), (150, 214, 222), volume=4, shine=0.7)
    easel.form(polygon([(26, 31), (31, 39), (26, 49), (21, 39)]), (60, 214, 120), volume=3, shine=0.8)
    easel.line([(20, 35), (22, 33), (25, 32)], (255, 255, 255))
    easel.form(polygon([(20, 50), (32, 50), (30, 54), (22, 54)]), GOLD, volume=2, shine=0.7)
    hand(easel, 27, 74, 1)
    # The pistol, pointing at nobody.
    easel.form(limb([(79, 70), (92, 88), (98, 102)], [12, 10, 10]), COAT, volume=4, shine=0.2)
    easel.line([(93, 101), (101, 98)], GOLD, 2)
    hand(easel, 100, 107, 1)
    barrel = polygon([(98, 104), (122, 110), (121, 116), (104, 113), (102, 122), (96, 120)])
    easel.form(barrel, GOLD, volume=3, shine=0.7)
    for x, y in ((106, 107), (111, 108), (116, 109)):
        easel.line([(x, y), (x - 1, y + 5)], (90, 48, 30), 2)
    easel.form(ellipse((121, 113), 2, 3), mix(GOLD, (90, 48, 30), 0.5), volume=1)


def _front_hair(easel: Easel) -> None:
    for points, wide, share in (
        ([(X - 3, Y - 10), (X - 8, Y - 6), (X - 9.6, Y)], 6, 0.0),
        ([(X, Y - 10), (X - 2, Y - 7), (X - 4, Y - 3)], 5, 0.2),
        ([(X + 2, Y - 10), (X + 4, Y - 7), (X + 3, Y - 3)], 5, 0.6),
        ([(X + 4, Y - 10), (X + 9, Y - 6), (X + 10, Y)], 6, 0.9),
        ([(X - 11, Y - 6), (X - 13, Y + 10), (X - 12, Y + 32), (X - 17, Y + 50)], 6, 0.1),
        ([(X + 11, Y - 6), (X + 13, Y + 10), (X + 13, Y + 32), (X + 18, Y + 48)], 6, 0.9),
    ):
        easel.form(strand(points, wide), mix(PURPLE, TEAL, share), volume=3)
