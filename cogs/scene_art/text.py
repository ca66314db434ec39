"""Sanitizing of text that other people wrote. Pure functions."""

from __future__ import annotations

import re
import unicodedata

LONGEST_TEXT = 20_000
"""Most characters that are read. A longer text is not meant for people."""
MARKS_PER_LETTER = 4
"""Most accents on a letter. Vietnamese and phonetic writing need up to three."""
SIGNS_PER_LETTER = 7
"""Most marks of a script on a letter: Burmese and pointed Hebrew need five, Sanskrit in Tibetan letters six."""

_LINE_ENDS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_BLANKS = re.compile(r"[^\S\n]+")
_MANY_LINES = re.compile(r"\n\s*\n\s*")
_KEPT = frozenset("\n\u200d")
# Accents that belong to no script and combine with any letter: piles of marks consist of them.
# Marks are neither letters nor blanks, and never ASCII.
_MAYBE_TOO_MANY = re.compile(rf"(?:\A|(?<=\s))[^\w\s\x00-\x7f]+|[^\w\s\x00-\x7f]{{{MARKS_PER_LETTER + 1},}}")
_ACCENT = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
# Printable according to Unicode, and yet invisible: fillers of Hangul, Khmer and Mongolian, the empty
# pattern of Braille, the grapheme joiner, the object replacement, variation selectors for ideographs.
_BLANK_LOOKING = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0d\uffa0\ufffc\U0001d159\U000e0100-\U000e01ef]"
)
_EMOJI = "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
# U+200D joins emoji, U+FE0E and U+FE0F choose between text and picture; anywhere else all three hide something.
_LOOSE_JOINER = re.compile(f"(?<![{_EMOJI}\ufe0f])\u200d|\u200d(?![{_EMOJI}])")
_LOOSE_SELECTOR = re.compile(f"(?<![{_EMOJI}0-9#*])[\ufe0e\ufe0f]")


def clean(text: str) -> str:
    """Remove control characters, bidi overrides and all else that is invisible, and fold blanks.

    Keeps at most `LONGEST_TEXT` characters, letters of every script with a few marks on each, and joiners between
    emoji. Idempotent.
    """
    lines = _BLANKS.sub(" ", _LINE_ENDS.sub("\n", text[:LONGEST_TEXT]))
    # Composed last: an invisible code point may have stood between a letter and its accent. Composing takes a time
    # that grows with the square of a pile of marks, and some marks come out as two.
    normal = _few_marks(unicodedata.normalize("NFC", _few_marks(visible(lines))))
    return _MANY_LINES.sub("\n\n", _BLANKS.sub(" ", normal)).strip()


def visible(text: str) -> str:
    """Remove what nobody sees, but for line ends, and joiners between emoji."""
    text = _BLANK_LOOKING.sub("", text)
    if not text.replace("\n", "").isprintable():
        text = "".join(sign for sign in text if sign.isprintable() or sign in _KEPT)
    if "\u200d" in text or "\ufe0e" in text or "\ufe0f" in text:
        text = _LOOSE_JOINER.sub("", _LOOSE_SELECTOR.sub("", text))
    return text


def _few_marks(text: str) -> str:
    """Keep a few marks on each letter, and none without a letter, which would change the text before it."""
    return text if text.isascii() else _MAYBE_TOO_MANY.sub(_thinned, text)


def _thinned(run: re.Match[str]) -> str:
    at = run.start()
    pile = SIGNS_PER_LETTER if at == 0 or run.string[at - 1].isspace() else 0
    kept = []
    for sign in run[0]:
        pile = pile + 1 if unicodedata.category(sign)[0] == "M" else 0
        if pile <= (MARKS_PER_LETTER if _ACCENT.match(sign) else SIGNS_PER_LETTER):
            kept.append(sign)
    return "".join(kept)


def one_line(text: str) -> str:
    """Clean `text` and bring it on a single line, for logs, names and alt text."""
    return " ".join(clean(text).split())


def cut_on_word(text: str, limit: int, *, mark: str = "…") -> str:
    """Cut `text` to at most `limit` characters at the end of a word, with `mark` when anything was cut.

    A single word longer than the limit is split.
    """
    if len(text) <= limit:
        return text
    head = text[: limit - len(mark) + 1]
    at = max(head.rfind(" "), head.rfind("\n"))
    kept = head[:at] if at > 0 else head[: limit - len(mark)]
    return kept.rstrip(" \n,;:") + mark


# Signs that a reader may take for our quotation marks, and angle brackets, which do no harm.
_OPENING = "«‹≪⋘⪡⫷⋖《〈\u2329⟪⟨❮❬❰⦑⦓⦕⧼\u02c2︽︿﹤＜"  # noqa: RUF001
_CLOSING = "»›≫⋙⪢⫸⋗》〉\u232a⟫⟩❯❭❱⦒⦔⦖⧽\u02c3︾﹀﹥＞"  # noqa: RUF001
_QUOTES = str.maketrans(_OPENING + _CLOSING, "<" * len(_OPENING) + ">" * len(_CLOSING))


def unquoted(text: str) -> str:
    """Replace everything that looks like « or », so that a text between these marks cannot end its quotation."""
    return text.translate(_QUOTES)


_MARKUP = re.compile(r"([\\*_~|`>#<\[\]()])")
# Discord shows a card for an invitation, also without a scheme: discord.gg/…
_BARE_LINK = re.compile(r"(?<=\w)\.(?=[^\W\d]\w*/)")


def escaped(text: str, limit: int) -> str:
    """Escape somebody's words for a sentence in Discord: one line of at most `limit` characters before escaping.

    The result holds no mention, link, server emoji, timestamp or any other markup.
    """
    line = cut_on_word(one_line(text), limit)
    unlinked = _BARE_LINK.sub(". ", line.replace("://", ": //"))
    return _MARKUP.sub(r"\\\1", unlinked.replace("@", "\uff20"))
