"""Recognizes place, hour, weather, mood and action in a narrative, by the word tables of `assets/words`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ..data_files import read_toml
from ..domain.dialogue import narration, without_names
from ..errors import ConfigurationError

TABLES = Path(__file__).parents[1] / "assets" / "words"
KINDS = ("places", "hours", "weathers", "moods", "actions", "foes", "things")
MOST_SEEN = 3
"""Most foes, and most things, of a narrative that are drawn."""

_WEIGHTS: Mapping[str, int] = {"neon city": 2, "space": 2, "death": 2, "battle": 2, "storm": 2}
"""Rows whose words count more than those of similar rows: a neon city is a city, too."""
INDOORS = frozenset({"space", "tavern", "library", "laboratory", "temple", "dungeon", "cave", "void"})
"""Places without a sky of the hour."""
_DARK_BY_NATURE = frozenset({"dungeon", "cave", "void", "space", "neon city"})
_PEACEFUL = frozenset({"whale"})
_NEVER = re.compile("(?!)")
_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)
_Words = Mapping[str, Mapping[str, str]]
"""A file's tables: the words of each row, by kind and row."""


@dataclass(frozen=True)
class Reading:
    """The recognized features of a scene, by the names of their rows."""

    place: str
    hour: str
    weather: str
    action: str
    mood: str = ""
    foes: tuple[str, ...] = ()
    things: tuple[str, ...] = ()


class Tables:
    """The word tables of all languages."""

    def __init__(self, languages: Sequence[_Words]) -> None:
        """The first of `languages` is used where several fit equally well."""
        self._languages = [_Language(words) for words in languages]

    def read(self, story: str, game_name: str = "", names: Sequence[str] = ()) -> Reading:
        """Recognize the features of `story`, with fitting defaults where it says nothing.

        Quoted speech counts only where the narration says nothing, since people who speak of a castle need not be in
        it. The `names` of the cast do not count as words.
        """
        told = without_names(story, names)
        everything, calm = _words(told), _words(narration(told))
        language = max(self._languages, key=lambda one: one.fits(everything))
        return language.read(calm, everything, _words(game_name))


class _Language:
    """The rows of one language."""

    def __init__(self, words: _Words) -> None:
        self._common = _pattern(words.get("language", {}).get("common", ""))
        self._rows = {kind: {row: _pattern(theirs) for row, theirs in words.get(kind, {}).items()} for kind in KINDS}

    def fits(self, words: list[str]) -> int:
        """Count those of `words` that are common in this language."""
        return sum(1 for word in words if self._common.fullmatch(word))

    def read(self, calm: list[str], everything: list[str], game_name: list[str]) -> Reading:
        """Recognize features in `calm`, the words of the narration, and in `everything`, with quoted speech."""
        place = self._either("places", calm, everything) or self._best("places", game_name) or "forest"
        hour = self._either("hours", calm, everything) or ("night" if place in _DARK_BY_NATURE else "day")
        weather = "" if place in INDOORS else self._either("weathers", calm, everything)
        foes = self._seen("foes", calm) or self._seen("foes", everything)
        return Reading(
            place=place,
            hour=hour,
            weather="snow" if place == "snow" and not weather else weather,
            action=self._best("actions", everything) or ("battle" if set(foes) - _PEACEFUL else "talk"),
            mood=self._best("moods", everything),
            foes=foes,
            things=self._seen("things", calm) or self._seen("things", everything),
        )

    def _either(self, kind: str, calm: list[str], everything: list[str]) -> str:
        return self._best(kind, calm) or self._best(kind, everything)

    def _best(self, kind: str, words: list[str]) -> str:
        """Return the row with most hits; of equal ones the last in the text, since people arrive there."""
        hits = self._hits(kind, words)
        return max(hits, key=lambda row: (len(hits[row]) * _WEIGHTS.get(row, 1), hits[row][-1]), default="")

    def _seen(self, kind: str, words: list[str]) -> tuple[str, ...]:
        """Return the rows with hits, at most `MOST_SEEN`, in the order of the story."""
        hits = self._hits(kind, words)
        return tuple(sorted(hits, key=lambda row: hits[row][0])[:MOST_SEEN])

    def _hits(self, kind: str, words: list[str]) -> dict[str, list[int]]:
        """Find the rows of which `words` has any, each with their indexes."""
        found = {
            row: [at for at, word in enumerate(words) if pattern.fullmatch(word)]
            for row, pattern in self._rows[kind].items()
        }
        return {row: indexes for row, indexes in found.items() if indexes}


def tables(extra: Path | None = None) -> Tables:
    """Load our tables, with the rows of the operator's own file added in every language.

    Raises:
        ConfigurationError: the file cannot be read, or has an unknown table or row.
    """
    if extra is None:
        return Tables(_own())
    theirs = _loaded(extra)
    english = _own()[0]
    for kind, rows in theirs.items():
        if kind not in KINDS:
            raise ConfigurationError(f"{extra.name}: there is no table [{kind}], only {', '.join(KINDS)}")
        if strange := rows.keys() - english[kind].keys():
            raise ConfigurationError(f"{extra.name}: [{kind}] knows no {min(strange)}, only {', '.join(english[kind])}")
    return Tables([_joined(ours, theirs) for ours in _own()])


@lru_cache(maxsize=1)
def _own() -> tuple[_Words, ...]:
    """Load our own tables, English first."""
    files = sorted(TABLES.glob("*.toml"), key=lambda path: (path.stem != "en", path.stem))
    return tuple(_loaded(path) for path in files)


def _loaded(path: Path) -> Mapping[str, Mapping[str, str]]:
    found = read_toml(path)
    for kind, rows in found.items():
        if not isinstance(rows, dict) or not all(isinstance(row, str) for row in rows.values()):
            raise ConfigurationError(f"{path.name}: [{kind}] must be a table with a text of words in each row")
    return found


def _joined(ours: _Words, theirs: _Words) -> _Words:
    return {kind: _both(rows, theirs.get(kind, {})) for kind, rows in ours.items()}


def _both(rows: Mapping[str, str], more: Mapping[str, str]) -> Mapping[str, str]:
    return {row: f"{rows.get(row, '')} {more.get(row, '')}" for row in (*rows, *more)}


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _pattern(words: str) -> re.Pattern[str]:
    alternatives = [re.escape(word.casefold()).replace(r"\*", r"\w*") for word in words.split()]
    return re.compile("|".join(alternatives)) if alternatives else _NEVER
