"""Places where nobody lives, under the sky."""

from __future__ import annotations

from PIL import Image

from ..canvas import Canvas, thing
from ..ink import dark, mix
from ..nature import (
    bare_tree,
    bush,
    fir,
    fireflies,
    flowers,
    ground,
    leaves_in_front,
    mountains,
    path,
    road_of_light,
    rock,
    shafts,
    tree,
    treeline,
    water,
)
from ..shapes import Tones, ellipse, limb, polygon, put, tones
from ..sky import gulls


def forest(scene: Canvas) -> None:
    """Draw rows of trees, with light through the leaves by day and fireflies by night."""
    far, near = scene.colours.far, scene.colours.near
    treeline(scene, mix(far, scene.colours.sky[2], 0.45), 44, conifers=scene.dice.random() < 0.5)
    treeline(scene, mix(far, near, 0.3), 34)
    scene.haze(0.18)
    ground(scene)
    if scene.dice.random() < 0.6:
        path(scene, scene.lit((168, 134, 92)))
    leafy = scene.dice.random() < 0.55
    for x in scene.spread(6, 0.45):
        tall = scene.dice.randrange(66, 92)
        base = scene.horizon + scene.dice.randrange(1, 9)
        scene.stamp(tree(scene, tall, (66, 150, 74)) if leafy else fir(scene, tall, (44, 116, 80)), x, base)
    for x in scene.spread(7, 0.5):
        scene.stamp(
            bush(scene, scene.dice.randrange(16, 30), (74, 148, 66)), x, scene.horizon + scene.dice.randrange(4, 16)
        )
    flowers(scene, 60)
    if scene.reading.hour == "night":
        fireflies(scene, 12, (206, 255, 120))
    elif not scene.reading.weather:
        shafts(scene, scene.colours.light)
    scene.nearest.append(lambda: leaves_in_front(scene, dark(scene.lit((34, 84, 50)), 0.35)))


def sea(scene: Canvas) -> None:
    """Draw a shore, a headland with a lighthouse, waves and gulls."""
    shore = scene.horizon
    top = round(shore * 0.62)
    water(scene, top, shore + 8, scene.colours.near)
    scene.waterline = shore
    x = scene.dice.choice((scene.width * 0.16, scene.width * 0.82)) + scene.dice.uniform(-14, 14)
    land = scene.tones((112, 124, 110))
    scene.shape(
        polygon(
            [
                (x - 70, top + 2),
                (x - 42, top - 8),
                (x - 10, top - 15),
                (x + 16, top - 13),
                (x + 44, top - 6),
                (x + 66, top + 2),
            ]
        ),
        land,
        6,
    )
    _lighthouse(scene, x, top - 11)
    far = scene.width - x + scene.dice.uniform(-30, 30)
    scene.shape(
        polygon([(far - 40, top + 1), (far - 8, top - 7), (far + 18, top - 5), (far + 44, top + 1)]),
        mix(land.base, scene.colours.sky[2], 0.5),
    )
    if scene.reading.hour != "day":
        light = (236, 238, 255) if scene.reading.hour == "night" else (255, 226, 170)
        road_of_light(scene, scene.width * scene.dice.uniform(0.35, 0.65), top + 1, shore + 6, light)
    scene.horizon += 6
    ground(scene, tufts=False)
    for edge in range(3):
        y = scene.horizon + edge * 2
        for x0 in range(0, scene.width, 7):
            scene.pen.line(
                (x0, y + scene.dice.randrange(2), x0 + 5, y), fill=mix((255, 255, 255), scene.colours.near, 0.3 * edge)
            )
    for x0 in scene.spread(4, 0.5):
        scene.stamp(
            rock(scene, scene.dice.randrange(10, 20), (140, 134, 136)), x0, scene.horizon + scene.dice.randrange(4, 26)
        )
    gulls(scene)


