"""Places under a roof."""

from __future__ import annotations

from ..built import beam, boarded_wall, bricks, column, flame, planks, slabs, torch, window
from ..canvas import Canvas
from ..furniture import barrel, shelf, table
from ..ink import Colour, dark, mix
from ..nature import shafts
from ..palette import RAINBOW
from ..shapes import ellipse, limb, polygon


def dungeon(scene: Canvas) -> None:
    """Draw walls of brick, cells with bars, chains and torches."""
    bricks(scene, scene.colours.far)
    for x in scene.spread(3, 0.25):
        tall = round(scene.horizon * 0.6)
        hole = dark(scene.colours.near, 0.75)
        scene.shape(
            ellipse((x, scene.horizon - tall + 16), 19, 17)
            + polygon(
                [
                    (x - 19, scene.horizon - tall + 16),
                    (x + 19, scene.horizon - tall + 16),
                    (x + 19, scene.horizon),
                    (x - 19, scene.horizon),
                ]
            ),
            scene.tones((124, 118, 140)),
            2,
        )
        scene.shape(
            ellipse((x, scene.horizon - tall + 17), 15, 14)
            + polygon(
                [
                    (x - 15, scene.horizon - tall + 17),
                    (x + 15, scene.horizon - tall + 17),
                    (x + 15, scene.horizon),
                    (x - 15, scene.horizon),
                ]
            ),
            hole,
        )
        if scene.dice.random() < 0.7:
            for bar in range(-12, 13, 6):
                scene.shape(
                    limb([(x + bar, scene.horizon - tall + 6), (x + bar, scene.horizon)], [2, 2]),
                    scene.tones((134, 134, 150)),
                    1,
                )
        else:
            for eye in (-4, 3):
                scene.pen.rectangle((x + eye, scene.horizon - 22, x + eye + 1, scene.horizon - 21), fill=(255, 220, 90))
    slabs(scene, scene.colours.ground)
    for x in scene.spread(4, 0.2):
        torch(scene, x + scene.width / 8, scene.horizon * 0.42)
    _chains(scene)
    for x in scene.spread(3, 0.5):
        _bones(scene, x, scene.horizon + scene.dice.randrange(6, 26))


def _chains(scene: Canvas) -> None:
    for x in scene.spread(3, 0.5):
        for y in range(0, scene.dice.randrange(22, 44), 4):
            scene.pen.ellipse((x - 1, y, x + 1, y + 3), outline=scene.lit((150, 150, 166)))


def _bones(scene: Canvas, x: int, y: int) -> None:
    bone = scene.lit((226, 218, 196))
    scene.pen.ellipse((x, y - 4, x + 5, y), fill=bone)
    scene.pen.point((x + 1, y - 2), fill=(40, 30, 40))
    scene.pen.point((x + 4, y - 2), fill=(40, 30, 40))
    scene.pen.line((x + 8, y, x + 14, y - 2), fill=bone)


def tavern(scene: Canvas) -> None:
    """Draw a bar with bottles, a hearth, a window and tables."""
    boarded_wall(scene, scene.colours.far)
    wood: Colour = (118, 74, 48)
    hearth = scene.width * scene.dice.choice((0.2, 0.8))
    scene.busy.append((hearth - 30, hearth + 30))
    window(scene, scene.width - hearth + scene.dice.uniform(-10, 10), scene.horizon * 0.5, 17, 14)
    for y in (round(scene.horizon * 0.4), round(scene.horizon * 0.66)):
        middle = scene.width // 2
        shelf(scene, (middle - 58, y - 16, middle + 58, y), "bottles")
    planks(scene, scene.colours.ground)
    _hearth(scene, hearth)
    for x in scene.spread(4, 0.1):
        beam(scene, (x - 4, 0, x + 4, scene.horizon * 0.2), scene.lit(wood))
    beam(scene, (0, 0, scene.width, 8), scene.lit(wood))
    for x in scene.spread(2, 0.2):
        scene.pen.line((x, 8, x, 22), fill=scene.lit((60, 50, 50)))
        scene.shape(ellipse((x, 26), 4, 5), (255, 224, 140))
        scene.light(x, 26, 34)
    for x in (at for at in scene.spread(4, 0.3) if abs(at - hearth) > 44):
        scene.stamp(
            table(scene, scene.dice.randrange(40, 54)) if scene.dice.random() < 0.6 else barrel(scene, 18),
            x,
            scene.horizon + scene.dice.randrange(8, 14),
        )


