"""The effects of an action: a blow is drawn between two people, and its number above the victim."""

from __future__ import annotations

import random

import pytest
from PIL import ImageChops

from cogs.scene_art.domain.painting import CastMember, Role
from cogs.scene_art.painters.storyboard import effects
from cogs.scene_art.painters.storyboard.canvas import Canvas
from cogs.scene_art.painters.storyboard.stage import Stage
from cogs.scene_art.painters.storyboard.vitals import Blow
from cogs.scene_art.painters.words import Reading


def heroes(*names: str) -> tuple[CastMember, ...]:
    return tuple(CastMember(name=name, role=Role.CHARACTER) for name in names)


HEROES = heroes("Mira", "Tobin", "Rook")


def battle(
    blow: Blow, seed: int, *, acting: str = "Mira", people: tuple[CastMember, ...] = HEROES, ceiling: int = 16
) -> tuple[Stage, tuple[int, int, int, int]]:
    """The stage, and where something flashed: left, upper, right, lower."""
    scene = Canvas((320, 180), Reading("forest", "day", "", "battle", foes=("wolf",)), random.Random(seed), floor=144)  # noqa: S311
    stage = Stage(scene, people, speaking="", acting=acting, ceiling=ceiling)
    before = scene.image.copy()
    effects.before(scene, stage, acting, blow)
    changed = ImageChops.difference(before, scene.image).convert("L").point([0] * 60 + [255] * 196)
    return stage, changed.getbbox() or (0, 0, 0, 0)


@pytest.mark.parametrize("seed", range(6))
def test_a_blow_flashes_between_the_striker_and_the_nearest_foe(seed: int) -> None:
    stage, (left, _, right, _) = battle(Blow(), seed)
    mira = next(one for one in stage.standing if one.name == "Mira")
    foe = min((one for one in stage.standing if one.is_foe), key=lambda one: abs(one.x - mira.x))

    assert min(mira.x, foe.x) - 12 <= left
    assert right <= max(mira.x, foe.x) + 12


@pytest.mark.parametrize("seed", range(6))
def test_an_archer_shoots_and_does_not_slash(seed: int) -> None:
    _, (_, upper, _, lower) = battle(Blow(), seed, acting="Ranger Sia", people=heroes("Ranger Sia", "Mira"))
    _, slash = battle(Blow(), seed, acting="Sir Wim", people=heroes("Sir Wim", "Mira"))

    assert lower - upper < slash[3] - slash[1]


@pytest.mark.parametrize("seed", range(6))
def test_the_number_is_below_the_partys_panels_and_no_name_covers_it(seed: int) -> None:
    stage, (_, upper, _, _) = battle(Blow("7", "Rook"), seed, ceiling=34)
    (number,) = stage.kept_free

    assert upper >= 34 - 2
    for _, (left, top, right, bottom) in stage.tags():
        assert right < number[0] or left > number[2] or bottom < number[1] or top > number[3]


@pytest.mark.parametrize("seed", range(6))
def test_the_number_is_above_whom_it_befell(seed: int) -> None:
    stage, (left, upper, right, _) = battle(Blow("7", "Rook"), seed)
    rook = next(one for one in stage.standing if one.name == "Rook")

    assert left <= rook.x <= right
    assert upper < rook.head
    assert max(abs(left - rook.x), abs(right - rook.x)) < 70


def test_what_heals_is_no_blow_against_whom_it_heals() -> None:
    stage, healed = battle(Blow("+12", "Rook"), 1)
    _, struck = battle(Blow(), 1)
    rook = next(one for one in stage.standing if one.name == "Rook")

    assert healed[3] == struck[3], "Mira strikes the wolf, as she would without"
    assert healed[1] < rook.head, "and the number is above Rook"
