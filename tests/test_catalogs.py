"""Every language has everything that is said, with the same places for values, and names that Discord takes."""

from __future__ import annotations

import functools
import re
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message

from cogs.scene_art.i18n import FILES, LOCALES, Sentence, gettext
from cogs.scene_art.ui.localization import NAME
from tools.catalogs import LANGUAGES, commands, updated, wanted

PLACE = re.compile(r"\{\w+\}")
COMMAND_NAME = re.compile(r"[-_'\w]{1,32}")


# Reading all the code takes a second.
up_to_date = functools.cache(updated)


@pytest.fixture(params=LANGUAGES)
def catalog(request: pytest.FixtureRequest) -> Catalog:
    return up_to_date(request.param)


def messages(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def test_everything_is_translated(catalog: Catalog) -> None:
    assert [message.id for message in messages(catalog) if not message.string] == []


def test_the_values_stand_in_every_translation(catalog: Catalog) -> None:
    wrong = [
        message.id
        for message in messages(catalog)
        if sorted(PLACE.findall(str(message.id))) != sorted(PLACE.findall(str(message.string or message.id)))
    ]
    assert wrong == []


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


def test_each_catalog_has_nothing_more() -> None:
    texts = {(message.id, message.context) for message in wanted() if message.id}
    for language in LANGUAGES:
        path = LOCALES / f"{language}.po"
        assert path.exists()
        assert {(m.id, m.context) for m in messages(up_to_date(language))} == texts


@pytest.mark.parametrize("locale", FILES)
def test_a_sentence_is_told_in_each_of_discords_locales(locale: str) -> None:
    sentence = gettext("You have {left} of {most} pictures left within the hour.", left=1_234, most=5_000)

    assert isinstance(sentence, Sentence)
    assert sentence.told_in(locale) != sentence
