"""A figure of palette dots, laid part by part from the back to the front."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from itertools import pairwise

from PIL import Image, ImageDraw

from .light import Fold, added, folds, grain, relief
from .shapes import Path, Point, Size, area, both, edge, inner_edge, moved, stroke, union, without

Colour = tuple[int, int, int]
Ramp = Sequence[Colour]
"""Colours of one stuff from its line through shadow to light."""

OUTLINE: Colour = (22, 14, 36)


class Figure:
    """A person on nothing. `image` (mode L) holds numbers of `colours`; 0 is nothing."""

    def __init__(self, size: Size, seed: int) -> None:
        self.size = size
        self.image = Image.new("L", size)
        self.colours: list[Colour] = [(0, 0, 0), OUTLINE]
        self.dice = random.Random(seed)
        self.body: dict[str, Image.Image] = {}
        """Masks of what belongs to the person herself, by name; "head" reaches from crown to chin."""
        self._darker: dict[int, int] = {}
        self._lines = Image.new("L", size)

    # Shapes of this figure's size

    def area(self, *outline: Point, smooth: bool = True) -> Image.Image:
        """Make the mask of an outline's inside."""
        return area(self.size, outline, smooth=smooth)

    def stroke(self, path: Path, radii: Sequence[float]) -> Image.Image:
        """A tapering stroke."""
        return stroke(self.size, path, radii)

    # Colour

    def number(self, colour: Colour) -> int:
        """The colour's place in the palette, taken up on first use."""
        if colour not in self.colours[1:]:
            self.colours.append(colour)
        return self.colours.index(colour, 1)

    def _numbers(self, ramp: Ramp) -> list[int]:
        numbers = [self.number(colour) for colour in ramp]
        for darker, lighter in pairwise(numbers):
            self._darker.setdefault(lighter, darker)
        self._darker.setdefault(numbers[0], numbers[0])
        return numbers

    # Laying

    def lay(
        self,
        mask: Image.Image,
        ramp: Ramp,
        *,
        roundness: float = 4,
        strength: float = 1.0,
        bright: int = 0,
        grained: int = 0,
        pleats: Sequence[Fold] = (),
        levels: Sequence[Image.Image] = (),
        lined: bool = True,
        shadow: int = 0,
        name: str = "",
    ) -> Image.Image:
        """Put a part on top: shaded in the ramp's colours, its first one as the line around. Returns the mask.

        `shadow`: how many dots down its shadow falls on what is there. `name`: the part of the body that it is.
        """
        if shadow:
            self.dim(without(moved(mask, shadow - 1, shadow), mask))
        parts = [relief(mask, roundness, strength), folds(self.size, pleats), *levels]
        if grained:
            parts.append(grain(self.size, grained))
        numbers = self._numbers(ramp)
        shades = numbers[1:]
        steps = [shades[min(len(shades) - 1, max(0, (v + bright) * len(shades) // 256))] for v in range(256)]
        self.image.paste(added(parts).point(steps), mask=mask)
        if lined:
            self._line(mask, numbers[0])
        if name:
            self.body[name] = union([self.body[name], mask]) if name in self.body else mask
        return mask

    def _line(self, mask: Image.Image, number: int) -> None:
        around = edge(mask)
        self.image.paste(number, mask=around)
        self._lines = union([without(self._lines, mask), around])

    def dim(self, mask: Image.Image) -> None:
        """Everything under the mask one step darker."""
        self._exchange(self._darker, mask)

    def _exchange(self, numbers: Mapping[int, int], mask: Image.Image) -> None:
        self.image.paste(self.image.point([numbers.get(number, number) for number in range(256)]), mask=mask)

    def tint(self, mask: Image.Image, old: Ramp, new: Ramp) -> None:
        """Under the mask, the colours of one ramp become those of another, step by step."""
        self._exchange(dict(zip(self._numbers(old), self._numbers(new), strict=True)), mask)

    def dots(self, colour: Colour, points: Path) -> None:
        """Single dots."""
        ImageDraw.Draw(self.image).point([(round(x), round(y)) for x, y in points], fill=self.number(colour))

    def fill(self, mask: Image.Image, colour: Colour) -> None:
        """One flat colour."""
        self.image.paste(self.number(colour), mask=mask)

    def stamp(self, rows: Sequence[str], at: Point, colours: Mapping[str, Colour]) -> None:
        """Dots from letters; a letter without a colour leaves what is there."""
        for y, row in enumerate(rows):
            for x, letter in enumerate(row):
                if letter in colours:
                    self.dots(colours[letter], [(at[0] + x, at[1] + y)])

    # Finishing

    def shape(self) -> Image.Image:
        """The mask of everything."""
        return self.image.point([0] + [255] * 255)

    def finish(self, rim: Colour, rimmed: Image.Image | None = None) -> None:
        """Close the silhouette with a dark line, and let the light from behind catch its right side."""
        shape = self.shape()
        around = inner_edge(shape)
        inside = without(shape, union([around, self._lines]))
        beyond = union([moved(around, -1, 0), moved(around, -1, 1)])
        lit = both(both(inside, beyond), without(shape, moved(shape, -3, 0)))
        self.image.paste(self.number(rim), mask=both(lit, rimmed) if rimmed else lit)
        self.image.paste(self.number(OUTLINE), mask=both(around, self._lines))

    def lift(self) -> Image.Image:
        """Take everything off, for `put_back` once what stands behind is drawn."""
        taken, self.image = self.image, Image.new("L", self.size)
        return taken

    def put_back(self, taken: Image.Image) -> None:
        """Lay down what was taken off."""
        self.image.paste(taken, mask=taken.point([0] + [255] * 255))

    def picture(self, scale: int) -> Image.Image:
        """The figure in a palette of its own (mode P), its first colour see-through, each dot `scale` px wide."""
        large = self.image.resize((self.size[0] * scale, self.size[1] * scale), Image.Resampling.NEAREST)
        picture = Image.frombytes("P", large.size, large.tobytes())
        picture.putpalette([value for colour in self.colours for value in colour])
        picture.info["transparency"] = 0
        return picture
