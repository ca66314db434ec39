"""The comic page: every panel in its place, and no words beyond their box."""

from __future__ import annotations

import io
import itertools
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from cogs.scene_art.domain.painting import Chapter, Panel, Picture
from cogs.scene_art.lettering import readable, wrapped
from cogs.scene_art.recap.page import MOST_PANELS, WIDTH, draw_page, placed

SCRIPTS = ["The gate opens.", "夜の海は静かだった。", "Ночь, и снег.", "عاصفة فوق البحر", "🦊 " * 40, "x" * 400, ""]


@given(st.lists(st.floats(0.1, 9), min_size=1, max_size=24), st.integers(0, 90))
def test_panels_fill_the_width_in_reading_order_and_none_lies_on_another(ratios: list[float], band: int) -> None:
    boxes, end = placed(ratios, 1_500, 20, 100, lambda number, wide: band)

    assert len(boxes) == len(ratios)
    for before, box in itertools.pairwise(boxes):
        same_row = box.top == before.top
        assert box.left == before.left + before.width + 20 if same_row else box.left == 0
        assert box.top >= before.top if same_row else box.top == before.top + before.height + before.band + 20
        if not same_row:
            assert before.left + before.width == 1_500
    assert all(box.width > 100 and box.height > 80 for box in boxes)
    assert boxes[-1].top + boxes[-1].height + boxes[-1].band == end


@settings(max_examples=60)
@given(st.text(max_size=300), st.integers(120, 900), st.integers(1, 5), st.sampled_from([20, 28]))
def test_words_never_leave_their_box(text: str, width: int, most: int, size: int) -> None:
    kept, font = readable(" ".join(text.split()), size)
    lines = wrapped(kept, font, width, most)

    assert len(lines) <= most
    assert all(font.getlength(line) <= width for line in lines)


def test_only_a_word_longer_than_a_line_is_cut_within() -> None:
    text, font = readable("Gate thunderously open tonight", 23)
    width = font.getlength("thunderously") + 2
    long, _ = readable("x" * 90, 23)

    assert " ".join(wrapped(text, font, width, 9)) == text
    assert "".join(wrapped(long, font, width, 99)) == long


def panel(folder: Path, number: int, size: tuple[int, int] | None, caption: str) -> Panel:
    picture = None
    if size is not None:
        path = folder / f"{number}.png"
        Image.new("RGB", size, (40 * number % 255, 90, 160)).save(path)
        picture = Picture(path=path, mime="image/png", width=size[0], height=size[1])
    return Panel(picture=picture, story=caption, caption=caption)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([(64, 36), (36, 64), (48, 48), (99, 33), None]), max_size=30), st.sampled_from(SCRIPTS))
def test_any_session_becomes_a_page(tmp_path: Path, sizes: list[tuple[int, int] | None], caption: str) -> None:
    chapter = Chapter(title=caption, panels=tuple(panel(tmp_path, n, size, caption) for n, size in enumerate(sizes)))
    painting = draw_page(chapter)

    with Image.open(io.BytesIO(painting.data)) as page:
        assert page.width == WIDTH
        assert page.height == painting.height < 14_000


@pytest.mark.parametrize("caption", ["", "\U00012000\U00012001"])
def test_a_row_whose_words_no_font_has_is_drawn_without_a_band(tmp_path: Path, caption: str) -> None:
    chapter = Chapter(title="T", panels=(panel(tmp_path, 0, (64, 36), caption),))

    assert draw_page(chapter).width == WIDTH


@pytest.mark.parametrize("size", [(36, 64), (10, 90), (90, 10), (64, 36)])
def test_a_picture_of_any_shape_is_shown_nearly_whole(tmp_path: Path, size: tuple[int, int]) -> None:
    lone = panel(tmp_path, 0, size, "")
    picture = Image.new("RGB", size, "blue")
    for edge in ((0, 0), (0, size[1] - 4), (size[0] - 4, 0), (size[0] - 4, size[1] - 4)):
        picture.paste("red", (*edge, edge[0] + 4, edge[1] + 4))
    assert lone.picture is not None
    picture.save(lone.picture.path)
    painting = draw_page(Chapter(title="T", panels=(lone,)))

    with Image.open(io.BytesIO(painting.data)) as page:
        seen = page.convert("RGB").crop((0, 190, WIDTH, page.height - 92))
    colours = seen.resize((400, 300)).getcolors(400 * 300) or []
    red = sum(count for count, colour in colours if isinstance(colour, tuple) and _is_red(colour))
    assert red / sum(count for count, colour in colours if isinstance(colour, tuple) and _is_painted(colour)) > (
        0.5 * 64 / (size[0] * size[1])
    )


def _is_red(colour: tuple[int, ...]) -> bool:
    return colour[0] > 200 and colour[1] < 60 and colour[2] < 60


def _is_painted(colour: tuple[int, ...]) -> bool:
    return _is_red(colour) or (colour[2] > 200 and colour[0] < 60)


def test_the_newest_panels_stay_where_there_are_too_many(tmp_path: Path) -> None:
    many = tuple(panel(tmp_path, n, (64, 36), str(n)) for n in range(MOST_PANELS + 6))
    fewer = draw_page(Chapter(title="T", panels=many[-MOST_PANELS:]))

    assert draw_page(Chapter(title="T", panels=many)).digest == fewer.digest


@pytest.mark.parametrize("text", SCRIPTS)
def test_what_no_font_has_is_left_out_and_never_drawn_as_a_box(text: str) -> None:
    kept, font = readable(text, 24)

    assert all(font.getmask(sign).getbbox() is not None for sign in kept if not sign.isspace())
