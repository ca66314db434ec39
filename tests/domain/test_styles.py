"""The looks: those that ship, and the operator's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from cogs.scene_art.domain.styles import load_styles
from cogs.scene_art.errors import ConfigurationError
from cogs.scene_art.settings import Settings

OWN = """
[[style]]
id = "anime"
name = "My anime"
prompt = "As I like it."

[[style]]
id = "ink"
name = "Ink drawing"
prompt = "Black ink."
"""


@pytest.fixture
def own_file(tmp_path: Path) -> Path:
    path = tmp_path / "looks.toml"
    path.write_text(OWN, encoding="utf-8")
    return path


def test_the_default_is_the_lost_console_game() -> None:
    styles = load_styles(None, Settings.model_fields["style"].default)
    prompt = " ".join(styles.chosen("").prompt.split())
    for words in ("anime and pixel art", "16-bit console", "CRT scanlines", "HUD"):
        assert words in prompt


def test_a_style_is_found_by_id_or_name_in_any_case() -> None:
    """Autocomplete may send the label back in place of the value."""
    styles = load_styles(None, "console")
    for wanted in ("storybook", "Storybook", " STORYBOOK "):
        found = styles.find(wanted)
        assert found is not None
        assert found.id == "storybook"
    assert styles.find("Anime film") == styles.find("anime")
    assert styles.find("oil") is None


def test_a_scene_whose_style_is_gone_is_painted_in_the_default() -> None:
    assert load_styles(None, "anime").chosen("one-of-last-year").id == "anime"


def test_own_styles_replace_and_add(own_file: Path) -> None:
    styles = load_styles(own_file, "ink")
    assert [style.id for style in styles.all] == ["console", "anime", "storybook", "ink"]
    assert styles.chosen("anime").prompt == "As I like it."
    assert styles.chosen("").prompt == "Black ink."


def test_an_unknown_default_names_the_setting_and_the_choices() -> None:
    with pytest.raises(ConfigurationError, match=r'SCENE_ART_STYLE is "oil"; it takes one of console, anime'):
        load_styles(None, "oil")


@pytest.mark.parametrize("text", ["[[style]\n", '[[style]]\nid = "x"', '[[styles]]\nid = "x"'])
def test_a_broken_file_is_named(own_file: Path, text: str) -> None:
    own_file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"looks\.toml: "):
        load_styles(own_file, "console")
    with pytest.raises(ConfigurationError, match=r"missing\.toml: no such file"):
        load_styles(own_file.with_name("missing.toml"), "console")
