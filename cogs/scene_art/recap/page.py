"""Draws a comic page of a session's pictures: rows of panels of one height, in reading order. Blocking."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from PIL import Image, ImageDraw, ImageOps

from ..domain.painting import Chapter, Painting, Panel, digest_of
from ..lettering import Font, readable, wrapped

WIDTH: Final = 1_600
MARGIN: Final = 48
HEAD: Final = 190
GUTTER: Final = 20
MOST_PANELS: Final = 24
CAPTION_LINES: Final = 3
INSET: Final = 22
GONE_RATIO: Final = 21 / 9
LEAST_KEPT: Final = 0.85
"""Least share of a picture that is shown. One that would lose more is padded instead."""
LOWEST: Final = 0.4
HIGHEST: Final = 2.6
"""Limits of a panel's width by its height. Other shapes are cropped or padded."""
MOST_IN_ROW: Final = 4
ROWS_WANTED: Final = ((2, 0.5), (9, 0.36), (10_000, 0.29))
"""(most pictures, height of an ordinary row as a share of the width)."""
TALLEST: Final = 0.66

PAPER: Final = (247, 241, 228)
INK: Final = (34, 28, 42)
FADED: Final = (118, 106, 112)
CAPTION: Final = (255, 250, 236)
EMPTY: Final = (228, 219, 202)
ACCENT: Final = (150, 62, 70)


def draw_page(chapter: Chapter) -> Painting:
    """Draw the page as a WebP: the title, every panel with its caption, and the foot.

    The pictures must be prepared ones. Of more than `MOST_PANELS` panels only the newest are drawn.
    """
    panels = chapter.panels[-MOST_PANELS:]
    ratios = [_ratio(panel) for panel in panels]
    boxes, end = placed(ratios, WIDTH - 2 * MARGIN, GUTTER, HEAD, lambda number, wide: _band(panels[number], wide))
    page = Image.new("RGB", (WIDTH, end + MARGIN + 44), PAPER)
    _write_head(page, chapter)
    for number, (panel, box) in enumerate(zip(panels, boxes, strict=True), start=1):
        _draw_panel(page, panel, replace(box, left=box.left + MARGIN), number)
    _write_foot(page, chapter.foot)
    file = io.BytesIO()
    page.save(file, "WEBP", quality=86, method=4)
    data = file.getvalue()
    return Painting(
        data=data,
        mime="image/webp",
        width=page.width,
        height=page.height,
        painter="recap",
        size=len(data),
        digest=digest_of(data),
    )


def _ratio(panel: Panel) -> float:
    return panel.picture.width / panel.picture.height if panel.picture else GONE_RATIO


def _write_head(page: Image.Image, chapter: Chapter) -> None:
    pen = ImageDraw.Draw(page)
    title, font = readable(chapter.title, 68)
    [line] = wrapped(title, font, WIDTH - 2 * MARGIN, 1) or [""]
    pen.text((MARGIN, 44), line, fill=INK, font=font)
    below, small = readable(chapter.subtitle, 30)
    [line] = wrapped(below, small, WIDTH - 2 * MARGIN, 1) or [""]
    pen.text((MARGIN, 124), line, fill=FADED, font=small)
    pen.line((MARGIN, 172, WIDTH - MARGIN, 172), fill=ACCENT, width=4)


def _write_foot(page: Image.Image, words: str) -> None:
    text, font = readable(words, 22)
    ImageDraw.Draw(page).text((WIDTH - MARGIN, page.height - 34), text, fill=FADED, font=font, anchor="rm")


def _draw_panel(page: Image.Image, panel: Panel, box: Box, number: int) -> None:
    frame = (box.left, box.top, box.left + box.width - 1, box.top + box.height + box.band - 1)
    pen = ImageDraw.Draw(page)
    if panel.picture is None:
        _write_gone(page, panel, box)
    else:
        with Image.open(panel.picture.path, formats=("PNG", "JPEG", "WEBP")) as opened:
            page.paste(_mounted(opened.convert("RGB"), (box.width, box.height)), (box.left, box.top))
        _write_caption(page, panel, box)
    pen.rectangle(frame, outline=INK, width=5)
    label, font = readable(str(number), 20)
    pen.rectangle((frame[0], frame[1], frame[0] + 36, frame[1] + 32), fill=INK)
    pen.text((frame[0] + 18, frame[1] + 16), label, fill=PAPER, font=font, anchor="mm")


