"""Pieces of furniture."""

from __future__ import annotations

from PIL import Image

from .canvas import Canvas, thing
from .ink import Colour, mix
from .shapes import polygon, put


def barrel(scene: Canvas, wide: int) -> Image.Image:
    """Draw a barrel with two hoops."""
    tall = round(wide * 1.25)
    image, pen = thing((wide, tall))
    surface = scene.tones((148, 98, 58))
    outline = [
        (wide * 0.14, 0),
        (wide * 0.86, 0),
        (wide, tall * 0.5),
        (wide * 0.86, tall),
        (wide * 0.14, tall),
        (0, tall * 0.5),
    ]
    put(image, polygon(outline), surface, max(2, wide // 3))
    for y in (tall * 0.24, tall * 0.74):
        pen.line((1, y, wide - 2, y), fill=(*scene.lit((96, 98, 116)), 255), width=2)
    return image


def table(scene: Canvas, wide: int) -> Image.Image:
    """Draw a table with a mug, a plate and a candle."""
    tall = round(wide * 0.42)
    image, pen = thing((wide, tall + 12))
    wood = scene.tones((140, 92, 56))
    for x in (wide * 0.1, wide * 0.84):
        put(image, polygon([(x, 16), (x + 4, 16), (x + 4, tall + 12), (x, tall + 12)]), wood, 1)
    put(image, polygon([(0, 11), (wide, 11), (wide, 17), (0, 17)]), wood, 2)
    pen.rectangle((wide * 0.2, 5, wide * 0.2 + 4, 10), fill=(*scene.lit((190, 194, 206)), 255))
    pen.rectangle((wide * 0.62, 4, wide * 0.62 + 1, 10), fill=(*scene.lit((250, 244, 220)), 255))
    pen.point((wide * 0.62, 2), fill=(255, 220, 110, 255))
    pen.point((wide * 0.62, 3), fill=(255, 250, 200, 255))
    pen.line((wide * 0.36, 10, wide * 0.5, 10), fill=(*scene.lit((220, 210, 190)), 255))
    return image


def shelf(scene: Canvas, box: tuple[int, int, int, int], fill: str) -> None:
    """Draw a board on a wall with books or bottles into `box` (left, upper, right, lower)."""
    x0, y0, x1, y1 = box
    scene.pen.rectangle((x0, y1 - 2, x1, y1), fill=scene.lit((120, 78, 50)))
    scene.pen.line((x0, y1 - 2, x1, y1 - 2), fill=scene.lit((170, 116, 74)))
    colours: tuple[Colour, ...] = (
        (176, 62, 56),
        (66, 116, 92),
        (74, 88, 150),
        (198, 152, 72),
        (132, 80, 124),
        (212, 200, 170),
    )
    x = x0 + 1
    while x < x1 - 4:
        colour, tall = scene.lit(scene.dice.choice(colours)), scene.dice.randrange(round((y1 - y0) * 0.55), y1 - y0 - 1)
        wide = scene.dice.randrange(2, 5) if fill == "books" else 4
        scene.pen.rectangle((x, y1 - 2 - tall, x + wide - 1, y1 - 3), fill=colour)
        scene.pen.line((x, y1 - 2 - tall, x, y1 - 3), fill=mix(colour, (255, 255, 255), 0.25))
        if fill == "bottles":
            scene.pen.line((x + 1, y1 - 5 - tall, x + 2, y1 - 5 - tall), fill=colour)
            x += 3
        x += wide + (1 if scene.dice.random() < 0.2 else 0)
