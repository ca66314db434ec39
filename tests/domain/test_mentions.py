# ruff: noqa: RUF001  # names in disguise
"""Which names stand in a story: as names, with their capitals, and quickly."""

from __future__ import annotations

import time

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


@pytest.mark.parametrize(
    ("text", "names", "found"),
    [
        ("A mark on the door, a rose, some hope.", ["Mark", "Rose", "Hope"], []),
        ("Then Mark gave Rose some hope.", ["Mark", "Rose", "Hope"], ["Mark", "Rose"]),
        ("She looked in, and it was dark.", ["Dark", "In"], []),
        ("They met in the Hall of Orr.", ["hall of orr"], ["hall of orr"]),
        ("They met in the hall of Orr.", ["Hall of Orr"], []),
        ("Jean-Luc de la Tour and d’Artagnan came.", ["Jean-Luc De La Tour", "D'Artagnan"], None),
        ("Der Mann Łukasz sah ihn.", ["Lukasz"], ["Lukasz"]),
        ("Ёж спит, а надежда нет.", ["Надежда"], []),
        ("η ελπίδα χάθηκε. Ήρθε η Ελπίδα.", ["Ελπίδα"], ["Ελπίδα"]),
        ("Мirа waits.", ["Mira"], ["Mira"]),
        ("Ｍｉｒａ and Mi\u200bra wait.", ["Mira"], ["Mira"]),
        ("それはミラクルだ。", ["ミラ"], []),
        ("門を開けたのはMIRAとTOMでした。", ["Mira", "Tom"], ["Mira", "Tom"]),
    ],
)
def test_a_name_has_its_capitals_where_the_script_has_any(text: str, names: list[str], found: list[str] | None) -> None:
    assert names_in(text, names) == (names if found is None else found)


@pytest.mark.parametrize(
    "story", ["mira vael opens the gate, and hope is gone", "MIRA VAEL OPENS THE GATE, AND HOPE IS GONE"]
)
def test_where_capitals_tell_nothing_names_of_several_words_and_known_people_count(story: str) -> None:
    assert names_in(story, ["Mira Vael", "Gate", "Hope"]) == ["Mira Vael"]
    assert names_in(story, ["Mira Vael", "Gate", "Hope"], sure=["hope"]) == ["Mira Vael", "Hope"]
    assert names_in("MIRA!", ["Mira"]) == ["Mira"]


WORDS = st.sampled_from(["mark", "hope", "rose", "grace", "will", "faith", "the", "of", "ночь", "ελπίδα"])


@given(st.lists(WORDS, min_size=1, max_size=30))
def test_small_letters_never_name_anybody_of_one_word(words: list[str]) -> None:
    story = " ".join(["Then", *words]) + "."
    assert names_in(story, [word.title() for word in words]) == []


def test_a_long_story_and_a_full_book_take_no_time() -> None:
    story = ("Mira Vael met Tomas Orr at the Gate of Ash, and ミラ waited. " * 200)[:8_000]
    names = [
        f"{first}{number} {last}" for number in range(250) for first in ("Mira", "Tomas") for last in ("Vael", "Orr")
    ]
    names_in(story, names)
    began = time.process_time()
    assert names_in(story, names) == []
    assert names_in(("あ" * 8_000), ["あ" * number + "い" for number in range(1, 80)]) == []
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "text", ["Then _Mira_ laughs.", "Then **M**ira laughs.", "Then ||Mira|| laughs.", "Then `Mira`."]
)
def test_a_name_is_found_in_italics_in_bold_and_behind_a_spoiler(text: str) -> None:
    assert names_in(text, ["Mira"]) == ["Mira"]
