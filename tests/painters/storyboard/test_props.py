"""The selection of things that are drawn: a story's word may mean something else in another place."""

from __future__ import annotations

import pytest

from cogs.scene_art.painters.storyboard.props import KNOWN, belongs
from cogs.scene_art.painters.words import Reading


@pytest.mark.parametrize("kind", sorted(KNOWN - {"boat"}))
def test_what_the_story_names_is_seen_in_the_woods(kind: str) -> None:
    assert belongs(kind, Reading("forest", "day", "", "talk"))


def test_what_nobody_can_draw_is_left_out() -> None:
    assert not belongs("teapot", Reading("forest", "day", "", "talk"))


@pytest.mark.parametrize(
    ("kind", "place", "action"),
    [
        ("bridge", "space", "talk"),  # where the captain stands
        ("bridge", "ship", "talk"),
        ("campfire", "castle", "battle"),  # fire that burns something else
        ("campfire", "library", "rest"),
        ("portal", "void", "magic"),  # the place is one already
        ("boat", "desert", "travel"),
    ],
)
def test_what_means_something_else_there_is_left_out(kind: str, place: str, action: str) -> None:
    assert not belongs(kind, Reading(place, "day", "", action))
