"""Small rules for text that other people wrote. Pure functions."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
_KEPT = {"\n", "\t", "\u200d"}  # U+200D joins emoji
_BLANKS = re.compile(r"[ \t\u00a0]+")
_MANY_LINES = re.compile(r"\n\s*\n\s*")


def clean(text: str) -> str:
    """`text` without control characters, bidi overrides and other invisible code points; blanks folded."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    visible = "".join(c for c in lines if c in _KEPT or unicodedata.category(c) not in _INVISIBLE)
    # Composed last: an invisible code point may have stood between a letter and its accent.
    normal = unicodedata.normalize("NFC", visible)
    return _MANY_LINES.sub("\n\n", _BLANKS.sub(" ", normal)).strip()


def one_line(text: str) -> str:
    """`clean` text on a single line, for logs, names and alt text."""
    return " ".join(clean(text).split())


def cut_on_word(text: str, limit: int, *, mark: str = "…") -> str:
    """At most `limit` characters of `text`, cut at the end of a word and marked when anything was cut.

    A single word longer than the limit is cut within.
    """
    if len(text) <= limit:
        return text
    head = text[: limit - len(mark) + 1]
    at = max(head.rfind(" "), head.rfind("\n"))
    kept = head[:at] if at > 0 else head[: limit - len(mark)]
    return kept.rstrip(" \n,;:") + mark
