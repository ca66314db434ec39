"""What is read from a narrative: every row by its own words, an operator's words on top, a default for the rest."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.errors import ConfigurationError
from cogs.scene_art.painters.words import KINDS, TABLES, Reading, speaker, tables, telling_sentence

OURS = tomllib.loads(TABLES.read_text("utf-8"))


def word_of(kind: str, row: str) -> str:
    return str(OURS[kind][row].split()[0]).replace("*", "")


def read(story: str) -> Reading:
    return tables().read(story)


@pytest.mark.parametrize("place", OURS["places"])
def test_every_place_is_read_from_its_own_words(place: str) -> None:
    assert read(f"They come to the {word_of('places', place)}.").place == place


@pytest.mark.parametrize(("kind", "field"), [("hours", "hour"), ("moods", "mood"), ("actions", "action")])
def test_every_row_is_read_from_its_own_words(kind: str, field: str) -> None:
    for row in OURS[kind]:
        assert getattr(read(f"Look: {word_of(kind, row)}."), field) == row


@pytest.mark.parametrize("weather", OURS["weathers"])
def test_weather_is_read_under_the_sky_alone(weather: str) -> None:
    word = word_of("weathers", weather)

    assert read(f"There is {word} over the village village.").weather == weather
    assert read(f"There is {word} in the library library.").weather == ""


def test_foes_and_things_are_seen_in_the_order_of_the_story() -> None:
    reading = read("A wolf sits on the chest; behind the door a skeleton guards a book.")

    assert reading.foes == ("wolf", "skeleton")
    assert reading.things == ("chest", "door", "book")


def test_nothing_said_is_a_day_in_the_forest() -> None:
    assert read("") == Reading(place="forest", hour="day", weather="", action="talk")
    assert tables().read("They go on.", "Starship Heron").place == "space", "the game's name helps"


def test_people_are_where_they_arrive() -> None:
    assert read("They leave the forest and come to a castle.").place == "castle"


def test_an_operators_words_are_added_to_ours(tmp_path: Path) -> None:
    file = tmp_path / "words.toml"
    file.write_text('[places]\nforest = "wald* bäume"\nmoon = "mond"\n[foes]\ndragon = "drache*"\n', "utf-8")

    words = tables(file)

    reading = words.read("Ein Drache im WALD, unter den Bäumen.")
    assert (reading.place, reading.foes) == ("forest", ("dragon",))
    assert words.read("The dragon of the castle.").foes == ("dragon",), "ours still hold"


@pytest.mark.parametrize(
    "content", ["[places", "places = 1", '[colours]\nred = "rose"', "[places]\nforest = 3", '[places.x]\ny = "z"']
)
def test_a_file_that_is_none_is_told(tmp_path: Path, content: str) -> None:
    file = tmp_path / "words.toml"
    file.write_text(content)

    with pytest.raises(ConfigurationError, match=r"words\.toml"):
        tables(file)
    with pytest.raises(ConfigurationError, match="nowhere"):
        tables(tmp_path / "nowhere.toml")


def test_the_table_has_what_the_painter_knows_and_nothing_else() -> None:
    from cogs.scene_art.painters.storyboard import foes, props  # Pillow is not needed above
    from cogs.scene_art.painters.storyboard.places import DRAWN

    assert set(OURS) == set(KINDS)
    assert set(OURS["places"]) == set(DRAWN)
    assert set(OURS["foes"]) == foes.KNOWN
    assert set(OURS["things"]) == props.KNOWN


@given(st.text(max_size=400))
def test_any_text_is_read(story: str) -> None:
    reading = read(story)

    assert reading.place in OURS["places"]
    assert reading.hour in OURS["hours"]


def test_the_most_telling_sentence_is_the_spoken_one_and_its_speaker_is_found() -> None:
    sentence = telling_sentence("The gate is old. “Do not touch it,” says Tobin. It rains.")

    assert sentence == "“Do not touch it,” says Tobin."
    assert speaker(sentence, ["Mira Ashdown", "Tobin Vale"]) == "Tobin Vale"
