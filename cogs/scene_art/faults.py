"""Faults of scene-art's own, told in one line that can be looked up in the code."""

from __future__ import annotations

import traceback
from pathlib import PurePath

FRAMES = 4


def told(exc: BaseException) -> str:
    """Kind and place of `exc`, innermost first, such as `KeyError in plan.py:12 < house.py:80`.

    Without its text: a library's error may quote what a player wrote, an address with its signature, or a key.
    """
    frames = traceback.extract_tb(exc.__traceback__)[-FRAMES:]
    places = " < ".join(f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(exc).__name__} in {places or '?'}"
