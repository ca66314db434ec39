"""The Dark Loopmother: a striped hat, one red eye, a dress of stars, rainbow portals, a neon aurora."""

from __future__ import annotations

import math

from PIL import Image, ImageDraw, ImageFilter

from cogs.scene_art.painters.storyboard.ink import Colour, mix
from cogs.scene_art.painters.storyboard.shapes import Shape, ellipse, limb, polygon

from .easel import WIDTH, Easel, hat, strand

VOID: Colour = (26, 20, 58)
DRESS: Colour = (62, 34, 118)
HAIR: Colour = (36, 24, 66)
HAT: tuple[Colour, Colour] = ((28, 26, 40), (236, 234, 244))
RAINBOW: tuple[Colour, ...] = (
    (255, 76, 106),
    (255, 168, 66),
    (252, 238, 112),
    (96, 232, 130),
    (84, 186, 255),
    (190, 112, 255),
)
STARS: tuple[Colour, ...] = ((255, 255, 255), (255, 150, 220), (130, 230, 255), (180, 255, 190))
AURORA: tuple[Colour, ...] = ((80, 255, 190), (90, 200, 255), (200, 110, 255))
X, Y = 64, 44


def draw() -> Image.Image:
    """The figure on nothing."""
    easel = Easel(13)
    _aurora(easel)
    for x, y, radius in ((20, 74, 15), (108, 62, 17), (17, 132, 12), (112, 126, 13)):
        _portal(easel, x, y, radius)
    _hair(easel)
    _dress(easel)
    _arms(easel)
    _face(easel)
    hat(easel, X, Y, HAT, RAINBOW[4])
    return easel.image


def _aurora(easel: Easel) -> None:
    """Curtains of light behind her that end in nothing."""
    for number, colour in enumerate(AURORA):
        edge = [(x, 34 + number * 11 + math.sin(x / 11 + number * 2) * 7) for x in range(6, WIDTH - 5, 2)]
        for x, y in edge:
            for step in range(0, 34, 1):
                if (step * 7 + int(x) * 3) % 10 < 10 - step * 0.28:
                    easel.dot(x, y - step * 0.7, mix(colour, (70, 50, 130), min(0.75, step / 40)))
                    easel.dot(x + 1, y - step * 0.7, mix(colour, (70, 50, 130), min(0.75, step / 40)))


def _portal(easel: Easel, x: float, y: float, radius: float) -> None:
    easel.flat(ellipse((x, y), radius + 1, radius + 1), (30, 16, 50))
    for ring, colour in enumerate(RAINBOW):
        far = radius - ring * radius / 7.4
        easel.flat(ellipse((x, y), far, far), colour)
        turn = ring * 0.9 + x
        easel.flat(
            ellipse((x + math.cos(turn) * far * 0.3, y + math.sin(turn) * far * 0.3), far * 0.72, far * 0.72),
            mix(colour, (255, 255, 255), 0.3),
        )
    easel.flat(ellipse((x, y), radius * 0.24, radius * 0.24), (250, 244, 255))
    easel.dot(x - 1, y - 1, (255, 255, 255))


def _hair(easel: Easel) -> None:
    mass = easel.form(
        polygon([(54, 36), (74, 36), (84, 66), (92, 104), (80, 98), (64, 108), (48, 98), (36, 104), (44, 66)]),
        HAIR,
        volume=8,
    )
    easel.stars(mass, 60, STARS)


def _dress(easel: Easel) -> None:
    gown = [
        (50, 66),
        (78, 66),
        (74, 84),
        (76, 96),
        (86, 122),
        (98, 150),
        (112, 180),
        (104, 184),
        (97, 178),
        (88, 187),
        (78, 180),
        (66, 188),
        (54, 180),
        (42, 187),
        (32, 179),
        (24, 184),
        (16, 180),
        (30, 150),
        (42, 122),
        (52, 96),
        (54, 84),
    ]
    mass = easel.form(polygon(gown), DRESS, volume=12)
    body = easel.flat(polygon([(54, 66), (74, 66), (71, 84), (72, 94), (66, 100), (62, 100), (56, 94), (57, 84)]), VOID)
    for fold in (
        [(58, 102), (48, 140), (36, 176)],
        [(62, 102), (58, 144), (54, 180)],
        [(67, 102), (72, 144), (78, 180)],
        [(71, 100), (82, 140), (95, 176)],
    ):
        easel.line(fold, mix(DRESS, (150, 100, 220), 0.5))
        easel.line([(x + 1, y) for x, y in fold], mix(DRESS, (10, 4, 30), 0.5))
    for height, colour in ((118, RAINBOW[5]), (136, RAINBOW[4]), (154, RAINBOW[0]), (168, RAINBOW[1])):
        half = (height - 96) * 0.5 + 12
        edge = [
            (64 + half * share, height + math.sin(share * 7) * 2.4 + abs(share) * 3)
            for share in (-0.86, -0.6, -0.3, 0, 0.3, 0.6, 0.86)
        ]
        easel.line(edge, mix(colour, DRESS, 0.25))
    easel.stars(mass, 260, STARS)
    easel.stars(body, 40, STARS)
    easel.form(
        polygon([(52, 64), (64, 70), (76, 64), (78, 70), (64, 78), (50, 70)]), mix(DRESS, (140, 60, 190), 0.5), volume=3
    )
    easel.form(ellipse((64, 72), 3, 3), (255, 60, 70), volume=2, shine=0.8)


