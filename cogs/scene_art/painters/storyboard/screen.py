"""The console's overlay: the party's panels, the text box, and the glass of an old television."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from ...domain.painting import CastMember, Role
from .dots import LETTER_HEIGHT, LETTER_WIDTH
from .ink import Colour, Size, gradient
from .type import fitting, is_blank, is_right_to_left, short_name, width_of, wrapped, write
from .vitals import Vitals

FRAME: Colour = (236, 232, 208)
_INK: Colour = (248, 246, 230)
_ACCENT: Colour = (255, 214, 110)
HEALTH: tuple[Colour, Colour, Colour] = ((236, 84, 84), (246, 196, 84), (104, 220, 116))
"""Colours of a health bar: low, half, full."""
MAGIC: Colour = (96, 156, 252)
_MAX_BARS = 4
_BAR_WIDTH = 78
MOST_ROWS = 3


def box_height(size: Size, sentence: str, speaker: str) -> int:
    """Compute the height of the text box for this sentence on a canvas of this size, in dots."""
    rows = len(wrapped(sentence, _columns(size), MOST_ROWS)) + (1 if speaker else 0)
    low = 1 if size[1] < 120 else 2
    return max(low, min(MOST_ROWS, rows)) * LETTER_HEIGHT + 9


def _columns(size: Size) -> int:
    return (size[0] - 23) // LETTER_WIDTH


def text_box(canvas: Image.Image, speaker: str, sentence: str) -> None:
    """Draw the box at the lower edge with the sentence, which is cut to fit, and its speaker."""
    height = box_height(canvas.size, sentence, speaker)
    left, top, right, bottom = 4, canvas.height - height - 3, canvas.width - 5, canvas.height - 4
    _panel(canvas, (left, top, right, bottom))
    columns, rows = _columns(canvas.size), (height - 8) // LETTER_HEIGHT
    y, from_right = top + 4, is_right_to_left(sentence)

    def start(line: str) -> int:
        return right - 12 - width_of(line) if from_right else left + 7

    if speaker and rows > 1:
        name = fitting(speaker, columns * LETTER_WIDTH)
        write(canvas, (start(name), y), name, _ACCENT)
        y, rows = y + LETTER_HEIGHT, rows - 1
    for line in wrapped(sentence, columns, rows):
        write(canvas, (start(line), y), line, _INK)
        y += LETTER_HEIGHT
    ImageDraw.Draw(canvas).polygon(
        [(right - 9, bottom - 6), (right - 4, bottom - 6), (right - 7, bottom - 3)], fill=_ACCENT
    )


def party_height(size: Size, told: Mapping[str, Vitals]) -> int:
    """Compute the lower edge of the party's panels, in dots; 0 where the canvas has no room for them."""
    return 0 if size[1] < 120 else 23 if told else 14


