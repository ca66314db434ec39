"""Sentences: English where they are written, other languages where they are read."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.i18n import Dollars, Sentence, gettext, ngettext, translate


def test_a_sentence_is_its_english_text() -> None:
    sentence = gettext("The notes are too long ({length} of {limit} characters).", limit=1_000, length=1_234)

    assert sentence == "The notes are too long (1,234 of 1,000 characters)."
    assert translate(sentence, "en-US") == sentence


def test_values_are_data_and_never_templates() -> None:
    assert gettext("I do not know {name}.", name="{secret}") == "I do not know {secret}."


@pytest.mark.parametrize(("amount", "text"), [(0.0, "$0.00"), (0.034, "$0.034"), (1.5, "$1.50"), (1234, "$1,234.00")])
def test_money_is_told_exactly_enough(amount: float, text: str) -> None:
    assert gettext("{price}", price=Dollars(amount)) == text


def test_what_has_no_translation_stays_english() -> None:
    assert gettext("Nobody ever translated this.").translated("de") == "Nobody ever translated this."
    assert translate("plain text", "de") == "plain text"
    assert gettext("{count} left", count=1_234).translated("nobody's locale") == "1,234 left"


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


def test_things_are_counted() -> None:
    def pictures(count: int) -> Sentence:
        one = "{count} picture is gone; its text is shown instead."
        several = "{count} pictures are gone; their text is shown instead."
        return ngettext(one, several, count, count=count)

    assert pictures(1) == "1 picture is gone; its text is shown instead."
    assert pictures(0).startswith("0 pictures are gone")
    assert pictures(1).translated("de") == "1 Bild fehlt; an seiner Stelle steht der Text."
    assert pictures(2).translated("de") == "2 Bilder fehlen; an ihrer Stelle steht der Text."
    assert pictures(0).translated("fr").startswith("0 image a disparu")
    assert pictures(1).translated("ja").endswith("代わりに文章を載せました。")


def test_a_sentence_that_counts_travels_too() -> None:
    sentence = ngettext("{count} scene, {day}", "{count} scenes, {day}", 3, count=3, day="today")

    for other in (pickle.loads(pickle.dumps(sentence)), Sentence.from_wire(json.loads(json.dumps(sentence.to_wire())))):  # noqa: S301
        assert isinstance(other, Sentence)
        assert (other, other.translated("de")) == ("3 scenes, today", "3 Szenen, today")


def test_what_the_release_before_wrote_down_is_told_in_the_words_of_today() -> None:
    old = {"template": "The painter took too long. Please try again in a minute.", "values": {}, "text": "…"}
    counted = {
        "template": "You have had {most} pictures within an hour, which is the limit. Please ask again {when}.",
        "values": {"most": 1, "when": "soon"},
    }
    read, limit = Sentence.from_wire(old), Sentence.from_wire(counted)

    assert read is not None
    assert read == "The painter took too long. Try again in a minute."
    assert read.translated("de") == "Der Maler hat zu lange gebraucht. Versuche es in einer Minute noch einmal."
    assert limit is not None
    assert limit == "You've reached your limit of 1 picture per hour. Try again soon."
    assert limit.translated("de").startswith("Du hast dein Limit von 1 Bild pro Stunde erreicht.")


@pytest.mark.parametrize("template", ["{missing}", "{a.__class__}", "{a:>999999999}", "{a!r}", "{a", "two\nlines"])
def test_a_template_from_elsewhere_does_no_harm(template: str) -> None:
    sentence = Sentence.from_wire({"template": template, "values": {"a": "b"}})

    assert sentence is None or sentence == template.replace("\n", " ")
