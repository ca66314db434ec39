"""Prepared pictures that are made smaller."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from cogs.scene_art.errors import ReferenceUnavailableError
from cogs.scene_art.references.encode import scaled_down, store


def test_a_picture_is_scaled_down_on_paper(tmp_path: Path) -> None:
    noise = Image.effect_noise((1200, 800), 60)
    see_through = Image.merge("RGBA", (noise, noise, noise, Image.new("L", noise.size, 0)))
    prepared = store(see_through, tmp_path)
    smaller = scaled_down(prepared.path, 640, tmp_path)
    assert (smaller.width, smaller.height) == (640, 427)
    with Image.open(smaller.path) as image:
        assert image.mode == "RGB"
        assert image.getpixel((300, 200)) == (255, 255, 255)


def test_a_photograph_has_far_fewer_bytes_then(tmp_path: Path) -> None:
    noise = Image.effect_noise((1500, 1500), 40)
    prepared = store(Image.merge("RGB", (noise, noise.rotate(90), noise.rotate(180))), tmp_path)
    assert scaled_down(prepared.path, 640, tmp_path).path.stat().st_size < prepared.path.stat().st_size / 2


def test_a_small_picture_is_not_enlarged(tmp_path: Path) -> None:
    prepared = store(Image.new("RGB", (60, 40), "teal"), tmp_path)
    assert scaled_down(prepared.path, 640, tmp_path).width == 60


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReferenceUnavailableError):
        scaled_down(tmp_path / "gone.png", 640, tmp_path)
