"""Text on pictures: the first available font that has every sign, and line wrapping."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from PIL import ImageFont

# Looked up by name among the system's fonts, for scripts that Pillow's own font lacks.
_OTHER_FONTS: Final = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "NotoSansCJK-Regular.ttc",
    "Arial Unicode.ttf",
    "arialuni.ttf",
    "msgothic.ttc",
    "unifont.ttf",
)

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def font_for(text: str, size: int) -> Font | None:
    """Find the first available font that has every character of `text`, or None."""
    return next((font for font in _fonts(size) if _has_glyphs(font, text)), None)


def _has_glyphs(font: Font, text: str) -> bool:
    """Check that no character is drawn as the box for missing ones."""
    missing = _drawn(font, "\uffff")
    return all(sign == " " or _drawn(font, sign) != missing for sign in text)


def _drawn(font: Font, sign: str) -> tuple[tuple[int, ...], bytes]:
    mask = font.getmask(sign)
    return tuple(mask.size), bytes(mask)


@lru_cache(maxsize=64)
def own_font(size: int) -> Font:
    """Load Pillow's own font, which is always available."""
    return ImageFont.load_default(size)


@lru_cache(maxsize=256)
def _system_font(name: str, size: int) -> ImageFont.FreeTypeFont | None:
    try:
        return ImageFont.truetype(name, size)
    except OSError:
        return None


def readable(text: str, size: int) -> tuple[str, Font]:
    """Return `text` and a font for it, without the signs that the font lacks."""
    font = font_for(text, size)
    if font is not None:
        return text, font
    known = {sign for sign in set(text) if font_for(sign, size) is not None}
    kept = " ".join("".join(sign for sign in text if sign in known or sign == " ").split())
    # The rest may still need two fonts at once: then the font with most of its signs is used.
    best = max(_fonts(size), key=lambda one: sum(_has_glyphs(one, sign) for sign in kept))
    return " ".join("".join(sign for sign in kept if sign == " " or _has_glyphs(best, sign)).split()), best


def _fonts(size: int) -> Iterator[Font]:
    yield own_font(size)
    for name in _OTHER_FONTS:
        if (font := _system_font(name, size)) is not None:
            yield font


def wrapped(text: str, font: Font, width: float, most_lines: int) -> list[str]:
    """Wrap `text` at `width` pixels, cut with an ellipsis after `most_lines`. A word wider than a line is split."""
    lines: list[str] = []
    rest = text
    while rest and len(lines) < most_lines:
        is_last = len(lines) == most_lines - 1
        line, rest = _line(rest, font, width, mark="..." if is_last else "")
        lines.append(line)
    return lines


def _line(text: str, font: Font, width: float, mark: str) -> tuple[str, str]:
    """Split off as much of `text` as fits, ended by `mark` if there is a rest, and return it with the rest."""
    if font.getlength(text) <= width:
        return text, ""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if font.getlength(text[:middle] + mark) <= width else (low, middle - 1)
    cut = text.rfind(" ", 0, low + 1)
    word = text[cut + 1 :].partition(" ")[0]
    end = cut if cut > 0 and font.getlength(word) <= width else max(1, low)
    return text[:end].rstrip() + mark, text[end:].lstrip()
