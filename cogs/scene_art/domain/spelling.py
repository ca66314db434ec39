"""The form in which names are compared: one case and width, no accents, one letter for all that look alike. Pure."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from ..text import visible

# Thai to Tibetan, Burmese, Hangul, Khmer, Chinese and Japanese.
WITHOUT_BLANKS = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Letters of scripts that set no blanks between words, or hang endings on to them."""
_KNOWN_SIGNS = 20_000
_ACCENTS = re.compile(
    "([0-9A-Za-z\u00c0-\u02af\u0370-\u052f\u1c80-\u1c8f\u1d00-\u1dbf\u1e00-\u1fff\u2c60-\u2c7f\ua640-\ua69f\ua720-\ua7ff\uab30-\uab6f])"
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
"""Accents on a Latin, Greek or Cyrillic letter. Elsewhere a mark makes another letter, as \u30ab and \u30ac."""
_SAME = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201b\u02b9\u02bb\u02bc\u2032\u00b4\u0060", "'")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | {"\u03f2": "c", "\u03f9": "C"}
)
"""One of several quotes and dashes. The lunate sigma is a sigma to Unicode, and a c to the eye."""
_JOINERS = re.compile("[\u200d\ufe0e\ufe0f]")
_ALIKE_SCRIPTS = {"", "LATIN", "GREEK", "CYRILLIC", "CHEROKEE", "LISU", "DESERET"}
"""Their letters are folded always; those of other scripts where a word mixes them with another one."""
_NAMED = re.compile(
    r"(?:LATIN (?:CAPITAL|SMALL) LETTER|LATIN LETTER SMALL CAPITAL|NEGATIVE (?:CIRCLED|SQUARED) LATIN CAPITAL LETTER)"
    r" (?:DOTLESS |SCRIPT )?([A-Z])"
    r"(?P<changed> WITH (?:STROKE|HOOK|TAIL|BAR|MIDDLE TILDE|CROSSED-TAIL|RETROFLEX HOOK))?"
)


def plain_fold(text: str) -> str:
    """Bring `text` into one case, width and composition, with single spaces. Keys are made of it: it never changes."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(plain.split())


@lru_cache(_KNOWN_SIGNS)
def fold(text: str) -> str:
    """Bring `text` into the form in which names are compared. Names that look the same are equal in it. Idempotent."""
    return "".join(pieces(letters(text)))


def letters(text: str) -> str:
    """Return `text` in its own case, with one width, single spaces, and without accents and invisible signs."""
    if not text.isascii():
        wide = unicodedata.normalize("NFKC", text.translate(_SAME)).translate(_SAME)
        seen = _JOINERS.sub("", visible(" ".join(wide.split())))
        text = unicodedata.normalize("NFKC", _ACCENTS.sub(r"\1", unicodedata.normalize("NFKD", seen)))
    return " ".join(text.translate(_SAME).split())


def pieces(line: str) -> list[str]:
    """Fold each sign of a text by `letters` on its own. Joined, the pieces are the folded text."""
    found: list[str] = []
    for part in re.findall(r"\w+|\W+", line):
        is_mixed = not part.isascii() and len({_script(sign) for sign in part} - {""}) > 1
        found += [_piece(sign, is_mixed) for sign in part]
    return found


@lru_cache(_KNOWN_SIGNS)
def _script(sign: str) -> str:
    """Name the script of a letter; empty for other signs, and for scripts that set no blanks between words."""
    if not sign.isalpha() or WITHOUT_BLANKS.match(sign):
        return ""
    return unicodedata.name(sign, "").partition(" ")[0].replace("COPTIC", "GREEK")


@lru_cache(_KNOWN_SIGNS)
def _piece(sign: str, is_mixed: bool) -> str:
    shape = _look_alike(sign) if is_mixed else ""
    low = shape or unicodedata.normalize("NFKC", sign.casefold())
    return "".join(_letter(one, is_mixed) for one in low)


def _letter(low: str, is_mixed: bool) -> str:
    """Fold a small letter by what its capital looks like, if that looks like any, else by its own looks.

    One answer for both cases, so that a name is the same one in capitals.
    """
    if low.isascii():
        return _look_alike(low) or low
    if not is_mixed and _script(low) not in _ALIKE_SCRIPTS:
        return low
    shape = _look_alike(low.upper()) or _look_alike(low)
    return "".join(_look_alike(one) or one for one in shape) or low


@lru_cache(_KNOWN_SIGNS)
def _look_alike(sign: str) -> str:
    """Return the small ASCII letters that `sign` looks like; empty for none, or no other than itself."""
    if len(sign) != 1 or WITHOUT_BLANKS.match(sign):
        return ""
    named = _NAMED.fullmatch(unicodedata.name(sign, "")) if not sign.isascii() else None
    own = named[1].lower() if named else ""
    return own or next((plain for shape in _confusables().get(sign, ()) if (plain := _plain(sign, shape))), "")


def _plain(sign: str, shape: str) -> str:
    """Spell what `sign` looks like in small ASCII letters; empty where it cannot be."""
    if sign.isupper() and shape == "l":
        return "i"  # Unicode shows a capital I as l
    plain = _ACCENTS.sub(r"\1", shape) if _script(sign) == "LATIN" else shape
    found = [_plain_letter(one) for one in plain]
    return "".join(found) if all(found) else ""


def _plain_letter(sign: str) -> str:
    if sign.isascii():
        return sign.lower() if sign.isalpha() else ""
    named = _NAMED.fullmatch(unicodedata.name(sign, ""))
    return named[1].lower() if named and not named["changed"] else ""


@cache
def _confusables() -> dict[str, tuple[str, ...]]:
    """Read Unicode's table of look-alikes: to each sign those that it is taken for.

    Takes some 20 ms, once: `prepare` does it before anybody waits.
    """
    # The library reads its table while it is imported.
    from confusable_homoglyphs.confusables import confusables_data  # type: ignore[import-untyped]  # noqa: PLC0415

    known = {sign: tuple(one["c"] for one in alike) for sign, alike in confusables_data.items() if len(sign) == 1}
    # ASCII signs are mostly what others are taken for. Few look like another one: m like rn, 1 like l.
    return {sign: alike for sign, alike in known.items() if not sign.isascii() or (len(alike) == 1 and sign.isalnum())}


def prepare() -> None:
    """Read the table now, for whoever must not wait for it later. May be called from any thread, and again."""
    _confusables()
