"""Texts for people: written in English in the code, and translated into the reader's language.

A sentence is a template with places for values, as in gettext; the catalogs in `assets/locales` hold the same templates
in other languages; `tests/test_catalogs.py` checks that each has all of them.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from .text import one_line

LOCALES = Path(__file__).parent / "assets" / "locales"
FORMER = LOCALES.parent / "former_sentences.toml"
"""Templates of the previous release whose wording has changed since."""
ENGLISH = "en-US"
LONGEST_TEMPLATE, MOST_VALUES = 1_000, 20
NAME = "command name"
"""The context of the names of commands and options in the catalogs: they follow Discord's rules."""
_PLACE = re.compile(r"\{(\w+)\}")
_NAMES = re.compile(r"`(/scene-art(?:-mod)? )?([a-z0-9_]+(?: [a-z0-9_]+)*)`")
"""A command or an option, as templates name them."""
_PLURALS = ("zero", "one", "two", "few", "many", "other")
"""The order in which a catalog has the forms that a language knows."""
_SMALL = 0.1
"""A smaller amount of dollars is written with a third digit, unless that is zero."""

Value = str | int | float


class Dollars(float):
    """An amount of money, formatted as in the reader's language."""

    __slots__ = ()


class Sentence(str):
    """A text for people: a str with the English wording, which keeps its template and values."""

    __slots__ = ("number", "plural", "template", "values")

    template: str
    """The template; of one thing, if the sentence counts things."""
    values: Mapping[str, Value]
    plural: str
    """The template of several things; empty where nothing is counted."""
    number: int
    """The number of things; it chooses the plural form."""

    def __new__(
        cls, template: str, values: Mapping[str, Value] | None = None, plural: str = "", number: int = 1
    ) -> Self:
        """`template` has `{name}` in the place of each value. Values are put on one line, and may be sentences.

        With a `plural`, `template` is for one thing, and `number` says how many there are.

        Raises:
            KeyError: a value is missing.
        """
        given = {name: _tidied(value) for name, value in (values or {}).items()}
        fitting = plural if plural and number != 1 else template
        self = super().__new__(cls, _filled(fitting, given, ENGLISH) if given else fitting)
        self.template, self.values, self.plural, self.number = template, given, plural, number
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.template, dict(self.values), self.plural, self.number))

    def translated(self, locale: str) -> str:
        """Translate it into the language of a Discord locale such as `de`; English where there is no translation.

        Commands and options in it, such as `/scene-art draw`, get the names of the reader's menu.
        """
        forms = () if locale == ENGLISH else _catalog(locale).get(self.template, ())
        english = self.plural if self.plural and self.number != 1 else self.template
        template = _with_local_names(_form(forms, self.number, locale), locale) if forms else english
        return _filled(template, self.values, locale) if self.values else template

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Store it in records as `to_wire` does. A plain text, as older versions wrote it, is read, too."""
        return core_schema.no_info_plain_validator_function(
            cls._validated, serialization=core_schema.plain_serializer_function_ser_schema(cls.to_wire)
        )

    @classmethod
    def _validated(cls, given: object) -> Sentence:
        if isinstance(given, Sentence):
            return given
        sentence = cls.from_wire({"template": given, "values": {}}) if isinstance(given, str) else cls.from_wire(given)
        if sentence is None:
            raise ValueError("no sentence")
        return sentence

    def to_wire(self) -> dict[str, object]:
        """Convert it to JSON-ready values; the inverse of `from_wire`. `text` is for people who read a record."""
        values = {name: _wired(value) for name, value in self.values.items()}
        counted = {"plural": self.plural, "number": self.number} if self.plural else {}
        return {"text": str(self), "template": self.template, "values": values, **counted}

    @classmethod
    def from_wire(cls, wired: object) -> Sentence | None:
        """Rebuild a sentence that `to_wire` converted, in today's wording; None for anything else."""
        match wired:
            case {"template": str(template), "values": dict(values)} if (
                len(template) <= LONGEST_TEMPLATE and len(values) <= MOST_VALUES
            ):
                try:
                    given = {str(name): _unwired(value) for name, value in values.items()}
                    renewed = _renewed(one_line(template), given)
                    return renewed or cls(one_line(template), given, *_counted(wired))
                except (KeyError, ValueError):
                    return None
        return None


def gettext(template: str, /, **values: Value) -> Sentence:
    """Make a sentence for people. Extraction finds templates by this name, so `template` must be a literal."""
    return Sentence(template, values)


def ngettext(template: str, plural: str, number: int, /, **values: Value) -> Sentence:
    """Make a sentence that counts things: `template` for one and `plural` for several, both literals."""
    return Sentence(template, values, plural, number)


def listed(sentences: Sequence[Sentence]) -> Sentence:
    """Join `sentences` with commas."""
    places = ", ".join(f"{{{number}}}" for number in range(len(sentences)))
    return Sentence(places, {str(number): sentence for number, sentence in enumerate(sentences)})


