"""The canvas of a place: its colours, its dice, its lights, and the pieces of landscape that places are built of."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from PIL import ImageDraw

from .ink import Colour, Size, dark, gradient, mix, ridge
from .words import Reading


@dataclass(frozen=True)
class Palette:
    """The few colours of a place."""

    top: Colour
    low: Colour
    far: Colour
    near: Colour
    ground: Colour
    light: Colour


_SKIES: Mapping[str, tuple[Colour, Colour]] = {
    "day": ((64, 132, 208), (190, 226, 240)),
    "dawn": ((92, 84, 150), (250, 188, 150)),
    "dusk": ((60, 40, 104), (240, 120, 84)),
    "night": ((12, 14, 42), (52, 54, 110)),
}


SHADE = {"day": 0.0, "dawn": 0.15, "dusk": 0.3, "night": 0.52}


# top, low, far, near, ground, light: the first two only where there is no sky of the hour
_PLACES: Mapping[str, tuple[Colour, Colour, Colour, Colour, Colour, Colour]] = {
    "forest": ((0, 0, 0), (0, 0, 0), (70, 124, 104), (30, 78, 52), (62, 104, 54), (255, 236, 150)),
    "cave": ((20, 18, 36), (58, 46, 70), (48, 40, 62), (28, 24, 40), (74, 62, 78), (110, 220, 255)),
    "dungeon": ((26, 24, 38), (66, 60, 78), (52, 48, 64), (34, 30, 44), (78, 72, 86), (255, 168, 70)),
    "castle": ((0, 0, 0), (0, 0, 0), (120, 124, 150), (86, 88, 112), (104, 112, 92), (255, 214, 120)),
    "tavern": ((74, 46, 34), (128, 82, 50), (96, 60, 40), (62, 38, 30), (118, 76, 48), (255, 190, 90)),
    "village": ((0, 0, 0), (0, 0, 0), (110, 146, 110), (128, 92, 66), (106, 136, 70), (255, 220, 130)),
    "city": ((0, 0, 0), (0, 0, 0), (120, 118, 140), (96, 84, 96), (118, 112, 116), (255, 214, 130)),
    "neon city": ((18, 8, 48), (92, 26, 110), (44, 24, 84), (24, 14, 50), (44, 36, 72), (255, 70, 190)),
    "sea": ((0, 0, 0), (0, 0, 0), (92, 140, 176), (44, 104, 156), (214, 190, 138), (255, 240, 180)),
    "ship": ((0, 0, 0), (0, 0, 0), (70, 120, 170), (92, 62, 44), (140, 98, 62), (255, 220, 140)),
    "desert": ((0, 0, 0), (0, 0, 0), (224, 176, 116), (204, 148, 88), (232, 190, 126), (255, 246, 190)),
    "snow": ((0, 0, 0), (0, 0, 0), (176, 198, 222), (134, 160, 196), (232, 240, 250), (255, 250, 220)),
    "mountains": ((0, 0, 0), (0, 0, 0), (126, 134, 166), (86, 92, 122), (112, 122, 100), (255, 240, 190)),
    "swamp": ((0, 0, 0), (0, 0, 0), (92, 116, 96), (50, 70, 54), (74, 92, 58), (190, 255, 150)),
    "temple": ((62, 56, 92), (140, 120, 128), (116, 104, 128), (84, 74, 104), (142, 126, 132), (255, 226, 150)),
    "library": ((54, 36, 40), (104, 70, 56), (84, 54, 46), (56, 36, 36), (108, 72, 54), (255, 204, 120)),
    "laboratory": ((22, 40, 52), (54, 92, 100), (44, 72, 84), (26, 46, 58), (76, 100, 108), (120, 255, 190)),
    "space": ((6, 6, 24), (34, 18, 66), (92, 70, 140), (44, 40, 76), (74, 76, 104), (150, 200, 255)),
    "void": ((8, 4, 20), (44, 10, 60), (90, 20, 110), (30, 10, 50), (52, 22, 74), (255, 80, 220)),
}


def palette_of(reading: Reading) -> Palette:
    """The place's colours at the scene's hour."""
    top, low, far, near, ground, light = _PLACES[reading.place]
    shade = 0.0
    if top == (0, 0, 0):
        top, low = _SKIES[reading.hour]
        shade = SHADE[reading.hour]
    return Palette(top, low, mix(dark(far, shade), low, 0.25), dark(near, shade), dark(ground, shade), light)


class Backdrop:
    """The canvas with the dice and colours of one scene. `horizon` is where the ground begins, in dots."""

    def __init__(self, size: Size, reading: Reading, dice: random.Random) -> None:
        self.width, self.height = size
        self.reading = reading
        self.dice = dice
        self.colours = palette_of(reading)
        self.horizon = round(self.height * dice.uniform(0.52, 0.6))
        self.image = gradient(size, self.colours.top, self.colours.low)
        self.pen = ImageDraw.Draw(self.image)
        self.lights: list[tuple[float, float, float, Colour]] = []

    def light(self, x: float, y: float, radius: float, colour: Colour | None = None) -> None:
        """Remember a light; lights are added when everything stands."""
        self.lights.append((x, y, radius, colour or self.colours.light))

    def spread(self, count: int) -> list[int]:
        """`count` places from left to right, each a little off its regular spot."""
        step = self.width / count
        return [round(step * (i + 0.5) + self.dice.uniform(-0.3, 0.3) * step) for i in range(count)]


def ground(scene: Backdrop, colour: Colour | None = None, *, specks: bool = True) -> None:
    """The floor of the outdoors from the horizon down, with specks of grass or stone."""
    top = colour or scene.colours.ground
    size = (scene.width, scene.height - scene.horizon)
    scene.image.paste(gradient(size, top, dark(top, 0.35), 4), (0, scene.horizon))
    scene.pen = ImageDraw.Draw(scene.image)
    for _ in range(size[0] * size[1] // 220 if specks else 0):
        x = scene.dice.randrange(scene.width)
        y = scene.horizon + round((scene.dice.random() ** 0.6) * size[1])
        scene.pen.line((x, y, x + 2, y), fill=dark(top, scene.dice.choice([0.15, 0.45])))


def boards(scene: Backdrop, colour: Colour) -> None:
    """A floor of boards or slabs that runs to a point."""
    ground(scene, colour, specks=False)
    middle = scene.width / 2
    for i in range(-9, 10):
        scene.pen.line((middle + i * 9, scene.horizon, middle + i * 46, scene.height), fill=dark(colour, 0.3))
    y, step = float(scene.horizon), 3.0
    while y < scene.height:
        scene.pen.line((0, round(y), scene.width, round(y)), fill=dark(colour, 0.3))
        y, step = y + step, step * 1.5


def hills(scene: Backdrop, colour: Colour, rise: float, points: int = 9) -> None:
    """A soft silhouette behind the ground, at most `rise` dots high."""
    heights = [scene.horizon - scene.dice.uniform(0.2, 1.0) * rise for _ in range(points)]
    ridge(scene.pen, heights, scene.horizon + 2, colour)


def peaks(scene: Backdrop, colour: Colour, rise: float, snow: Colour | None = None) -> None:
    """Mountains with a shaded side, and caps where `snow` names a colour."""
    for x in scene.spread(5):
        tall, wide = rise * scene.dice.uniform(0.6, 1.0), rise * scene.dice.uniform(0.7, 1.1)
        tip = scene.horizon - tall
        scene.pen.polygon([(x - wide, scene.horizon), (x, tip), (x + wide, scene.horizon)], fill=colour)
        scene.pen.polygon(
            [(x, tip), (x + wide, scene.horizon), (x + wide * 0.2, scene.horizon)], fill=dark(colour, 0.2)
        )
        if snow:
            cap = tall * 0.3
            edge = [(x - wide * 0.3, tip + cap), (x - wide * 0.1, tip + cap * 0.8), (x + wide * 0.1, tip + cap * 1.1)]
            scene.pen.polygon([(x, tip), (x + wide * 0.3, tip + cap), *reversed(edge)], fill=snow)


def trees(scene: Backdrop, colour: Colour, count: int, size: float) -> None:
    """A row of firs."""
    trunk = dark(mix(colour, (96, 62, 40), 0.7), 0.2)
    for x in scene.spread(count):
        base = scene.horizon + round(6 * size * scene.dice.random())
        tall = scene.height * 0.42 * size * scene.dice.uniform(0.8, 1.15)
        scene.pen.rectangle((x - 2 * size, base - tall * 0.5, x + 2 * size, base), fill=trunk)
        for level in range(3):
            y, wide = base - tall * (0.3 + 0.22 * level), tall * (0.3 - 0.07 * level)
            scene.pen.polygon([(x - wide, y), (x, y - tall * 0.36), (x + wide, y)], fill=colour)
            scene.pen.polygon([(x, y - tall * 0.36), (x + wide, y), (x + wide * 0.3, y)], fill=dark(colour, 0.25))


def wall(scene: Backdrop, colour: Colour) -> None:
    """Courses of stone behind everything."""
    for row, y in enumerate(range(0, scene.horizon, 9)):
        scene.pen.line((0, y, scene.width, y), fill=dark(colour, 0.35))
        for x in range(-10 + (row % 2) * 9, scene.width, 18):
            scene.pen.line((x, y, x, y + 9), fill=dark(colour, 0.35))


def torches(scene: Backdrop, count: int) -> None:
    """Torches along a wall, each with its light."""
    for x in scene.spread(count):
        y = round(scene.horizon * 0.5)
        scene.pen.rectangle((x - 1, y, x + 1, y + 10), fill=(70, 46, 32))
        scene.pen.polygon([(x - 3, y), (x, y - 8), (x + 3, y)], fill=(255, 210, 90))
        scene.light(x, y - 3, 40)
