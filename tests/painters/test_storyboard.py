"""The storyboard painter: the same seed gives the same picture, every ratio is composed, and nothing makes it fail."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from cogs.scene_art.domain.painting import CastMember, Picture, Prompt, Role
from cogs.scene_art.domain.personas import ASSETS
from cogs.scene_art.image_models import RATIOS_14
from cogs.scene_art.lettering import font_for
from cogs.scene_art.painters.storyboard import COLOURS, canvas_size, draw
from cogs.scene_art.painters.storyboard.canvas import Canvas
from cogs.scene_art.painters.storyboard.cast import RIM, SHADE, sprite
from cogs.scene_art.painters.storyboard.dots import LETTER_HEIGHT, LETTER_WIDTH
from cogs.scene_art.painters.storyboard.places import DRAWN, backdrop
from cogs.scene_art.painters.storyboard.screen import HEALTH, MAGIC, MOST_ROWS, box_height, party, text_box
from cogs.scene_art.painters.storyboard.type import lettered, plain, width_of, wrapped, write
from cogs.scene_art.painters.storyboard.vitals import Vitals
from cogs.scene_art.painters.words import Reading, tables

MASTER = CastMember(
    name="Stargazer",
    role=Role.GAME_MASTER,
    picture=Picture(path=ASSETS / "personas" / "stargazer.png", mime="image/png", width=768, height=1184),
)
STORY = "Night falls over the old forest. “Stay close,” says Mira."


def prompt(
    story: str = STORY, *, names: tuple[str, ...] = ("Mira", "Tobin"), seed: int = 1, ratio: str = "16:9"
) -> Prompt:
    people = tuple(CastMember(name=name, role=Role.CHARACTER) for name in names)
    return Prompt(
        scene_id="0" * 16, system="", parts=(), scene=story, cast=(MASTER, *people), seed=seed, aspect_ratio=ratio
    )


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_picture() -> None:
    first, again, other = (draw(prompt(seed=seed)) for seed in (1, 1, 2))

    assert first.data == again.data
    assert first.data != other.data


@pytest.mark.parametrize("ratio", ["16:9", "9:16", "1:1", "4:3", "3:4", "21:9", "1:8", "8:1"])
def test_every_ratio_is_composed_within_bounds(ratio: str) -> None:
    painting = draw(prompt(ratio=ratio))

    with Image.open(io.BytesIO(painting.data)) as image:
        assert image.size == (painting.width, painting.height)
        assert max(image.size) == 1280
        assert min(image.size) >= 360


@pytest.mark.parametrize("ratio", RATIOS_14)
def test_every_place_has_a_backdrop_in_every_ratio(ratio: str) -> None:
    size = canvas_size(ratio)
    # All of them where the shape is most unlike the others; of the rest every fifth, each time other ones.
    every = 1 if ratio in {"16:9", "9:16", "1:8", "8:1"} else 5
    for place in list(DRAWN)[RATIOS_14.index(ratio) % every :: every]:
        scene = Canvas(size, Reading(place, "night", "", "talk"), random.Random(place), floor=size[1] - 34)  # noqa: S311
        backdrop(scene)

        assert len(scene.image.getcolors(100_000) or []) > 8


def test_every_place_looks_different() -> None:
    seen = {draw(prompt(f"They come to the {place}.")).data for place in DRAWN}

    assert len(seen) == len(DRAWN)


@given(st.text(max_size=400), st.integers(4, 60), st.integers(1, 4))
def test_text_stays_in_its_box_for_any_length_and_script(text: str, columns: int, rows: int) -> None:
    lines = wrapped(text, columns, rows)

    assert len(lines) <= rows
    assert all(width_of(line) <= max(4, columns) * LETTER_WIDTH for line in lines)


SCRIPTS = ("მირა", "Միրա", "מירה", "ミラ姫", "ਮੀਰਾ")
"""Names that the font in dots cannot spell."""


@pytest.mark.skipif(not any(font_for(name, 11) for name in SCRIPTS), reason="no font of this machine has any of these")
def test_what_the_dots_cannot_spell_is_written_in_a_font_of_the_machines() -> None:
    name = next(name for name in SCRIPTS if font_for(name, 11))
    canvas, dots = (Image.new("RGB", (80, 16)) for _ in range(2))
    write(canvas, (2, 2), name, (255, 255, 255))
    write(dots, (2, 2), plain(name), (255, 255, 255))

    assert lettered(name)[0] == name
    assert canvas.tobytes() != dots.tobytes()
    assert len(canvas.getcolors() or []) == 2, "no half tones"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Мия Щукина", "Miya Shchukina"),
        ("Ольга", "Ol'ga"),
        ("Άννα", "Anna"),
        ("さくら", "sakura"),
        ("하나", "hana"),
        ("🐉", "?"),
        ("Élodie", "Élodie"),
    ],
)
def test_names_of_other_scripts_stay_readable(name: str, shown: str) -> None:
    assert plain(name) == shown


@given(
    st.text(max_size=400), st.text(max_size=40), st.sampled_from(["16:9", "9:16", "1:1", "4:3", "3:4", "21:9", "8:1"])
)
def test_the_box_has_room_for_what_is_written_into_it(sentence: str, speaking: str, ratio: str) -> None:
    size = canvas_size(ratio)
    rows = (box_height(size, sentence, speaking) - 8) // LETTER_HEIGHT

    assert 1 <= rows <= MOST_ROWS
    assert box_height(size, sentence, speaking) < size[1] * 0.5
    assert (size[0] - 23) // LETTER_WIDTH >= 10


@pytest.mark.skipif(font_for("שלום", 11) is None, reason="no font of this machine has Hebrew")
def test_a_line_that_is_read_from_the_right_begins_there() -> None:
    canvas, other = (Image.new("RGB", (320, 180)) for _ in range(2))
    text_box(canvas, "", "שלום")
    text_box(other, "", "Hello")
    empty = Image.new("RGB", (320, 180))
    text_box(empty, "", "")
    written, ordinary = (
        ImageChops.difference(image, empty).crop((10, 140, 300, 172)).getbbox() for image in (canvas, other)
    )

    assert written
    assert ordinary
    assert written[0] > 200
    assert ordinary[0] < 20


def bars(canvas: Image.Image) -> set[tuple[int, int, int]]:
    colours = {colour for _, colour in canvas.getcolors(100_000) or []}
    return colours & {*HEALTH, MAGIC}  # type: ignore[return-value]  # getcolors tells the colours of an RGB picture


def test_bars_stand_there_only_where_the_story_tells_values() -> None:
    cast = prompt().cast
    for told, seen in (
        ({}, set()),
        ({"Mira": Vitals(health=(9, 10))}, {HEALTH[2]}),
        ({"Mira": Vitals(health=(1, 10), magic=(5, 5))}, {HEALTH[0], MAGIC}),
        ({"Mira": Vitals(health=(0, 10))}, set()),
    ):
        canvas = Image.new("RGB", (320, 180))
        party(canvas, cast, told)
        assert bars(canvas) == seen


def test_a_scene_has_few_colours(tmp_path: Path) -> None:
    scene = Canvas((320, 180), tables().read("A neon city in a storm."), random.Random(1), floor=140)  # noqa: S311
    backdrop(scene)
    scene.limit(COLOURS)

    assert len(scene.image.getcolors(100_000) or []) <= COLOURS


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    story=st.text(min_size=0, max_size=300),
    names=st.lists(st.text(min_size=0, max_size=120), max_size=12),
    game=st.text(max_size=40),
    ratio=st.sampled_from(["16:9", "9:16", "1:8", "", "no ratio", "0:0", "-1:2", "nan:1"]),
)
def test_odd_input_never_makes_it_fail(story: str, names: list[str], game: str, ratio: str) -> None:
    odd = prompt(story, names=tuple(names), ratio=ratio).model_copy(update={"game_name": game})

    assert len(draw(odd).data) > 1_000


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n broken"])
def test_a_broken_picture_is_replaced_by_a_figure_of_the_same_name(tmp_path: Path, content: bytes) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(content)
    hero = CastMember(
        name="Mira", role=Role.CHARACTER, picture=Picture(path=broken, mime="image/png", width=1, height=1)
    )

    with_broken = draw(prompt().model_copy(update={"cast": (hero,)}))
    without = draw(prompt().model_copy(update={"cast": (hero.model_copy(update={"picture": None}),)}))

    assert with_broken.data == without.data


def test_a_picture_of_one_pixel_and_a_transparent_one_are_no_trouble(tmp_path: Path) -> None:
    cast = []
    for name, size in (("dot", (1, 1)), ("glass", (40, 60))):
        Image.new("RGBA", size).save(tmp_path / f"{name}.png")
        picture = Picture(path=tmp_path / f"{name}.png", mime="image/png", width=size[0], height=size[1])
        cast.append(CastMember(name=name, role=Role.CHARACTER, picture=picture))

    assert draw(prompt().model_copy(update={"cast": tuple(cast)})).width == 1280


def test_who_wishes_not_to_be_depicted_is_the_same_dark_shape_as_everybody_else() -> None:
    hidden = [CastMember(name=name, role=Role.CHARACTER, silhouette=True) for name in ("Mira", "Tom")]
    one, other = (sprite(member, 64).image for member in hidden)

    assert one.tobytes() == other.tobytes()
    assert {color for _, color in one.getcolors() or []} <= {(*SHADE, 255), (*RIM, 255), (*SHADE, 0), (0, 0, 0, 0)}
