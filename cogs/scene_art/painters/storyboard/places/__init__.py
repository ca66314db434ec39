"""The places by name.

A new place is a function in a module of this package, a row here, its colours in
`palette.py`, and a row in the word tables (`assets/words/`) of each language.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...words import INDOORS
from ..canvas import Canvas
from ..sky import lightning, sky
from . import halls, settled, strange, wild

DRAWN: Mapping[str, Callable[[Canvas], None]] = {
    "forest": wild.forest, "village": settled.village, "city": settled.city, "neon city": settled.neon_city,
    "sea": wild.sea, "ship": settled.ship, "desert": wild.desert, "snow": wild.snow,
    "mountains": wild.mountain_pass, "swamp": wild.swamp, "castle": settled.castle,
    "cave": strange.cave, "dungeon": halls.dungeon, "tavern": halls.tavern, "temple": halls.temple,
    "library": halls.library, "laboratory": strange.laboratory, "space": strange.space, "void": strange.void,
}  # fmt: skip


def backdrop(scene: Canvas) -> None:
    """Draw the whole place behind the cast, from far to near, with its lights."""
    if scene.reading.place not in INDOORS:
        sky(scene)
        if scene.reading.weather == "storm":
            lightning(scene)
        scene.shine()
    DRAWN[scene.reading.place](scene)
    scene.shine()
