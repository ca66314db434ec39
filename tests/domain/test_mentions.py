"""The search for names in a story."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.domain.mentions import names_in


@pytest.mark.parametrize(
    ("text", "names", "found"),
    [
        ("Tom waits. MIRA opens the gate.", ["Mira", "Tom"], ["Tom", "Mira"]),
        ("An admirable miracle.", ["Mira"], []),
        ("Mira's lantern, “Mira”, Mira-like.", ["Mira"], ["Mira"]),
        ("mira_x and Mira2", ["Mira"], []),
        ("Mira Vael\nopens it.", ["Mira", "Mira Vael"], ["Mira Vael"]),
        ("Mira Vael calls Mira.", ["Mira", "Mira Vael"], ["Mira Vael", "Mira"]),
        ("彼女はミラと呼ばれ、凛が笑う。", ["ミラ", "凛"], ["ミラ", "凛"]),
        ("門を開けたのはMiraでした。", ["Mira"], ["Mira"]),
        ("미라가 문을 연다.", ["미라"], ["미라"]),
        ("राम और श्याम; रामायण", ["श्याम", "राम"], ["राम", "श्याम"]),
        ("रामायण", ["राम"], []),
        ("Ёлка и Straße", ["ёлка", "STRASSE"], ["ёлка", "STRASSE"]),
        ("The fox 🦊 sleeps.", ["🦊"], ["🦊"]),
        ("", ["Mira"], []),
    ],
)
def test_a_name_counts_as_whole_words(text: str, names: list[str], found: list[str]) -> None:
    assert names_in(text, names) == found


def test_a_story_and_names_that_are_nothing_but_one_letter() -> None:
    assert names_in("a" * 20_000, ["a" * (number % 80 + 1) for number in range(2_500)]) == []
    assert names_in("あ" * 20_000, ["あ" * (number + 1) for number in range(80)]) == ["あ" * 80]


@given(st.text(), st.lists(st.text(max_size=5)))
def test_only_given_names_are_found_and_each_once(text: str, names: list[str]) -> None:
    found = names_in(text, names)

    assert set(found) <= set(names)
    assert len(found) == len(set(found))
