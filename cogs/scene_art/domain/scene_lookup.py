"""Lookup of the scene that somebody means, by words of its story or by its label in a list."""

from __future__ import annotations

from collections.abc import Sequence

from ..text import one_line
from .scene import Scene


def resolve_scene(scenes: Sequence[Scene], wanted: str) -> Scene | None:
    """Find the one of `scenes` that `wanted` means: its whole story, else the beginning of it, else some words in it.

    Autocomplete may send a choice's label back instead of its value: `4 min ago, skipped: The gate falls…`.
    """
    line = one_line(wanted)
    _, _, behind_age = line.partition(": ")
    names = [name for text in (line, behind_age) if (name := text.removesuffix("…").rstrip().casefold())]
    # Stories are clean already, and cleaning two hundred again would hold the event loop up.
    stories = [(" ".join(scene.narrative.split()).casefold(), scene) for scene in scenes]
    for fits in (str.__eq__, str.startswith, str.__contains__):
        for name in names:
            for story, scene in stories:
                if fits(story, name):
                    return scene
    return None
