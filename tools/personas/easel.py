"""What the game masters are painted with: forms in five steps of light, faces, hair, sparkle."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from cogs.scene_art.painters.storyboard.ink import Colour, mix
from cogs.scene_art.painters.storyboard.shapes import OUTLINE, Point, Shape, ellipse, limb, moved, polygon

WIDTH, HEIGHT, SCALE = 128, 192, 6
"""Dots of the canvas, and pixels on a side of a dot: 768 x 1152 pixels."""
FOLDER = Path(__file__).parents[2] / "cogs" / "scene_art" / "assets" / "personas"
SKIN: Colour = (250, 214, 186)
NIGHT: Colour = (30, 16, 62)
MOONLIGHT: Colour = (232, 226, 255)


class Easel:
    """A figure on nothing, painted from the back to the front; the dice scatter its stars."""

    def __init__(self, seed: int) -> None:
        self.image = Image.new("RGBA", (WIDTH, HEIGHT))
        self.pen = ImageDraw.Draw(self.image)
        self.dice = random.Random(seed)  # dice for a drawing, no secret

    def form(self, shape: Shape, colour: Colour, *, volume: int = 6, shine: float = 0.34) -> Image.Image:
        """A round form: outline, two steps of shadow at the lower right, light at the upper left; returns its mask."""
        dots = shape.dots(self.image.size)
        self._paste(dots.filter(ImageFilter.MaxFilter(3)), mix(mix(colour, NIGHT, 0.7), OUTLINE, 0.6))
        deep, half = max(1, volume // 2), volume
        steps = (
            (dots, colour),
            (ImageChops.subtract(dots, moved(dots, half, half // 2)), mix(colour, MOONLIGHT, shine * 0.45)),
            (ImageChops.subtract(dots, moved(dots, 1, 1)), mix(colour, MOONLIGHT, shine)),
            (ImageChops.subtract(dots, moved(dots, -half, -half // 2)), mix(colour, NIGHT, 0.28)),
            (ImageChops.subtract(dots, moved(dots, -deep, -max(1, deep // 2))), mix(colour, NIGHT, 0.5)),
        )
        for mask, step in steps:
            self._paste(ImageChops.multiply(mask, dots), step)
        return dots

    def both(self, shape: Shape, colour: Colour, *, volume: int = 6, shine: float = 0.34) -> None:
        """A form and its mirror image."""
        self.form(mirrored(shape), colour, volume=volume, shine=shine)
        self.form(shape, colour, volume=volume, shine=shine)

    def flat(self, shape: Shape, colour: Colour) -> Image.Image:
        """A shape in one colour; its mask."""
        dots = shape.dots(self.image.size)
        self._paste(dots, colour)
        return dots

    def line(self, points: Sequence[Point], colour: Colour, width: int = 1) -> None:
        """A thin line."""
        self.pen.line([(round(x), round(y)) for x, y in points], fill=(*colour, 255), width=width)

    def dot(self, x: float, y: float, colour: Colour) -> None:
        """One dot."""
        self.pen.point((round(x), round(y)), fill=(*colour, 255))

    def stars(self, where: Image.Image, count: int, colours: Sequence[Colour]) -> None:
        """Sparkle inside a mask; every fifth with a cross."""
        inside = where.getbbox()
        if inside is None:
            return
        for number in range(count):
            x, y = self.dice.randrange(inside[0], inside[2]), self.dice.randrange(inside[1], inside[3])
            if where.getpixel((x, y)):
                colour = self.dice.choice(list(colours))
                self.dot(x, y, colour)
                if number % 5 == 0:
                    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                        if where.getpixel((min(WIDTH - 1, max(0, x + dx)), min(HEIGHT - 1, max(0, y + dy)))):
                            self.dot(x + dx, y + dy, mix(colour, (60, 40, 130), 0.5))

    def constellation(self, points: Sequence[Point], colour: Colour = (140, 220, 255)) -> None:
        """Stars joined by thin lines of light."""
        self.line(points, mix(colour, (60, 70, 190), 0.55))
        for x, y in points:
            for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                self.dot(x + dx, y + dy, colour)
            self.dot(x, y, (255, 255, 255))

    def _paste(self, mask: Image.Image, colour: Colour) -> None:
        self.image.paste((*colour, 255), mask=mask)


def mirrored(shape: Shape) -> Shape:
    """The other side of the body."""
    return Shape(
        tuple(tuple((WIDTH - x, y) for x, y in points) for points in shape.polygons),
        tuple(((WIDTH - x, y), wide, tall) for (x, y), wide, tall in shape.ellipses),
    )


def strand(points: Sequence[Point], width: float) -> Shape:
    """A lock of hair: full in the middle, a point at its end."""
    widths = [width * (0.7 if number == 0 else 1.0) for number in range(len(points) - 1)]
    return limb(points, [*widths, 0.8])


def head(easel: Easel, x: float, y: float) -> None:
    """Neck and face without features, 25 dots from the hairline to the chin."""
    easel.form(limb([(x, y + 8), (x, y + 19)], [8, 9]), mix(SKIN, NIGHT, 0.14), volume=3)
    face = ellipse((x, y - 1), 10, 10.5) + polygon(
        [
            (x - 9.6, y + 1),
            (x + 9.6, y + 1),
            (x + 5.4, y + 9),
            (x + 1.4, y + 12.4),
            (x - 1.4, y + 12.4),
            (x - 5.4, y + 9),
        ]
    )
    easel.form(face, SKIN, volume=4, shine=0.2)


def eye(easel: Easel, x: float, y: float, iris: Colour, *, spiral: bool = False) -> None:
    """An eye five dots wide and six tall, with lashes and two highlights."""
    easel.flat(ellipse((x, y), 2.9, 3.4), (255, 252, 252))
    easel.flat(ellipse((x, y + 0.3), 2.2, 3.0), mix(iris, NIGHT, 0.35))
    easel.flat(ellipse((x, y + 1), 1.8, 2.1), iris)
    pupil = mix(iris, NIGHT, 0.75)
    turns = ((0, 0), (1, 0), (1, 1), (0, 2), (-1, 2), (-2, 1)) if spiral else ((0, 0), (0, 1), (1, 0), (1, 1))
    for dx, dy in turns:
        easel.dot(x + dx, y + dy, (255, 226, 246) if spiral else pupil)
    easel.dot(x - 1, y - 1, (255, 255, 255))
    easel.line([(x - 3, y - 2), (x - 2, y - 3), (x + 2, y - 3), (x + 3, y - 2)], OUTLINE)
    easel.line([(x - 2, y - 4), (x + 2, y - 4)], mix(OUTLINE, NIGHT, 0.4))


def features(easel: Easel, x: float, y: float, hair: Colour) -> None:
    """Brows, nose, a small smile, a little colour in the cheeks."""
    for side in (-1, 1):
        easel.line([(x + side * 2.4, y - 4), (x + side * 6.4, y - 5)], mix(hair, OUTLINE, 0.4))
        easel.line([(x + side * 5.4, y + 6), (x + side * 7.4, y + 6)], mix(SKIN, (240, 110, 130), 0.5))
    easel.dot(x + 1, y + 5, mix(SKIN, NIGHT, 0.3))
    easel.line([(x - 2, y + 8), (x + 2, y + 8)], mix(SKIN, (170, 40, 70), 0.75))
    easel.dot(x - 3, y + 7, mix(SKIN, (170, 40, 70), 0.5))
    easel.dot(x + 3, y + 7, mix(SKIN, (170, 40, 70), 0.5))


def hand(easel: Easel, x: float, y: float, way: int, colour: Colour = SKIN) -> None:
    """A hand with fingers; `way` is 1 to the right, -1 to the left."""
    easel.form(ellipse((x, y), 3.6, 4), colour, volume=2)
    for finger in range(3):
        easel.form(
            limb([(x + way * 1.5, y + finger * 1.8 - 1.2), (x + way * 5.4, y + finger * 2.2 - 2)], [2, 1.6]),
            colour,
            volume=1,
        )


def hat(easel: Easel, x: float, y: float, stripes: tuple[Colour, Colour], bell: Colour) -> None:
    """A witch's pointed hat over a head at `x`, `y`: striped, bent at its tip, with a bell."""
    brim = ellipse((x, y - 11), 31, 5.6)
    easel.form(brim, stripes[0], volume=4)
    easel.line(
        [(x - 28, y - 11), (x - 10, y - 8), (x + 10, y - 8), (x + 28, y - 11)], mix(stripes[1], stripes[0], 0.35)
    )
    spine = ((x, y - 12), (x, y - 20), (x + 2, y - 28), (x + 7, y - 35), (x + 16, y - 40), (x + 26, y - 38))
    widths = (30.0, 25.0, 19.0, 13.5, 8.0, 2.0)
    rings = [
        (x0 + (x1 - x0) * half, y0 + (y1 - y0) * half, w0 + (w1 - w0) * half)
        for ((x0, y0), (x1, y1)), (w0, w1) in zip(pairwise(spine), pairwise(widths), strict=True)
        for half in (0.0, 0.5)
    ]
    rings.append((*spine[-1], widths[-1]))
    for number, ((x0, y0, w0), (x1, y1, w1)) in enumerate(pairwise(rings)):
        lean = 0.12 * number
        band = [(x0 - w0 / 2, y0 + lean), (x0 + w0 / 2, y0 - lean), (x1 + w1 / 2, y1 - lean), (x1 - w1 / 2, y1 + lean)]
        easel.form(polygon(band), stripes[number % 2], volume=4)
    easel.form(ellipse((x + 27, y - 37), 3, 3), bell, volume=2, shine=0.8)
