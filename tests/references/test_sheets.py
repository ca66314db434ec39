"""Several references on one picture."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cogs.scene_art.references.decode import prepare
from cogs.scene_art.references.encode import MAX_BYTES
from cogs.scene_art.references.sheets import PER_SHEET, contact_sheet, plan_sheets
from tests.references.support import encoded, png


@pytest.mark.parametrize(
    ("count", "limit", "alone", "sizes"),
    [(0, 0, 0, []), (0, 5, 0, []), (5, 5, 5, []), (6, 5, 4, [2]), (14, 14, 14, []), (15, 14, 13, [2]),
     (25, 14, 13, [12]), (26, 14, 12, [7, 7]), (12, 1, 0, [12]), (30, 1, 0, [30]), (31, 2, 0, [16, 15])],
)  # fmt: skip
def test_plans(count: int, limit: int, alone: int, sizes: list[int]) -> None:
    sheets = plan_sheets(count, limit)
    assert count - sum(map(len, sheets)) == alone
    assert [len(sheet) for sheet in sheets] == sizes


@given(st.integers(0, 400), st.integers(1, 40))
def test_nobody_is_dropped_and_the_limit_holds(count: int, limit: int) -> None:
    sheets = plan_sheets(count, limit)
    shared = [index for sheet in sheets for index in sheet]
    alone = count - len(shared)
    assert shared == list(range(alone, count))
    assert alone + len(sheets) <= limit
    assert all(len(sheet) >= 2 for sheet in sheets)
    if count <= limit * PER_SHEET:
        assert all(len(sheet) <= PER_SHEET for sheet in sheets)


def test_no_room_at_all_is_a_mistake() -> None:
    assert plan_sheets(0, 0) == ()
    with pytest.raises(ValueError, match="no picture"):
        plan_sheets(1, 0)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 7, 12, 13, 40])
def test_every_picture_and_every_name_is_there(tmp_path: Path, count: int) -> None:
    path = prepare(png("red", (30, 50)), tmp_path).path
    sheet = contact_sheet([(f"Hero {n}", path) for n in range(count)], tmp_path)
    assert max(sheet.width, sheet.height) <= 1536
    assert sheet.path.stat().st_size <= MAX_BYTES
    with Image.open(sheet.path) as image:
        red, green, _ = image.convert("RGB").split()
    assert sum(green.histogram()[:5]) > count * 30 * 50 * 0.5, "the pictures have no green"
    assert sum(red.histogram()[:90]) > count * 20, "only the names have no red"


def inked(path: Path) -> int:
    with Image.open(path) as image:
        grey = image.convert("L")
    return sum(grey.histogram()[:128])


@pytest.mark.parametrize(
    "name",
    ["Mira", "Ósk Þórsdóttir", "Мира", "ミラ", "ميرا", "🐉", "", "  ", "a\nb\u202ec", "W" * 400, "\ud800"],
)
def test_names_of_any_script_leave_ink(tmp_path: Path, name: str) -> None:
    path = prepare(png("white"), tmp_path).path
    sheet = contact_sheet([(name, path)], tmp_path)
    assert inked(sheet.path) > 10
    with Image.open(sheet.path) as image:
        edge = image.convert("L").crop((0, 0, 12, image.height)).tobytes()
    assert min(edge) > 200, "the name stays within its cell"


def test_different_names_give_different_sheets(tmp_path: Path) -> None:
    path = prepare(png("white"), tmp_path).path
    assert contact_sheet([("Mira", path)], tmp_path) != contact_sheet([("Kuro", path)], tmp_path)


def test_a_name_stands_between_marks_that_it_cannot_forge(tmp_path: Path) -> None:
    path = prepare(png("white"), tmp_path).path
    assert contact_sheet([("A» «B", path)], tmp_path) == contact_sheet([("A> <B", path)], tmp_path)
    assert written_width(contact_sheet([(".", path)], tmp_path).path) > 20


def written_width(path: Path) -> int:
    """The pixels from the first to the last sign of the names."""
    with Image.open(path) as image:
        box = image.convert("L").point(lambda value: 255 * (value < 128)).getbbox()
    assert box is not None
    return box[2] - box[0]


def test_what_is_see_through_stands_on_paper(tmp_path: Path) -> None:
    clear = prepare(encoded(Image.new("RGBA", (9, 9), (255, 0, 0, 0))), tmp_path).path
    sheet = contact_sheet([("Ghost", clear)], tmp_path)
    with Image.open(sheet.path) as image:
        middle = image.convert("RGB").crop((20, 20, image.width - 20, image.width - 20)).tobytes()
    assert min(middle) > 240


def test_a_picture_that_went_missing_costs_its_frame_only(tmp_path: Path) -> None:
    here = prepare(png("red"), tmp_path).path
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no")
    sheet = contact_sheet([("A", tmp_path / "gone.png"), ("B", broken), ("C", here)], tmp_path)
    assert sheet.width > 0
    with pytest.raises(ValueError, match="entries"):
        contact_sheet([], tmp_path)
