"""Text in the painter's own dot letters, with replacements for letters that they lack."""

from __future__ import annotations

import textwrap
import unicodedata
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from ...domain.dialogue import ARTICLES, TITLES
from ...lettering import font_for
from ...lettering import wrapped as wrapped_in
from .dots import LETTER_WIDTH, glyph, stencil
from .ink import Colour

AnyFont = ImageFont.ImageFont | ImageFont.FreeTypeFont
_OTHER_SIZE = 11
"""Font size for letters that the dots lack, which makes them as tall as the dot letters."""
_MISSING = "\u00b7"
_SIMPLER = {
    '"': "\u201c\u201d\u201e",
    "'": "\u2018\u2019",
    "-": "\u2013\u2014",
    "...": "\u2026",
    " ": "\u00a0",
}
_KNOWN_MARKS = str.maketrans({mark: simple for simple, marks in _SIMPLER.items() for mark in marks})


def plain(text: str) -> str:
    """Spell `text` in letters that the dots have.

    Marks are simplified, accents without dots are dropped, and letters of phonetic scripts are spelled by sound. A
    letter without a spelling becomes a middle dot, and a text of symbols alone a question mark.
    """
    letters = []
    for letter in unicodedata.normalize("NFC", text).translate(_KNOWN_MARKS):
        if glyph(letter) is not None:
            letters.append(letter)
            continue
        folded = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode() or _sound(letter)
        if folded.strip():
            letters.append("".join(sign for sign in folded if glyph(sign) is not None))
        elif unicodedata.category(letter)[0] in "LN":
            letters.append(_MISSING)
        elif letter.isspace():
            letters.append(" ")
    if not letters and any(unicodedata.category(letter) == "So" for letter in text):
        return "?"
    return "".join(letters)


_CYRILLIC_SOUNDS = "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch ' y ' e yu ya i yi ye g yo"
_GREEK_SOUNDS = "a v g d e z i th i k l m n x o p r s s t y f ch ps o"
_CYRILLIC = dict(zip("абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґё", _CYRILLIC_SOUNDS.split(), strict=True))
_GREEK = dict(zip("αβγδεζηθικλμνξοπρσςτυφχψω", _GREEK_SOUNDS.split(), strict=True))
_SPELLED_BY_UNICODE = ("HIRAGANA LETTER ", "KATAKANA LETTER ", "HANGUL SYLLABLE ")


@lru_cache(maxsize=1024)
def _sound(letter: str) -> str:
    """Spell the sound of `letter` in ASCII; empty where it is not known or the letter is silent."""
    low = unicodedata.normalize("NFD", letter.lower())[:1] if letter.lower() not in _CYRILLIC else letter.lower()
    spelled = _CYRILLIC.get(low) or _GREEK.get(low)
    if spelled:
        return spelled.capitalize() if letter.isupper() else spelled
    name = unicodedata.name(letter, "")
    if name.startswith(_SPELLED_BY_UNICODE):
        return name.rpartition(" ")[2].lower()
    return ""


def short_name(name: str, letters: int) -> str:
    """Shorten `name` to so many letters: whole, without article or title, or its most important word."""
    words = name.split()
    if len(name) <= letters or not words:
        return name[:letters]
    has_title = words[0].casefold().rstrip(".") in TITLES | ARTICLES and len(words) > 1
    if has_title and len(rest := " ".join(words[1:])) <= letters:
        return rest[:1].upper() + rest[1:]
    return words[-1 if has_title else 0].strip(",;:")[:letters]


def lettered(text: str) -> tuple[str, AnyFont | None]:
    """Return `text` as it is written, and the system font that it needs; None where the dots can spell it.

    A script that no font has is spelled in dots as far as possible.
    """
    spelled = plain(text)
    if spelled.count(_MISSING) == text.count(_MISSING):
        return spelled, None
    shown = "".join(sign for sign in unicodedata.normalize("NFC", text) if sign.isprintable())
    other = font_for(shown, _OTHER_SIZE)
    return (spelled, None) if other is None else (shown, other)


def is_blank(text: str) -> bool:
    """Tell whether `text` is invisible when it is written."""
    return not lettered(text)[0].strip()


def is_right_to_left(text: str) -> bool:
    """Tell whether `text` is written from right to left, by its first letter. Not when it is spelled by sound."""
    sides = (unicodedata.bidirectional(letter) for letter in text)
    return next((side for side in sides if side in {"L", "R", "AL"}), "L") != "L" and lettered(text)[1] is not None


def width_of(text: str) -> int:
    """Compute the width of `text` when it is written, in dots."""
    shown, font = lettered(text)
    return len(shown) * LETTER_WIDTH if font is None else round(font.getlength(shown))


def fitting(text: str, dots: int) -> str:
    """Cut `text` to what fits into so many dots."""
    while text and width_of(text) > dots:
        text = text[:-1]
    return text


def write(image: Image.Image, at: tuple[int, int], text: str, colour: Colour) -> None:
    """Write `text` on one line with its upper left corner at `at`. Text beyond the picture is cut off."""
    shown, font = lettered(text)
    if font is None:
        image.paste(colour, at, stencil(shown))
        return
    pen = ImageDraw.Draw(image)
    pen.fontmode = "1"  # whole dots, no half tones
    pen.text((at[0], at[1] - 1), shown, fill=colour, font=font)


def wrapped(text: str, columns: int, rows: int) -> list[str]:
    """Wrap `text` into at most `rows` lines of at most `columns` letters, with `...` where it was cut."""
    columns, rows = max(4, columns), max(1, rows)
    # Far more than fits with any letters, so that an endless story is not measured to its end.
    shown, font = lettered(" ".join(text.split())[: columns * rows * 6])
    if font is not None:
        # A line without any of the foreign letters is written in dots, which may be wider.
        return [fitting(line, columns * LETTER_WIDTH) for line in wrapped_in(shown, font, columns * LETTER_WIDTH, rows)]
    lines = textwrap.wrap(shown, columns, break_long_words=True, max_lines=rows, placeholder="...")
    return [line[:columns] for line in lines]
