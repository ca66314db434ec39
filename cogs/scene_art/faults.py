"""One-line descriptions of scene-art's own faults, which can be looked up in the code."""

from __future__ import annotations

import traceback
from pathlib import PurePath

FRAMES = 4


def summary(exc: BaseException) -> str:
    """Describe `exc` by kind and place, innermost first, such as `KeyError in channel_plan.py:12 < app.py:80`.

    Its text is left out: a library's error may quote a player's text, an address with its signature, or a key.
    """
    frames = traceback.extract_tb(exc.__traceback__)[-FRAMES:]
    places = " < ".join(f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(exc).__name__} in {places or '?'}"
