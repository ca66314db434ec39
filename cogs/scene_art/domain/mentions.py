"""Which names stand in a story: as whole words, with capitals where the script has them. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from itertools import accumulate

from ..text import LONGEST_TEXT
from .name_words import PARTICLES
from .names import begins_as_name
from .spelling import WITHOUT_BLANKS, fold, letters, pieces

_MARKUP = re.compile(r"[*_~|`]+")
"""The signs by which Discord sets words in italics, bold or as spoilers."""
_KATAKANA = re.compile("[\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff]")


def names_in(text: str, names: Iterable[str], *, sure: Collection[str] = ()) -> list[str]:
    """Return those of `names` that stand in `text`, in the order of their first places; of equal names the first.

    A name counts where it stands as whole words, each with a capital but for small ones such as `of`. Where a script
    sets no blanks between words, as Japanese does, or hangs endings on to names, as Korean does, any occurrence counts.
    Where longer and shorter names begin at one place, the longest is meant: where `Mira Vael` stands, `Mira` does not.

    A text without any capitals, or in nothing else, does not tell a name from a word: there names of several words
    count, and those of `sure`, which somebody is known by.
    """
    first: dict[str, int] = {}
    folded = {fold(name): name for name in reversed(list(names))}
    folded.pop("", None)
    story = _Story(text[:LONGEST_TEXT])
    for at, found in story.find(folded, frozenset(map(fold, sure))):
        first.setdefault(folded[found], at)
    return sorted(first, key=lambda name: first[name])


class _Story:
    """A text with its folded form, sign by sign."""

    def __init__(self, text: str) -> None:
        self._line = letters(_MARKUP.sub("", text))
        parts = pieces(self._line)
        self._folded = "".join(parts)
        self._starts = list(accumulate(map(len, parts), initial=0))
        """The offset of each letter in the folded text."""
        self._letters = {at: number for number, at in enumerate(self._starts)}
        self._tells = _tells_capitals(self._line)

    def find(self, names: Collection[str], sure: Collection[str]) -> Iterator[tuple[int, str]]:
        """Find the places of folded names as (number of the letter, name), without overlaps."""
        lengths: dict[str, list[int]] = {}
        for first, length in sorted({(name[0], len(name)) for name in names}, key=lambda pair: -pair[1]):
            lengths.setdefault(first, []).append(length)
        free = 0
        for number, at in enumerate(self._starts[:-1]):
            possible = lengths.get(self._folded[at : at + 1], ()) if number >= free and self._is_edge(number) else ()
            there = (name for length in possible if (name := self._folded[at : at + length]) in names)
            for name in there:
                end = self._letters.get(at + len(name))
                if end is not None and self._is_meant(number, end, is_sure=name in sure):
                    free = end
                    yield number, name
                    break

    def _is_edge(self, number: int) -> bool:
        """Tell whether a word ends before the letter, or may end there."""
        return not 0 < number < len(self._line) or not _is_one_word(self._line[number - 1], self._line[number])

    def _is_meant(self, start: int, end: int, *, is_sure: bool) -> bool:
        if not self._is_edge(end):
            return False
        parts = [part for part in self._line[start:end].split() if fold(part) not in PARTICLES]
        if self._tells:
            return bool(parts) and all(begins_as_name(part) or not _has_case(part) for part in parts)
        return is_sure or len(parts) > 1 or not _has_case(self._line[start:end])


def _tells_capitals(line: str) -> bool:
    """Tell whether capitals in a text tell anything: it has both cases, or signs that have none, or a single word."""
    if line not in {line.lower(), line.upper()}:
        return True
    cased = [word for word in line.split() if _has_case(word)]
    if line == line.lower():
        return not cased
    return len(cased) < 2 or any(sign.isalpha() and not _has_case(sign) for sign in line)


def _has_case(text: str) -> bool:
    return text.lower() != text.upper()


def _is_one_word(one: str, other: str) -> bool:
    """Tell whether two characters beside each other belong to the same word."""
    if _KATAKANA.match(one) and _KATAKANA.match(other):
        return True
    return all(sign and _is_in_words(sign) and not WITHOUT_BLANKS.match(sign) for sign in (one, other))


def _is_in_words(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LMN"
