"""The place behind the cast, in layers from far to near: sky or wall, distance, middle, ground, light, weather."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PIL import ImageDraw

from .ink import Colour, Size, dark, glow, gradient, mix, ridge
from .words import INDOORS, Reading


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
_SHADE = {"day": 0.0, "dawn": 0.15, "dusk": 0.3, "night": 0.52}

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
        shade = _SHADE[reading.hour]
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


def backdrop(size: Size, reading: Reading, dice: random.Random) -> Backdrop:
    """The place of `reading` as a picture of `size` dots, another one for other dice."""
    scene = Backdrop(size, reading, dice)
    if reading.place not in INDOORS:
        _sky(scene)
    _DRAWN[reading.place](scene)
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


def _ground(scene: Backdrop, colour: Colour | None = None, *, specks: bool = True) -> None:
    top = colour or scene.colours.ground
    size = (scene.width, scene.height - scene.horizon)
    scene.image.paste(gradient(size, top, dark(top, 0.35), 4), (0, scene.horizon))
    scene.pen = ImageDraw.Draw(scene.image)
    for _ in range(size[0] * size[1] // 220 if specks else 0):
        x = scene.dice.randrange(scene.width)
        y = scene.horizon + round((scene.dice.random() ** 0.6) * size[1])
        scene.pen.line((x, y, x + 2, y), fill=dark(top, scene.dice.choice([0.15, 0.45])))


def _boards(scene: Backdrop, colour: Colour) -> None:
    """A floor of boards or slabs that runs to a point."""
    _ground(scene, colour, specks=False)
    middle = scene.width / 2
    for i in range(-9, 10):
        scene.pen.line((middle + i * 9, scene.horizon, middle + i * 46, scene.height), fill=dark(colour, 0.3))
    y, step = float(scene.horizon), 3.0
    while y < scene.height:
        scene.pen.line((0, round(y), scene.width, round(y)), fill=dark(colour, 0.3))
        y, step = y + step, step * 1.5


def _hills(scene: Backdrop, colour: Colour, rise: float, points: int = 9) -> None:
    heights = [scene.horizon - scene.dice.uniform(0.2, 1.0) * rise for _ in range(points)]
    ridge(scene.pen, heights, scene.horizon + 2, colour)


def _peaks(scene: Backdrop, colour: Colour, rise: float, snow: Colour | None = None) -> None:
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


def _forest(scene: Backdrop) -> None:
    _hills(scene, mix(scene.colours.far, scene.colours.low, 0.3), 34)
    _trees(scene, scene.colours.far, 14, 0.55)
    _ground(scene)
    _trees(scene, scene.colours.near, 7, 1.0)


def _trees(scene: Backdrop, colour: Colour, count: int, size: float) -> None:
    trunk = dark(mix(colour, (96, 62, 40), 0.7), 0.2)
    for x in scene.spread(count):
        base = scene.horizon + round(6 * size * scene.dice.random())
        tall = scene.height * 0.42 * size * scene.dice.uniform(0.8, 1.15)
        scene.pen.rectangle((x - 2 * size, base - tall * 0.5, x + 2 * size, base), fill=trunk)
        for level in range(3):
            y, wide = base - tall * (0.3 + 0.22 * level), tall * (0.3 - 0.07 * level)
            scene.pen.polygon([(x - wide, y), (x, y - tall * 0.36), (x + wide, y)], fill=colour)
            scene.pen.polygon([(x, y - tall * 0.36), (x + wide, y), (x + wide * 0.3, y)], fill=dark(colour, 0.25))


def _cave(scene: Backdrop) -> None:
    _hills(scene, scene.colours.far, 40, 13)
    _boards(scene, scene.colours.ground) if scene.reading.place == "dungeon" else _ground(scene)
    for x in scene.spread(11):
        long = scene.height * scene.dice.uniform(0.1, 0.34)
        scene.pen.polygon([(x - 9, 0), (x + 9, 0), (x, long)], fill=scene.colours.near)
        scene.pen.polygon([(x + 2, 0), (x + 9, 0), (x, long)], fill=dark(scene.colours.near))
    for x in scene.spread(4):
        y = scene.horizon + scene.dice.randrange(4)
        for dx, tall in ((-5, 9), (0, 16), (5, 11)):
            tip = (x + dx, y - tall)
            scene.pen.polygon(
                [(x + dx - 3, y), tip, (x + dx + 3, y)], fill=mix(scene.colours.light, (40, 60, 110), 0.35)
            )
        scene.light(x, y - 8, 26)


def _wall(scene: Backdrop, colour: Colour) -> None:
    """Courses of stone behind everything."""
    for row, y in enumerate(range(0, scene.horizon, 9)):
        scene.pen.line((0, y, scene.width, y), fill=dark(colour, 0.35))
        for x in range(-10 + (row % 2) * 9, scene.width, 18):
            scene.pen.line((x, y, x, y + 9), fill=dark(colour, 0.35))


def _torches(scene: Backdrop, count: int) -> None:
    for x in scene.spread(count):
        y = round(scene.horizon * 0.5)
        scene.pen.rectangle((x - 1, y, x + 1, y + 10), fill=(70, 46, 32))
        scene.pen.polygon([(x - 3, y), (x, y - 8), (x + 3, y)], fill=(255, 210, 90))
        scene.light(x, y - 3, 40)


def _dungeon(scene: Backdrop) -> None:
    scene.pen.rectangle((0, 0, scene.width, scene.horizon), fill=scene.colours.far)
    _wall(scene, scene.colours.far)
    for x in scene.spread(3):
        wide, tall = 15, round(scene.horizon * 0.62)
        box = (x - wide, scene.horizon - tall, x + wide, scene.horizon)
        scene.pen.rounded_rectangle(box, 12, fill=dark(scene.colours.near, 0.7), outline=dark(scene.colours.near))
        for bar in range(-10, 11, 5):
            scene.pen.line((x + bar, scene.horizon - tall + 5, x + bar, scene.horizon), fill=(96, 96, 110))
    _boards(scene, scene.colours.ground)
    _torches(scene, 4)


def _castle(scene: Backdrop) -> None:
    _hills(scene, mix(scene.colours.far, scene.colours.low, 0.4), 24)
    stone = scene.colours.near
    wall = scene.horizon - round(scene.height * 0.22)
    scene.pen.rectangle((0, wall, scene.width, scene.horizon), fill=stone)
    for x in range(0, scene.width, 10):
        scene.pen.rectangle((x, wall - 5, x + 5, wall), fill=stone)
    for x in scene.spread(4):
        top = wall - scene.dice.randrange(16, 34)
        scene.pen.rectangle((x - 12, top, x + 12, scene.horizon), fill=mix(stone, scene.colours.far, 0.3))
        scene.pen.rectangle((x + 5, top, x + 12, scene.horizon), fill=dark(stone, 0.15))
        scene.pen.polygon([(x - 15, top), (x, top - 20), (x + 15, top)], fill=(150, 62, 72))
        scene.pen.rectangle((x - 2, top + 8, x + 2, top + 15), fill=scene.colours.light)
        scene.light(x, top + 11, 14)
    _boards(scene, scene.colours.ground)


def _tavern(scene: Backdrop) -> None:
    for x in range(0, scene.width, 14):
        scene.pen.line((x, 0, x, scene.horizon), fill=dark(scene.colours.far, 0.3))
    scene.pen.rectangle((0, 0, scene.width, 9), fill=scene.colours.near)
    for x in scene.spread(3):
        scene.pen.rectangle((x - 4, 0, x + 4, scene.horizon), fill=scene.colours.near)
    shelf = round(scene.horizon * 0.55)
    for y in (shelf, shelf - 20):
        scene.pen.rectangle((20, y, scene.width - 20, y + 2), fill=dark(scene.colours.near))
        for x in range(24, scene.width - 24, 9):
            colour = scene.dice.choice([(170, 60, 50), (70, 120, 90), (190, 150, 70), (80, 100, 150)])
            scene.pen.rectangle((x, y - scene.dice.randrange(6, 11), x + 4, y - 1), fill=colour)
    _boards(scene, scene.colours.ground)
    _torches(scene, 4)


def _houses(scene: Backdrop, count: int, roofs: tuple[Colour, ...], tall: float) -> None:
    for x in scene.spread(count):
        wide, high = scene.dice.randrange(14, 24), scene.height * tall * scene.dice.uniform(0.8, 1.3)
        top = scene.horizon - high
        wall = mix(scene.colours.near, (214, 196, 160), scene.dice.uniform(0.1, 0.5))
        wall = dark(wall, _SHADE[scene.reading.hour] * 0.7)
        scene.pen.rectangle((x - wide, top, x + wide, scene.horizon), fill=wall, outline=dark(wall))
        roof = dark(scene.dice.choice(roofs), _SHADE[scene.reading.hour] * 0.7)
        scene.pen.polygon([(x - wide - 4, top), (x, top - wide * 0.8), (x + wide + 4, top)], fill=roof)
        for wx in (x - wide // 2, x + wide // 2):
            scene.pen.rectangle((wx - 3, top + 6, wx + 3, top + 14), fill=scene.colours.light, outline=dark(wall))
        if scene.reading.hour in {"night", "dusk"}:
            scene.light(x, top + 10, 20)


def _village(scene: Backdrop) -> None:
    _hills(scene, scene.colours.far, 36)
    _houses(scene, 5, ((150, 70, 56), (122, 84, 50), (176, 122, 62)), 0.16)
    _ground(scene)


def _city(scene: Backdrop) -> None:
    _towers(scene, mix(scene.colours.far, scene.colours.low, 0.3), 12, 0.3, lit=False)
    _houses(scene, 7, ((110, 62, 70), (80, 76, 98), (132, 92, 66)), 0.26)
    _boards(scene, scene.colours.ground)


def _towers(scene: Backdrop, colour: Colour, count: int, tall: float, *, lit: bool) -> None:
    for x in scene.spread(count):
        wide, top = scene.dice.randrange(8, 17), scene.horizon - scene.height * tall * scene.dice.uniform(0.6, 1.3)
        scene.pen.rectangle((x - wide, top, x + wide, scene.horizon), fill=colour)
        scene.pen.line((x + wide, top, x + wide, scene.horizon), fill=dark(colour))
        if lit:
            for wy in range(round(top) + 4, scene.horizon - 3, 6):
                for wx in range(x - wide + 3, x + wide - 2, 5):
                    if scene.dice.random() < 0.55:
                        shine = scene.dice.choice([(255, 210, 120), (120, 230, 255), (255, 90, 190)])
                        scene.pen.rectangle((wx, wy, wx + 1, wy + 2), fill=shine)


def _neon_city(scene: Backdrop) -> None:
    _towers(scene, scene.colours.far, 13, 0.42, lit=True)
    _towers(scene, scene.colours.near, 7, 0.3, lit=True)
    _boards(scene, scene.colours.ground)
    for x in scene.spread(5):
        y, shine = (
            scene.horizon - scene.dice.randrange(20, 50),
            scene.dice.choice([(255, 70, 190), (70, 230, 255), (180, 255, 90)]),
        )
        scene.pen.rectangle((x - 8, y, x + 8, y + 5), outline=shine)
        scene.pen.line((x - 5, y + 2, x + 5, y + 2), fill=shine)
        scene.light(x, y + 3, 24, shine)


def _waves(scene: Backdrop, top: int, bottom: int) -> None:
    water = scene.colours.near
    scene.image.paste(gradient((scene.width, bottom - top), mix(water, scene.colours.low, 0.5), water, 5), (0, top))
    scene.pen = ImageDraw.Draw(scene.image)
    for _ in range(scene.width * (bottom - top) // 160):
        x, y = scene.dice.randrange(scene.width), scene.dice.randrange(top, bottom)
        scene.pen.line((x, y, x + 2 + (y - top) // 8, y), fill=mix(water, (230, 244, 255), 0.5))


def _sea(scene: Backdrop) -> None:
    top = scene.horizon - round(scene.height * 0.12)
    _waves(scene, top, scene.horizon + 10)
    x = scene.dice.randrange(scene.width // 5, scene.width * 4 // 5)
    scene.pen.polygon(
        [(x - 34, top + 1), (x - 10, top - 14), (x + 8, top - 9), (x + 30, top + 1)], fill=scene.colours.far
    )
    scene.horizon += 8
    _ground(scene)


def _ship(scene: Backdrop) -> None:
    _waves(scene, round(scene.height * 0.36), scene.horizon + 2)
    wood = scene.colours.near
    for x in scene.spread(2):
        scene.pen.rectangle((x - 2, 0, x + 2, scene.horizon), fill=wood)
        for y, wide in ((10, 40), (34, 48)):
            scene.pen.polygon(
                [(x - wide, y), (x + wide, y), (x + wide - 7, y + 20), (x - wide + 7, y + 20)], fill=(226, 216, 190)
            )
            scene.pen.line((x - wide, y, x + wide, y), fill=wood, width=2)
    _boards(scene, scene.colours.ground)
    for x in range(0, scene.width, 12):
        scene.pen.rectangle((x, scene.horizon - 12, x + 2, scene.horizon), fill=wood)
    scene.pen.rectangle((0, scene.horizon - 14, scene.width, scene.horizon - 11), fill=wood)


def _desert(scene: Backdrop) -> None:
    x = scene.dice.randrange(40, max(41, scene.width - 40))
    for dx, tall in ((0, 44), (46, 26)):
        base = scene.horizon
        scene.pen.polygon([(x + dx - tall, base), (x + dx, base - tall), (x + dx + tall, base)], fill=scene.colours.far)
        scene.pen.polygon(
            [(x + dx, base - tall), (x + dx + tall, base), (x + dx + 8, base)], fill=dark(scene.colours.far, 0.25)
        )
    _hills(scene, scene.colours.near, 16, 6)
    _ground(scene)


def _snow(scene: Backdrop) -> None:
    _peaks(scene, scene.colours.near, 70, (244, 248, 255))
    _trees(scene, mix(scene.colours.near, (70, 110, 116), 0.6), 8, 0.4)
    _ground(scene)


def _mountains(scene: Backdrop) -> None:
    _peaks(scene, scene.colours.far, 84, (240, 244, 252))
    _peaks(scene, scene.colours.near, 48)
    _ground(scene)


def _swamp(scene: Backdrop) -> None:
    _trees(scene, scene.colours.far, 9, 0.5)
    _ground(scene)
    for x in scene.spread(4):
        y = scene.horizon + scene.dice.randrange(8, 40)
        scene.pen.ellipse((x - 30, y - 4, x + 30, y + 5), fill=mix(scene.colours.ground, (60, 110, 116), 0.6))
    for x in scene.spread(6):
        for dx in (-3, 0, 3):
            scene.pen.line((x, scene.horizon + 8, x + dx, scene.horizon - 14), fill=scene.colours.near)
        scene.light(x, scene.horizon - 22, 9)


def _temple(scene: Backdrop) -> None:
    _wall(scene, scene.colours.far)
    for x in scene.spread(6):
        scene.pen.rectangle((x - 7, 8, x + 7, scene.horizon), fill=mix(scene.colours.far, (236, 226, 210), 0.4))
        scene.pen.rectangle((x + 3, 8, x + 7, scene.horizon), fill=scene.colours.near)
        scene.pen.rectangle((x - 10, 4, x + 10, 9), fill=scene.colours.near)
    _boards(scene, scene.colours.ground)
    middle = scene.width // 2
    scene.pen.rectangle((middle - 22, scene.horizon - 12, middle + 22, scene.horizon + 4), fill=scene.colours.near)
    scene.light(middle, scene.horizon - 30, 60)


def _library(scene: Backdrop) -> None:
    for y in range(6, scene.horizon - 6, 17):
        scene.pen.rectangle((0, y + 13, scene.width, y + 15), fill=scene.colours.near)
        x = 2
        while x < scene.width:
            wide = scene.dice.randrange(2, 6)
            colour = scene.dice.choice([(150, 56, 52), (62, 98, 76), (70, 78, 130), (176, 136, 66), (120, 80, 110)])
            scene.pen.rectangle((x, y + scene.dice.randrange(4), x + wide, y + 12), fill=dark(colour, 0.2))
            x += wide + 1
    for x in scene.spread(3):
        scene.pen.rectangle((x - 4, 0, x + 4, scene.horizon), fill=scene.colours.near)
    _boards(scene, scene.colours.ground)
    _torches(scene, 3)


def _laboratory(scene: Backdrop) -> None:
    _wall(scene, scene.colours.far)
    for x in scene.spread(5):
        tall, shine = round(scene.horizon * 0.6), scene.dice.choice([(120, 255, 190), (255, 120, 210), (120, 200, 255)])
        box = (x - 9, scene.horizon - tall, x + 9, scene.horizon)
        scene.pen.rounded_rectangle(box, 6, fill=mix(shine, scene.colours.near, 0.6), outline=(190, 210, 216))
        for _ in range(9):
            bx, by = x + scene.dice.randrange(-6, 7), scene.horizon - scene.dice.randrange(4, max(5, tall - 6))
            scene.pen.point((bx, by), fill=(240, 255, 250))
        scene.light(x, scene.horizon - tall / 2, 28, shine)
    _boards(scene, scene.colours.ground)


def _space(scene: Backdrop) -> None:
    x, y, r = scene.dice.randrange(scene.width), scene.horizon // 2, scene.height // 4
    scene.pen.ellipse((x - r, y - r, x + r, y + r), fill=scene.colours.far)
    scene.pen.ellipse((x - r, y - r, x + r * 0.5, y + r), fill=mix(scene.colours.far, (255, 255, 255), 0.2))
    scene.pen.line((x - r * 1.7, y + 6, x + r * 1.7, y - 8), fill=(214, 200, 240), width=2)
    scene.light(x, y, r * 2)
    _boards(scene, scene.colours.ground)


def _void(scene: Backdrop) -> None:
    rainbow = ((255, 70, 90), (255, 180, 60), (120, 240, 110), (80, 190, 255), (190, 100, 255))
    for x in scene.spread(3):
        y = scene.dice.randrange(16, max(17, scene.horizon - 14))
        for ring, colour in enumerate(rainbow):
            r = 26 - ring * 4
            scene.pen.arc((x - r, y - r, x + r, y + r), scene.dice.randrange(180), 340, fill=colour, width=2)
        scene.light(x, y, 36)
    _boards(scene, scene.colours.ground)


_DRAWN: Mapping[str, Callable[[Backdrop], None]] = {
    "forest": _forest, "cave": _cave, "dungeon": _dungeon, "castle": _castle, "tavern": _tavern,
    "village": _village, "city": _city, "neon city": _neon_city, "sea": _sea, "ship": _ship, "desert": _desert,
    "snow": _snow, "mountains": _mountains, "swamp": _swamp, "temple": _temple, "library": _library,
    "laboratory": _laboratory, "space": _space, "void": _void,
}  # fmt: skip
