"""Pieces of what people build: floors, walls, windows, columns, fire."""

from __future__ import annotations

from .canvas import Canvas
from .ink import Colour, dark, mix
from .palette import SKIES
from .shapes import polygon, tones


def planks(scene: Canvas, colour: Colour) -> None:
    """Draw a floor of boards that run to a vanishing point."""
    _floor(scene, colour)
    middle = scene.width * scene.dice.uniform(0.4, 0.6)
    for i in range(-14, 15):
        scene.pen.line((middle + i * 12, scene.horizon, middle + i * 62, scene.height), fill=dark(colour, 0.34))
    for _ in range(40):
        x, y = scene.dice.randrange(scene.width), scene.dice.randrange(scene.horizon, scene.height)
        scene.pen.line((x, y, x + (y - scene.horizon) // 4 + 2, y), fill=dark(colour, 0.24))


def slabs(scene: Canvas, colour: Colour) -> None:
    """Draw a floor of stone slabs."""
    _floor(scene, colour)
    middle = scene.width * scene.dice.uniform(0.4, 0.6)
    y, step, row = float(scene.horizon), 4.0, 0
    while y < scene.height:
        scene.pen.line((0, round(y), scene.width, round(y)), fill=dark(colour, 0.36))
        scene.pen.line((0, round(y) + 1, scene.width, round(y) + 1), fill=mix(colour, (255, 255, 255), 0.12))
        for i in range(-9, 10):
            spread = 20 + (y - scene.horizon) * 0.7
            x = middle + (i + (row % 2) * 0.5) * spread
            scene.pen.line((x, y, x + (i + 0.5) * step * 0.55, y + step), fill=dark(colour, 0.36))
        y, step, row = y + step, step * 1.42, row + 1


def _floor(scene: Canvas, colour: Colour) -> None:
    scene.fill(scene.horizon, scene.height, mix(colour, scene.colours.sky[2], 0.12), dark(colour, 0.38), 5)


def bricks(scene: Canvas, colour: Colour, *, tall: int = 9, wide: int = 20) -> None:
    """Draw a wall behind everything, of stones in varying shades."""
    scene.fill(0, scene.horizon + 1, dark(colour, 0.45), colour, 5)
    for row, y in enumerate(range(0, scene.horizon, tall)):
        for x in range(-wide + (row % 2) * wide // 2, scene.width, wide):
            luck = scene.dice.random()
            if luck < 0.16:
                shade = mix(colour, (255, 240, 220) if luck < 0.06 else (10, 8, 30), 0.16)
                scene.pen.rectangle(
                    (x + 1, y + 1, x + wide - 1, y + tall - 1),
                    fill=mix(shade, dark(colour, 0.4), 1 - y / scene.horizon),
                )
            edge = dark(colour, 0.5)
            scene.pen.line((x, y, x, y + tall), fill=edge)
            scene.pen.line(
                (x + 1, y + 1, x + wide - 2, y + 1), fill=mix(colour, (255, 255, 255), 0.06 + 0.08 * y / scene.horizon)
            )
        scene.pen.line((0, y, scene.width, y), fill=dark(colour, 0.5))


def boarded_wall(scene: Canvas, colour: Colour) -> None:
    """Draw a wall of upright boards behind everything."""
    scene.fill(0, scene.horizon + 1, dark(colour, 0.5), colour, 5)
    for x in range(0, scene.width, 15):
        scene.pen.line((x, 0, x, scene.horizon), fill=dark(colour, 0.5))
        scene.pen.line((x + 1, 0, x + 1, scene.horizon), fill=mix(colour, (255, 255, 255), 0.07))
        for _ in range(3):
            y = scene.dice.randrange(scene.horizon)
            scene.pen.line((x + 5, y, x + 5, y + 7), fill=dark(colour, 0.3))


def beam(scene: Canvas, box: tuple[float, float, float, float], colour: Colour) -> None:
    """Draw a squared timber or slab into `box` (left, upper, right, lower)."""
    x0, y0, x1, y1 = box
    scene.shape(polygon([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]), tones(colour), 2)


def torch(scene: Canvas, x: float, y: float, reach: float = 46) -> None:
    """Draw a torch on a wall, and remember its light."""
    scene.pen.rectangle((x - 1, y, x + 1, y + 11), fill=scene.lit((96, 62, 40)))
    scene.pen.rectangle((x - 3, y - 1, x + 3, y + 1), fill=scene.lit((130, 130, 146)))
    flame(scene, x, y - 1, 8)
    scene.light(x, y - 4, reach)


def flame(scene: Canvas, x: float, y: float, tall: float) -> None:
    """Draw a flame whose foot is at (x, y)."""
    for colour, share in (((255, 120, 50), 1.0), ((255, 196, 80), 0.68), ((255, 250, 204), 0.36)):
        w, h = tall * 0.42 * share, tall * share
        lean = scene.dice.uniform(-1, 1)
        scene.shape(
            polygon(
                [(x - w, y), (x - w * 0.9, y - h * 0.4), (x + lean, y - h), (x + w * 0.9, y - h * 0.4), (x + w, y)]
            ),
            colour,
        )


def window(scene: Canvas, x: float, y: float, wide: float, tall: float) -> None:
    """Draw a window, seen from inside, with the hour's sky in it."""
    top, middle, low = SKIES[scene.reading.hour]
    frame = scene.tones((104, 70, 50))
    beam(scene, (x - wide - 2, y - tall - 2, x + wide + 2, y + tall + 2), frame.base)
    for part, colour in enumerate((top, middle, low)):
        scene.pen.rectangle(
            (x - wide, y - tall + part * tall * 0.67, x + wide, y - tall + (part + 1) * tall * 0.67), fill=colour
        )
    if scene.reading.hour == "night":
        for _ in range(5):
            scene.pen.point(
                (x + scene.dice.uniform(-wide, wide), y + scene.dice.uniform(-tall, tall * 0.3)), fill=(255, 255, 255)
            )
        scene.pen.ellipse(
            (x + wide * 0.2, y - tall * 0.6, x + wide * 0.7, y - tall * 0.6 + wide * 0.5), fill=(240, 240, 220)
        )
    scene.pen.line((x, y - tall, x, y + tall), fill=frame.shadow, width=2)
    scene.pen.line((x - wide, y, x + wide, y), fill=frame.shadow, width=2)
    scene.light(x, y, wide * 2.4, low if scene.reading.hour != "night" else (90, 110, 190))


def column(scene: Canvas, x: float, top: float, wide: float, colour: Colour) -> None:
    """Draw a fluted column with base and capital."""
    surface = tones(colour)
    bottom = scene.horizon + 4
    scene.shape(
        polygon([(x - wide, top), (x + wide, top), (x + wide * 1.06, bottom), (x - wide * 1.06, bottom)]),
        surface,
        round(wide * 0.8),
    )
    for share in (-0.45, 0.0, 0.42):
        scene.pen.line(
            (x + wide * share, top + 4, x + wide * share, bottom - 3), fill=mix(surface.shadow, surface.base, 0.4)
        )
    beam(scene, (x - wide * 1.4, top - 3, x + wide * 1.4, top + 3), surface.base)
    beam(scene, (x - wide * 1.4, bottom - 3, x + wide * 1.4, bottom + 2), surface.base)
