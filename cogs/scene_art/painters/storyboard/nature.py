"""Pieces of landscape: ground, water, hills, mountains, trees, rocks."""

from __future__ import annotations

from PIL import Image, ImageChops, ImageDraw

from .canvas import Canvas, thing
from .ink import Colour, dark, mix
from .shapes import Shape, Tones, ellipse, limb, polygon, put, tones


def ground(scene: Canvas, colour: Colour | None = None, *, tufts: bool = True) -> None:
    """Draw the ground outdoors: darker towards the viewer, with tufts and pebbles that are larger when nearer."""
    base = colour or scene.colours.ground
    far, near = mix(base, scene.colours.sky[2], 0.22), dark(base, 0.32)
    scene.fill(scene.horizon, scene.height, far, near, 5)
    for _ in range(scene.width * (scene.height - scene.horizon) // 130):
        share = scene.dice.random() ** 0.7
        x, y = scene.dice.randrange(scene.width), scene.horizon + 2 + round(share * (scene.height - scene.horizon - 3))
        shade = mix(mix(far, near, share), scene.dice.choice([(255, 255, 220), (10, 10, 30)]), 0.16)
        long = round(1 + 4 * share)
        scene.pen.line((x, y, x + long, y), fill=shade)
        if tufts and scene.dice.random() < 0.5:
            for blade in (-1, 0, 1):
                scene.pen.line((x + blade, y, x + blade * 2, y - round(2 + 3 * share)), fill=shade)


def path(scene: Canvas, colour: Colour) -> None:
    """Draw a path that winds from the viewer to the horizon."""
    start, end = scene.width * scene.dice.uniform(0.3, 0.7), scene.width * scene.dice.uniform(0.3, 0.7)
    left, right = [], []
    for step in range(9):
        share = step / 8
        y = scene.height - (scene.height - scene.horizon) * share
        x = start + (end - start) * share + scene.dice.uniform(-6, 6) * (1 - share)
        wide = 4 + 52 * (1 - share) ** 1.6
        left.append((x - wide, y))
        right.append((x + wide, y))
    scene.shape(polygon([*left, *reversed(right)]), tones(colour, 0.2), 3)


def flowers(scene: Canvas, count: int) -> None:
    """Draw dots of colour in the grass."""
    for _ in range(count):
        x, y = scene.dice.randrange(scene.width), scene.dice.randrange(scene.horizon + 4, scene.height)
        scene.pen.point((x, y), fill=scene.lit(scene.dice.choice([(255, 240, 140), (250, 150, 170), (240, 240, 255)])))
        scene.pen.point((x, y + 1), fill=scene.lit((60, 120, 60)))


def water(scene: Canvas, top: int, bottom: int, colour: Colour) -> None:
    """Draw a surface of water that mirrors the sky at its far end, with crests that are longer when nearer."""
    scene.fill(top, bottom, mix(colour, scene.colours.sky[2], 0.55), dark(colour, 0.2), 6)
    crest = mix(colour, (236, 248, 255), 0.55 if scene.reading.hour == "day" else 0.3)
    for _ in range(scene.width * max(1, bottom - top) // 90):
        share = scene.dice.random()
        x, y = scene.dice.randrange(scene.width), top + 1 + round(share * max(0, bottom - top - 2))
        long = round(2 + 9 * share)
        scene.pen.line((x, y, x + long, y), fill=crest if scene.dice.random() < 0.6 else dark(colour, 0.35))


def stream(scene: Canvas, x: float, y: float, half: float = 56) -> None:
    """Draw a bend of running water between banks around (x, y), `half` dots to each side."""
    deep = mix(scene.lit((58, 116, 164)), scene.colours.sky[1], 0.35)
    bend = [(x - half, y + 4), (x - half * 0.45, y - 1), (x + half * 0.3, y + 3), (x + half, y - 1)]
    for grown, colour in ((2.5, mix(dark(scene.colours.ground, 0.3), (110, 84, 60), 0.4)), (0.0, deep)):
        scene.shape(limb(bend, [wide + grown * 2 for wide in (3, 11, 13, 4)]), colour)
    for row in range(-4, 8, 2):
        at = x + scene.dice.uniform(-0.55, 0.3) * half
        scene.pen.line((at, y + row, at + scene.dice.uniform(4, 13), y + row), fill=mix(deep, (236, 248, 255), 0.6))


def foam(scene: Canvas, left: float, right: float, y: int) -> None:
    """Draw foam where something that swims breaks the surface."""
    x = round(left)
    while x < right:
        long, up = scene.dice.randrange(3, 8), scene.dice.randrange(3)
        scene.pen.line((x, y - up, x + long, y - up), fill=mix((244, 250, 255), scene.colours.near, 0.2))
        x += 6


def road_of_light(scene: Canvas, x: float, top: int, bottom: int, colour: Colour) -> None:
    """Draw the reflection of sun or moon on the water below them."""
    for y in range(top, bottom, 2):
        wide = 3 + (y - top) * 0.25
        at = x + scene.dice.uniform(-wide, wide)
        scene.pen.line((at - scene.dice.uniform(1, wide), y, at + scene.dice.uniform(1, wide), y), fill=colour)


def range_of_hills(scene: Canvas, colour: Colour, rise: float, bumps: int = 7) -> None:
    """Draw soft hills, at most `rise` dots above the horizon."""
    points = [(0.0, float(scene.horizon + 3))]
    for step in range(bumps * 4 + 1):
        x = scene.width * step / (bumps * 4)
        points.append((x, scene.horizon - rise * (0.35 + 0.65 * scene.dice.random()) * (0.75 if step % 4 else 1.0)))
    points.append((float(scene.width), float(scene.horizon + 3)))
    scene.shape(polygon(points), Tones(dark(colour, 0.16), colour, mix(colour, scene.colours.sky[2], 0.3)), 3)


def mountains(scene: Canvas, colour: Colour, rise: float, count: int, snow: Colour | None = None) -> None:
    """Draw peaks with a lit and a shaded face and ridges; with caps if `snow` is a colour."""
    for x in sorted(scene.spread(count, 0.45), key=lambda _: scene.dice.random()):
        _peak(scene, x, rise * scene.dice.uniform(0.6, 1.0), colour, snow)


def _peak(scene: Canvas, x: int, tall: float, colour: Colour, snow: Colour | None) -> None:
    base, wide = scene.horizon + 3, tall * scene.dice.uniform(0.85, 1.3)
    tip, crest = base - tall, x + wide * scene.dice.uniform(-0.08, 0.08)

    def edge(side: int) -> list[tuple[float, float]]:
        return [
            (
                crest + side * wide * share + scene.dice.uniform(-1.6, 1.6),
                tip + tall * share + scene.dice.uniform(-1.5, 1.5),
            )
            for share in (0.18, 0.38, 0.6, 0.8)
        ]

    left, right = edge(-1), edge(1)
    spine = [
        (crest + scene.dice.uniform(-0.1, 0.16) * wide * share, tip + tall * share) for share in (0.3, 0.55, 0.8, 1.0)
    ]
    whole = [(x - wide, base), *reversed(left), (crest, tip), *right, (x + wide, base)]
    scene.shape(polygon(whole), mix(colour, (255, 250, 230), 0.12))
    scene.shape(polygon([(crest, tip), *right, (x + wide, base), *reversed(spine)]), dark(colour, 0.3))
    for point in spine[:3]:
        scene.pen.line((point[0], point[1], point[0] - tall * 0.12, point[1] + tall * 0.16), fill=dark(colour, 0.18))
    if snow:
        cap = [
            (crest - wide * 0.3, tip + tall * 0.3),
            (crest - wide * 0.16, tip + tall * 0.24),
            (crest - wide * 0.08, tip + tall * 0.36),
            (crest + wide * 0.04, tip + tall * 0.26),
            (crest + wide * 0.14, tip + tall * 0.38),
            (crest + wide * 0.3, tip + tall * 0.3),
        ]
        scene.shape(polygon([(crest, tip), *reversed(cap)]), snow)
        scene.shape(polygon([(crest, tip), *reversed(cap[3:])]), mix(snow, scene.colours.sky[0], 0.34))


# Trees


def tree(scene: Canvas, tall: int, leaf: Colour, bark: Colour = (104, 70, 50)) -> Image.Image:
    """Draw a broad tree: a trunk that forks, and a crown of heaps of leaves."""
    wide = round(tall * 0.9)
    image, _ = thing((wide, tall))
    middle, wood = wide / 2, scene.tones(bark)
    sway = scene.dice.uniform(-0.05, 0.05) * wide
    put(image, limb([(middle, tall), (middle + sway, tall * 0.55)], [tall * 0.13, tall * 0.07]), wood)
    for side in (-1, 1):
        put(
            image,
            limb(
                [(middle + sway, tall * 0.62), (middle + side * wide * 0.24, tall * 0.36)], [tall * 0.06, tall * 0.03]
            ),
            wood,
        )
    heaps = [
        (scene.dice.uniform(0.24, 0.76), scene.dice.uniform(0.16, 0.5), scene.dice.uniform(0.13, 0.2)) for _ in range(9)
    ]
    for x, y, r in sorted(heaps, key=lambda heap: heap[1]):
        put(image, ellipse((x * wide, y * tall), r * tall, r * tall * 0.86),
              scene.tones(mix(leaf, (20, 50, 60), (y - 0.16) * 0.7)), max(2, tall // 22))  # fmt: skip
    return image


def fir(scene: Canvas, tall: int, leaf: Colour, snow: Colour | None = None) -> Image.Image:
    """Draw a conifer with five layers of branches."""
    wide = round(tall * 0.62)
    image, _ = thing((wide, tall))
    middle = wide / 2
    put(
        image,
        limb([(middle, tall), (middle, tall * 0.7)], [tall * 0.08, tall * 0.06]),
        scene.tones((96, 66, 52)),
    )
    for level in range(5):
        y = tall * (0.92 - 0.17 * level)
        half = wide * (0.49 - 0.075 * level)
        skirt = [(middle - half, y), (middle - half * 0.5, y - tall * 0.02), (middle, y + tall * 0.02),
                 (middle + half * 0.5, y - tall * 0.02), (middle + half, y), (middle, y - tall * 0.3)]  # fmt: skip
        put(image, polygon(skirt), scene.tones(leaf), max(2, round(half * 0.6)))
        if snow:
            put(
                image,
                polygon(
                    [
                        (middle - half, y),
                        (middle - half * 0.3, y - tall * 0.05),
                        (middle, y - tall * 0.2),
                        (middle - half * 0.4, y - tall * 0.15),
                    ]
                ),
                snow,
            )
    return image


def bare_tree(scene: Canvas, tall: int, bark: Colour) -> Image.Image:
    """Draw a dead tree with crooked branches and hanging moss."""
    wide = round(tall * 0.9)
    image, pen = thing((wide, tall))
    middle, wood = wide / 2, scene.tones(bark)
    top = (middle + scene.dice.uniform(-6, 6), tall * 0.22)
    bend = (middle + scene.dice.uniform(-8, 8), tall * 0.6)
    put(image, limb([(middle, tall), bend, top], [tall * 0.15, tall * 0.09, tall * 0.03]), wood)
    for _ in range(6):
        share, side = scene.dice.uniform(0.25, 0.6), scene.dice.choice((-1, 1))
        start = (bend[0] + (top[0] - bend[0]) * share, tall * (0.62 - 0.4 * share))
        middle_of = (start[0] + side * wide * 0.18, start[1] - tall * 0.03)
        end = (
            start[0] + side * wide * scene.dice.uniform(0.26, 0.42),
            start[1] - tall * scene.dice.uniform(0.02, 0.16),
        )
        put(image, limb((start, middle_of, end), [tall * 0.05, tall * 0.03, 1]), wood, 1)
        pen.line((end[0], end[1], end[0], end[1] + scene.dice.randrange(3, 12)), fill=(*scene.lit((110, 134, 92)), 255))
    return image


def treeline(scene: Canvas, colour: Colour, tall: float, *, conifers: bool = True) -> None:
    """Draw the outline of a distant wood."""
    points = [(0.0, float(scene.horizon + 3))]
    x = -4.0
    while x < scene.width + 6:
        high = tall * scene.dice.uniform(0.55, 1.0)
        half = high * (0.24 if conifers else 0.4)
        if conifers:
            points += [
                (x, scene.horizon - high * 0.25),
                (x + half, scene.horizon - high),
                (x + half * 2, scene.horizon - high * 0.25),
            ]
        else:
            points += [
                (x, scene.horizon - high * 0.6),
                (x + half * 0.5, scene.horizon - high),
                (x + half * 1.5, scene.horizon - high),
                (x + half * 2, scene.horizon - high * 0.6),
            ]
        x += half * 2
    points.append((float(scene.width), float(scene.horizon + 3)))
    scene.shape(polygon(points), Tones(dark(colour, 0.12), colour, mix(colour, scene.colours.sky[2], 0.2)), 2)


def rock(scene: Canvas, wide: int, colour: Colour) -> Image.Image:
    """Draw a boulder with facets."""
    tall = round(wide * scene.dice.uniform(0.55, 0.8))
    image, _ = thing((wide, tall))
    outline = [
        (0, tall),
        (wide * 0.08, tall * 0.4),
        (wide * 0.35, tall * 0.04),
        (wide * 0.7, tall * 0.12),
        (wide * 0.96, tall * 0.55),
        (wide, tall),
    ]
    put(image, polygon(outline), scene.tones(colour), max(2, wide // 6))
    put(image, polygon([outline[2], outline[3], (wide * 0.55, tall * 0.5)]), scene.tones(colour).light)
    return image


def bush(scene: Canvas, wide: int, leaf: Colour) -> Image.Image:
    """Draw a low heap of leaves."""
    tall = round(wide * 0.5)
    image, _ = thing((wide, tall))
    for _ in range(5):
        x, y, r = (
            scene.dice.uniform(0.2, 0.8) * wide,
            scene.dice.uniform(0.5, 0.8) * tall,
            scene.dice.uniform(0.24, 0.38) * tall,
        )
        put(image, ellipse((x, y), r * 1.4, r), scene.tones(leaf), 2)
    return image


def shafts(scene: Canvas, colour: Colour, strength: int = 60) -> None:
    """Draw shafts of light that fall through leaves or windows from the upper left."""
    mask = Image.new("L", scene.size)
    pen = ImageDraw.Draw(mask)
    for x in scene.spread(4, 0.5):
        wide, lean = scene.dice.randrange(8, 20), scene.height * 0.5
        pen.polygon([(x, 0), (x + wide, 0), (x + wide * 2 + lean, scene.horizon + 20), (x + lean, scene.horizon + 20)],
                    fill=scene.dice.randrange(strength // 2, strength))  # fmt: skip
    fade = Image.linear_gradient("L").resize(scene.size).point([max(0, 255 - round(v * 1.3)) for v in range(256)])
    scene.veil(ImageChops.multiply(mask, fade), colour)


def fireflies(scene: Canvas, count: int, colour: Colour) -> None:
    """Draw small lights in the dark."""
    for _ in range(count):
        x, y = scene.dice.randrange(scene.width), scene.dice.randrange(scene.horizon // 2, scene.floor)
        scene.light(x, y, 6, colour)
        scene.pen.point((x, y), fill=mix(colour, (255, 255, 255), 0.6))


def leaves_in_front(scene: Canvas, colour: Colour) -> None:
    """Draw dark boughs at the upper corners, nearer than everything, which frame the picture."""
    for side in (-1, 1):
        corner, bough = 0 if side < 0 else scene.width, Shape()
        for _ in range(13):
            x = corner - side * scene.dice.uniform(-4, scene.width * 0.13)
            y = scene.dice.uniform(-6, scene.floor * 0.3) * (1 - abs(x - corner) / (scene.width * 0.2))
            bough += ellipse((x, y), scene.dice.uniform(7, 13), scene.dice.uniform(4, 8))
        scene.shape(bough, Tones(dark(colour, 0.5), colour, mix(colour, scene.colours.sky[1], 0.2)), 3)