def _hearth(scene: Canvas, x: float) -> None:
    base, stone = scene.horizon + 3, scene.tones((134, 122, 124))
    scene.shape(
        polygon([(x - 30, base), (x - 26, base - 52), (x - 14, 0), (x + 14, 0), (x + 26, base - 52), (x + 30, base)]),
        stone,
        6,
    )
    for row, y in enumerate(range(8, base, 8)):
        for dx in range(-22 + (row % 2) * 6, 22, 12):
            scene.pen.line((x + dx, y, x + dx + 6, y), fill=mix(stone.base, stone.shadow, 0.6))
    beam(scene, (x - 33, base - 42, x + 33, base - 37), scene.lit((110, 70, 46)))
    scene.shape(
        ellipse((x, base - 18), 19, 15)
        + polygon([(x - 19, base - 18), (x + 19, base - 18), (x + 19, base), (x - 19, base)]),
        (36, 20, 22),
    )
    for dx in (-8, 8, 0):
        flame(scene, x + dx, base - 2, scene.dice.uniform(13, 24))
    scene.light(x, base - 14, 64, (255, 150, 70))


def temple(scene: Canvas) -> None:
    """Draw columns, an altar with candles, and coloured light from above."""
    bricks(scene, mix(scene.colours.far, scene.colours.near, 0.2), tall=14, wide=30)
    middle = scene.width * scene.dice.uniform(0.42, 0.58)
    scene.sight = middle
    _rose(scene, middle, scene.horizon * 0.34)
    for share in (0.06, 0.22, 0.78, 0.94):
        column(
            scene, scene.width * share + scene.dice.uniform(-4, 4), 6, 9, mix(scene.colours.near, (255, 255, 255), 0.1)
        )
    slabs(scene, scene.colours.ground)
    base = scene.horizon + 6
    for step, half in enumerate((46, 36, 27)):
        beam(
            scene,
            (middle - half, base - 5 * step - 5, middle + half, base - 5 * step),
            mix(scene.colours.ground, (255, 255, 255), 0.1 + 0.08 * step),
        )
    beam(scene, (middle - 18, base - 30, middle + 18, base - 15), scene.lit((214, 200, 190)))
    for dx in (-30, -22, -12, -5, 5, 12, 22, 30):
        y = base - (30 if abs(dx) < 18 else 11)
        scene.pen.rectangle((middle + dx - 1, y - 7, middle + dx, y), fill=(250, 244, 224))
        flame(scene, middle + dx, y - 7, 5)
        scene.light(middle + dx, y - 9, 16)
    shafts(scene, (255, 220, 190), 80)


def _rose(scene: Canvas, x: float, y: float) -> None:
    radius = 19
    scene.shape(ellipse((x, y), radius + 3, radius + 3), scene.tones((150, 138, 150)), 2)
    pen = scene.pen
    for part in range(12):
        pen.pieslice(
            (x - radius, y - radius, x + radius, y + radius),
            part * 30,
            part * 30 + 28,
            fill=mix(RAINBOW[part % 6], (60, 50, 120), 0.2),
        )
    pen.ellipse((x - 6, y - 6, x + 6, y + 6), fill=(255, 240, 190))
    scene.light(x, y, 54, (255, 214, 230))


def library(scene: Canvas) -> None:
    """Draw shelves up to the ceiling, a ladder and a reading lamp."""
    scene.fill(0, scene.horizon + 2, dark(scene.colours.far, 0.5), scene.colours.far, 5)
    for x in range(-6, scene.width, 64):
        for y in range(20, scene.horizon + 4, 20):
            shelf(scene, (x + 4, y - 18, x + 60, y), "books")
        beam(scene, (x - 3, 0, x + 3, scene.horizon + 2), scene.lit((112, 70, 48)))
    planks(scene, scene.colours.ground)
    carpet = scene.tones((150, 48, 60))
    middle = scene.width * scene.dice.uniform(0.4, 0.6)
    scene.shape(
        polygon(
            [
                (middle - 46, scene.horizon + 3),
                (middle + 46, scene.horizon + 3),
                (middle + 110, scene.height),
                (middle - 110, scene.height),
            ]
        ),
        carpet,
        3,
    )
    for side in (-1, 1):
        scene.pen.line(
            (middle + side * 41, scene.horizon + 4, middle + side * 100, scene.height),
            fill=scene.lit((236, 190, 96)),
            width=2,
        )
    ladder = scene.width * scene.dice.uniform(0.15, 0.85)
    for rail in (0, 9):
        scene.pen.line(
            (ladder + rail, 4, ladder + rail - 12, scene.horizon + 3), fill=scene.lit((176, 124, 76)), width=2
        )
    for rung in range(10, scene.horizon, 9):
        shift = -12 * (rung - 4) / max(1, scene.horizon - 1)
        scene.pen.line((ladder + shift, rung, ladder + 9 + shift, rung), fill=scene.lit((196, 144, 92)))
    for place in scene.spread(3, 0.25):
        scene.pen.line((place, 0, place, 16), fill=scene.lit((80, 60, 50)))
        scene.shape(
            polygon([(place - 7, 22), (place - 3, 15), (place + 3, 15), (place + 7, 22)]),
            scene.tones((70, 130, 100)),
            2,
        )
        scene.light(place, 24, 52)
