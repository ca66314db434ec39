"""The names above the heads, placed so that they cover neither each other nor a face."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

from PIL import Image, ImageDraw

from .dots import LETTER_WIDTH
from .standing import Box, Standing
from .type import fitting, is_blank, short_name, width_of, write

TAG_HEIGHT = 11
_ASIDE, _UP = range(-42, 43, 3), range(0, 61, 3)
_NEAREST_FIRST = sorted(product(_ASIDE, _UP), key=lambda way: abs(way[0]) + way[1])
"""Offsets of a name from its place, (sideways, up), the smallest first."""


class Tag(NamedTuple):
    """A name, and the box that it is written in."""

    text: str
    box: Box


def place_tags(standing: Sequence[Standing], width: int, ceiling: int, kept_free: Sequence[Box]) -> list[Tag]:
    """Place the names of all who have one, from left to right, shortened where there is little room.

    If possible, no name covers another one, a face or a box of `kept_free`. All are within `width` and below `ceiling`.
    """
    named = [one for one in standing if one.name and not is_blank(one.name)]
    letters = 9 if len(named) > 5 else 12 if len(named) > 3 else 16
    faces = [(one, one.face) for one in named]
    made: list[Tag] = []
    for one in sorted(named, key=lambda someone: someone.x):
        taken = [*kept_free, *(tag.box for tag in made), *(face for other, face in faces if other is not one)]
        choices = (tag for most in (letters, 6, 4) for tag in _choices(one, most, width, ceiling))
        free = (tag for tag in choices if not any(_overlap(tag.box, other) for other in taken))
        made.append(next(free, None) or next(_choices(one, letters, width, ceiling)))
    return made


def _choices(one: Standing, letters: int, width: int, ceiling: int) -> Iterator[Tag]:
    """Yield tags with a name of at most so many letters at every possible place, straight above the head first."""
    text = fitting(short_name(one.name, letters), letters * LETTER_WIDTH) or "?"
    wide = width_of(text) + 6
    x, y = one.crown
    left, top = x - wide // 2, y - TAG_HEIGHT
    places = ((min(max(left + dx, 1), max(1, width - 2 - wide)), max(ceiling, top - up)) for dx, up in _NEAREST_FIRST)
    return (Tag(text, (x, y, x + wide, y + TAG_HEIGHT - 1)) for x, y in places)


def write_tag(image: Image.Image, tag: Tag) -> None:
    """Write the name in light letters on a dark plate."""
    left, upper, _, _ = tag.box
    ImageDraw.Draw(image).rounded_rectangle(tag.box, 3, fill=(22, 20, 48), outline=(96, 96, 150))
    write(image, (left + 3, upper - 1), tag.text, (255, 250, 226))


def _overlap(one: Box, other: Box) -> bool:
    """Tell whether two boxes share a dot or touch."""
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]
