"""Characters of the cast book: their games, and records as they are read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.domain.characters import (
    MOST_LOOKS,
    checked_label,
    game_key,
    game_name,
    read_character,
)
from cogs.scene_art.errors import CannotDoError

LOOK = {"id": "b" * 16, "mime": "image/png", "size": 9, "width": 3, "height": 4, "added_at": 5, "added_by": "7"}
RECORD = {"id": "a" * 16, "name": "Mira", "game": "Vael", "owner_id": "7", "looks": [LOOK], "added_at": 5}


def read(key: str = "", **changes: Any) -> Any:
    return read_character(json.dumps(RECORD | changes).encode(), "a" * 16, key or game_key("Vael"))


def test_what_is_too_long_is_told_and_not_cut() -> None:
    with pytest.raises(CannotDoError, match=r"The label is too long"):
        checked_label("x" * 51)


@pytest.mark.parametrize(
    ("game", "key"),
    [
        ("Lanterns of Vael", "36defac55e17ee90"),
        ("  LANTERNS of  vael", "36defac55e17ee90"),
        ("Ёлка Çа Ｖ", "6f73fbfd27abc994"),  # noqa: RUF001
        ("Мира", "7b7607c97dfe0ffe"),
        ("", "every"),
    ],
)
def test_a_games_key_is_the_one_that_earlier_versions_wrote(game: str, key: str) -> None:
    assert game_key(game) == key


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
