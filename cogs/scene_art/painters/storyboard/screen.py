"""What the console shows over the scene: party bars, the text box, and the glass of the old television."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .. import CastMember, Role
from .ink import Colour, Size, gradient
from .type import LETTER_HEIGHT, LETTER_WIDTH, plain, short_name, wrapped, write

FRAME: Colour = (236, 232, 208)
_INK: Colour = (248, 246, 230)
_ACCENT: Colour = (255, 214, 110)
_MAX_BARS = 4
_BAR_WIDTH = 78
HUD_HEIGHT = 23
"""How far down the party's bars reach, in dots."""


def box_height(size: Size) -> int:
    """How tall the text box of a canvas of this size is, in dots."""
    return min(52, max(30, round(size[1] * 0.27)))


def text_box(canvas: Image.Image, speaker: str, sentence: str) -> None:
    """The box at the lower edge with the scene's most telling sentence, never beyond its frame."""
    height = box_height(canvas.size)
    left, top, right, bottom = 4, canvas.height - height - 3, canvas.width - 5, canvas.height - 4
    _panel(canvas, (left, top, right, bottom))
    columns = (right - left - 14) // LETTER_WIDTH
    rows = (height - 8) // LETTER_HEIGHT
    y = top + 4
    if speaker:
        write(canvas, (left + 7, y), plain(speaker)[:columns], _ACCENT)
        y, rows = y + LETTER_HEIGHT, rows - 1
    for line in wrapped(sentence, columns, rows):
        write(canvas, (left + 7, y), line, _INK)
        y += LETTER_HEIGHT
    ImageDraw.Draw(canvas).polygon(
        [(right - 9, bottom - 6), (right - 4, bottom - 6), (right - 7, bottom - 3)], fill=_ACCENT
    )


def party(canvas: Image.Image, cast: Sequence[CastMember]) -> None:
    """Names and two bars for the first characters, side by side along the upper edge.

    The bars are decoration: the game tells no values.
    """
    people = [member for member in cast if member.role is Role.CHARACTER]
    columns = min(_MAX_BARS, len(people), (canvas.width - 8) // _BAR_WIDTH)
    if columns <= 0 or canvas.height < 120:
        return
    for column, member in enumerate(people[:columns]):
        last = column == columns - 1
        _bars(canvas, 4 + column * (_BAR_WIDTH + 1), member.name, len(people) - columns if last else 0)


def _bars(canvas: Image.Image, x: int, name: str, more: int) -> None:
    _panel(canvas, (x, 3, x + _BAR_WIDTH - 2, HUD_HEIGHT))
    pen = ImageDraw.Draw(canvas)
    letters = (_BAR_WIDTH - 10) // LETTER_WIDTH
    label = short_name(name, letters)
    if more:
        label = f"{label[: letters - 3]} +{more}"
    write(canvas, (x + 5, 4), plain(label)[:letters], _INK)
    dice = hashlib.sha256(name.encode("utf-8", "replace")).digest()
    full = _BAR_WIDTH - 12
    for y, colour, share in ((16, (98, 214, 110), dice[0]), (19, (92, 150, 250), dice[1])):
        pen.rectangle((x + 5, y, x + 5 + full, y + 1), fill=(44, 40, 66))
        pen.rectangle((x + 5, y, x + 5 + full // 2 + full * share // 520, y + 1), fill=colour)


def _panel(canvas: Image.Image, box: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = box
    canvas.paste(gradient((right - left + 1, bottom - top + 1), (34, 36, 92), (16, 14, 44), 4), (left, top))
    pen = ImageDraw.Draw(canvas)
    pen.rounded_rectangle(box, 3, outline=FRAME)
    pen.rounded_rectangle((left + 2, top + 2, right - 2, bottom - 2), 2, outline=(110, 112, 170))


def glass(canvas: Image.Image, scale: int) -> Image.Image:
    """The canvas as a television of its time shows it: scaled up, a soft glow, scanlines, darker corners."""
    large = canvas.resize((canvas.width * scale, canvas.height * scale), Image.Resampling.NEAREST)
    bloom = canvas.filter(ImageFilter.GaussianBlur(2)).point([round(max(0, v - 120) * 0.5) for v in range(256)] * 3)
    large = ImageChops.screen(large, bloom.resize(large.size, Image.Resampling.BILINEAR))
    return ImageChops.multiply(large, _lines_and_corners(large.size, scale))


@lru_cache(maxsize=8)
def _lines_and_corners(size: Size, scale: int) -> Image.Image:
    corners = Image.radial_gradient("L").point([255 - max(0, v - 150) for v in range(256)]).resize(size)
    line = Image.new("L", (size[0], 1), 206)
    for y in range(scale - 1, size[1], scale):
        strip = corners.crop((0, y, size[0], y + 1))
        corners.paste(ImageChops.multiply(strip, line), (0, y))
    return corners.convert("RGB")