def party(canvas: Image.Image, cast: Sequence[CastMember], told: Mapping[str, Vitals]) -> None:
    """Draw the first characters' names along the upper edge, with bars for those whose values the story names."""
    people = [member for member in cast if member.role is Role.CHARACTER and not is_blank(member.name)]
    people.sort(key=lambda member: member.name not in told)
    columns = min(_MAX_BARS, len(people), (canvas.width - 8) // _BAR_WIDTH)
    height = party_height(canvas.size, told)
    if columns <= 0 or not height:
        return
    for column, member in enumerate(people[:columns]):
        last = column == columns - 1
        box = (4 + column * (_BAR_WIDTH + 1), 2, 4 + column * (_BAR_WIDTH + 1) + _BAR_WIDTH - 2, height)
        _entry(canvas, box, member.name, len(people) - columns if last else 0)
        _bars(canvas, box, told.get(member.name, Vitals()))


def _entry(canvas: Image.Image, box: tuple[int, int, int, int], name: str, more: int) -> None:
    _panel(canvas, box)
    letters = (_BAR_WIDTH - 12) // LETTER_WIDTH
    label = short_name(name, letters)
    if more:
        label = f"{label[: letters - 3]} +{more}"
    write(canvas, (box[0] + 6, box[1] + 1), fitting(label, letters * LETTER_WIDTH), _INK)


def _bars(canvas: Image.Image, box: tuple[int, int, int, int], values: Vitals) -> None:
    full = _BAR_WIDTH - 13
    x, y = box[0] + 5, box[1] + 13
    pen = ImageDraw.Draw(canvas)
    for value, colour in ((values.health, None), (values.magic, MAGIC)):
        if value is None:
            continue
        share = value[0] / value[1]
        pen.rectangle((x, y, x + full, y + 2), fill=(44, 40, 66))
        if share > 0:
            shade = colour or HEALTH[min(2, int(share * 3))]
            pen.rectangle((x, y, x + max(1, round(full * share)), y + 2), fill=shade)
        y += 4


def _panel(canvas: Image.Image, box: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = box
    canvas.paste(gradient((right - left + 1, bottom - top + 1), (34, 36, 92), (16, 14, 44), 4), (left, top))
    pen = ImageDraw.Draw(canvas)
    pen.rounded_rectangle(box, 3, outline=FRAME)
    pen.rounded_rectangle((left + 2, top + 2, right - 2, bottom - 2), 2, outline=(110, 112, 170))


def glass(canvas: Image.Image, scale: int) -> Image.Image:
    """Scale the canvas up, as on an old television: with a soft glow, scanlines, and a curved and darker edge."""
    large = canvas.resize((canvas.width * scale, canvas.height * scale), Image.Resampling.NEAREST)
    bloom = canvas.filter(ImageFilter.GaussianBlur(2)).point([round(max(0, v - 110) * 0.46) for v in range(256)] * 3)
    large = ImageChops.screen(large, bloom.resize(large.size, Image.Resampling.BILINEAR))
    curved = large.transform(large.size, Image.Transform.MESH, _curve(large.size), Image.Resampling.BILINEAR)
    return ImageChops.multiply(curved, _lines_and_corners(large.size, scale))


_STEPS = 16
_BEND = 0.012


@lru_cache(maxsize=8)
def _curve(size: Size) -> list[tuple[tuple[int, int, int, int], tuple[float, ...]]]:
    """Map each tile of the screen to a quadrilateral of the flat picture, in the form of `Image.transform`."""
    width, height = size

    def source(x: float, y: float) -> tuple[float, float]:
        u, v = x / width * 2 - 1, y / height * 2 - 1
        bend = 1 + _BEND * (u * u + v * v - 1)
        return (u * bend + 1) / 2 * width, (v * bend + 1) / 2 * height

    tiles = []
    for row in range(_STEPS):
        for column in range(_STEPS):
            x0, x1 = column * width // _STEPS, (column + 1) * width // _STEPS
            y0, y1 = row * height // _STEPS, (row + 1) * height // _STEPS
            corners = (source(x0, y0), source(x0, y1), source(x1, y1), source(x1, y0))
            tiles.append(((x0, y0, x1, y1), tuple(value for corner in corners for value in corner)))
    return tiles


@lru_cache(maxsize=8)
def _lines_and_corners(size: Size, scale: int) -> Image.Image:
    corners = Image.radial_gradient("L").point([255 - max(0, v - 150) for v in range(256)]).resize(size)
    line = Image.new("L", (size[0], 1), 206)
    for y in range(scale - 1, size[1], scale):
        strip = corners.crop((0, y, size[0], y + 1))
        corners.paste(ImageChops.multiply(strip, line), (0, y))
    frame = Image.new("L", size)
    ImageDraw.Draw(frame).rounded_rectangle((2, 2, size[0] - 3, size[1] - 3), size[0] // 50, fill=255)
    return ImageChops.multiply(corners, frame.filter(ImageFilter.GaussianBlur(1.4))).convert("RGB")
