"""The canvas of a scene: its colours, its dice, its lights, and the ways to draw on it."""

from __future__ import annotations

import random
from collections.abc import Callable

from PIL import Image, ImageChops, ImageDraw, ImageOps

from ..words import Reading
from .ink import Colour, Size, glow, gradient
from .palette import palette_of
from .shapes import Shape, Tones, put, tones


class Canvas:
    """The canvas, with all sizes in dots. Two pictures of the same moment differ by the dice alone."""

    def __init__(self, size: Size, reading: Reading, dice: random.Random, *, floor: int) -> None:
        """`floor` is the upper edge of the text box: nothing important is drawn below it."""
        self.size = self.width, self.height = size
        self.reading = reading
        self.dice = dice
        self.floor = floor
        self.colours = palette_of(reading)
        self.horizon = round(floor * dice.uniform(0.6, 0.7))
        self.waterline: int | None = None
        """The line of open water, which hides the lower part of swimmers; None without open water."""
        self.image = Image.new("RGB", size, self.colours.sky[2])
        self.pen = ImageDraw.Draw(self.image)
        self.lights: list[tuple[float, float, float, Colour]] = []
        self.busy: list[tuple[float, float]] = []
        """Ranges (left, right) with sights of the place itself."""
        self.sight: float | None = None
        """The place from left to right that people look at, if there is one."""
        self.nearest: list[Callable[[], None]] = []
        """Functions that draw things in front of the people."""

    # Light

    def light(self, x: float, y: float, radius: float, colour: Colour | None = None) -> None:
        """Remember a light for `shine`."""
        self.lights.append((x, y, radius, colour or self.colours.light))

    def shine(self) -> None:
        """Draw the remembered lights."""
        for x, y, radius, colour in self.lights:
            glow(self.image, (x, y), radius, colour)
        self.lights.clear()

    # Surfaces

    def lit(self, colour: Colour) -> Colour:
        """Return a colour as it looks in this scene's light."""
        return self.colours.lit(colour)

    def tones(self, colour: Colour, depth: float = 0.42) -> Tones:
        """Return the tones of a surface in this scene's light."""
        return tones(self.lit(colour), depth)

    def fill(self, top: int, bottom: int, upper: Colour, lower: Colour, bands: int = 6) -> None:
        """Draw a dithered gradient over the whole width."""
        if bottom > top:
            self.image.paste(gradient((self.width, bottom - top), upper, lower, bands), (0, top))

    def shape(self, shape: Shape, surface: Tones | Colour, volume: int = 3) -> None:
        """Draw a shape anywhere on the canvas, with volume if `surface` has tones."""
        put(self.image, shape, surface, volume)

    # Things

    def stamp(self, thing: Image.Image, x: float, base: float, *, mirror: bool | None = None) -> None:
        """Paste a thing (RGBA) with the middle of its lower edge at (x, base). `mirror` None: the dice decide."""
        if mirror if mirror is not None else self.dice.random() < 0.5:
            thing = ImageOps.mirror(thing)
        self.image.paste(thing, (round(x - thing.width / 2), round(base - thing.height)), thing)

    def spread(self, count: int, wildness: float = 0.3) -> list[int]:
        """Return `count` places from left to right, each a little off its regular position."""
        step = self.width / count
        return [round(step * (i + 0.5) + self.dice.uniform(-wildness, wildness) * step) for i in range(count)]

    def haze(self, share: float, colour: Colour | None = None) -> None:
        """Fade everything drawn so far into the sky, so that later things look nearer."""
        veil = Image.new("RGB", self.size, colour or self.colours.sky[2])
        self.image.paste(Image.blend(self.image, veil, share))

    def limit(self, colours: int) -> None:
        """Reduce the picture to so many colours."""
        few = self.image.quantize(colours, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        self.image = few.convert("RGB")
        self.pen = ImageDraw.Draw(self.image)

    def veil(self, mask: Image.Image, colour: Colour) -> None:
        """Add light of a colour where `mask` (L) is bright."""
        added = Image.composite(Image.new("RGB", self.size, colour), Image.new("RGB", self.size), mask)
        self.image.paste(ImageChops.screen(self.image, added))


def thing(size: Size) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """Make an empty picture (RGBA) for `stamp`, and a pen for it."""
    image = Image.new("RGBA", size)
    return image, ImageDraw.Draw(image)
