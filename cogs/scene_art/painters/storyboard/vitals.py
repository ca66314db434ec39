"""Numbers in a narrative: health and magic of characters, and the effect of a blow."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ...domain.dialogue import mentions, named

_WHOLE = r"\d{1,3}(?:[,.']\d{3})+|\d{1,9}"
_NUMBER = rf"([-\u2212]?(?:{_WHOLE}))\s*(?:/|of|von|sur|de)\s*({_WHOLE})(?!\d)"
_MARKUP = re.compile(r"[*_`~]+")
_HEALTH = r"(?:HP|health|hit points|life|PV|TP|LP)"
_MAGIC = r"(?:MP|mana|magic|magic points|PM|SP)"
_VITALS = {
    kind: (
        re.compile(rf"\b{word}\b[^\w\u2212-]{{0,3}}{_NUMBER}", re.IGNORECASE),
        re.compile(rf"(?<![\d/]){_NUMBER}\s*{word}\b", re.IGNORECASE),
    )
    for kind, word in (("health", _HEALTH), ("magic", _MAGIC))
}
"""Patterns with the word before its numbers are tried first: in "HP 18/30 MP 4/10" both words are near the 18."""
_SUFFERED = (
    re.compile(r"\b(?:takes?|took|suffers?|suffered|loses?|lost)\s+[-\u2212]?(\d{1,5})\s+(?:points? of )?"
               r"(?:\w+\s+)?(?:damage|HP|hit points|health)\b", re.IGNORECASE),
    re.compile(r"(?<![\w-])-(\d{1,5})\s*HP\b", re.IGNORECASE),
)  # fmt: skip
_DEALT = (
    re.compile(r"\b(?:deals?|dealt|for)\s+(\d{1,5})\s+(?:points? of )?(?:\w+\s+)?(?:HP|hit points|health)\b",
               re.IGNORECASE),
    re.compile(r"\b(\d{1,5})\s+(?:points? of )?(?:\w+\s+)?damage\b", re.IGNORECASE),
)  # fmt: skip
_SENTENCE_END = re.compile(r"\n|[.!?…;]\s")
_HEALED = re.compile(
    r"\b(?:heals?|healed|restores?|restored|gains?|gained)\s+(?:\w+\s+)?(?:for\s+)?(\d{1,5})\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Vitals:
    """Values of a character as (now, most); None where the narrative names none."""

    health: tuple[int, int] | None = None
    magic: tuple[int, int] | None = None


def vitals(story: str, names: Sequence[str]) -> dict[str, Vitals]:
    """Find the values of those of `names` that stand in the same line or sentence as their numbers."""
    found: dict[str, Vitals] = {}
    for line in re.split(r"\n+|(?<=[.!?…;])\s+", _MARKUP.sub("", story)):
        values = {kind: _pair(before.search(line) or after.search(line)) for kind, (before, after) in _VITALS.items()}
        who = named(line, list(names)) if any(values.values()) else ""
        if who:
            old = found.get(who, Vitals())
            found[who] = Vitals(values["health"] or old.health, values["magic"] or old.magic)
    return found


def _pair(match: re.Match[str] | None) -> tuple[int, int] | None:
    if match is None:
        return None
    now, most = (int(re.sub(r"[,.']", "", group).replace("\u2212", "-")) for group in match.groups())
    return (max(0, min(now, most)), most) if most else None


@dataclass(frozen=True)
class Blow:
    """A number that is shown above somebody."""

    number: str = ""
    """The damage, such as "7", or the healing, such as "+12"; empty when there is none."""
    whom: str = ""
    """The name of the one who was hurt or healed; empty where the story does not say."""

    @property
    def hurts(self) -> bool:
        """True for damage, False for healing."""
        return not self.number.startswith("+")


def blow(story: str, names: Sequence[str]) -> Blow:
    """Find the last blow of the story; of two readings of the same words, the one with a name."""
    told = [(match.end(), Blow(match[1], _before(story, match.start(), names)))
            for pattern in _SUFFERED for match in pattern.finditer(story)]  # fmt: skip
    told += [(match.end(), Blow(match[1], _after(story, match.end(), names)))
             for pattern in _DEALT for match in pattern.finditer(story)]  # fmt: skip
    told += [(match.end(), Blow(f"+{match[1]}", _before(story, match.end(), names)))
             for match in _HEALED.finditer(story)]  # fmt: skip
    return max(told, key=lambda one: (one[0], bool(one[1].whom)), default=(0, Blow()))[1]


def _before(story: str, at: int, names: Sequence[str]) -> str:
    """Return the last name before a place, within its sentence."""
    sentence = _SENTENCE_END.split(story[:at])[-1]
    return next((mention.name for mention in reversed(mentions(sentence, names))), "")


def _after(story: str, at: int, names: Sequence[str]) -> str:
    """Return the first name behind a place, within its sentence."""
    return named(_SENTENCE_END.split(story[at:])[0], list(names))
