"""Parts laid upon each other, in the colours of their ramps and no others."""

from __future__ import annotations

from PIL import Image

from tools.personas.figure import OUTLINE, Figure, Ramp
from tools.personas.shapes import area

STONE: Ramp = ((20, 20, 30), (60, 60, 80), (120, 120, 140), (200, 200, 210))
MOSS: Ramp = ((10, 30, 20), (30, 80, 40), (80, 140, 60), (160, 220, 110))
BOX = ((8, 8), (24, 8), (24, 24), (8, 24))


def boulder() -> Figure:
    figure = Figure((32, 32), seed=1)
    figure.lay(figure.area(*BOX), STONE, name="body")
    return figure


def colour(figure: Figure, x: int, y: int) -> tuple[int, int, int, int]:
    found = figure.picture(1).convert("RGBA").getpixel((x, y))
    assert isinstance(found, tuple)
    return found  # type: ignore[return-value]


def test_light_comes_from_the_upper_left() -> None:
    figure = boulder()

    assert colour(figure, 10, 10) == (*STONE[3], 255)
    assert colour(figure, 22, 22) == (*STONE[1], 255)
    assert colour(figure, 1, 1)[3] == 0


def test_a_part_takes_the_place_of_what_is_below_and_keeps_a_line_around_it() -> None:
    figure = boulder()
    figure.lay(area(figure.size, ((12, 12), (20, 12), (20, 20), (12, 20)), smooth=False), MOSS)

    assert colour(figure, 16, 16)[:3] in MOSS[1:]
    assert colour(figure, 11, 16) == (*MOSS[0], 255)


def test_a_shadow_goes_down_one_step_of_the_ramp() -> None:
    figure = boulder()
    figure.dim(Image.new("L", figure.size, 255))

    assert colour(figure, 10, 10) == (*STONE[2], 255)
    assert colour(figure, 22, 22) == (*STONE[0], 255)


def test_a_tint_keeps_the_shading() -> None:
    figure = boulder()
    figure.tint(Image.new("L", figure.size, 255), STONE, MOSS)

    assert colour(figure, 10, 10) == (*MOSS[3], 255)
    assert colour(figure, 22, 22) == (*MOSS[1], 255)


def test_the_finished_silhouette_has_a_dark_line_and_a_rim_of_light_on_its_right() -> None:
    figure = boulder()
    figure.finish((255, 255, 0))

    middle = [colour(figure, x, 16) for x in range(32)]
    inside = [x for x in range(32) if middle[x][3]]
    assert middle[inside[0]] == middle[inside[-1]] == (*OUTLINE, 255)
    assert middle[inside[-2]] == (255, 255, 0, 255)
    assert middle[inside[1]] != (255, 255, 0, 255)


def test_what_was_lifted_comes_back_in_front() -> None:
    figure = boulder()
    front = figure.lift()
    figure.dots((255, 0, 0), [(16, 16), (2, 2)])
    figure.put_back(front)

    assert colour(figure, 16, 16)[:3] in STONE
    assert colour(figure, 2, 2) == (255, 0, 0, 255)
