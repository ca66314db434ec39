"""Dialogue: the spoken parts of a story, the sentence that says most, its speaker, the names in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.domain.dialogue import called, mentions, named, narration, speaker, telling_sentence, without_names


def test_the_most_telling_sentence_is_the_spoken_one_and_its_speaker_is_found() -> None:
    sentence = telling_sentence("The gate is old. “Do not touch it,” says Tobin. It rains.")

    assert sentence == "“Do not touch it,” says Tobin."
    assert speaker(sentence, ["Mira Ashdown", "Tobin Vale"]) == "Tobin Vale"


@pytest.mark.parametrize(
    ("sentence", "names", "who"),
    [
        ("“Open the door, in the name of the king!” shouts a guard.", ["The Dark Loopmother", "Mira"], ""),
        ("“Come,” says the Loopmother.", ["The Dark Loopmother", "Mira"], "The Dark Loopmother"),
        ("“We walked all night,” Mira said.", ["Ed", "Mira"], "Mira"),
        ("“Run!” shouts Mira.", ["Ira", "Mira"], "Mira"),
        ("“We shall go,” says Mira.", ["Al", "Mira"], "Mira"),
        ("“The party must start,” the innkeeper laughs over his art.", ["Art"], ""),
        ("“Everyone, hide!” a child cries.", ["Eve"], ""),
        ("“Tobin, wait!” says Mira.", ["Tobin", "Mira"], "Mira"),
        ("“Wait!” calls the old woman to Tobin and Mira.", ["Mira", "Tobin"], "Tobin"),
        ("“Hold on!” shouts the captain.", ["Mira", "Captain Ferro"], "Captain Ferro"),
        ("“Hold on!” shouts Ferro.", ["Captain Ferro"], "Captain Ferro"),
        ("“late again,” says mira.", ["Mira"], "Mira"),
        ("“Late again,” says mira's horse, and MIRA laughs.", ["mira"], "mira"),
        ("「近くにいて」とミラは言った。", ["ミラ"], "ミラ"),
        ("“가자!” 미라가 말했다.", ["미라"], "미라"),
        ("The dragon roars: “Who dares?” Mira steps forward.", ["Mira"], ""),
        ("Mira turns and says: “Three coins.” Tobin pays.", ["Tobin", "Mira"], "Mira"),
        ("Mira: We should go.", ["Tobin", "Mira"], "Mira"),
        ("**Captain Ferro:** *We* should go, Mira.", ["Mira", "Captain Ferro"], "Captain Ferro"),
        ("One thing is sure: Mira will be late.", ["Mira"], ""),
        ("\u2018You don\u2019t know,\u2019 says Tobin\u2019s friend Mira.", ["Mira"], "Mira"),
        ("Tobin\u2019s sword is Mira\u2019s.", ["Mira", "Tobin"], ""),
        ("— On y va, Tobin, dit Mira.", ["Tobin", "Mira"], "Mira"),
        ("It rains on Mira.", ["Mira"], ""),
    ],
)
def test_who_speaks_is_named_outside_of_what_is_said(sentence: str, names: list[str], who: str) -> None:
    assert speaker(sentence, names) == who


@pytest.mark.parametrize(
    ("story", "who"),
    [
        ("Night falls. Mira lifts her lantern. “Stay close,” she says.", "Mira"),
        ("Mira ruft Tobin. Tobin dreht sich um. „Ja?“, fragt er.", "Tobin"),
        ("Mira waves to Tobin. “Stay close,” she says.", ""),
        ("Mira waves. The wolves come nearer. “Stay close,” she says.", ""),
        ("Mira waves. “Stay close!”", ""),
        ("“Stay close,” she says.", ""),
    ],
)
def test_a_pronoun_stands_for_whom_the_sentence_before_is_about(story: str, who: str) -> None:
    assert speaker(telling_sentence(story), ["Mira", "Tobin"], story) == who


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Mira Ashdown", "Mira"), ("The Dark Loopmother", "Loopmother"), ("Stargazer, synced", "Stargazer"),
        ("Captain Ferro", "Ferro"), ("Dr. Quill", "Quill"), ("Captain", "Captain"), ("The", "The"),
    ],
)  # fmt: skip
def test_people_are_called_by_what_tells_them_apart(name: str, short: str) -> None:
    assert called(name) == short


@given(st.text("abcxyzäöéñ", min_size=1, max_size=8), st.sampled_from(["x{}", "{}x", "_{}_", "9{}"]))
def test_a_name_within_a_word_names_nobody(name: str, word: str) -> None:
    assert named(word.format(name), [name]) == ""
    assert named(f"so {name}, then", [name]) == name


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
    assert speaker(story, names, story) in {"", *names}
    assert [mention.at for mention in mentions(story, names)] == sorted(
        mention.at for mention in mentions(story, names)
    )
    assert without_names(story, names).count("\n") <= story.count("\n")