def translate(text: str, locale: str) -> str:
    """Translate `text` into the language of `locale`, if it is a sentence with a translation."""
    return text.translated(locale) if isinstance(text, Sentence) else text


def translations(template: str, context: str | None = None) -> dict[str, str]:
    """Look `template` up in all catalogs, and return the translations found, by Discord's names of locales."""
    found = ((locale, _catalog(locale, context).get(template)) for locale in FILES)
    return {locale: forms[0] for locale, forms in found if forms}


FILES = {"de": "de", "fr": "fr", "es-ES": "es", "es-419": "es", "pt-BR": "pt_BR", "ja": "ja"}
"""Catalogs by Discord's locales: the list of languages that people are answered in, besides English.

The languages in which stories are read have tables of their own: `assets/words/` and `domain/dialogue.py`.
The demo's page offers languages of its own list: `sandbox/accounts.py`.
"""
LANGUAGES = tuple(dict.fromkeys(FILES.values()))
"""The catalogs, by their names."""


@functools.cache
def _catalog(locale: str, context: str | None = None) -> Mapping[str, tuple[str, ...]]:
    """Read the translations for `locale` in their plural forms, by template; empty without a catalog. Cached."""
    if locale not in FILES:
        return {}
    return {
        _texts(message.id)[0]: _texts(message.string)
        for message in _read(LOCALES / f"{FILES[locale]}.po")
        if message.id and all(_texts(message.string)) and not message.fuzzy and message.context == context
    }


@functools.cache
def _read(path: Path) -> Catalog:
    with path.open("rb") as opened:
        return read_po(opened, locale=path.stem, charset="utf-8")


def _texts(message: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (message or "",) if isinstance(message, str | None) else tuple(message)


def _form(forms: Sequence[str], number: int, locale: str) -> str:
    """Choose the one of `forms` for `number` in the language of `locale`, by the rules of CLDR."""
    rule = _babel(locale).plural_form
    known = [tag for tag in _PLURALS if tag in rule.tags or tag == "other"]
    return forms[min(known.index(rule(number)), len(forms) - 1)]


def _with_local_names(template: str, locale: str) -> str:
    names = _catalog(locale, NAME)

    def named(place: re.Match[str]) -> str:
        words = " ".join(names.get(word, (word,))[0] for word in place[2].split(" "))
        return f"`{place[1] or ''}{words}`"

    return _NAMES.sub(named, template)


def _filled(template: str, values: Mapping[str, Value], locale: str) -> str:
    # Not `str.format`: what comes back from Redis may hold a template that nobody here wrote.
    return _PLACE.sub(lambda place: _written(values[place[1]], locale), template)


def _written(value: Value, locale: str) -> str:
    if isinstance(value, Sentence):
        return value.translated(locale)
    if isinstance(value, str):
        return value
    if isinstance(value, Dollars):
        digits = 3 if value < _SMALL and round(value, 3) != round(value, 2) else 2
        language = _babel(locale)
        pattern = re.sub(r"0\.0+", f"0.{'0' * digits}", language.currency_formats["standard"].pattern)
        return str(format_currency(round(value, digits), "USD", pattern, locale=language, currency_digits=False))
    return str(format_decimal(value, locale=_babel(locale)))


@functools.cache
def _babel(locale: str) -> Locale:
    try:
        return Locale.parse(locale.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return Locale.parse("en_US")


def _tidied(value: Value) -> Value:
    return one_line(value) if isinstance(value, str) and not isinstance(value, Sentence) else value


@functools.cache
def _former() -> Mapping[str, tuple[str, str, str]]:
    """Templates of the release before, each with those of today and the value that they count by."""
    with FORMER.open("rb") as opened:
        tables = tomllib.load(opened)
    texts = {old: (new, "", "") for old, new in tables["texts"].items()}
    return texts | {old: (*new, counted) for counted, pairs in tables["counted"].items() for old, new in pairs.items()}


def _renewed(template: str, values: Mapping[str, Value]) -> Sentence | None:
    if template not in _former():
        return None
    one, several, counted = _former()[template]
    number = values.get(counted)
    return Sentence(one, values, several, number if isinstance(number, int) else 1)


def _counted(wired: object) -> tuple[str, int]:
    match wired:
        case {"plural": str(plural), "number": int(number)} if len(plural) <= LONGEST_TEMPLATE:
            return one_line(plural), number
    return "", 1


def _wired(value: Value) -> object:
    if isinstance(value, Sentence):
        return {"say": value.to_wire()}
    return {"dollars": float(value)} if isinstance(value, Dollars) else value


def _unwired(value: Any) -> Value:
    match value:
        case {"say": inner}:
            return Sentence.from_wire(inner) or ""
        case {"dollars": int() | float() as amount}:
            return Dollars(amount)
        case str() | int() | float():
            return value
    raise ValueError("no value of a sentence")
