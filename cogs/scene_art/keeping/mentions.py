"""Which names stand in a text. Pure.

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
    """Those of `names` that stand in `text`, in the order in which they first do.

    Longer ones are looked for first: where `Mira Vael` stands, `Mira` does not.
    """
    rest = fold(text[:LONGEST_TEXT])
    first: dict[str, int] = {}
    for name in sorted(names, key=lambda name: -len(fold(name))):
        wanted = fold(name)
        found = list(_places(rest, wanted)) if wanted else []
        if found:
            first[name] = found[0]
        for at in found:
            rest = rest[:at] + _TAKEN * len(wanted) + rest[at + len(wanted) :]
    return sorted(first, key=lambda name: first[name])


def _places(text: str, name: str) -> Iterator[int]:
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        before, after = text[at - 1 : at] if at else "", text[end : end + 1]
        if not _is_one_word(before, name[0]) and not _is_one_word(name[-1], after):
            yield at
        else:
            end = at + 1
        at = text.find(name, end)


def _is_one_word(one: str, other: str) -> bool:
    """Whether two characters beside each other belong to the same word."""
    return all(sign and _is_in_words(sign) and not _WITHOUT_BLANKS.match(sign) for sign in (one, other))


def _is_in_words(sign: str) -> bool:
    return sign == "_" or unicodedata.category(sign)[0] in "LMN"
