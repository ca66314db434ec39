"""The game masters' reference pictures are what the program in `tools/` draws, and grown women on nothing."""

from __future__ import annotations

import functools
import io
from pathlib import Path

import pytest
from PIL import Image

from cogs.scene_art.domain.personas import ASSETS, load_personas
from tools.draw_personas import FOLDER, PERSONAS, SCALE, picture
from tools.personas.shapes import union

each_persona = pytest.mark.parametrize("name", PERSONAS)


# Drawn once: a figure takes half a second.
drawn_anew = functools.cache(picture)


def drawn(name: str) -> Image.Image:
    """The kept picture with one pixel for each dot."""
    with Image.open(FOLDER / f"{name}.png") as kept:
        dots = kept.convert("RGBA")
    return dots.resize((dots.width // SCALE, dots.height // SCALE), Image.Resampling.NEAREST)


@each_persona
def test_the_picture_in_the_assets_is_the_one_that_the_program_draws(name: str) -> None:
    assert picture(name) == drawn_anew(name), "byte for byte"
    # Another zlib packs the same dots differently.
    with Image.open(FOLDER / f"{name}.png") as kept, Image.open(io.BytesIO(drawn_anew(name))) as made:
        assert kept.size == made.size
        assert kept.convert("RGBA").tobytes() == made.convert("RGBA").tobytes()


@each_persona
def test_a_picture_is_large_and_made_of_whole_dots(name: str) -> None:
    with Image.open(io.BytesIO(drawn_anew(name))) as image:
        assert min(image.size) >= 768
        assert image.height > image.width
        assert drawn(name).resize(image.size, Image.Resampling.NEAREST).tobytes() == image.convert("RGBA").tobytes()


@each_persona
def test_a_figure_stands_whole_on_nothing(name: str) -> None:
    alpha = drawn(name).getchannel("A")

    assert set(alpha.tobytes()) == {0, 255}
    left, top, right, bottom = alpha.getbbox() or (0, 0, 0, 0)
    assert min(left, top, alpha.width - right, alpha.height - bottom) >= 1
    assert bottom - top > alpha.height * 0.85
    assert abs((left + right) / 2 - alpha.width / 2) < alpha.width * 0.05


@each_persona
def test_a_palette_has_between_24_and_40_colours(name: str) -> None:
    dots = drawn(name)
    colours = {colour for _, colour in dots.getcolors(dots.width * dots.height) or [] if colour[3]}  # type: ignore[index]

    assert 24 <= len(colours) <= 40


@each_persona
def test_every_game_master_is_as_tall_as_a_grown_woman(name: str) -> None:
    figure = PERSONAS[name]()
    head = figure.body["head"].getbbox()
    whole = union(figure.body.values()).getbbox()

    assert head
    assert whole
    assert whole[1] == head[1], "nothing of the body is above the head"
    assert 7.2 <= (whole[3] - whole[1]) / (head[3] - head[1]) <= 8


@each_persona
def test_a_face_has_eyes_that_shine(name: str) -> None:
    """The lightest dots of the middle of the face are white: it is not hidden by hair or a hat."""
    figure = PERSONAS[name]()
    left, top, right, bottom = figure.body["head"].getbbox() or (0, 0, 0, 0)
    eyes = drawn(name).crop((left, top + (bottom - top) // 3, right, bottom - (bottom - top) // 3))

    assert (255, 255, 255, 255) in {colour for _, colour in eyes.getcolors(eyes.width * eyes.height) or []}


def test_the_three_differ() -> None:
    assert len({picture(name) for name in PERSONAS}) == len(PERSONAS) == 3


def test_every_persona_that_ships_has_its_picture() -> None:
    for persona in load_personas(None, ()).all:
        assert Path(persona.picture).is_file(), persona.id
        assert Path(persona.picture).is_relative_to(ASSETS)
