"""Other people's text, made harmless."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.text import clean, cut_on_word, one_line


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  A door.  ", "A door."),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("one\n\n \n\n\ntwo", "one\n\ntwo"),
        ("a \t\u00a0 b", "a b"),
        ("zero\u200bwidth, b\u202eidi, nul\x00l, \ufeffmark, half \ud83d", "zerowidth, bidi, null, mark, half"),
        ("cafe\u0301", "café"),
        ("e\u200b\u0301", "é"),
        ("👩\u200d🚀 flies ❤️", "👩\u200d🚀 flies ❤️"),
        ("", ""),
    ],
)
def test_invisible_things_go_and_what_people_see_stays(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_one_line_is_one_line() -> None:
    assert one_line(" a\n\nb\u2028c\td ") == "a b c d"


@given(st.text())
def test_cleaning_once_is_enough(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert one_line(once) == one_line(text)
    assert len(one_line(text).splitlines()) <= 1
    assert not any(unicodedata.category(c) in {"Cs", "Cc"} and c not in "\n\t" for c in once)


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("A door.", 7, "A door."),
        ("A door opens.", 12, "A door…"),
        ("A door, then another", 9, "A door…"),
        ("Abracadabra", 5, "Abra…"),
        ("A door\nopens.", 10, "A door…"),
    ],
)
def test_a_cut_falls_between_words(text: str, limit: int, cut: str) -> None:
    assert cut_on_word(text, limit) == cut


@given(st.text(), st.integers(1, 40))
def test_a_cut_is_never_longer_than_its_limit_and_is_a_beginning(text: str, limit: int) -> None:
    cut = cut_on_word(text, limit)
    assert len(cut) <= limit
    assert cut == text or (len(text) > limit and text.startswith(cut.removesuffix("…")))