def _lighthouse(scene: Canvas, x: float, base: float) -> None:
    """Draw a lighthouse as tall as the sky has room for."""
    part = min(8, max(3, round(base - 30) // 4))
    image, pen = thing((18, 14 + 4 * part))
    for number, colour in enumerate(((240, 240, 236), (214, 72, 66), (240, 240, 236), (214, 72, 66))):
        y = 12 + (4 - number) * part
        put(image, polygon([(4, y), (14, y), (13.4, y - part), (4.6, y - part)]), scene.tones(colour), 3)
    pen.rectangle((4, 7, 13, 11), fill=(255, 240, 160, 255))
    put(image, polygon([(2, 7), (9, 1), (16, 7)]), scene.tones((120, 60, 60)), 2)
    scene.stamp(image, x, base + 2)
    scene.light(x, base - 4 * part - 3, 34 if scene.reading.hour != "day" else 12, (255, 236, 150))


def desert(scene: Canvas) -> None:
    """Draw pyramids, dunes with a lit and a shaded side, and palms or cacti."""
    for x, tall in zip(scene.spread(3, 0.4), scene.dice.sample((58, 40, 28, 20), 3), strict=True):
        if scene.dice.random() < 0.8:
            stone = mix(scene.colours.far, scene.colours.sky[2], 0.15)
            base = scene.horizon + 2
            scene.shape(
                polygon([(x - tall * 1.2, base), (x, base - tall), (x + tall * 1.2, base)]),
                mix(stone, (255, 250, 220), 0.2),
            )
            scene.shape(
                polygon([(x, base - tall), (x + tall * 1.2, base), (x + tall * 0.24, base)]),
                dark(stone, 0.28),
            )
            for row in range(4, tall, 5):
                scene.pen.line((x - row * 1.2 + 2, base - tall + row, x + row * 0.24, base - tall + row), fill=stone)
    ground(scene, tufts=False)
    for depth in (0.0, 0.3, 0.62):
        _dune(scene, depth)
    for x in scene.spread(3, 0.5):
        scene.stamp(
            _palm(scene) if scene.dice.random() < 0.5 else _cactus(scene),
            x,
            scene.horizon + scene.dice.randrange(6, 22),
        )


def _dune(scene: Canvas, depth: float) -> None:
    y = scene.horizon + (scene.floor - scene.horizon) * depth
    sand = mix(scene.colours.near, scene.colours.ground, 0.5 + depth * 0.4)
    crest = scene.width * scene.dice.uniform(0.2, 0.8)
    rise = 10 + 10 * depth
    outline = [
        (-10, y + 8),
        (crest * 0.5, y - rise * 0.3),
        (crest, y - rise),
        (crest + 60, y - rise * 0.4),
        (scene.width + 10, y + 6),
        (scene.width + 10, y + 40),
        (-10, y + 40),
    ]
    scene.shape(polygon(outline), mix(sand, (255, 250, 220), 0.14))
    scene.shape(
        polygon(
            [
                (crest, y - rise),
                (crest + 60, y - rise * 0.4),
                (scene.width + 10, y + 6),
                (scene.width + 10, y + 14),
                (crest + 26, y + 6),
                (crest + 12, y - 2),
            ]
        ),
        dark(sand, 0.22),
    )


def _palm(scene: Canvas) -> Image.Image:
    image, _ = thing((56, 70))
    put(image, limb([(26, 70), (29, 44), (27, 20)], [6, 4.4, 3.4]), scene.tones((146, 106, 68)))
    for dx, dy in ((-24, 6), (-18, -8), (-2, -15), (17, -9), (25, 4), (14, 14), (-13, 15)):
        tip = (27 + dx, 20 + dy)
        put(
            image,
            limb([(27, 20), (27 + dx * 0.55, 15 + dy * 0.4), tip], [3, 5, 1]),
            scene.tones((72, 150, 74)),
        )
    return image


def _cactus(scene: Canvas) -> Image.Image:
    image, _ = thing((30, 44))
    green = scene.tones((84, 146, 88))
    for points, width in (
        ([(15, 44), (15, 6)], 8),
        ([(15, 28), (5, 26), (5, 14)], 5),
        ([(15, 22), (25, 20), (25, 8)], 5),
    ):
        put(image, limb(points, [width] * len(points)), green)
    return image


def snow(scene: Canvas) -> None:
    """Draw white peaks, firs under snow, and shards of ice."""
    mountains(scene, mix(scene.colours.near, scene.colours.sky[2], 0.35), 84, 4, scene.lit((246, 250, 255)))
    scene.haze(0.16)
    treeline(scene, mix(scene.lit((72, 112, 124)), scene.colours.sky[2], 0.3), 22)
    ground(scene, tufts=False)
    for x in scene.spread(6, 0.4):
        scene.stamp(
            fir(scene, scene.dice.randrange(44, 66), (62, 118, 108), scene.lit((244, 248, 255))),
            x,
            scene.horizon + scene.dice.randrange(2, 10),
        )
    for x in scene.spread(4, 0.5):
        _ice(scene, x, scene.horizon + scene.dice.randrange(8, 24))
    for _ in range(5):
        x, y = scene.dice.randrange(scene.width), scene.dice.randrange(scene.horizon + 8, scene.height)
        scene.shape(
            ellipse((x, y), 34, 4),
            tones(mix(scene.colours.ground, (255, 255, 255), 0.4), 0.16),
            2,
        )


def _ice(scene: Canvas, x: int, y: int) -> None:
    for dx, tall in ((-6, 10), (0, 19), (6, 12)):
        scene.shape(
            polygon([(x + dx - 4, y), (x + dx - 1, y - tall), (x + dx + 4, y)]),
            scene.tones((158, 216, 244)),
            3,
        )


def mountain_pass(scene: Canvas) -> None:
    """Draw ranges behind each other, and a path along a precipice."""
    mountains(scene, mix(scene.colours.far, scene.colours.sky[2], 0.5), 92, 4, scene.lit((240, 244, 252)))
    scene.haze(0.2)
    mountains(scene, scene.colours.far, 66, 4, scene.lit((232, 238, 250)))
    scene.haze(0.14)
    mountains(scene, scene.colours.near, 36, 5)
    ground(scene)
    path(scene, scene.lit((176, 156, 130)))
    for x in scene.spread(6, 0.5):
        scene.stamp(
            rock(scene, scene.dice.randrange(14, 34), (132, 130, 144)), x, scene.horizon + scene.dice.randrange(4, 22)
        )
    for x in scene.spread(3, 0.6):
        scene.stamp(
            fir(scene, scene.dice.randrange(30, 44), (58, 104, 84)), x, scene.horizon + scene.dice.randrange(2, 8)
        )
    _eagle(scene)


def _eagle(scene: Canvas) -> None:
    x, y = (
        scene.dice.randrange(scene.width // 4, scene.width * 3 // 4),
        scene.dice.randrange(26, max(27, scene.horizon // 2)),
    )
    dark_brown = scene.lit((74, 54, 48))
    for side in (-1, 1):
        wing = [(0, -2), (4, -5), (10, -8), (18, -6), (14, -4), (16, -3), (11, -3), (12, -1), (6, -1), (2, 3)]
        scene.pen.polygon([(x + side * dx, y + dy) for dx, dy in wing], fill=dark_brown)
    scene.pen.polygon([(x - 3, y + 6), (x + 3, y + 6), (x + 1, y), (x - 1, y)], fill=dark_brown)
    scene.pen.rectangle((x - 1, y - 4, x + 1, y - 2), fill=scene.lit((236, 224, 200)))


def swamp(scene: Canvas) -> None:
    """Draw dead trees over still water, reeds and will-o'-the-wisps."""
    treeline(scene, mix(scene.colours.far, scene.colours.sky[2], 0.4), 40, conifers=False)
    scene.haze(0.25)
    ground(scene)
    for _ in range(5):
        x, y = scene.dice.randrange(scene.width), scene.dice.randrange(scene.horizon + 6, scene.height)
        wide = 24 + (y - scene.horizon)
        pool = mix(scene.lit((54, 92, 92)), scene.colours.sky[1], 0.35)
        scene.shape(
            ellipse((x, y), wide, wide * 0.16),
            Tones(dark(pool, 0.3), pool, mix(pool, (220, 240, 220), 0.4)),
            2,
        )
    for x in scene.spread(5, 0.4):
        scene.stamp(
            bare_tree(scene, scene.dice.randrange(58, 88), (92, 82, 72)), x, scene.horizon + scene.dice.randrange(2, 12)
        )
    for x in scene.spread(9, 0.5):
        y = scene.horizon + scene.dice.randrange(6, 30)
        for dx in (-3, -1, 1, 3):
            scene.pen.line((x + dx, y, x + dx * 1.6, y - scene.dice.randrange(9, 16)), fill=scene.lit((104, 136, 70)))
        scene.pen.rectangle((x - 1, y - 17, x, y - 12), fill=scene.lit((120, 82, 56)))
    for x in scene.spread(5, 0.5):
        y = scene.dice.randrange(scene.horizon - 26, scene.horizon + 10)
        scene.light(x, y, 20)
        scene.pen.ellipse((x - 2, y - 2, x + 2, y + 2), fill=(222, 255, 170))
        scene.pen.ellipse((x - 1, y - 1, x + 1, y + 1), fill=(250, 255, 230))