def _mounted(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Bring the picture to this size without distortion: cropped a little, or else padded."""
    shape, wanted = image.width / image.height, size[0] / size[1]
    if min(shape / wanted, wanted / shape) >= LEAST_KEPT:
        return ImageOps.fit(image, size, Image.Resampling.LANCZOS)
    return ImageOps.pad(image, size, Image.Resampling.LANCZOS, color=EMPTY)


def _set(caption: str, width: int) -> tuple[list[str], Font, int]:
    """Wrap a caption at some width; return its lines, their font, and the height of each."""
    size = 28 if width > 700 else 23
    text, font = readable(caption, size)
    return wrapped(text, font, width - 2 * INSET, CAPTION_LINES), font, round(size * 1.32)


def _band(panel: Panel, width: int) -> int:
    """Compute the height of a caption. It is below the picture, which may have words of its own; 0 for no caption."""
    lines, _, step = _set(panel.caption, width)
    return step * len(lines) + 28 if panel.picture is not None and lines else 0


def _write_caption(page: Image.Image, panel: Panel, box: Box) -> None:
    if not box.band:
        return
    lines, font, step = _set(panel.caption, box.width)
    top = box.top + box.height
    pen = ImageDraw.Draw(page)
    pen.rectangle((box.left, top, box.left + box.width - 1, top + box.band - 1), fill=CAPTION)
    pen.line((box.left, top, box.left + box.width - 1, top), fill=INK, width=3)
    for row, line in enumerate(lines):
        pen.text((box.left + INSET, top + 11 + row * step), line, fill=INK, font=font)


def _write_gone(page: Image.Image, panel: Panel, box: Box) -> None:
    """Draw a panel with words alone, for a picture that is gone."""
    pen = ImageDraw.Draw(page)
    pen.rectangle((box.left, box.top, box.left + box.width - 1, box.top + box.height + box.band - 1), fill=EMPTY)
    size = 34 if box.width > 700 else 26
    text, font = readable(panel.caption, size)
    step = round(size * 1.4)
    lines = wrapped(text, font, box.width - 140, max(1, (box.height + box.band - 80) // step))
    top = box.top + (box.height + box.band - step * len(lines)) // 2
    for row, line in enumerate(lines):
        pen.text((box.left + box.width / 2, top + row * step), line, fill=INK, font=font, anchor="ma")


@dataclass(frozen=True)
class Box:
    """A panel's box on the page, in pixels."""

    left: int
    top: int
    width: int
    height: int
    band: int = 0
    """Height of the caption below the box; the same in a whole row."""


def placed(
    ratios: Sequence[float], width: int, gutter: int, top: int, band_of: Callable[[int, int], int]
) -> tuple[list[Box], int]:
    """Place a box for each of these shapes (width by height) from `top` on, and return the end of the last row, too.

    `band_of` returns the height of the caption that the panel of this number needs at this width, in pixels.
    """
    shapes = tuple(min(HIGHEST, max(LOWEST, ratio)) for ratio in ratios)
    boxes: list[Box] = []
    for first, last in _rows(shapes):
        row = shapes[first:last]
        full_height = (width - gutter * (len(row) - 1)) / sum(row)
        widths = [round(shape * full_height) for shape in row[:-1]]
        widths.append(width - sum(widths) - gutter * len(widths))  # the last one takes the rounding difference
        height = round(min(full_height, TALLEST * width))
        band = max(band_of(number, wide) for number, wide in enumerate(widths, start=first))
        left = 0
        for wide in widths:
            boxes.append(Box(left, top, wide, height, band))
            left += wide + gutter
        top += height + band + gutter
    return boxes, top - gutter


def _rows(shapes: tuple[float, ...]) -> list[tuple[int, int]]:
    """Choose the rows as (first, one past the last), so that all heights are near the wanted one."""

    wanted = next(share for most, share in ROWS_WANTED if len(shapes) <= most)

    @cache
    def best(first: int) -> tuple[float, tuple[tuple[int, int], ...]]:
        if first == len(shapes):
            return 0.0, ()
        options = []
        for last in range(first + 1, min(len(shapes), first + MOST_IN_ROW) + 1):
            cost, rest = best(last)
            options.append((cost + _badness(shapes[first:last], wanted, is_first=first == 0), ((first, last), *rest)))
        return min(options)

    return list(best(0)[1])


def _badness(row: Sequence[float], wanted: float, *, is_first: bool) -> float:
    share = 1 / sum(row)
    # The first picture may fill a row alone, and be larger than others.
    if is_first and len(row) == 1:
        wanted = 0.56
    return (share / wanted - 1) ** 2 + (wanted / share - 1) ** 2
