"""The places: one function each, built from far to near. A new place is one more function and one more row."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PIL import ImageDraw

from .ink import Colour, dark, gradient, mix
from .terrain import SHADE, Backdrop, boards, ground, hills, peaks, torches, trees, wall


def _forest(scene: Backdrop) -> None:
    hills(scene, mix(scene.colours.far, scene.colours.low, 0.3), 34)
    trees(scene, scene.colours.far, 14, 0.55)
    ground(scene)
    trees(scene, scene.colours.near, 7, 1.0)


def _cave(scene: Backdrop) -> None:
    hills(scene, scene.colours.far, 40, 13)
    boards(scene, scene.colours.ground) if scene.reading.place == "dungeon" else ground(scene)
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


def _dungeon(scene: Backdrop) -> None:
    scene.pen.rectangle((0, 0, scene.width, scene.horizon), fill=scene.colours.far)
    wall(scene, scene.colours.far)
    for x in scene.spread(3):
        wide, tall = 15, round(scene.horizon * 0.62)
        box = (x - wide, scene.horizon - tall, x + wide, scene.horizon)
        scene.pen.rounded_rectangle(box, 12, fill=dark(scene.colours.near, 0.7), outline=dark(scene.colours.near))
        for bar in range(-10, 11, 5):
            scene.pen.line((x + bar, scene.horizon - tall + 5, x + bar, scene.horizon), fill=(96, 96, 110))
    boards(scene, scene.colours.ground)
    torches(scene, 4)


def _castle(scene: Backdrop) -> None:
    hills(scene, mix(scene.colours.far, scene.colours.low, 0.4), 24)
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
    boards(scene, scene.colours.ground)


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
    boards(scene, scene.colours.ground)
    torches(scene, 4)


def _houses(scene: Backdrop, count: int, roofs: tuple[Colour, ...], tall: float) -> None:
    for x in scene.spread(count):
        wide, high = scene.dice.randrange(14, 24), scene.height * tall * scene.dice.uniform(0.8, 1.3)
        top = scene.horizon - high
        wall = mix(scene.colours.near, (214, 196, 160), scene.dice.uniform(0.1, 0.5))
        wall = dark(wall, SHADE[scene.reading.hour] * 0.7)
        scene.pen.rectangle((x - wide, top, x + wide, scene.horizon), fill=wall, outline=dark(wall))
        roof = dark(scene.dice.choice(roofs), SHADE[scene.reading.hour] * 0.7)
        scene.pen.polygon([(x - wide - 4, top), (x, top - wide * 0.8), (x + wide + 4, top)], fill=roof)
        for wx in (x - wide // 2, x + wide // 2):
            scene.pen.rectangle((wx - 3, top + 6, wx + 3, top + 14), fill=scene.colours.light, outline=dark(wall))
        if scene.reading.hour in {"night", "dusk"}:
            scene.light(x, top + 10, 20)


def _village(scene: Backdrop) -> None:
    hills(scene, scene.colours.far, 36)
    _houses(scene, 5, ((150, 70, 56), (122, 84, 50), (176, 122, 62)), 0.16)
    ground(scene)


def _city(scene: Backdrop) -> None:
    _towers(scene, mix(scene.colours.far, scene.colours.low, 0.3), 12, 0.3, lit=False)
    _houses(scene, 7, ((110, 62, 70), (80, 76, 98), (132, 92, 66)), 0.26)
    boards(scene, scene.colours.ground)


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
    boards(scene, scene.colours.ground)
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
    ground(scene)


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
    boards(scene, scene.colours.ground)
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
    hills(scene, scene.colours.near, 16, 6)
    ground(scene)


def _snow(scene: Backdrop) -> None:
    peaks(scene, scene.colours.near, 70, (244, 248, 255))
    trees(scene, mix(scene.colours.near, (70, 110, 116), 0.6), 8, 0.4)
    ground(scene)


def _mountains(scene: Backdrop) -> None:
    peaks(scene, scene.colours.far, 84, (240, 244, 252))
    peaks(scene, scene.colours.near, 48)
    ground(scene)


def _swamp(scene: Backdrop) -> None:
    trees(scene, scene.colours.far, 9, 0.5)
    ground(scene)
    for x in scene.spread(4):
        y = scene.horizon + scene.dice.randrange(8, 40)
        scene.pen.ellipse((x - 30, y - 4, x + 30, y + 5), fill=mix(scene.colours.ground, (60, 110, 116), 0.6))
    for x in scene.spread(6):
        for dx in (-3, 0, 3):
            scene.pen.line((x, scene.horizon + 8, x + dx, scene.horizon - 14), fill=scene.colours.near)
        scene.light(x, scene.horizon - 22, 9)


def _temple(scene: Backdrop) -> None:
    wall(scene, scene.colours.far)
    for x in scene.spread(6):
        scene.pen.rectangle((x - 7, 8, x + 7, scene.horizon), fill=mix(scene.colours.far, (236, 226, 210), 0.4))
        scene.pen.rectangle((x + 3, 8, x + 7, scene.horizon), fill=scene.colours.near)
        scene.pen.rectangle((x - 10, 4, x + 10, 9), fill=scene.colours.near)
    boards(scene, scene.colours.ground)
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
    boards(scene, scene.colours.ground)
    torches(scene, 3)


def _laboratory(scene: Backdrop) -> None:
    wall(scene, scene.colours.far)
    for x in scene.spread(5):
        tall, shine = round(scene.horizon * 0.6), scene.dice.choice([(120, 255, 190), (255, 120, 210), (120, 200, 255)])
        box = (x - 9, scene.horizon - tall, x + 9, scene.horizon)
        scene.pen.rounded_rectangle(box, 6, fill=mix(shine, scene.colours.near, 0.6), outline=(190, 210, 216))
        for _ in range(9):
            bx, by = x + scene.dice.randrange(-6, 7), scene.horizon - scene.dice.randrange(4, max(5, tall - 6))
            scene.pen.point((bx, by), fill=(240, 255, 250))
        scene.light(x, scene.horizon - tall / 2, 28, shine)
    boards(scene, scene.colours.ground)


def _space(scene: Backdrop) -> None:
    x, y, r = scene.dice.randrange(scene.width), scene.horizon // 2, scene.height // 4
    scene.pen.ellipse((x - r, y - r, x + r, y + r), fill=scene.colours.far)
    scene.pen.ellipse((x - r, y - r, x + r * 0.5, y + r), fill=mix(scene.colours.far, (255, 255, 255), 0.2))
    scene.pen.line((x - r * 1.7, y + 6, x + r * 1.7, y - 8), fill=(214, 200, 240), width=2)
    scene.light(x, y, r * 2)
    boards(scene, scene.colours.ground)


def _void(scene: Backdrop) -> None:
    rainbow = ((255, 70, 90), (255, 180, 60), (120, 240, 110), (80, 190, 255), (190, 100, 255))
    for x in scene.spread(3):
        y = scene.dice.randrange(16, max(17, scene.horizon - 14))
        for ring, colour in enumerate(rainbow):
            r = 26 - ring * 4
            scene.pen.arc((x - r, y - r, x + r, y + r), scene.dice.randrange(180), 340, fill=colour, width=2)
        scene.light(x, y, 36)
    boards(scene, scene.colours.ground)


DRAWN: Mapping[str, Callable[[Backdrop], None]] = {
    "forest": _forest, "cave": _cave, "dungeon": _dungeon, "castle": _castle, "tavern": _tavern,
    "village": _village, "city": _city, "neon city": _neon_city, "sea": _sea, "ship": _ship, "desert": _desert,
    "snow": _snow, "mountains": _mountains, "swamp": _swamp, "temple": _temple, "library": _library,
    "laboratory": _laboratory, "space": _space, "void": _void,
}  # fmt: skip  # fmt: skip
