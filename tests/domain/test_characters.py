"""Names as they are compared and found in a story, and records as they are read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.domain.characters import (
    MOST_LOOKS,
    checked_label,
    checked_name,
    fold,
    game_key,
    game_name,
    names_in,
    read_character,
)
from cogs.scene_art.errors import CannotDoError

LOOK = {"id": "b" * 16, "mime": "image/png", "size": 9, "width": 3, "height": 4, "added_at": 5, "added_by": "7"}
RECORD = {"id": "a" * 16, "name": "Mira", "game": "Vael", "owner_id": "7", "looks": [LOOK], "added_at": 5}


def read(key: str = "", **changes: Any) -> Any:
    return read_character(json.dumps(RECORD | changes).encode(), "a" * 16, key or game_key("Vael"))


@pytest.mark.parametrize(
    ("one", "other"),
    [("Mira", " MIRA "), ("Straße", "STRASSE"), ("ﾐﾗ", "ミラ"), ("José", "Jose\u0301"), ("Mira  Vael", "mira\nvael")],
)
def test_names_are_the_same_in_any_case_width_and_spacing(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize("name", ["Mira", "ミラ", "محمد", "Ωmega 3", "🦊", "K'thar-Zul"])
def test_a_name_in_any_script_is_one(name: str) -> None:
    assert checked_name(f"  {name}\n") == name


@pytest.mark.parametrize("name", ["", "   ", "\u200b\u202e", "...", "-_-"])
def test_what_cannot_be_called_is_no_name(name: str) -> None:
    with pytest.raises(CannotDoError, match="at least one letter"):
        checked_name(name)


def test_what_is_too_long_is_told_and_not_cut() -> None:
    with pytest.raises(CannotDoError, match=r"4,000 of 80 characters"):
        checked_name("x" * 4_000)
    with pytest.raises(CannotDoError, match=r"The label is too long"):
        checked_label("x" * 51)


@given(st.text(max_size=400))
def test_a_games_name_is_found_again_as_the_book_has_it(game: str) -> None:
    assert game_key(game_name(game)) == game_key(game)
    character = read(game=game_name(game), key=game_key(game))
    assert (character.name, character.game) == ("Mira", game_name(game))


def test_a_record_of_a_later_version_is_read_without_what_is_unknown() -> None:
    character = read(voice="deep", looks=[LOOK | {"mood": "merry"}])

    assert (character.name, character.look.size) == ("Mira", 9)


@pytest.mark.parametrize(
    "changes",
    [{"id": "c" * 16}, {"game": "Orr"}, {"owner_id": "x"}, {"name": ""}, {"name": 3}, {"added_at": float("nan")}],
)
def test_a_record_that_does_not_fit_is_passed_over(changes: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    assert read(**changes) is None
    assert len(caplog.messages) == 1


@pytest.mark.parametrize("broken", [{"size": 10**9}, {"mime": "text/html"}, {"id": "../x"}, {"width": -1}])
def test_a_look_that_does_not_fit_costs_itself_alone(broken: dict[str, Any]) -> None:
    assert [look.id for look in read(looks=[LOOK, LOOK | {"id": "d" * 16} | broken]).looks] == ["b" * 16]


def test_no_record_holds_more_looks_than_one_may_have() -> None:
    many = [LOOK | {"id": f"{number:016x}"} for number in range(40)]

    assert len(read(looks=many).looks) == MOST_LOOKS


@given(st.binary() | st.recursive(st.none() | st.text(), st.lists).map(json.dumps).map(str.encode))
def test_whatever_stands_there_is_read_without_harm(raw: bytes) -> None:
    assert read_character(raw, "a" * 16, "every") is None


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
