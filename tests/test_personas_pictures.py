"""The game masters' reference pictures are what the program in `tools/` draws."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageChops

from cogs.scene_art.drawing.personas import ASSETS, load_personas
from tools.draw_personas import FOLDER, PERSONAS, picture


@pytest.mark.parametrize("name", PERSONAS)
def test_the_picture_in_the_assets_is_the_one_that_the_program_draws(name: str) -> None:
    with Image.open(FOLDER / f"{name}.png") as kept:
        drawn = picture(name).convert("RGB")
        assert kept.size == drawn.size
        assert ImageChops.difference(kept.convert("RGB"), drawn).getbbox() is None
        assert min(kept.size) >= 768


def test_every_persona_that_ships_has_its_picture() -> None:
    for persona in load_personas(None, ()).all:
        assert Path(persona.picture).is_file(), persona.id
        assert Path(persona.picture).is_relative_to(ASSETS)
