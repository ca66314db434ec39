"""The painter's own letters: all that people type, each unlike the others, accents where they belong."""

from __future__ import annotations

import string

import pytest

from cogs.scene_art.painters.storyboard.dots import LETTER_HEIGHT, LETTER_WIDTH, glyph, stencil

TYPED = string.ascii_letters + string.digits + string.punctuation


def test_everything_that_people_type_has_a_letter_of_its_own() -> None:
    drawn = [glyph(letter) for letter in TYPED]

    assert None not in drawn
    assert len(set(drawn)) == len(TYPED)
    assert all(len(rows or ()) == LETTER_HEIGHT and {len(row) for row in rows or ()} == {5} for rows in drawn)


@pytest.mark.parametrize("letter", "ÄÖÜäöüéèêñçåÅøØßæÆŠšŻęîï")
def test_accents_are_put_on(letter: str) -> None:
    assert glyph(letter) is not None
    assert glyph(letter) != glyph("?")


def test_the_dot_of_an_i_gives_way_to_its_accent() -> None:
    rows = glyph("î") or ()

    assert [("#" in row) for row in rows[:6]] == [False, True, True, False, True, True]


def test_what_cannot_be_drawn_is_told() -> None:
    assert glyph("日") is None
    assert glyph("\u0301") is None


def test_a_line_has_a_cell_for_each_letter() -> None:
    assert stencil("Tobin").size == (5 * LETTER_WIDTH, LETTER_HEIGHT)
    assert stencil("").size[1] == LETTER_HEIGHT
