"""Sentences: English where they are written, other languages where they are read."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.i18n import Dollars, Sentence, gettext, told


def test_a_sentence_is_its_english_text() -> None:
    sentence = gettext("Notes can have up to {limit} characters; these have {length}.", limit=1_000, length=1_234)

    assert sentence == "Notes can have up to 1,000 characters; these have 1,234."
    assert told(sentence, "en-US") == sentence


def test_values_are_data_and_never_templates() -> None:
    assert gettext("I do not know {name}.", name="{secret}") == "I do not know {secret}."


@pytest.mark.parametrize(("amount", "text"), [(0.0, "$0.00"), (0.034, "$0.034"), (1.5, "$1.50"), (1234, "$1,234.00")])
def test_money_is_told_exactly_enough(amount: float, text: str) -> None:
    assert gettext("{price}", price=Dollars(amount)) == text


def test_what_has_no_translation_stays_english() -> None:
    assert gettext("Nobody ever translated this.").told_in("de") == "Nobody ever translated this."
    assert told("plain text", "de") == "plain text"
    assert gettext("{count} left", count=1_234).told_in("nobody's locale") == "1,234 left"


values = st.one_of(st.text(max_size=20).map(str.strip), st.integers(-9, 9_999), st.floats(0, 9).map(Dollars))


@given(st.dictionaries(st.sampled_from(["a", "b"]), values))
def test_it_travels_with_its_parts(given_values: dict[str, str | int | float]) -> None:
    template = "".join(f"{{{name}}}" for name in given_values) or "nothing"
    sentence = gettext("Outside: {inner}", inner=gettext(template, **given_values))

    for other in (pickle.loads(pickle.dumps(sentence)), Sentence.from_wire(json.loads(json.dumps(sentence.to_wire())))):  # noqa: S301
        assert isinstance(other, Sentence)
        assert other.template == sentence.template


@pytest.mark.parametrize(
    "wired", [None, 7, "text", [], {"template": 7, "values": {}}, {"template": "x" * 5_000, "values": {}}]
)
def test_what_never_was_a_sentence_is_none(wired: object) -> None:
    assert Sentence.from_wire(wired) is None


@pytest.mark.parametrize("template", ["{missing}", "{a.__class__}", "{a:>999999999}", "{a!r}", "{a", "two\nlines"])
def test_a_template_from_elsewhere_does_no_harm(template: str) -> None:
    sentence = Sentence.from_wire({"template": template, "values": {"a": "b"}})

    assert sentence is None or sentence == template.replace("\n", " ")
