"""The selection of a game master, in the order of the contract, and the operator's changes to it without code."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from cogs.scene_art.domain.personas import ASSETS, Personas, load_personas
from cogs.scene_art.errors import ConfigurationError

BEARER, STRANGER = "1001", "2002"
STARGAZER, LOOPMOTHER, SYNCED = "stargazer", "dark-loopmother", "synced-entity"


def select_persona(
    personas: Personas, *, game_name: str = "", dark: bool = False, crown: str | None = None
) -> str | None:
    persona = personas.select_persona(game_name=game_name, dark_flag=dark, crown_holder=crown)
    return persona.id if persona else None


@pytest.mark.parametrize(
    ("game_name", "dark", "crown", "expected"),
    [
        # In every session that is no Dark Loopmother session: Stargazer, whoever holds the crown.
        ("", False, None, STARGAZER),
        ("Lantern Keep", False, BEARER, STARGAZER),
        ("The dark loop mothers", False, BEARER, STARGAZER),
        # The game's flag marks one, and so does any of four names, in any case.
        ("Lantern Keep", True, None, LOOPMOTHER),
        ("", True, STRANGER, LOOPMOTHER),
        ("Return of the DARK LOOPMOTHER", False, None, LOOPMOTHER),
        ("loopmother II", False, STRANGER, LOOPMOTHER),
        ("The Corrupted Cartridge", False, None, LOOPMOTHER),
        ("dark_loopmother", False, None, LOOPMOTHER),
        # In such a session with a configured crown bearer, both are one.
        ("Lantern Keep", True, BEARER, SYNCED),
        ("The Corrupted Cartridge", False, BEARER, SYNCED),
    ],
)
def test_the_game_master_of_a_session(game_name: str, dark: bool, crown: str | None, expected: str) -> None:
    personas = load_personas(None, (BEARER,))
    assert select_persona(personas, game_name=game_name, dark=dark, crown=crown) == expected


def test_nobody_is_a_crown_bearer_until_the_operator_says_so() -> None:
    assert select_persona(load_personas(None, ()), dark=True, crown=BEARER) == LOOPMOTHER


def test_three_game_masters_ship_each_with_name_and_looks() -> None:
    personas = {persona.id: persona for persona in load_personas(None, ()).all}
    assert set(personas) == {STARGAZER, LOOPMOTHER, SYNCED}
    looks = {
        STARGAZER: ("grown woman", "purple-black hair", "pink spiral eyes", "indigo", "constellations", "heeled boots"),
        LOOPMOTHER: ("black-and-white striped", "red eye", "starfield", "rainbow portals", "aurora", "malevolent"),
        SYNCED: ("pink and purple striped", "golden runes", "green crystal", "tiger", "purple to teal"),
    }
    for persona_id, words in looks.items():
        description = " ".join(personas[persona_id].description.split())
        assert not [word for word in words if word not in description]
        assert personas[persona_id].picture.startswith(str(ASSETS))


@pytest.fixture
def own_file(tmp_path: Path) -> Path:
    return tmp_path / "my_personas.toml"


def write(path: Path, text: str) -> Path:
    path.write_text(dedent(text), encoding="utf-8")
    return path


def test_the_same_id_replaces_and_keeps_its_place(own_file: Path) -> None:
    write(
        own_file,
        """
        [[persona]]
        id = "stargazer"
        name = "The Watcher"
        picture = "watcher.png"
        description = "A grown man with a lantern."
        """,
    )
    personas = load_personas(own_file, (BEARER,))
    assert [persona.name for persona in personas.all][-1] == "The Watcher"
    assert personas.all[-1].picture == str(own_file.parent / "watcher.png"), "seen from the operator's file"
    assert select_persona(personas, dark=True) == LOOPMOTHER, "the replaced one is not tried before the others"
    assert select_persona(personas) == STARGAZER


def test_a_new_id_is_tried_first_and_only_where_its_conditions_hold(own_file: Path) -> None:
    write(
        own_file,
        """
        [[persona]]
        id = "captain"
        name = "The Captain"
        picture = "https://x.example/captain.png"
        description = "A grown captain."
        when = { game_name_contains = ["harbour", "TIDE"], dark_loopmother = false }
        """,
    )
    personas = load_personas(own_file, ())
    assert select_persona(personas, game_name="High tide") == "captain"
    assert select_persona(personas, game_name="High tide", dark=True) == LOOPMOTHER
    assert select_persona(personas, game_name="Lantern Keep") == STARGAZER
    assert personas.all[0].picture == "https://x.example/captain.png"


def test_the_names_of_dark_sessions_can_be_replaced(own_file: Path) -> None:
    write(own_file, 'dark_loopmother_game_names = ["Night Shift"]')
    personas = load_personas(own_file, ())
    assert select_persona(personas, game_name="the night shift") == LOOPMOTHER
    assert select_persona(personas, game_name="Loopmother") == STARGAZER


def test_a_session_may_have_no_game_master(own_file: Path) -> None:
    nobody = '[[persona]]\nid = "stargazer"\nname = "x"\ndescription = ""\nwhen = { crown_bearer = true }'
    assert select_persona(load_personas(write(own_file, nobody), ())) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[persona]\n", "my_personas.toml: "),
        ('[[persona]]\nid = "x"\ndescription = "y"', "my_personas.toml: persona.0.name: "),
        (
            '[[persona]]\nid = "x"\nname = "x"\ndescription = "y"\nwhen = { full_moon = true }',
            "my_personas.toml: persona.0.when.full_moon: ",
        ),
        ('[[persona]]\nid = "x"\nname = 5\ndescription = "y"', "my_personas.toml: persona.0.name: "),
        ('[[person]]\nid = "x"', "my_personas.toml: person: "),
    ],
)
def test_an_error_names_file_and_field(own_file: Path, text: str, problem: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        load_personas(write(own_file, text), ())
    assert error.value.detail.startswith(problem)


def test_a_file_that_is_missing_or_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    for name in ("missing.toml", "binary.toml"):
        with pytest.raises(ConfigurationError, match=name):
            load_personas(tmp_path / name, ())
