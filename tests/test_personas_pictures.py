"""The game masters' reference pictures are what the program in `tools/` draws."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageChops

from cogs.scene_art.drawing.personas import ASSETS, load_personas
from tools.draw_personas import PERSONAS, picture
from tools.personas.easel import FOLDER


@pytest.mark.parametrize("name", PERSONAS)
def test_the_picture_in_the_assets_is_the_one_that_the_program_draws(name: str) -> None:
    with Image.open(FOLDER / f"{name}.png") as kept:
        drawn = picture(name).convert("RGB")
        assert kept.size == drawn.size
        assert ImageChops.difference(kept.convert("RGB"), drawn).getbbox() is None
        assert min(kept.size) >= 768


@pytest.mark.parametrize("name", PERSONAS)
def test_the_figure_stands_free_on_one_plain_colour(name: str) -> None:
    drawn = picture(name).convert("RGB")
    corners = {drawn.getpixel((x, y)) for x in (0, drawn.width - 1) for y in (0, drawn.height - 1)}

    assert len(corners) == 1
    assert len(drawn.getcolors(10_000) or []) <= 96
    assert 0.2 < separated(drawn) < 0.8


def separated(picture: Image.Image) -> float:
    """The share of the picture that is not of the ground's colour."""
    ground = Image.new("RGB", picture.size, picture.getpixel((0, 0)))
    unlike = ImageChops.difference(picture, ground).convert("L").point([0] + [255] * 255)
    return unlike.histogram()[255] / (picture.width * picture.height)


def test_every_persona_that_ships_has_its_picture() -> None:
    for persona in load_personas(None, ()).all:
        assert Path(persona.picture).is_file(), persona.id
        assert Path(persona.picture).is_relative_to(ASSETS)
