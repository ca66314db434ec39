"""The place behind the cast, in layers from far to near: sky, distance, middle, ground, light, weather."""

from __future__ import annotations

import random

from PIL import ImageDraw

from .ink import Size, glow, mix
from .places import DRAWN
from .terrain import Backdrop
from .words import INDOORS, Reading


def backdrop(size: Size, reading: Reading, dice: random.Random) -> Backdrop:
    """The place of `reading` as a picture of `size` dots, another one for other dice."""
    scene = Backdrop(size, reading, dice)
    if reading.place not in INDOORS:
        _sky(scene)
    DRAWN[reading.place](scene)
    for x, y, radius, colour in scene.lights:
        glow(scene.image, (x, y), radius, colour)
    scene.pen = ImageDraw.Draw(scene.image)
    return scene


def weather(scene: Backdrop) -> None:
    """Rain, snow or fog in front of everything."""
    kind, dice, pen = scene.reading.weather, scene.dice, scene.pen
    if kind == "rain":
        for _ in range(scene.width * scene.height // 400):
            x, y = dice.randrange(scene.width), dice.randrange(scene.height)
            pen.line((x, y, x - 2, y + 5), fill=(150, 178, 214))
    elif kind == "snow":
        for _ in range(scene.width * scene.height // 350):
            pen.point((dice.randrange(scene.width), dice.randrange(scene.height)), fill=(250, 252, 255))
    elif kind == "fog":
        for y in range(scene.horizon - 20, scene.height, 9):
            for x in range(dice.randrange(6), scene.width, 6):
                pen.line((x, y, x + dice.randrange(2, 5), y), fill=mix(scene.colours.low, (230, 232, 240), 0.5))


def _sky(scene: Backdrop) -> None:
    dice, pen, hour = scene.dice, scene.pen, scene.reading.hour
    x, y = dice.randrange(scene.width // 8, scene.width * 7 // 8), dice.randrange(8, max(10, scene.horizon // 3))
    if hour == "night" or scene.reading.place == "space":
        for _ in range(scene.width * scene.horizon // 260):
            at = (dice.randrange(scene.width), dice.randrange(scene.horizon))
            pen.point(at, fill=dice.choice([(255, 255, 255), (170, 180, 230), (110, 116, 180)]))
        pen.ellipse((x - 9, y - 9, x + 9, y + 9), fill=(236, 236, 214))
        pen.ellipse((x - 4, y - 10, x + 12, y + 7), fill=scene.colours.top)
        scene.light(x, y, 38, (150, 160, 230))
        return
    sun = (255, 244, 190) if hour == "day" else (255, 196, 130)
    pen.ellipse((x - 9, y - 9, x + 9, y + 9), fill=sun)
    scene.light(x, y, 46, sun)
    for cx in scene.spread(4):
        cy, pale = dice.randrange(8, max(9, scene.horizon * 2 // 3)), mix(scene.colours.low, (255, 255, 255), 0.55)
        for dx, r in ((-9, 4), (-2, 6), (6, 5), (12, 3)):
            pen.ellipse((cx + dx - r, cy - r // 2, cx + dx + r, cy + r // 2 + 1), fill=pale)
