"""Places under the earth, of science, and beyond the sky."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFilter

from ..built import beam, bricks, slabs
from ..canvas import Canvas, thing
from ..ink import Colour, dark, dither_mask, mix
from ..nature import rock, water
from ..palette import RAINBOW
from ..shapes import Tones, ellipse, polygon, put, tones
from ..sky import stars

_MOUTH = ((-50, 0.0), (-46, 0.22), (-34, 0.42), (-20, 0.58), (2, 0.64), (22, 0.56), (36, 0.4), (44, 0.2), (48, 0.0))
"""Outline of a cave's exit: dots from its middle, and shares of the horizon's height."""


def cave(scene: Canvas) -> None:
    """Draw rock above and below, crystals, and a waterfall far back."""
    scene.fill(0, scene.horizon + 2, scene.colours.sky[0], scene.colours.sky[2], 6)
    x = scene.width * scene.dice.uniform(0.3, 0.7)
    opening = mix(scene.colours.light, scene.colours.sky[1], 0.55)
    rim = mix(scene.colours.far, opening, 0.25)
    mouth = [(dx, scene.horizon * (1 - up) + scene.dice.uniform(-3, 3)) for dx, up in _MOUTH]
    scene.shape(polygon([(x + dx * 1.14, y - 5 if y < scene.horizon else y) for dx, y in mouth]), tones(rim), 4)
    scene.shape(polygon([(x + dx, y) for dx, y in mouth]), opening)
    scene.light(x, scene.horizon * 0.6, 70, opening)
    for dx in range(-9, 10):
        scene.pen.line(
            (x + dx, scene.horizon * scene.dice.uniform(0.44, 0.48), x + dx, scene.horizon + 2),
            fill=mix((236, 250, 255), scene.colours.sky[1], scene.dice.choice((0.0, 0.1, 0.3))),
        )
    scene.pen.line((x - 12, scene.horizon * 0.44, x + 12, scene.horizon * 0.46), fill=rim, width=4)
    _ceiling(scene, mix(scene.colours.far, scene.colours.sky[1], 0.4), 14, 0.3)
    _slabs_of_rock(scene)
    water(scene, scene.horizon + 1, scene.horizon + 7, mix(scene.colours.near, scene.colours.light, 0.35))
    for place in scene.spread(5, 0.4):
        _crystals(scene, place, scene.horizon + scene.dice.randrange(4, 20))
    for place in scene.spread(5, 0.5):
        scene.stamp(
            rock(scene, scene.dice.randrange(12, 26), (104, 92, 118)),
            place,
            scene.horizon + scene.dice.randrange(4, 24),
        )
    scene.nearest.append(lambda: _ceiling(scene, dark(scene.colours.near, 0.5), 9, 0.24))


def _slabs_of_rock(scene: Canvas) -> None:
    """Draw the floor of a cave."""
    ground, height = scene.colours.ground, scene.height
    scene.fill(scene.horizon, height, ground, dark(ground, 0.45), 5)
    for _ in range(70):
        x, y = scene.dice.randrange(scene.width), scene.dice.randrange(scene.horizon, height)
        long = 3 + (y - scene.horizon) // 4
        scene.pen.line(
            [(x, y), (x + long, y + 1), (x + long + 3, y)],
            fill=mix(ground, scene.dice.choice([(255, 255, 255), (0, 0, 20)]), 0.2),
        )


def _ceiling(scene: Canvas, colour: Colour, count: int, reach: float) -> None:
    for x in scene.spread(count, 0.5):
        long, wide = scene.floor * scene.dice.uniform(reach * 0.4, reach), scene.dice.uniform(7, 14)
        scene.shape(polygon([(x - wide, -1), (x + wide, -1), (x + 1, long)]), tones(colour), 4)


def _crystals(scene: Canvas, x: int, y: int) -> None:
    colour = scene.dice.choice([scene.colours.light, (206, 130, 255), (130, 255, 190)])
    for dx, lean, tall in ((-6, -4, 12), (5, 4, 14), (0, 0, 22)):
        points = [
            (x + dx - 3, y),
            (x + dx + lean - 3, y - tall * 0.8),
            (x + dx + lean, y - tall),
            (x + dx + lean + 3, y - tall * 0.8),
            (x + dx + 3, y),
        ]
        scene.shape(
            polygon(points),
            Tones(mix(colour, (30, 20, 80), 0.55), mix(colour, (60, 60, 150), 0.2), mix(colour, (255, 255, 255), 0.5)),
            3,
        )
    scene.light(x, y - 10, 30, colour)


def laboratory(scene: Canvas) -> None:
    """Draw tanks, pipes, a bench with glassware, and sparks between coils."""
    bricks(scene, scene.colours.far, tall=16, wide=26)
    for y in (10, 18):
        beam(scene, (0, y, scene.width, y + 4), scene.lit((140, 150, 160)))
    glows: tuple[Colour, ...] = ((120, 255, 190), (255, 126, 214), (120, 206, 255), (240, 240, 120))
    for x in scene.spread(5, 0.25):
        _tank(scene, x, scene.dice.choice(glows))
    slabs(scene, scene.colours.ground)
    bench = scene.width * scene.dice.uniform(0.3, 0.7)
    image, pen = thing((84, 44))
    put(image, polygon([(0, 22), (84, 22), (84, 28), (0, 28)]), scene.tones((150, 158, 170)))
    for leg in (5, 74):
        put(
            image,
            polygon([(leg, 28), (leg + 5, 28), (leg + 5, 44), (leg, 44)]),
            scene.tones((104, 110, 126)),
        )
    for index, at in enumerate(range(8, 78, 14)):
        colour = glows[index % 4]
        put(
            image,
            polygon([(at + 2, 8), (at + 5, 8), (at + 5, 13), (at + 9, 21), (at - 2, 21), (at + 2, 13)]),
            tones(colour),
        )
        pen.point((at + 3, 5), fill=(*colour, 255))
        pen.point((at + 5, 2), fill=(*colour, 255))
    scene.stamp(image, bench, scene.horizon + 12)
    scene.light(bench, scene.horizon - 12, 40, glows[0])


def _tank(scene: Canvas, x: int, glow: Colour) -> None:
    top, base = round(scene.horizon * 0.34), scene.horizon + 2
    scene.shape(
        polygon([(x - 11, top), (x + 11, top), (x + 11, base), (x - 11, base)]),
        Tones(mix(glow, (10, 20, 40), 0.62), mix(glow, (20, 40, 60), 0.4), mix(glow, (255, 255, 255), 0.3)),
        6,
    )
    for _ in range(12):
        bx, by, r = (
            x + scene.dice.randrange(-8, 8),
            scene.dice.randrange(top + 4, base - 4),
            scene.dice.choice((0, 1, 1, 2)),
        )
        scene.pen.ellipse((bx - r, by - r, bx + r, by + r), outline=mix(glow, (255, 255, 255), 0.5))
    scene.pen.line((x - 7, top + 4, x - 7, base - 8), fill=mix(glow, (255, 255, 255), 0.6))
    for y in (top - 3, base - 5):
        beam(scene, (x - 14, y, x + 14, y + 6), scene.lit((156, 166, 180)))
    scene.light(x, (top + base) / 2, 34, glow)


def space(scene: Canvas) -> None:
    """Draw the bridge of a starship, with stars and a planet beyond the window."""
    top, middle, low = scene.colours.sky
    scene.fill(0, scene.horizon // 2, top, middle)
    scene.fill(scene.horizon // 2, scene.horizon + 2, middle, low)
    _nebula(scene)
    stars(scene, 1.4)
    _planet(scene)
    slabs(scene, scene.colours.ground)
    hull = scene.tones((112, 116, 148))
    for x in (0, scene.width * 0.34, scene.width * 0.68, scene.width):
        scene.shape(polygon([(x - 5, 0), (x + 5, 0), (x + 8, scene.horizon), (x - 8, scene.horizon)]), hull, 4)
    beam(scene, (0, 0, scene.width, 7), hull.base)
    beam(scene, (0, scene.horizon - 13, scene.width, scene.horizon + 2), hull.base)
    for x in range(6, scene.width - 8, 9):
        lamp = scene.dice.choice([(120, 230, 255), (255, 120, 130), (150, 255, 170), (255, 220, 120), (60, 64, 96)])
        scene.pen.rectangle((x, scene.horizon - 9, x + 5, scene.horizon - 6), fill=lamp)
        scene.pen.line((x, scene.horizon - 3, x + 5, scene.horizon - 3), fill=hull.shadow)
    for x in scene.spread(4, 0.3):
        scene.light(x, scene.horizon - 8, 22, scene.colours.light)


def _nebula(scene: Canvas) -> None:
    cloud = Image.new("L", scene.size)
    pen = ImageDraw.Draw(cloud)
    for _ in range(26):
        x, y, r = (
            scene.dice.gauss(scene.width / 2, scene.width / 4),
            scene.dice.gauss(scene.horizon / 2, scene.horizon / 4),
            scene.dice.randrange(8, 30),
        )
        pen.ellipse((x - r * 1.6, y - r, x + r * 1.6, y + r), fill=scene.dice.randrange(20, 70))
    soft = dither_mask(cloud.filter(ImageFilter.GaussianBlur(7)))
    scene.image.paste(scene.dice.choice([(150, 70, 170), (70, 120, 180), (180, 90, 110)]), mask=soft)


def _planet(scene: Canvas) -> None:
    x, y = scene.width * scene.dice.uniform(0.25, 0.75), scene.horizon * scene.dice.uniform(0.4, 0.7)
    radius = scene.horizon * scene.dice.uniform(0.3, 0.5)
    colour = scene.dice.choice([(220, 120, 80), (110, 150, 220), (190, 160, 110), (120, 190, 150)])
    scene.light(x, y, radius * 2.1, colour)
    ringed = scene.dice.random() < 0.6
    if ringed:
        _ring(scene, x, y, radius, 180)
    scene.shape(ellipse((x, y), radius, radius), tones(colour, 0.6), round(radius * 0.5))
    for band_at in (-0.5, -0.2, 0.15, 0.45):
        half = radius * (1 - band_at**2) ** 0.5 * 0.85
        scene.pen.line(
            (x - half, y + radius * band_at, x + half * 0.5, y + radius * band_at + 1),
            fill=mix(colour, (255, 255, 255), 0.25),
            width=2,
        )
    if ringed:
        _ring(scene, x, y, radius, 0)


def _ring(scene: Canvas, x: float, y: float, radius: float, start: int) -> None:
    """Draw half of a planet's ring: the one in front of it (from 0 degrees), or behind it (from 180)."""
    for wide, tall, colour in ((1.8, 0.35, (236, 220, 196)), (1.6, 0.28, (176, 150, 150))):
        box = (x - radius * wide, y - radius * tall, x + radius * wide, y + radius * tall)
        scene.pen.arc(box, start, start + 180, fill=colour, width=2)


