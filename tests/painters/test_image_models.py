"""The facts about Gemini's image models, and the nearest aspect ratio that a model has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.image_models import (
    DEFAULT_MODEL,
    DEFAULT_RATIO,
    MODELS,
    RATIOS_10,
    RATIOS_14,
    facts,
    is_retired,
    nearest_ratio,
)


def test_the_table_says_what_the_documentation_says() -> None:
    assert DEFAULT_MODEL == "gemini-nano-banana-2.1"
    assert facts(DEFAULT_MODEL).sizes == ("1K", "2K", "4K")
    assert (len(RATIOS_10), len(RATIOS_14)) == (10, 14)
    assert {name for name, known in MODELS.items() if known.ratios == RATIOS_10} == {
        "gemini-3-pro-image",
        "gemini-3.1-flash-lite-image",
    }
    assert {known.references for known in MODELS.values()} == {14}


def test_a_model_that_came_later_is_taken_for_one_like_the_default() -> None:
    assert facts("gemini-of-2028") == facts(DEFAULT_MODEL)


@pytest.mark.parametrize("model", ["gemini-2.5-flash-image", "gemini-3.1-flash-image", "gemini-3-pro-image-preview"])
def test_retired_models_are_known(model: str) -> None:
    assert is_retired(model)
    assert not is_retired(DEFAULT_MODEL)
    assert not is_retired("gemini-3-pro-image")


@pytest.mark.parametrize(
    ("wanted", "model", "nearest"),
    [
        ("16:9", DEFAULT_MODEL, "16:9"),
        ("8:1", DEFAULT_MODEL, "8:1"),
        ("8:1", "gemini-3-pro-image", "21:9"),
        ("1:8", "gemini-3-pro-image", "9:16"),
        ("1920:1080", DEFAULT_MODEL, "16:9"),
        ("1920x1080", DEFAULT_MODEL, "16:9"),
        ("2/3", DEFAULT_MODEL, "2:3"),
        ("1.91:1", DEFAULT_MODEL, "16:9"),
        ("square", DEFAULT_MODEL, "16:9"),
        ("", DEFAULT_MODEL, "16:9"),
        ("0:9", DEFAULT_MODEL, "16:9"),
        ("16:0", DEFAULT_MODEL, "16:9"),
        ("nan:1", DEFAULT_MODEL, "16:9"),
        ("1:inf", DEFAULT_MODEL, "16:9"),
        ("-16:-9", DEFAULT_MODEL, "16:9"),
    ],
)
def test_the_nearest_ratio_of_the_model_is_used(wanted: str, model: str, nearest: str) -> None:
    assert nearest_ratio(wanted, model) == nearest


@given(
    st.text(max_size=20) | st.from_regex(r"[0-9.e+-]{1,8}[:x/][0-9.e+-]{1,8}", fullmatch=True),
    st.sampled_from([*MODELS, "another"]),
)
def test_whatever_is_wanted_the_model_has_it(wanted: str, model: str) -> None:
    assert nearest_ratio(wanted, model) in facts(model).ratios
    assert DEFAULT_RATIO in facts(model).ratios
