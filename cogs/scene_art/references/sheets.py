"""Contact sheets: several references on one picture, each with its name below it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from math import ceil, sqrt
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

from ..domain.painting import Picture
from ..errors import ReferenceUnavailableError
from ..lettering import font_for, own_font
from ..text import unquoted
from .encode import MAX_SIDE, fit, read_prepared, store

PER_SHEET: Final = 12
"""Pictures on one sheet that are still easy to tell apart. More share one only when the limit leaves no other way."""
_CELL: Final = 440
_GAP: Final = 12
_PAPER: Final = (250, 250, 248)
_INK: Final = (20, 20, 24)
_NAME_CHARACTERS: Final = 60
_SMALLEST_TYPE: Final = 12


def plan_sheets(count: int, limit: int) -> tuple[tuple[int, ...], ...]:
    """Plan `count` references on at most `limit` pictures: those that share a sheet, by index. All others go alone.

    As many as possible go alone, the first ones first.

    The surplus fills as few sheets of `PER_SHEET` as possible, evenly. When even `limit` sheets are too few, they hold
    more, since no reference is dropped.

    Raises:
        ValueError: there is something to show and `limit` is below 1.
    """
    if count <= limit:
        return ()
    if limit < 1:
        raise ValueError("no picture at all cannot hold a reference")
    # A sheet takes the place of one picture and holds PER_SHEET, so each makes up for PER_SHEET - 1.
    sheets = min(limit, ceil((count - limit) / (PER_SHEET - 1)))
    alone = limit - sheets
    size, larger = divmod(count - alone, sheets)
    groups, start = [], alone
    for index in range(sheets):
        end = start + size + (index < larger)
        groups.append(tuple(range(start, end)))
        start = end
    return tuple(groups)


def contact_sheet(entries: Sequence[tuple[str, Path]], folder: Path) -> Picture:
    """Draw the pictures of `entries` (name, prepared picture) in reading order, each above its name. Blocking.

    A model reads the names, which people wrote, so each stands between marks that it cannot forge. A name that no font
    at hand can draw is replaced by its number, counted from 1; a picture that cannot be read leaves its frame empty.

    Raises:
        ValueError: there are no entries.
        ReferenceUnavailableError: the sheet cannot be written.
    """
    if not entries:
        raise ValueError("a sheet needs entries")
    columns = ceil(sqrt(len(entries)))
    rows = ceil(len(entries) / columns)
    cell = min(_CELL, (MAX_SIDE - _GAP) // columns - _GAP)
    band = max(_SMALLEST_TYPE + 6, cell // 8)
    # Rows are never more than columns, but a name's band makes a cell taller than wide.
    cell = min(cell, (MAX_SIDE - _GAP) // rows - _GAP - band)
    width, height = columns * (cell + _GAP) + _GAP, rows * (cell + band + _GAP) + _GAP
    sheet = Image.new("RGB", (width, height), _PAPER)
    draw = ImageDraw.Draw(sheet)
    for index, (name, path) in enumerate(entries):
        row, column = divmod(index, columns)
        left, top = _GAP + column * (cell + _GAP), _GAP + row * (cell + band + _GAP)
        _paste(sheet, path, (left, top), cell)
        shown = _tidy(name)
        drawable = shown and font_for(f"«{shown}»", _SMALLEST_TYPE) is not None
        _write_name(draw, f"«{shown}»" if drawable else str(index + 1), (left, top + cell, cell, band))
    return store(sheet, folder)


def _paste(sheet: Image.Image, path: Path, corner: tuple[int, int], cell: int) -> None:
    """Paste a picture into the middle of its cell, enlarged by whole pixels when it is much smaller."""
    try:
        thumb = read_prepared(path)
    except ReferenceUnavailableError:
        box = (*corner, corner[0] + cell - 1, corner[1] + cell - 1)
        ImageDraw.Draw(sheet).rectangle(box, outline=_INK)
        return
    factor = cell // max(thumb.size)
    if factor > 1:
        thumb = thumb.resize((thumb.width * factor, thumb.height * factor), Image.Resampling.NEAREST)
    elif factor == 0:
        thumb = thumb.resize(fit(thumb.size, cell), Image.Resampling.LANCZOS)
    place = (corner[0] + (cell - thumb.width) // 2, corner[1] + (cell - thumb.height) // 2)
    sheet.paste(thumb, place, mask=thumb.getchannel("A"))


def _write_name(draw: ImageDraw.ImageDraw, name: str, box: tuple[int, int, int, int]) -> None:
    """Write a name, between its marks, centred in `box` (left, top, width, height).

    A long one gets smaller type, then an ellipsis.
    """
    left, top, width, height = box
    size = max(_SMALLEST_TYPE, height - 10)
    font = font_for(name, size) or own_font(size)
    while size > _SMALLEST_TYPE and draw.textlength(name, font) > width:
        size = max(_SMALLEST_TYPE, size - 3)
        font = font_for(name, size) or own_font(size)
    if draw.textlength(name, font) > width:
        name = name.removesuffix("»")
        while name and draw.textlength(f"{name}...»", font) > width:
            name = name[:-1]
        name = f"{name}...»"
    draw.text((left + width / 2, top + height / 2), name, fill=_INK, font=font, anchor="mm")


def _tidy(name: str) -> str:
    normal = unicodedata.normalize("NFC", name[: _NAME_CHARACTERS * 4])
    shown = "".join(sign if sign.isprintable() else " " for sign in normal)
    return unquoted(" ".join(shown.split())[:_NAME_CHARACTERS])
