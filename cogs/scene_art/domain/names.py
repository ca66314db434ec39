"""Checks names: a story must be able to mean somebody by one, and no sentence is one. Pure."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from ..errors import CannotDoError
from ..i18n import Sentence, gettext
from ..text import escaped, one_line
from . import spelling
from .name_words import AGES, PARTICLES, SENTENCE_WORDS, YOUNG, common_words, tells_age
from .spelling import WITHOUT_BLANKS, fold, letters

NAME_LIMIT = 80
MOST_WORDS = 8
_KNOWN_NAMES = 10_000
_WORD = re.compile(r"[^\W_]+")
_HUMP = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])")
_JOINING = frozenset({"and", "or", "of", "the", "und", "oder", "et", "y", "e", "i"})
"""Small words that stand between names, and at the end of none."""
_AROUND = re.compile(r"^[\s.,;:!?…*_~|\"“”„«»、。]+|(?:['’]s)?[\s.,;:!?…*_~|\"“”„«»、。]*$")  # noqa: RUF001
_AFTER_NAME = re.compile(
    "(.[぀-ヿ一-龯]+?|[가-힣]{2,}?)(?:は|が|の|と|を|に|も|へ|や|で|さん|さま|様|くん|君|ちゃん|殿|氏"
    "|은|는|이|가|을|를|의|와|과|도|야|아|씨|님|에|로)$"
)
_NOT = re.compile(r"n't\b", re.IGNORECASE)
# Scripts without blanks between words, and some whose stories we do not read: ages, and how sentences go on or end.
_AGES_WITHIN = re.compile(
    "子供|子ども|こども|コドモ|幼|児|赤ちゃん|赤ん坊|赤子|少年|少女|童女|童子|未成年|[小中]学生|高校生|歳|岁|[0-9一二三四五六七八九十]才|年齢|大人|成人"
    "|孩|嬰|婴|小さな子|ちびっこ|ベビー|キッズ|チャイルド|ティーン|^ロリ(?:ータ)?$|^ショタ$"
    "|어린이|어린아이|아이들|^아이$|아기|소녀|소년|유아|미성년|[0-9] ?살"
    r"|[0-9] ?(?:yo|y/o|yrs?)\b"
    "|طفل|أطفال|ילד|बच्च|เด็ก|trẻ em"
)
_SENTENCE_WITHIN = re.compile(
    "です|ます|ました|でした|だった|である|(?:では|じゃ)ない|てい[るた]|ません|なさい|ください|みんな|全員|誰も|すべて|(?:ない|した|する|いる)$"
    "|[一-龯ァ-ヶ々ー](?:[はをにでへも]|が(?![丘関原谷浜島崎池峰岳]))(?=.)|所有|没有|不是|都是|全是"
)


def checked_name(name: str, *, by_game: bool = False) -> str:
    """Bring `name` on one line, without signs around it and without a genitive's `'s`.

    `by_game`: the game gives it to somebody, so that it stays as it is, and may be a common word.

    Raises:
        CannotDoError: `name` is empty or too long, or no name that a story can mean; the sentence says why.
    """
    line = short_line(name, NAME_LIMIT, gettext("The name"))
    if not by_game:
        line = _AROUND.sub("", line) or line
    fault = fault_of(line) or (None if by_game else _common_fault(line))
    if fault is not None:
        raise CannotDoError(fault)
    return line


@lru_cache(_KNOWN_NAMES)
def is_name(name: str, *, by_game: bool = False) -> bool:
    """Tell whether `checked_name` would take a name, such as one that an earlier version took."""
    return len(name) <= NAME_LIMIT and fault_of(name) is None and (by_game or _common_fault(name) is None)


def short_line(text: str, limit: int, what: Sentence) -> str:
    """Bring `text`, which may be empty, on one line. Raises `CannotDoError` where it is too long."""
    # Its length before anything is folded: what is cut off would else be lost in silence.
    line = one_line(text)
    if len(line) > limit:
        raise CannotDoError(
            gettext(
                "{what} is too long ({length} of {limit} characters). Shorten it.",
                what=what,
                limit=limit,
                length=len(text),
            )
        )
    return line


def prepare() -> None:
    """Read the tables now, for whoever must not wait for them later. May be called from any thread, and again."""
    spelling.prepare()
    common_words()


def fault_of(line: str) -> Sentence | None:
    """Say why `line` is no name, whoever gives it; None for one that is, or that is merely a common word."""
    words = _words(line)
    if not words:
        return None if _has_symbol(line) else gettext("A name needs at least one letter or digit. Try another name.")
    if all(len(word) == 1 for word in words):
        return gettext("A single letter can't be a name. Use at least two letters.")
    if not any(sign.isalpha() for sign in line):
        return gettext("A number can't be a name. Use letters.")
    if _tells_age(line, words):
        return gettext("{name} tells an age, so it can't be a name. Use the character's own name.", name=_shown(line))
    if _is_sentence(line, words):
        return gettext(
            "{name} reads like a sentence. Use a name, with a capital letter for each of its words.", name=_shown(line)
        )
    return None


def _common_fault(line: str) -> Sentence | None:
    words = _words(line)
    common = common_words()
    if words and (fold(line) in common or all(fold(word) in common for word in words)):
        return gettext(
            "{name} is a common word, so stories use it without meaning anyone. Use a longer name, such as a first "
            "and a last name.",
            name=_shown(line),
        )
    return None


def _tells_age(line: str, words: list[str]) -> bool:
    inner, last = words[:-1], words[-1]
    ends_young = fold(last) in YOUNG and any(fold(word) not in PARTICLES | YOUNG for word in inner)
    is_young = any(fold(word) in YOUNG for word in inner) or (fold(last) in YOUNG and not ends_young)
    told = any(fold(word) in AGES for word in words) or any(map(tells_age, _WORD.findall(line)))
    return told or is_young or bool(_AGES_WITHIN.search(line))


def _is_sentence(line: str, words: list[str]) -> bool:
    parts = line.split()
    if _SENTENCE_WITHIN.search(line) or len(parts) > MOST_WORDS:
        return True
    if len(words) < 2:
        return False
    said = any(fold(word) in SENTENCE_WORDS for word in words) or fold(words[-1]) in _JOINING
    return said or bool(_NOT.search(line)) or (len(parts) > 1 and not all(map(_has_its_capital, parts)))


def _has_its_capital(part: str) -> bool:
    """Tell whether a part between blanks begins with a capital, is small by custom, or has no case."""
    return bool(begins_as_name(part)) or all(fold(word) in PARTICLES for word in _words(part))


def are_kindred(one: str, other: str) -> bool:
    """Tell whether two names may mean the same character: one has all words of the other, as `Captain Mira` of `Mira`.

    Signs around words, small words, a genitive's `s`, and the particles and titles behind a name in Japanese and Korean
    count for nothing.
    """
    first, second = _stems(one), _stems(other)
    return bool(first and second) and (first <= second or second <= first)


@lru_cache(_KNOWN_NAMES)
def _stems(name: str) -> frozenset[str]:
    words = [fold(word) for word in _WORD.findall(letters(name))]
    bare = [_AFTER_NAME.sub(r"\1", word) for word in words if word not in PARTICLES]
    return frozenset(word.removesuffix("s") if len(word) > 3 else word for word in bare if len(word) > 1)


def begins_as_name(part: str) -> bool:
    """Tell whether one of the words of `part`, as of d'Artagnan, begins with a sign that is no small letter."""
    return any(not word[0].islower() for word in _WORD.findall(part))


def _words(line: str) -> list[str]:
    """Split a name into words, also at hyphens, underlines and capitals within, as in AllOfThem."""
    return _WORD.findall(
        _HUMP.sub(" ", "".join(sign for sign in letters(line) if unicodedata.category(sign)[0] != "M"))
    )


def _has_symbol(line: str) -> bool:
    """Tell whether there is something like an emoji, which a story can mean."""
    return any(unicodedata.category(sign) == "So" or WITHOUT_BLANKS.match(sign) for sign in line)


def _shown(line: str) -> str:
    return escaped(line, NAME_LIMIT)
