"""Features of a narrative: every row by its own words, the operator's words on top, a default for the rest."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.errors import ConfigurationError
from cogs.scene_art.painters.words import KINDS, TABLES, Reading, tables

LANGUAGES = {file.stem: tomllib.loads(file.read_text("utf-8")) for file in TABLES.glob("*.toml")}
OURS = LANGUAGES["en"]


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
    file.write_text('[places]\nforest = "wald* bäume"\ncastle = "harrowgate"\n[foes]\ndragon = "drache*"\n', "utf-8")

    words = tables(file)

    assert words.read("They come to Harrowgate.").place == "castle"
    reading = words.read("Ein Drache im WALD, unter den Bäumen.")
    assert (reading.place, reading.foes) == ("forest", ("dragon",))
    assert words.read("The dragon of the castle.").foes == ("dragon",), "ours still hold"


@pytest.mark.parametrize(
    "content",
    [
        "[places",
        "places = 1",
        '[colours]\nred = "rose"',
        "[places]\nforest = 3",
        '[places.x]\ny = "z"',
        '[places]\nmoon = "mond"',
    ],
)
def test_a_file_that_is_none_is_told(tmp_path: Path, content: str) -> None:
    file = tmp_path / "words.toml"
    file.write_text(content)

    with pytest.raises(ConfigurationError, match=r"words\.toml"):
        tables(file)
    with pytest.raises(ConfigurationError, match="nowhere"):
        tables(tmp_path / "nowhere.toml")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_rows_and_is_told_by_its_common_words(language: str) -> None:
    words = LANGUAGES[language]

    assert {kind: set(rows) for kind, rows in words.items()} == {kind: set(rows) for kind, rows in OURS.items()}
    for place, row in words["places"].items():
        told = f"{words['language']['common']} {row.split()[0]}".replace("*", "")
        assert read(told).place == place, row


@pytest.mark.parametrize(
    ("story", "seen"),
    [
        ("Die Nacht liegt über der Burg. Ein Drache greift an!", ("castle", "night", "battle", "dragon")),
        ("À l'aube, le pont du navire est vide. Un loup attaque !", ("ship", "dawn", "battle", "wolf")),
        ("El esqueleto ataca en la mazmorra a medianoche.", ("dungeon", "night", "battle", "skeleton")),
        ("Ao anoitecer o dragão ataca a aldeia na floresta da aldeia.", ("village", "dusk", "battle", "dragon")),
        ("夜の森で、ミラは狼と戦う。", ("forest", "night", "battle", "wolf")),
    ],
)
def test_a_story_is_read_in_its_own_language(story: str, seen: tuple[str, str, str, str]) -> None:
    reading = read(story)

    assert (reading.place, reading.hour, reading.action, reading.foes) == (*seen[:3], (seen[3],))


def test_who_speaks_of_a_place_is_not_there() -> None:
    assert read("“Back to the castle! To the castle at dawn!” says Mira in the tavern, at night.") == Reading(
        "tavern", "night", "", "talk"
    )
    assert read("“A wolf!” shouts Mira.").foes == ("wolf",), "what nobody else tells is believed"


def test_names_are_no_words() -> None:
    story = "Captain Storm and Wolf walk to the village. Storm laughs."

    assert tables().read(story, names=["Captain Storm", "Wolf"]).weather == ""
    assert tables().read(story, names=["Captain Storm", "Wolf"]).foes == ()
    assert tables().read(story).weather == "storm"


@pytest.mark.parametrize(
    ("story", "place"),
    [
        ("The master of the inn", "tavern"),
        ("They wander through the desert", "desert"),
        ("Keep the wooden door of the temple shut", "temple"),
        ("Mira waves goodbye in the village", "village"),
    ],
)
def test_words_that_only_begin_alike_are_not_mistaken(story: str, place: str) -> None:
    assert (read(story).place, read(story).action) == (place, "talk")


def test_the_table_has_what_the_painter_knows_and_nothing_else() -> None:
    from cogs.scene_art.painters.storyboard import foes, props  # Pillow is not needed above
    from cogs.scene_art.painters.storyboard.places import DRAWN

    assert set(OURS) == {"language", *KINDS}
    assert set(OURS["places"]) == set(DRAWN)
    assert set(OURS["foes"]) == foes.KNOWN
    assert set(OURS["things"]) == props.KNOWN


@given(st.text(max_size=400))
def test_any_text_is_read(story: str) -> None:
    reading = read(story)

    assert reading.place in OURS["places"]
    assert reading.hour in OURS["hours"]
