"""What a narrative says about place, hour, weather, mood and action, by the plain tables of `assets/words.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ..errors import ConfigurationError

TABLES = Path(__file__).parents[1] / "assets" / "words.toml"
LARGEST_FILE = 256 * 1024
KINDS = ("places", "hours", "weathers", "moods", "actions", "foes", "things")
MOST_SEEN = 3
"""So many foes and so many things of a narrative are drawn."""

_WEIGHTS: Mapping[str, int] = {"neon city": 2, "space": 2, "death": 2, "battle": 2, "storm": 2}
"""Rows whose words tell more than those of their neighbours: a neon city is a city too."""
INDOORS = frozenset({"space", "tavern", "library", "laboratory", "temple", "dungeon", "cave", "void"})
"""Places without a sky of the hour."""
_DARK_BY_NATURE = frozenset({"dungeon", "cave", "void", "space", "neon city"})
QUOTES = '\u201c\u201d\u201e"«»'
_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)
_Rows = tuple[tuple[str, re.Pattern[str]], ...]


@dataclass(frozen=True)
class Reading:
    """What was understood of a scene."""

    place: str
    hour: str
    weather: str
    action: str
    mood: str = ""
    foes: tuple[str, ...] = ()
    things: tuple[str, ...] = ()


class Tables:
    """The rows by which narratives are read."""

    def __init__(self, rows: Mapping[str, Mapping[str, str]]) -> None:
        self._rows: dict[str, _Rows] = {kind: _patterns(rows.get(kind, {})) for kind in KINDS}

    def read(self, story: str, game_name: str = "") -> Reading:
        """What `story` tells, each with a fitting default where nothing is said."""
        words = _words(story)
        place = self._best("places", words) or self._best("places", _words(game_name)) or "forest"
        hour = self._best("hours", words) or ("night" if place in _DARK_BY_NATURE else "day")
        weather = "" if place in INDOORS else self._best("weathers", words)
        if not weather and place == "snow":
            weather = "snow"
        return Reading(
            place=place,
            hour=hour,
            weather=weather,
            action=self._best("actions", words) or "talk",
            mood=self._best("moods", words),
            foes=self._seen("foes", words),
            things=self._seen("things", words),
        )

    def _best(self, kind: str, words: list[str]) -> str:
        """The row with most hits; of equals the one that is named last: people arrive there."""
        hits: dict[str, tuple[int, int]] = {}
        for row, pattern in self._rows[kind]:
            found = [at for at, word in enumerate(words) if pattern.fullmatch(word)]
            if found:
                hits[row] = (len(found) * _WEIGHTS.get(row, 1), found[-1])
        return max(hits, key=hits.__getitem__, default="")

    def _seen(self, kind: str, words: list[str]) -> tuple[str, ...]:
        """Every row that is hit, in the order of the story."""
        first: dict[str, int] = {}
        for row, pattern in self._rows[kind]:
            at = next((at for at, word in enumerate(words) if pattern.fullmatch(word)), None)
            if at is not None:
                first[row] = at
        return tuple(sorted(first, key=first.__getitem__)[:MOST_SEEN])


def tables(extra: Path | None = None) -> Tables:
    """Our tables, with the rows of the operator's own file added.

    Raises:
        ConfigurationError: the file cannot be read, or holds something else than rows of words.
    """
    return Tables(_own() if extra is None else _joined(_own(), _loaded(extra)))


@lru_cache(maxsize=1)
def _own() -> Mapping[str, Mapping[str, str]]:
    return _loaded(TABLES)


def _loaded(path: Path) -> Mapping[str, Mapping[str, str]]:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ConfigurationError(f"{path} is larger than {LARGEST_FILE // 1024} KB")
        found = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as exc:
        raise ConfigurationError(f"{path} cannot be read as a file of words: {exc}") from None
    for kind, rows in found.items():
        if kind not in KINDS or not isinstance(rows, dict) or not all(isinstance(row, str) for row in rows.values()):
            raise ConfigurationError(f"{path}: [{kind}] must be one of {', '.join(KINDS)}, with a text in each row")
    return found


def _joined(
    ours: Mapping[str, Mapping[str, str]], theirs: Mapping[str, Mapping[str, str]]
) -> Mapping[str, Mapping[str, str]]:
    """New rows come to nothing where nothing draws them, so that only known ones are added to."""
    return {
        kind: {row: f"{words} {theirs.get(kind, {}).get(row, '')}" for row, words in ours[kind].items()}
        for kind in KINDS
    }


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _patterns(rows: Mapping[str, str]) -> _Rows:
    return tuple(
        (row, re.compile("|".join(re.escape(w.casefold()).replace(r"\*", r"\w*") for w in words.split()) or "(?!)"))
        for row, words in rows.items()
    )


# Who says what


def telling_sentence(story: str) -> str:
    """The sentence that says most: something spoken if there is any, else the longest of the last three."""
    sentences = [s.strip() for s in re.split(r"(?<=[.!?…])\s+|\n+", story) if s.strip()]
    if not sentences:
        return story.strip()
    spoken = [s for s in sentences if any(mark in s for mark in QUOTES)]
    return max(spoken or sentences[-3:], key=len)


def speaker(sentence: str, names: list[str]) -> str:
    """Who says `sentence`: the cast's name that stands in it, in whole or by its first word.

    Empty when nobody of the cast is named, or nothing is said aloud.
    """
    if not any(mark in sentence for mark in QUOTES):
        return ""
    return named(sentence, names)


def named(sentence: str, names: list[str]) -> str:
    """The first of the cast's names that stands in `sentence`, in whole or by its first word; or nothing."""
    low = sentence.casefold()
    whole = (name for name in names if name.casefold() in low)
    first = (name for name in names if len(name.split()[0]) > 2 and name.split()[0].casefold() in low)
    return next(whole, "") or next(first, "")
