"""Texts for people: written in English in the code, and translated into the reader's language.

A sentence is a template with places for values, as in gettext. The catalogs in `assets/locales` hold the same templates
in other languages; `tests/test_catalogs.py` checks that each has all of them.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
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
ENGLISH = "en-US"
LONGEST_TEMPLATE, MOST_VALUES = 1_000, 20
_PLACE = re.compile(r"\{(\w+)\}")
_SMALL = 0.1
"""A smaller amount of dollars is written with a third digit, unless that is zero."""

Value = str | int | float


class Dollars(float):
    """An amount of money, formatted as in the reader's language."""

    __slots__ = ()


class Sentence(str):
    """A text for people: a str with the English wording, which keeps its template and values."""

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, Value]

    def __new__(cls, template: str, values: Mapping[str, Value] | None = None) -> Self:
        """`template` has `{name}` in the place of each value. Values are put on one line, and may be sentences.

        Raises:
            KeyError: a value is missing.
        """
        given = {name: _tidied(value) for name, value in (values or {}).items()}
        self = super().__new__(cls, _filled(template, given, ENGLISH) if given else template)
        self.template, self.values = template, given
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.template, dict(self.values)))

    def told_in(self, locale: str) -> str:
        """Translate it into the language of a Discord locale such as `de`; English where there is no translation."""
        template = _catalog(locale).get(self.template, self.template) if locale != ENGLISH else self.template
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
        sentence = cls(given) if isinstance(given, str) else cls.from_wire(given)
        if sentence is None:
            raise ValueError("no sentence")
        return sentence

    def to_wire(self) -> dict[str, object]:
        """Convert it to JSON-ready values; the inverse of `from_wire`. `text` is for people who read a record."""
        values = {name: _wired(value) for name, value in self.values.items()}
        return {"text": str(self), "template": self.template, "values": values}

    @classmethod
    def from_wire(cls, wired: object) -> Sentence | None:
        """Rebuild a sentence that `to_wire` converted; None for anything else."""
        match wired:
            case {"template": str(template), "values": dict(values)} if (
                len(template) <= LONGEST_TEMPLATE and len(values) <= MOST_VALUES
            ):
                try:
                    return cls(one_line(template), {str(name): _unwired(value) for name, value in values.items()})
                except (KeyError, ValueError):
                    return None
        return None


def gettext(template: str, /, **values: Value) -> Sentence:
    """Make a sentence for people. Extraction finds templates by this name, so `template` must be a literal."""
    return Sentence(template, values)


def told(text: str, locale: str) -> str:
    """Translate `text` into the language of `locale`, if it is a sentence with a translation."""
    return text.told_in(locale) if isinstance(text, Sentence) else text


def translations(template: str, context: str | None = None) -> dict[str, str]:
    """Look `template` up in all catalogs, and return the translations found, by Discord's names of locales."""
    found = ((locale, _catalog(locale, context).get(template)) for locale in FILES)
    return {locale: text for locale, text in found if text}


FILES = {"de": "de", "fr": "fr", "es-ES": "es", "es-419": "es", "pt-BR": "pt_BR", "ja": "ja"}
"""Catalogs by Discord's locales."""


@functools.cache
def _catalog(locale: str, context: str | None = None) -> Mapping[str, str]:
    """Read the translations for `locale`, by template, once per process; empty for a locale without a catalog."""
    name = FILES.get(locale)
    path = LOCALES / f"{name}.po"
    if name is None or not path.exists():
        return {}
    return {
        _text(message.id): _text(message.string)
        for message in _read(path)
        if message.id and message.string and not message.fuzzy and message.context == context
    }


@functools.cache
def _read(path: Path) -> Catalog:
    with path.open("rb") as opened:
        return read_po(opened, locale=path.stem, charset="utf-8")


def _text(message: str | list[str] | tuple[str, ...]) -> str:
    return message if isinstance(message, str) else message[0]


def _filled(template: str, values: Mapping[str, Value], locale: str) -> str:
    # Not `str.format`: what comes back from Redis may hold a template that nobody here wrote.
    return _PLACE.sub(lambda place: _written(values[place[1]], locale), template)


def _written(value: Value, locale: str) -> str:
    if isinstance(value, Sentence):
        return value.told_in(locale)
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
        case str():
            return value
        case int() | float():
            return value
    raise ValueError("no value of a sentence")
