# ruff: noqa: RUF001, RUF003  # names in disguise
"""When two names are the same: whatever their case, width, accents and look-alike letters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.domain.spelling import fold, plain_fold

LOOK_ALIKES = {
    "a": "аαɑａ𝐚á",
    "c": "сϲⅽ𝒄ç",
    "e": "еｅ𝖊éё",
    "h": "һｈ𝗵",
    "i": "іıιｉ𝓲í",
    "j": "јｊ",
    "k": "кκｋ",
    "l": "ⅼｌ𝓵ł",
    "m": "мｍ𝔪ⅿᴍ",
    "n": "ոｎ𝕟ñ",
    "o": "оοօｏ𝒐öø",
    "p": "рρｐ",
    "r": "гｒ𝖗ʀ",
    "s": "ѕｓ𝘴ś",
    "t": "ｔ𝐭ť",
    "v": "ѵνｖ",
    "x": "хχｘ",
    "y": "уγｙý",
}
HIDDEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u180e\u2061\ufe0f\u202e\U000e0041"
LATIN = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=10)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Mira", " MIRA "), ("Straße", "STRASSE"), ("ﾐﾗ", "ミラ"), ("José", "Jose\u0301"), ("Mira  Vael", "mira\nvael")],
)
def test_names_are_the_same_in_any_case_width_and_spacing(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    "disguised",
    [
        "Мira", "Mirа", "Міrа", "Міга", "Μira", "Ｍｉｒａ", "𝓜𝓲𝓻𝓪", "𝗠𝗜𝗥𝗔", "M\u200bira", "Mi\u2060ra\ufeff",
        "Mi\u00adra", "Mïrá", "Mi\u0301r\u0336a", "Mırа", "Ꮇira", "ꓟira", "Ⅿira", "rnira", "ᴍɪʀᴀ", "🅜🅘🅡🅐", "Ⓜⓘⓡⓐ",
        "M҉ira", "Mirɑ", "Mιra",
    ],
)  # fmt: skip
def test_a_disguised_name_is_the_same_name(disguised: str) -> None:
    assert fold(disguised) == fold("Mira")


@given(LATIN, st.data())
def test_letters_that_look_alike_are_one(name: str, data: st.DataObject) -> None:
    drawn = [data.draw(st.sampled_from(letter + LOOK_ALIKES.get(letter, ""))) for letter in name]
    disguise = "".join(letter + data.draw(st.sampled_from(["", *HIDDEN])) for letter in drawn)
    # A word wholly in Greek is Greek: its capitals decide, and the capital of ν is a N.
    mixed = f"{name}z"
    assert fold(f"{disguise}z") == fold(mixed)
    assert fold(f"{disguise}Z") == fold(mixed)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mila", "Mira"), ("Ana", "Anna"), ("Ilya", "Lya"), ("Tim", "Tom"), ("Jan", "Jana"), ("Karl", "Carl"),
        ("Ole", "Olé x"), ("Ian", "Lan"), ("Nora", "Dora"), ("Вася", "Бася"), ("Зоя", "Эоя"), ("Ира", "Яра"),
        ("Νίκος", "Νίκη"), ("カ", "ガ"), ("はは", "ばば"), ("ほ", "ぽ"), ("कम", "काम"), ("दिन", "दीन"), ("กำ", "กา"),
        ("ป่า", "ป้า"), ("שָׁלוֹם", "שַׁלוֹם"), ("مُحَمَّد", "مَحَمَّد"),
        ("가", "각"), ("미라", "미리"), ("力", "カ"), ("二", "ニ"), ("口", "ロ"),
        ("Սարգիս", "Սարգսի"), ("Ana", "Ани"),
    ],
)  # fmt: skip
def test_names_that_are_merely_similar_stay_two(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.parametrize("name", ["ガラ", "हिन्दी", "ไทย", "שָׁלוֹם", "مُحَمَّد", "미라", "한국", "李小龙", "עָנָן"])
def test_the_marks_of_a_script_stay(name: str) -> None:
    assert fold(name) == plain_fold(name)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def script(first: int, last: int) -> st.SearchStrategy[str]:
    return st.text(st.characters(categories=["Lu", "Ll"], min_codepoint=first, max_codepoint=last), max_size=8)


@given(
    script(0x41, 0x24F) | script(0x386, 0x3E1) | script(0x400, 0x52F) | script(0x531, 0x586) | script(0x10A0, 0x10FF)
)
def test_what_was_the_same_name_before_still_is(name: str) -> None:
    """But for letters of no Greek name, behind 0x3E1: the lunate sigma, say, looks like a c among other letters."""
    for other in (name.upper(), name.lower(), name.title(), f" {name} "):
        assert plain_fold(other) != plain_fold(name) or fold(other) == fold(name)


@given(st.text("αβγδεζηθικλμνξοπρστυφχψω", max_size=8) | st.text("абвгдежзийклмнопрстуфхцчшщъыьэюя", max_size=8))
def test_a_greek_or_russian_name_is_the_same_in_capitals(name: str) -> None:
    assert fold(name.upper()) == fold(name) == fold(name.title())
