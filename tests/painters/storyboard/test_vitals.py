"""Numbers in a story: who has how much left, and what a blow took."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.painters.storyboard.vitals import Blow, Vitals, blow, vitals

NAMES = ("Mira Ashdown", "Rook")


@pytest.mark.parametrize(
    ("story", "told"),
    [
        ("Rook HP 18/30 MP 4/10", {"Rook": Vitals((18, 30), (4, 10))}),
        ("Mira (HP: 7 / 25) holds on.", {"Mira Ashdown": Vitals((7, 25))}),
        ("Rook has 12/30 HP left. Mira: 3/12 mana.", {"Rook": Vitals((12, 30)), "Mira Ashdown": Vitals(None, (3, 12))}),
        ("Rook HP 40/30", {"Rook": Vitals((30, 30))}),
        ("Rook HP -3/30", {"Rook": Vitals((0, 30))}),
        ("Rook HP 999999/1", {"Rook": Vitals((1, 1))}),
        ("Rook HP 10/123456", {"Rook": Vitals((10, 123_456))}),
        ("Rook HP 1,200/2,000", {"Rook": Vitals((1_200, 2_000))}),
        ("**Rook** HP: **18**/30", {"Rook": Vitals((18, 30))}),
        ("Brook HP 3/10", {}),
        ("Rook HP 3/0", {}),
        ("Somebody HP 3/9", {}),
        ("Rook walks 12/30 miles.", {}),
    ],
)
def test_values_belong_to_whom_they_stand_beside(story: str, told: dict[str, Vitals]) -> None:
    assert vitals(story, NAMES) == told


@pytest.mark.parametrize(
    ("story", "told"),
    [
        ("Mira shouts. The sword hits, and Rook takes 7 damage.", Blow("7", "Rook")),
        ("Rook strikes. It deals 12 fire damage, then 3 damage.", Blow("3")),
        ("The wolf deals 4 damage to Mira.", Blow("4", "Mira Ashdown")),
        ("Rook: -9 HP", Blow("9", "Rook")),
        ("Rook takes -7 damage.", Blow("7", "Rook")),
        ("Brook takes 7 damage.", Blow("7")),
        ("Rook watches as the spell heals Mira for 15.", Blow("+15", "Mira Ashdown")),
        ("Rook walks 7 miles.", Blow()),
    ],
)
def test_a_blow_is_found_with_whom_it_befell(story: str, told: Blow) -> None:
    assert blow(story, NAMES) == told


@given(st.text(max_size=300))
def test_any_text_is_read(story: str) -> None:
    assert blow(story, NAMES).whom in ("", *NAMES)
    for values in vitals(story, NAMES).values():
        for value in (values.health, values.magic):
            assert value is None or 0 <= value[0] <= value[1]
