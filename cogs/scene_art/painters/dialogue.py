"""Who says what in a narrative: its spoken parts, its most telling sentence, and whose it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

_PAIRS = ("“”", "„“", "„”", "«»", "»«", "「」", "『』", '""')
_SPOKEN = re.compile("|".join(f"{pair[0]}[^{pair}]*{pair[1]}" for pair in _PAIRS))
_QUOTES = frozenset("".join(_PAIRS))
_ENDS = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])(?![」』])\s*|\n+")  # noqa: RUF001  # Japanese ends without a space


def narration(story: str) -> str:
    """`story` without what is spoken aloud in it."""
    return _SPOKEN.sub(" ", story)


def telling_sentence(story: str) -> str:
    """The sentence that says most: something spoken if there is any, else the longest of the last three."""
    sentences = [s.strip() for s in _ENDS.split(story) if s.strip()]
    if not sentences:
        return story.strip()
    return max([s for s in sentences if _is_spoken(s)] or sentences[-3:], key=len)


def speaker(sentence: str, names: list[str]) -> str:
    """Who says `sentence`: the cast's name that stands in it, in whole or by its first word.

    Empty when nobody of the cast is named, or nothing is said aloud.
    """
    return named(sentence, names) if _is_spoken(sentence) else ""


def named(sentence: str, names: list[str]) -> str:
    """The first of the cast's names that stands in `sentence`, in whole or by its first word; or nothing."""
    low = sentence.casefold()
    whole = (name for name in names if name.casefold() in low)
    first = (name for name in names if len(name.split()[0]) > 2 and name.split()[0].casefold() in low)
    return next(whole, "") or next(first, "")


def without_names(story: str, names: Sequence[str]) -> str:
    """`story` without the cast's names, which may be words too: Captain Storm brings no rain."""
    words = {word for name in names for word in (name, *name.split()) if len(word) > 2}  # no "of", no initials
    if not words:
        return story
    longest_first = sorted(words, key=len, reverse=True)
    return re.sub(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", " ", story)


def _is_spoken(sentence: str) -> bool:
    return not _QUOTES.isdisjoint(sentence)
