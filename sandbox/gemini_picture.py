"""The default answer of the pretended Gemini: a picture that shows what the request asked for."""

from __future__ import annotations

import hashlib
import io
import textwrap
from dataclasses import dataclass
from math import sqrt

from PIL import Image, ImageDraw, ImageFont, ImageOps

SIDES = {"512": 512, "1K": 1024, "2K": 2048, "4K": 4096}
STEP = 16


@dataclass(frozen=True)
class Reference:
    """A picture of the request and the text right before it."""

    label: str
    data: bytes


@dataclass(frozen=True)
class Order:
    """A picture to draw."""

    scene: str
    references: tuple[Reference, ...]
    aspect_ratio: str
    image_size: str
    seed: str = ""
    """Anything; another seed gives other bytes."""

    def key(self) -> str:
        """Return a key that is equal for orders of the same picture."""
        digest = hashlib.sha256("\0".join((self.scene, self.aspect_ratio, self.image_size, self.seed)).encode())
        for reference in self.references:
            digest.update(reference.label.encode() + hashlib.sha256(reference.data).digest())
        return digest.hexdigest()


def dimensions(aspect_ratio: str, image_size: str) -> tuple[int, int]:
    """Width and height: the ratio at the area of the size, in steps of 16 px."""
    across, down = (int(part) for part in aspect_ratio.split(":"))
    side = SIDES[image_size]
    width = side * sqrt(across / down)
    height = side * sqrt(down / across)
    return max(STEP, round(width / STEP) * STEP), max(STEP, round(height / STEP) * STEP)


def draw(order: Order) -> bytes:
    """Draw the order as a PNG: the references side by side, labelled, above the scene's text."""
    width, height = dimensions(order.aspect_ratio, order.image_size)
    canvas = _sky(order, width, height)
    pen = ImageDraw.Draw(canvas)
    unit = max(10, min(width, height) // 24)
    top = _gallery(canvas, pen, order.references, unit)
    _caption(pen, order.scene, (unit, top, width - unit, height - unit), unit)
    file = io.BytesIO()
    canvas.save(file, "PNG", compress_level=1)
    return file.getvalue()


def _sky(order: Order, width: int, height: int) -> Image.Image:
    digest = hashlib.sha256(order.key().encode()).digest()
    upper, lower = ([20 + value % 90 for value in digest[i : i + 3]] for i in (0, 3))
    strip = Image.new("RGB", (1, 2))
    strip.putpixel((0, 0), (upper[0], upper[1], upper[2] + 40))
    strip.putpixel((0, 1), (lower[0], lower[1], lower[2]))
    return strip.resize((width, height), Image.Resampling.BILINEAR)


def _gallery(canvas: Image.Image, pen: ImageDraw.ImageDraw, references: tuple[Reference, ...], unit: int) -> int:
    """Place the thumbnails; return the y below them."""
    if not references:
        return unit
    cell = min((canvas.width - unit) // len(references) - unit, round(canvas.height * 0.55))
    font = ImageFont.load_default(unit * 0.8)
    for index, reference in enumerate(references):
        left = unit + index * (cell + unit)
        box = (left, unit, left + cell, unit + cell)
        _thumbnail(canvas, pen, reference, box)
        label = textwrap.shorten(reference.label, max(4, int(cell / (unit * 0.45))), placeholder="…")
        pen.text((left, unit + cell + unit // 4), label, fill="white", font=font)
    return unit + cell + 2 * unit


def _thumbnail(
    canvas: Image.Image, pen: ImageDraw.ImageDraw, reference: Reference, box: tuple[int, int, int, int]
) -> None:
    try:
        with Image.open(io.BytesIO(reference.data)) as opened:
            side = max(1, box[2] - box[0])
            small = ImageOps.fit(opened.convert("RGB"), (side, side))
    except (OSError, ValueError):
        pen.rectangle(box, outline="red", width=3)
        return
    canvas.paste(small, (box[0], box[1]))
    pen.rectangle(box, outline="white", width=2)


def _caption(pen: ImageDraw.ImageDraw, text: str, box: tuple[int, int, int, int], unit: int) -> None:
    left, top, right, bottom = box
    font = ImageFont.load_default(unit)
    columns = max(8, int((right - left) / (unit * 0.5)))
    rows = max(1, int((bottom - top) / (unit * 1.4)))
    lines = textwrap.wrap(text, columns)[:rows]
    pen.multiline_text((left, top), "\n".join(lines), fill="white", font=font, spacing=unit * 0.3)
