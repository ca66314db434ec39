"""People drawn from their names: always the same, always grown up, whole in every pose."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cogs.scene_art.painters.storyboard.body import HEAD_TALL, POSES, joints
from cogs.scene_art.painters.storyboard.figure import CARRIED, HAIRS, HATS, OUTFITS, figure, look_of

HEADS_OF_A_GROWN_UP = 5.8
"""So many heads make a body, at least; a child has four or five."""


def test_the_same_name_always_looks_the_same_and_names_look_different() -> None:
    assert figure(look_of("Mira")).tobytes() == figure(look_of("MIRA")).tobytes()
    assert len({figure(look_of(name)).tobytes() for name in ("Mira", "Tobin", "Odelia", "Rook", "Juno")}) == 5


@pytest.mark.parametrize("pose", POSES)
def test_everybody_is_grown_up_in_proportion(pose: str) -> None:
    at = joints(pose)
    upper = at.hip[1] - (at.head[1] - HEAD_TALL)
    hip, knee, ankle = at.front_leg
    leg = math.dist(hip, knee) + math.dist(knee, ankle) + 2.6

    assert (upper + leg) / (HEAD_TALL * 2) >= HEADS_OF_A_GROWN_UP - (0.4 if at.bowed else 0)


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=30), st.sampled_from(POSES))
def test_everybody_is_whole_on_their_canvas(name: str, pose: str) -> None:
    image = figure(look_of(name), pose)
    left, top, right, bottom = image.getbbox() or (0, 0, 0, 0)

    assert left > 0
    assert top >= 0
    assert right < image.width
    assert bottom <= image.height
    assert bottom - top > (46 if pose in {"sit", "kneel"} else 70)


@pytest.mark.parametrize("name", ["Tobin", "Captain Ferro", "Wizard Orlo", "Sir Wim"])
def test_whoever_sits_sits_on_something_that_stands_on_the_ground(name: str) -> None:
    hip = joints("sit").hip
    below = figure(look_of(name), "sit").getchannel("A").crop((round(hip[0]) - 2, round(hip[1]), round(hip[0]), 101))

    assert below.getextrema() == (255, 255)


def test_a_title_tells_what_somebody_wears() -> None:
    assert look_of("Captain Ferro").hat == "captain"
    assert look_of("Doctor Quill").carries == "flask"
    assert look_of("Queen Ysolde").hat == "crown"
    assert look_of("Kestrel-7").hat == "visor"


def test_every_choice_of_the_dice_can_be_drawn() -> None:
    looks = [look_of("a" * number) for number in range(160)]

    assert {look.outfit for look in looks} == set(OUTFITS)
    assert {look.hair_style for look in looks} == set(HAIRS)
    assert {look.hat for look in looks} == set(HATS)
    assert {look.carries for look in looks} == set(CARRIED)
    assert all(isinstance(figure(look), Image.Image) for look in looks[:20])
