"""Numbers that a narrative tells: how well somebody is, and what a blow did."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..dialogue import named

_NUMBER = r"(\d{1,5})\s*(?:/|of|von|sur|de)\s*(\d{1,5})"
_HEALTH = r"(?:HP|health|hit points|life|PV|TP|LP)"
_MAGIC = r"(?:MP|mana|magic|magic points|PM|SP)"
_VITALS = {
    kind: (
        re.compile(rf"\b{word}\b\W{{0,3}}{_NUMBER}", re.IGNORECASE),
        re.compile(rf"{_NUMBER}\s*{word}\b", re.IGNORECASE),
    )
    for kind, word in (("health", _HEALTH), ("magic", _MAGIC))
}
"""The word before its numbers is looked for first: in "HP 18/30 MP 4/10" both stand beside the 18."""
_BLOWS = (
    re.compile(r"\b(?:takes?|took|suffers?|suffered|loses?|lost|deals?|dealt|for)\s+(\d{1,5})\s+(?:points? of )?"
               r"(?:\w+\s+)?(?:damage|HP|hit points|health)\b", re.IGNORECASE),
    re.compile(r"\b(\d{1,5})\s+(?:points? of )?(?:\w+\s+)?damage\b", re.IGNORECASE),
    re.compile(r"(?<![\w-])-(\d{1,5})\s*HP\b", re.IGNORECASE),
)  # fmt: skip
_HEALED = re.compile(
    r"\b(?:heals?|healed|restores?|restored|gains?|gained)\s+(?:\w+\s+)?(?:for\s+)?(\d{1,5})\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Vitals:
    """What is left and what was there, None where the narrative tells nothing."""

    health: tuple[int, int] | None = None
    magic: tuple[int, int] | None = None


def vitals(story: str, names: Sequence[str]) -> dict[str, Vitals]:
    """Of those whose name stands in the same line or sentence before their numbers."""
    found: dict[str, Vitals] = {}
    for line in re.split(r"\n+|(?<=[.!?…;])\s+", story):
        values = {kind: _pair(before.search(line) or after.search(line)) for kind, (before, after) in _VITALS.items()}
        who = named(line, list(names)) if any(values.values()) else ""
        if who:
            old = found.get(who, Vitals())
            found[who] = Vitals(values["health"] or old.health, values["magic"] or old.magic)
    return found


def _pair(match: re.Match[str] | None) -> tuple[int, int] | None:
    if match is None:
        return None
    now, most = (int(group) for group in match.groups())
    return (min(now, most), most) if most else None


def blow(story: str) -> str:
    """What a blow took, such as "7", or what a spell gave back, such as "+12"; the last one; else nothing."""
    hits = [(match.end(), match[1]) for pattern in _BLOWS for match in pattern.finditer(story)]
    hits += [(match.end(), f"+{match[1]}") for match in _HEALED.finditer(story)]
    return max(hits, default=(0, ""))[1]
