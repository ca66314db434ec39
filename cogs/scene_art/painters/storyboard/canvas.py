"""The canvas of a scene: its colours, its dice, its lights, and how things are put onto it."""

from __future__ import annotations

import random
from collections.abc import Callable

from PIL import Image, ImageChops, ImageDraw, ImageOps

from ..words import Reading
from .ink import Colour, Size, glow, gradient
from .palette import palette_of
from .shapes import Shape, Tones, put, tones


class Canvas:
    """Everything in dots. The dice decide what differs between two pictures of the same moment."""

    def __init__(self, size: Size, reading: Reading, dice: random.Random, *, floor: int) -> None:
        """`floor` is where the text box begins: nothing that matters stands below it."""
        self.size = self.width, self.height = size
        self.reading = reading
        self.dice = dice
        self.floor = floor
        self.colours = palette_of(reading)
        self.horizon = round(floor * dice.uniform(0.6, 0.7))
        self.waterline: int | None = None
        """Where the place has open water: the line at which it hides what swims."""
        self.image = Image.new("RGB", size, self.colours.sky[2])
        self.pen = ImageDraw.Draw(self.image)
        self.lights: list[tuple[float, float, float, Colour]] = []
        self.busy: list[tuple[float, float]] = []
        """From where to where the place has something of its own to look at."""
        self.sight: float | None = None
        """Where that is at which people look, if there is such a thing."""
        self.nearest: list[Callable[[], None]] = []
        """What is drawn in front of the people."""

    # Light

    def light(self, x: float, y: float, radius: float, colour: Colour | None = None) -> None:
        """Remember a light; lights are added when everything stands."""
        self.lights.append((x, y, radius, colour or self.colours.light))

    def shine(self) -> None:
        """Add the lights."""
        for x, y, radius, colour in self.lights:
            glow(self.image, (x, y), radius, colour)
        self.lights.clear()

    # Surfaces

    def lit(self, colour: Colour) -> Colour:
        """A colour as it looks in this scene's light."""
        return self.colours.lit(colour)

    def tones(self, colour: Colour, depth: float = 0.42) -> Tones:
        """The steps of a surface in this scene's light."""
        return tones(self.lit(colour), depth)

    def fill(self, top: int, bottom: int, upper: Colour, lower: Colour, bands: int = 6) -> None:
        """A dithered gradient over the whole width."""
        if bottom > top:
            self.image.paste(gradient((self.width, bottom - top), upper, lower, bands), (0, top))

    def shape(self, shape: Shape, surface: Tones | Colour, volume: int = 3) -> None:
        """A shape anywhere on the canvas, with volume if `surface` has tones."""
        put(self.image, shape, surface, volume)

    # Things

    def stamp(self, thing: Image.Image, x: float, base: float, *, mirror: bool | None = None) -> None:
        """Put a drawn thing (RGBA) with the middle of its lower edge at a place; mirrored by the dice, or as told."""
        if mirror if mirror is not None else self.dice.random() < 0.5:
            thing = ImageOps.mirror(thing)
        self.image.paste(thing, (round(x - thing.width / 2), round(base - thing.height)), thing)

    def spread(self, count: int, wildness: float = 0.3) -> list[int]:
        """`count` places from left to right, each a little off its regular spot."""
        step = self.width / count
        return [round(step * (i + 0.5) + self.dice.uniform(-wildness, wildness) * step) for i in range(count)]

    def haze(self, share: float, colour: Colour | None = None) -> None:
        """Let all that is there so far fade into the sky: what comes next stands nearer."""
        veil = Image.new("RGB", self.size, colour or self.colours.sky[2])
        self.image.paste(Image.blend(self.image, veil, share))

    def limit(self, colours: int) -> None:
        """Bring everything to so many colours, as a console that had no more."""
        few = self.image.quantize(colours, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        self.image = few.convert("RGB")
        self.pen = ImageDraw.Draw(self.image)

    def veil(self, mask: Image.Image, colour: Colour) -> None:
        """Add light of a colour where `mask` (L) is bright."""
        added = Image.composite(Image.new("RGB", self.size, colour), Image.new("RGB", self.size), mask)
        self.image.paste(ImageChops.screen(self.image, added))


def thing(size: Size) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """An empty picture (RGBA) for something that is stamped, and a pen for it."""
    image = Image.new("RGBA", size)
    return image, ImageDraw.Draw(image)