def _arms(easel: Easel) -> None:
    for way in (-1, 1):
        shoulder, elbow, wrist = (64 + way * 13, 70), (64 + way * 28, 84), (64 + way * 41, 72 if way > 0 else 80)
        sleeve = limb([shoulder, elbow, (wrist[0] - way * 3, wrist[1] + 2)], [10, 10, 14]) + polygon(
            [
                (wrist[0] - way * 6, wrist[1]),
                (wrist[0] - way * 2, wrist[1] + 6),
                (wrist[0] - way * 12, wrist[1] + 26),
                (elbow[0] - way * 2, elbow[1] + 8),
            ]
        )
        mass = easel.form(sleeve, DRESS, volume=5)
        easel.stars(mass, 36, STARS)
        palm = Shape()
        for finger in range(4):
            angle = (-0.9 + finger * 0.42) if way > 0 else (math.pi + 0.9 - finger * 0.42)
            palm += limb([wrist, (wrist[0] + math.cos(angle) * 8, wrist[1] + math.sin(angle) * 8 - 1)], [3, 1.2])
        easel.form(palm + ellipse(wrist, 3.4, 3.4), mix(VOID, (110, 90, 190), 0.4), volume=2)


def _face(easel: Easel) -> None:
    easel.form(limb([(X, Y + 8), (X, Y + 22)], [8, 10]), VOID, volume=3)
    mask = easel.form(
        ellipse((X, Y), 10, 11)
        + polygon([(X - 9, Y + 3), (X + 9, Y + 3), (X + 3, Y + 14), (X, Y + 15), (X - 3, Y + 14)]),
        mix(VOID, (70, 50, 130), 0.35),
        volume=4,
    )
    easel.stars(mask, 26, STARS)
    for points, wide in (
        ([(X - 8, Y - 10), (X - 12, Y + 6), (X - 11, Y + 24)], 6),
        ([(X + 8, Y - 10), (X + 12, Y + 6), (X + 11, Y + 24)], 6),
        ([(X - 4, Y - 11), (X - 7, Y - 2), (X - 6, Y + 6)], 7),
    ):
        easel.form(strand(points, wide), HAIR, volume=2)
    _glow(easel, X + 4.5, Y + 1, 9, (255, 40, 50))
    easel.flat(ellipse((X + 4.5, Y + 1), 4.2, 3.2), (120, 8, 30))
    easel.flat(ellipse((X + 4.5, Y + 1), 3.2, 2.6), (255, 54, 60))
    easel.flat(ellipse((X + 4.5, Y + 1), 1.3, 2.4), (255, 236, 200))
    easel.line([(X, Y - 3), (X + 9, Y - 5)], (16, 8, 28))
    easel.line([(X - 3, Y + 9), (X, Y + 10), (X + 5, Y + 9), (X + 7, Y + 7)], (255, 96, 130))
    easel.dot(X + 2, Y + 11, (255, 220, 230))


def _glow(easel: Easel, x: float, y: float, radius: float, colour: Colour) -> None:
    light = Image.new("L", easel.image.size)
    ImageDraw.Draw(light).ellipse((x - radius, y - radius, x + radius, y + radius), fill=150)
    soft = light.filter(ImageFilter.GaussianBlur(3)).point([value // 36 * 36 for value in range(256)])
    inside = Image.composite(soft, Image.new("L", easel.image.size), easel.image.getchannel("A"))
    easel.image.paste((*colour, 255), mask=inside)
