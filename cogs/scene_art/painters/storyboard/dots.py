"""The painter's own font: letters of five by nine dots from `assets/letters.txt`, with accents put on as needed."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path

from PIL import Image

LETTER_WIDTH, LETTER_HEIGHT = 6, 11
"""Size of a letter's cell in dots: five for the letter and one for spacing; two rows above for accents of capitals."""
_FILE = Path(__file__).parents[2] / "assets" / "letters.txt"
_ABOVE = 2
_MARKS = {
    "\u0300": (".#...", "..#.."),
    "\u0301": ("...#.", "..#.."),
    "\u0302": ("..#..", ".#.#."),
    "\u0303": (".##.#", "#.##."),
    "\u0304": (".....", ".###."),
    "\u0306": (".#.#.", "..#.."),
    "\u0307": (".....", "..#.."),
    "\u0308": (".....", ".#.#."),
    "\u030a": ("..#..", ".#.#."),
    "\u030c": (".#.#.", "..#.."),
}
"""The two rows above a letter, by Unicode's combining signs."""
_TAILS = {"\u0327": ("..#..", ".##.."), "\u0328": ("...#.", "...##")}
"""The two rows below a letter, by Unicode's combining signs."""


@lru_cache(maxsize=1)
def _drawn() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for block in _FILE.read_text("utf-8").strip("\n").split("\n\n")[1:]:
        names, *rows = block.split("\n")
        for at in range(0, len(names), LETTER_WIDTH):
            found[names[at]] = tuple(row[at : at + 5] for row in rows)
    return found


@lru_cache(maxsize=512)
def glyph(letter: str) -> tuple[str, ...] | None:
    """Return the eleven rows of a letter, `#` for a dot; None for one that the font lacks."""
    if letter == " ":
        return (".....",) * LETTER_HEIGHT
    if letter in _drawn():
        return (".....", ".....", *_drawn()[letter])
    base, *marks = list(unicodedata.normalize("NFD", letter))
    if base not in _drawn() or not marks or not all(mark in _MARKS or mark in _TAILS for mark in marks):
        return None
    rows = [
        ".....",
        ".....",
        *("....." if base in "ij" and row < _ABOVE else dots for row, dots in enumerate(_drawn()[base])),
    ]
    top = 0 if any("#" in row for row in rows[2:4]) else 1
    for mark in marks:
        at, drawn = (top, _MARKS[mark]) if mark in _MARKS else (LETTER_HEIGHT - 2, _TAILS[mark])
        for row, dots in enumerate(drawn, start=at):
            rows[row] = _both(rows[row], dots)
    return tuple(rows)


def _both(one: str, other: str) -> str:
    return "".join("#" if "#" in pair else "." for pair in zip(one, other, strict=True))


def stencil(text: str) -> Image.Image:
    """Make a mask (L) of a text on one line, six by eleven dots for each letter. Unknown letters stay empty."""
    rows = [glyph(letter) for letter in text]
    image = Image.new("L", (max(1, len(text) * LETTER_WIDTH), LETTER_HEIGHT))
    for number, drawn in enumerate(rows):
        for y, row in enumerate(drawn or ()):
            for x, dot in enumerate(row):
                if dot == "#":
                    image.putpixel((number * LETTER_WIDTH + x, y), 255)
    return image
