"""Outlines and strokes as masks of whole dots."""

from __future__ import annotations

from tools.personas.shapes import area, beside, disc, edge, inner_edge, mirrored, moved, spline, stroke, union, without

SIZE = (20, 20)
SQUARE = ((5, 5), (15, 5), (15, 15), (5, 15))


def test_a_straight_outline_covers_the_dots_inside() -> None:
    mask = area(SIZE, SQUARE, smooth=False)

    assert mask.getbbox() == (5, 5, 15, 15)
    assert set(mask.tobytes()) == {0, 255}


def test_a_curve_goes_through_its_points() -> None:
    points = [(0.0, 0.0), (4.0, 8.0), (9.0, 3.0)]

    assert set(points) <= set(spline(points))
    assert set(points) <= set(spline(points, closed=True))


def test_a_stroke_tapers() -> None:
    mask = stroke(SIZE, [(10, 2), (10, 18)], [4, 0.5])
    rows = [sum(mask.crop((0, y, 20, y + 1)).tobytes()) // 255 for y in range(20)]

    assert rows[3] > rows[9] > rows[16] >= 1


def test_edges_lie_just_outside_and_just_inside() -> None:
    mask = area(SIZE, SQUARE, smooth=False)

    assert edge(mask).getbbox() == (4, 4, 16, 16)
    assert without(edge(mask), mask).tobytes() == edge(mask).tobytes()
    assert inner_edge(mask).histogram()[255] == 4 * 9


def test_what_is_moved_out_does_not_come_in_again() -> None:
    mask = disc(SIZE, (10, 10), 5)

    assert moved(mask, 20, 0).getbbox() is None
    assert union([moved(mask, 20, 0), mask]).tobytes() == mask.tobytes()


def test_two_sides_mirror_each_other() -> None:
    assert mirrored([(1, 0), (3, 4)], 10) == [(11, 0), (13, 4), (7, 4), (9, 0)]
    assert [beside(10, side)(3, 4) for side in (-1, 1)] == [(7, 4), (13, 4)]
