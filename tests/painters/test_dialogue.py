"""Who says what: the spoken parts of a story, its most telling sentence, the names in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.painters.dialogue import narration, speaker, telling_sentence, without_names


def test_the_most_telling_sentence_is_the_spoken_one_and_its_speaker_is_found() -> None:
    sentence = telling_sentence("The gate is old. “Do not touch it,” says Tobin. It rains.")

    assert sentence == "“Do not touch it,” says Tobin."
    assert speaker(sentence, ["Mira Ashdown", "Tobin Vale"]) == "Tobin Vale"


@pytest.mark.parametrize(
    "spoken",
    ["“Go!”", "„Los!“", "«Vite!»", "»Los!«", "「行け」", "『行け』", '"Go!"'],
)
def test_what_is_spoken_is_no_narration(spoken: str) -> None:
    assert narration(f"Mira turns. {spoken} The gate falls.").split() == ["Mira", "turns.", "The", "gate", "falls."]
    assert speaker(f"{spoken} Mira", ["Mira"]) == "Mira"


def test_a_quote_that_never_ends_is_narration() -> None:
    assert narration("“The gate falls, and nobody") == "“The gate falls, and nobody"


def test_japanese_sentences_end_without_a_space() -> None:
    assert telling_sentence("雨が降る。「近くにいて」とミラは言った。夜。") == "「近くにいて」とミラは言った。"
    assert telling_sentence("「近くにいて。」とミラは言った。") == "「近くにいて。」とミラは言った。"


def test_names_are_taken_out_in_whole_and_word_by_word_but_not_from_within_words() -> None:
    story = "Captain Storm waits. Storm laughs at the thunderstorm, Stormy weather."

    assert without_names(story, ["Captain Storm"]).split() == [
        "waits.",
        "laughs",
        "at",
        "the",
        "thunderstorm,",
        "Stormy",
        "weather.",
    ]
    assert without_names(story, []) == story


@given(st.text(max_size=400), st.lists(st.text(min_size=1, max_size=12), max_size=4))
def test_any_text_is_taken_apart(story: str, names: list[str]) -> None:
    assert len(narration(story)) <= len(story)
    assert without_names(story, names).count("\n") <= story.count("\n")
