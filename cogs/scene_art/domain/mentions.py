"""Search for names in a text. Pure.

A name counts where it stands as whole words. Where a script sets no blanks between words, as Japanese does, or hangs
endings on to names, as Korean does, any occurrence counts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from ..text import LONGEST_TEXT
from .characters import fold

_TAKEN = "\0"
# Thai to Tibetan, Burmese, Hangul, Khmer, Chinese and Japanese.
_WITHOUT_BLANKS = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]"
)


def names_in(text: str, names: Iterable[str]) -> list[str]:
    """Return those of `names` that stand in `text`, in the order of their first places; of equal names the first.

    Longer names are looked for first: where `Mira Vael` stands, `Mira` does not.
    """
    rest = fold(text[:LONGEST_TEXT])
    starts = [at for at in range(len(rest)) if at == 0 or not _is_one_word(rest[at - 1], rest[at])]
    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(fold(name), name)
    first: dict[str, int] = {}
    for wanted in sorted(filter(None, folded), key=len, reverse=True):
        found = list(_places(rest, starts, wanted)) if wanted in rest else []
        if found:
            first[folded[wanted]] = found[0]
            rest = _without(rest, found, len(wanted))
    return sorted(first, key=lambda name: first[name])


def _places(text: str, starts: Iterable[int], name: str) -> Iterator[int]:
    """Find the offsets at which `name` stands as whole words, without overlaps."""
    free = 0
    for at in starts:
        end = at + len(name)
        if at >= free and text.startswith(name, at) and not _is_one_word(name[-1], text[end : end + 1]):
            free = end
            yield at


def _without(text: str, places: Iterable[int], length: int) -> str:
    signs = list(text)
    for at in places:
        signs[at : at + length] = _TAKEN * length
    return "".join(signs)


def _is_one_word(one: str, other: str) -> bool:
    """Tell whether two characters beside each other belong to the same word."""
    return all(sign and _is_in_words(sign) and not _WITHOUT_BLANKS.match(sign) for sign in (one, other))


def _is_in_words(sign: str) -> bool:
    return sign == "_" or unicodedata.category(sign)[0] in "LMN"
