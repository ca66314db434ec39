"""Whose a character is: by the game first, by the cast book where the game gives the name to nobody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.domain.characters import Character, Look
from cogs.scene_art.domain.ownership import NO_GAME, Ownership
from cogs.scene_art.domain.permissions import Requester
from cogs.scene_art.domain.spelling import fold
from cogs.scene_art.errors import CannotDoError

PLAYER, STRANGER, OTHER = Requester("1"), Requester("2"), Requester("3")
MODERATOR = Requester("4", "8", is_moderator=True)
GAME = Ownership([("Zoë Varga", "1")])
NAMES = st.text(min_size=1, max_size=12).filter(fold)


def entry(name: str = "Zoë Varga", owner_id: str = "2") -> Character:
    return Character(id="a" * 16, name=name, owner_id=owner_id, added_at=5)


@pytest.mark.parametrize("name", ["Zoë Varga", "ZOË  VARGA", "Zoe\u0308 varga"])
def test_the_games_word_counts_before_the_cast_books(name: str) -> None:
    assert GAME.owners_of(name, book_owner="2") == {"1"}
    GAME.check_change(entry(name), PLAYER)
    with pytest.raises(CannotDoError, match="belongs to <@1>"):
        GAME.check_change(entry(name), STRANGER)
    GAME.check_change(entry(name), MODERATOR)


def test_where_the_game_says_nothing_the_cast_book_decides() -> None:
    assert GAME.owners_of("Orr", book_owner="2") == {"2"}
    assert GAME.owners_of("Orr") == set()
    with pytest.raises(CannotDoError, match="belongs to <@2>"):
        NO_GAME.check_change(entry(), PLAYER)


def test_who_plays_elsewhere_gives_way_to_the_sessions_player_and_to_the_entrys_owner_of_the_same_name() -> None:
    elsewhere = [("Zoë Varga", "2"), ("Orr", "2")]
    assert Ownership([("Zoë Varga", "1")], elsewhere).owners_of("zoë varga", book_owner="2") == {"1"}
    assert Ownership((), elsewhere).owners_of("Orr", book_owner="3") == {"2"}
    assert Ownership((), [*elsewhere, ("ORR", "3")]).owners_of("Orr", book_owner="3") == {"3"}


def test_a_players_change_makes_a_strangers_entry_their_own_and_nobody_elses_does() -> None:
    assert GAME.adopted(entry(), PLAYER).owner_id == "1"
    assert GAME.adopted(entry(), MODERATOR).owner_id == "2"
    assert GAME.adopted(entry(owner_id="1"), MODERATOR).owner_id == "1"
    assert NO_GAME.adopted(entry(), PLAYER).owner_id == "2"


def test_a_strangers_look_is_not_used_for_a_players_character() -> None:
    assert not GAME.is_look_used(entry())
    assert GAME.is_look_used(entry(owner_id="1"))
    assert GAME.is_look_used(entry("Orr"))


@given(st.lists(st.tuples(NAMES, st.sampled_from("123")), max_size=6), NAMES, st.sampled_from("123"))
def test_a_name_that_the_game_gives_belongs_to_its_players_alone(
    pairs: list[tuple[str, str]], name: str, book_owner: str
) -> None:
    players = {user_id for given_name, user_id in pairs if fold(given_name) == fold(name)}
    ownership = Ownership(pairs)
    assert ownership.players_of(name) == players
    assert ownership.owners_of(name, book_owner) == (players or {book_owner})


def test_what_a_moderator_put_into_the_book_is_not_taken_by_a_game_that_is_played_elsewhere() -> None:
    look = Look(
        id="b" * 16,
        mime="image/png",
        size=9,
        width=3,
        height=3,
        added_at=5,
        added_by="2",
        is_confirmed=True,
    )
    theirs, stranger = entry("Lord Vane").changed(looks=(look,)), Requester("7", guild_id="1")
    with pytest.raises(CannotDoError, match="belongs to <@2>"):
        Ownership(outside=[("Lord Vane", "7")]).check_change(theirs, stranger)
    Ownership(players=[("Lord Vane", "7")]).check_change(theirs, stranger)
