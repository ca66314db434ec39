"""What a narrative says about place, hour, weather and action: plain tables, the row hit most often wins.

To teach the painter a word, add it to a row. Words match whole, in any case; `*` at the end matches any ending.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

PLACES: Mapping[str, str] = {
    "neon city": "neon cyber* skyscraper* hologram* megacity cyberpunk arcade",
    "space": "space starship* spaceship* orbit* asteroid* galaxy nebula planet* airlock cosmos",
    "void": "void nothingness limbo loop* glitch* portal* abyss unreality",
    "tavern": "tavern* inn alehouse bar barkeep fiddler ale innkeeper hearth",
    "library": "librar* book* scroll* archive* shelves tome* scriptorium",
    "laboratory": "laborator* lab experiment* machine* alchem* flask* reactor vial*",
    "temple": "temple* shrine* altar* monaster* cathedral* chapel* priest*",
    "dungeon": "dungeon* cell* crypt* catacomb* prison* skeleton* vault* labyrinth* sewer*",
    "cave": "cave* cavern* grotto stalactite* mine* tunnel* lair underground",
    "castle": "castle* throne* palace* keep tower* fortress* rampart* battlement* court",
    "village": "village* hamlet farm* cottage* barn* mill chimney*",
    "city": "city cities street* alley* market* square rooftop* town plaza harbour harbor",
    "ship": "ship* deck mast* sail* captain crew galleon rigging helm",
    "sea": "sea ocean* wave* beach* shore* coast* island* tide* reef underwater lake river",
    "desert": "desert* dune* sand oasis camel* pyramid*",
    "snow": "snow* ice icy glacier* frozen tundra blizzard frost*",
    "mountains": "mountain* cliff* peak* ridge* summit canyon* gorge pass",
    "swamp": "swamp* marsh* bog* mire* bayou reeds",
    "forest": "forest* tree* wood* grove* jungle glade* roots leaves clearing",
}
HOURS: Mapping[str, str] = {
    "night": "night midnight moon* star* dark darkness lantern* torch*",
    "dusk": "dusk sunset evening twilight",
    "dawn": "dawn sunrise daybreak morning",
    "day": "day noon midday sun sunny daylight afternoon",
}
WEATHERS: Mapping[str, str] = {
    "rain": "rain* storm* thunder* lightning downpour drizzle",
    "snow": "snow* blizzard flurry flakes",
    "fog": "fog* mist* haze smoke*",
}
ACTIONS: Mapping[str, str] = {
    "battle": "battle* fight* attack* sword* strike* swing* slash* hammer* arrow* blood enemy enemies clash*",
    "magic": "magic* spell* rune* cast* wand* glow* fire enchant* summon* portal* flame*",
    "discovery": "find* found discover* chest* treasure* reveal* secret* door*",
    "rest": "rest* sleep* camp* bread meal share* quiet* calm",
    "travel": "road* walk* ride* journey* climb* travel* path* march*",
    "talk": "say* said whisper* ask* answer* tell* laugh* shout*",
}

_WEIGHTS: Mapping[str, int] = {"neon city": 2, "space": 2}
"""Rows whose words tell more than those of their neighbours: a neon city is a city too."""

INDOORS = frozenset({"tavern", "library", "laboratory", "temple", "dungeon", "cave", "void"})
"""Places without a sky."""
_DARK_BY_NATURE = frozenset({"dungeon", "cave", "void", "space", "neon city"})
QUOTES = '\u201c\u201d\u201e"«»'
_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)


@dataclass(frozen=True)
class Reading:
    """What was understood of a scene."""

    place: str
    hour: str
    weather: str
    action: str


def read(story: str, game_name: str = "") -> Reading:
    """Place, hour, weather and action of `story`, each with a fitting default where nothing is said."""
    words = [word.casefold() for word in _WORD.findall(story)]
    place = _best(PLACES, words) or _best(PLACES, [w.casefold() for w in _WORD.findall(game_name)]) or "forest"
    hour = _best(HOURS, words) or ("night" if place in _DARK_BY_NATURE else "day")
    weather = "" if place in INDOORS or place == "space" else _best(WEATHERS, words)
    if not weather and place == "snow":
        weather = "snow"
    return Reading(place, hour, weather, _best(ACTIONS, words) or "talk")


def _best(table: Mapping[str, str], words: list[str]) -> str:
    """The row with most hits; of equals the one that is named last: people arrive there."""
    hits: dict[str, tuple[int, int]] = {}
    for row, pattern in _patterns(tuple(table.items())):
        found = [at for at, word in enumerate(words) if pattern.fullmatch(word)]
        if found:
            hits[row] = (len(found) * _WEIGHTS.get(row, 1), found[-1])
    return max(hits, key=hits.__getitem__, default="")


@lru_cache(maxsize=8)
def _patterns(rows: tuple[tuple[str, str], ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((row, re.compile("|".join(w.replace("*", r"\w*") for w in words.split()))) for row, words in rows)


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
    low = sentence.casefold()
    whole = (name for name in names if name.casefold() in low)
    first = (name for name in names if len(name.split()[0]) > 2 and name.split()[0].casefold() in low)
    return next(whole, "") or next(first, "")
