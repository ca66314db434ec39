"""Numbers in a story: who has how much left, and what a blow took."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.painters.storyboard.vitals import Vitals, blow, vitals

NAMES = ("Mira Ashdown", "Rook")


@pytest.mark.parametrize(
    ("story", "told"),
    [
        ("Rook HP 18/30 MP 4/10", {"Rook": Vitals((18, 30), (4, 10))}),
        ("Mira (HP: 7 / 25) holds on.", {"Mira Ashdown": Vitals((7, 25))}),
        ("Rook has 12/30 HP left. Mira: 3/12 mana.", {"Rook": Vitals((12, 30)), "Mira Ashdown": Vitals(None, (3, 12))}),
        ("Rook HP 40/30", {"Rook": Vitals((30, 30))}),
        ("Rook HP 3/0", {}),
        ("Somebody HP 3/9", {}),
        ("Rook walks 12/30 miles.", {}),
    ],
)
def test_values_belong_to_whom_they_stand_beside(story: str, told: dict[str, Vitals]) -> None:
    assert vitals(story, NAMES) == told


@pytest.mark.parametrize(
    ("story", "number"),
    [
        ("The sword hits. Rook takes 7 damage.", "7"),
        ("It deals 12 fire damage, then 3 damage.", "3"),
        ("Rook: -9 HP", "9"),
        ("The spell heals Mira for 15.", "+15"),
        ("Rook walks 7 miles.", ""),
    ],
)
def test_a_blow_is_found(story: str, number: str) -> None:
    assert blow(story) == number


@given(st.text(max_size=300))
def test_any_text_is_read(story: str) -> None:
    for values in vitals(story, NAMES).values():
        for value in (values.health, values.magic):
            assert value is None or 0 <= value[0] <= value[1]