def void(scene: Canvas) -> None:
    """Draw islands of broken tiles around a rainbow portal."""
    top, middle, low = scene.colours.sky
    scene.fill(0, scene.horizon // 2, top, middle)
    scene.fill(scene.horizon // 2, scene.height, middle, low)
    stars(scene, 0.5)
    for _ in range(60):
        x, y, side = (
            scene.dice.randrange(scene.width),
            scene.dice.randrange(scene.horizon),
            scene.dice.choice((2, 3, 4, 6)),
        )
        scene.pen.rectangle((x, y, x + side, y + side), fill=mix(middle, scene.dice.choice(RAINBOW), 0.36))
    px, py = scene.width * scene.dice.uniform(0.36, 0.64), scene.horizon * 0.56
    scene.sight = px
    for ring, colour in enumerate(RAINBOW):
        r = scene.horizon * (0.42 - ring * 0.044)
        turn = scene.dice.randrange(360)
        scene.pen.arc((px - r, py - r * 1.05, px + r, py + r * 1.05), turn, turn + 310, fill=colour, width=3)
    scene.shape(ellipse((px, py), scene.horizon * 0.16, scene.horizon * 0.17), (250, 240, 255))
    scene.light(px, py, scene.horizon * 0.8, (255, 130, 230))
    tiles = scene.tones((96, 60, 140))
    ledge = scene.horizon + 2
    scene.shape(
        polygon([(-10, ledge), (scene.width + 10, ledge), (scene.width + 10, scene.height), (-10, scene.height)]),
        tiles,
        3,
    )
    slabs(scene, scene.colours.ground)
    for place in scene.spread(7, 0.5):
        up, half = scene.dice.randrange(12, 60), scene.dice.uniform(7, 22)
        under = [(place + share * half, ledge - up + half * deep * scene.dice.uniform(0.6, 1.1))
                 for share, deep in ((0.8, 0.35), (0.45, 0.6), (0.1, 1.0), (-0.35, 0.55), (-0.75, 0.4))]  # fmt: skip
        scene.shape(polygon([(place - half, ledge - up), (place + half, ledge - up), *under]), tiles, 4)
        for at in range(round(place - half) + 3, round(place + half) - 2, 6):
            scene.pen.line((at, ledge - up, at - 1, ledge - up + 3), fill=tiles.shadow)
