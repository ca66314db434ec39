"""Every language has everything that is said, with the same places for values, and names that Discord takes."""

from __future__ import annotations

import ast
import functools
import io
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.support import Translations

from cogs.scene_art.i18n import FILES, FORMER, LANGUAGES, LOCALES, NAME, Sentence, gettext
from cogs.scene_art.ui.command_tree import ROOTS
from tests.stage import ROOT
from tools.catalogs import commands, updated, wanted

PLACE = re.compile(r"\{\w+\}")
PLACE_NAME = re.compile(r"\{(\w+)\}")
QUOTED = re.compile(r"`([^`]+)`")
COMMAND_NAME = re.compile(r"[-_'\w]{1,32}")


# Reading all the code takes a second.
up_to_date = functools.cache(updated)


@pytest.fixture(params=LANGUAGES)
def catalog(request: pytest.FixtureRequest) -> Catalog:
    return up_to_date(request.param)


def messages(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def texts(message: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (message or "",) if isinstance(message, str | None) else tuple(message)


def places(text: str) -> set[str]:
    return set(PLACE.findall(text))


def test_everything_is_translated_in_every_form_that_the_language_has(catalog: Catalog) -> None:
    forms = {True: catalog.num_plurals, False: 1}
    wanting = [m.id for m in messages(catalog) if len([t for t in texts(m.string) if t]) != forms[m.pluralizable]]

    assert wanting == []


def test_the_values_stand_in_every_translation(catalog: Catalog) -> None:
    wrong = [m.id for m in messages(catalog) if any(places(texts(m.id)[0]) != places(told) for told in texts(m.string))]

    assert wrong == []


def test_the_values_stand_in_the_singular_and_the_plural() -> None:
    counted = [texts(message.id) for message in wanted() if message.id]

    assert [several for one, *several in counted if any(places(text) != places(one) for text in several)] == []


@pytest.mark.parametrize("locale", FILES)
@pytest.mark.parametrize("number", [0, 1, 2, 5, 11, 21, 1_000, 1_000_000])
def test_things_are_counted_as_the_catalogs_own_rule_counts(locale: str, number: int) -> None:
    catalog = up_to_date(FILES[locale])
    with io.BytesIO() as compiled:
        write_mo(compiled, catalog)
        compiled.seek(0)
        rule = Translations(compiled)
    for one, several in (texts(m.id) for m in messages(catalog) if m.pluralizable):
        nothing = dict.fromkeys(PLACE_NAME.findall(one), "")
        expected = PLACE.sub("", rule.ungettext(one, several, number))
        assert Sentence(one, nothing, several, number).translated(locale) == expected


def test_names_of_commands_and_options_are_such_as_discord_takes(catalog: Catalog) -> None:
    for message in messages(catalog):
        if message.context == NAME and message.string and str(message.id) == str(message.id).lower():
            name = str(message.string)
            assert COMMAND_NAME.fullmatch(name), name
            assert name == name.lower(), name


@pytest.mark.parametrize("locale", FILES)
def test_no_two_options_or_commands_side_by_side_are_called_the_same(locale: str) -> None:
    def check(payload: dict[str, Any]) -> None:
        inner = payload.get("options") or []
        names = [part["name_localizations"].get(locale, part["name"]) for part in inner]
        assert len(set(names)) == len(names), names
        for part in inner:
            check(part)

    for command in commands():
        check(command)


def test_descriptions_fit(catalog: Catalog) -> None:
    described = [m for m in messages(catalog) if m.string and not m.locations and len(str(m.id)) > 32]
    assert [str(m.string) for m in described if len(str(m.string)) > 100] == []


def test_every_call_is_found_by_what_collects_the_texts() -> None:
    found = {text for message in wanted() if message.id for text in texts(message.id)}
    for module in (ROOT / "cogs").rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in {"gettext", "ngettext"}
            ):
                written = node.args[: 1 + (node.func.id == "ngettext")]
                assert [ast.literal_eval(text) for text in written if ast.literal_eval(text) not in found] == [], module


def test_each_catalog_has_nothing_more() -> None:
    texts = {(message.id, message.context) for message in wanted() if message.id}
    for language in LANGUAGES:
        path = LOCALES / f"{language}.po"
        assert path.exists()
        assert {(m.id, m.context) for m in messages(up_to_date(language))} == texts


@pytest.mark.parametrize("locale", FILES)
def test_a_sentence_names_a_command_as_the_readers_menu_has_it(locale: str) -> None:
    def paths(payload: dict[str, Any], before: str) -> Iterator[str]:
        own = payload["name"]
        if own not in ROOTS:
            own = payload["name_localizations"].get(locale, own)
        yield f"{before}{own}"
        for part in payload.get("options") or []:
            yield from paths(part, f"{before}{own} ")

    known = {path for command in commands() for path in paths(command, "/")}
    options = {path.rpartition(" ")[2] for path in known}
    for message in messages(up_to_date(FILES[locale])):
        template = texts(message.id)[0]
        told = Sentence(template, dict.fromkeys(PLACE_NAME.findall(template), "")).translated(locale)
        assert {name for name in QUOTED.findall(told) if name.startswith("/")} <= known, told
        assert {name for name in QUOTED.findall(told) if "/" not in name and "." not in name} <= options, told


def test_a_command_is_named_in_german_too() -> None:
    sentence = gettext("Picture deleted. To draw this scene again, use `/scene-art rerender`.")

    assert "`/scene-art neu-malen`" in sentence.translated("de")
    assert "`/scene-art rerender`" in sentence.translated("en-GB")


@pytest.mark.parametrize("locale", FILES)
def test_a_sentence_is_told_in_each_of_discords_locales(locale: str) -> None:
    sentence = gettext("Pictures left this hour: {left} of {most}.", left=1_234, most=5_000)

    assert isinstance(sentence, Sentence)
    assert sentence.translated(locale) != sentence


def test_what_is_said_instead_of_former_sentences_is_said() -> None:
    said = {texts(message.id) for message in wanted() if message.id}
    tables = tomllib.loads(FORMER.read_text(encoding="utf-8"))
    counted = [(tuple(new), name) for name, pairs in tables["counted"].items() for new in pairs.values()]

    assert {(new,) for new in tables["texts"].values()} - said == set()
    assert {new for new, _ in counted} - said == set()
    assert not {(old,) for old in tables["texts"]} & said
    for old, new in tables["texts"].items():
        assert places(new) <= places(old)
    assert all(f"{{{name}}}" in text for new, name in counted for text in new)
