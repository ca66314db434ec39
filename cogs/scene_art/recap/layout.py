"""The layout of a comic page: rows of panels of one height, filled to the full width, in reading order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

LOWEST, HIGHEST = 0.4, 2.6
"""Limits of a panel's width by its height. Other shapes are cropped or padded."""
MOST_IN_ROW = 4
ROWS_WANTED = ((2, 0.5), (9, 0.36), (10_000, 0.29))
"""(most pictures, height of an ordinary row as a share of the width)."""
TALLEST = 0.66


@dataclass(frozen=True)
class Box:
    """A panel's box on the page, in pixels."""

    left: int
    top: int
    width: int
    height: int
    band: int = 0
    """Height of the caption below the box; the same in a whole row."""


BandOf = Callable[[int, int], int]
"""Returns the height of the caption that the panel of this number needs at this width, in pixels."""


def placed(ratios: Sequence[float], width: int, gutter: int, top: int, band_of: BandOf) -> tuple[list[Box], int]:
    """Place a box for each of these shapes (width by height) from `top` on, and return the end of the last row, too."""
    shapes = tuple(min(HIGHEST, max(LOWEST, ratio)) for ratio in ratios)
    boxes: list[Box] = []
    for first, last in _rows(shapes):
        row = shapes[first:last]
        height, widths = _height(row, width, gutter), _widths(row, width, gutter)
        band = max(band_of(number, wide) for number, wide in enumerate(widths, start=first))
        left = 0
        for wide in widths:
            boxes.append(Box(left, top, wide, height, band))
            left += wide + gutter
        top += height + band + gutter
    return boxes, top - gutter


def _widths(row: Sequence[float], width: int, gutter: int) -> list[int]:
    """Compute the widths of a row's boxes. The last one takes the rounding difference."""
    wide = [round(shape * _full_height(row, width, gutter)) for shape in row[:-1]]
    return [*wide, width - sum(wide) - gutter * len(wide)]


def _full_height(row: Sequence[float], width: int, gutter: int) -> float:
    return (width - gutter * (len(row) - 1)) / sum(row)


def _height(row: Sequence[float], width: int, gutter: int) -> int:
    return round(min(_full_height(row, width, gutter), TALLEST * width))


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
