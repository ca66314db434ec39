"""Letters in dots: Pillow's built-in bitmap font, 6 x 11 dots each, and what to do with what it lacks."""

from __future__ import annotations

import textwrap
import unicodedata
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from .ink import Colour

LETTER_WIDTH, LETTER_HEIGHT = 6, 11
_SIMPLER = {
    '"': "\u201c\u201d\u201e",
    "'": "\u2018\u2019",
    "-": "\u2013\u2014",
    "...": "\u2026",
    " ": "\u00a0",
}
_KNOWN_MARKS = str.maketrans({mark: simple for simple, marks in _SIMPLER.items() for mark in marks})


@lru_cache(maxsize=1)
def _font() -> ImageFont.ImageFont:
    return ImageFont.load_default_imagefont()


def plain(text: str) -> str:
    """`text` in letters that the font has (Latin-1): marks simplified, accents folded, the rest as a middle dot."""
    letters = []
    for letter in unicodedata.normalize("NFC", text).translate(_KNOWN_MARKS):
        if letter == " " or "!" <= letter <= "~" or "\u00a1" <= letter <= "\u00ff":
            letters.append(letter)
            continue
        folded = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
        if folded:
            letters.append(folded)
        elif unicodedata.category(letter)[0] in "LN":
            letters.append("\u00b7")
        elif letter.isspace():
            letters.append(" ")
    return "".join(letters)


def short_name(name: str, letters: int) -> str:
    """`name` where there is room for so many letters: whole, else its first word, or its last after an article."""
    words = name.split()
    if len(name) <= letters or not words:
        return name[:letters]
    return words[-1 if words[0].casefold() in {"the", "a", "an"} else 0][:letters]


def write(image: Image.Image, at: tuple[int, int], text: str, colour: Colour) -> None:
    """`text` on one line with its upper left corner at `at`; what does not fit the picture is cut."""
    ImageDraw.Draw(image).text(at, plain(text), fill=colour, font=_font())


def wrapped(text: str, columns: int, rows: int) -> list[str]:
    """`text` in at most `rows` lines of at most `columns` letters, with `...` where something was left out."""
    columns = max(4, columns)
    lines = textwrap.wrap(plain(text), columns, break_long_words=True, max_lines=max(1, rows), placeholder="...")
    return [line[:columns] for line in lines]
