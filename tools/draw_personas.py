"""Draws the three game masters' reference pictures in `assets/personas` again: `make personas`.

Pixel art, each dot four pixels wide, on nothing, so that the storyboard painter can cut the figures out. The same
program always draws the same pictures.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tools.personas.figure import Figure  # noqa: E402
from tools.personas.loopmother import dark_loopmother  # noqa: E402
from tools.personas.stargazer import stargazer  # noqa: E402
from tools.personas.synced import synced_entity  # noqa: E402

FOLDER = ROOT / "cogs" / "scene_art" / "assets" / "personas"
SCALE = 4
"""Pixels on a side of a dot."""
PERSONAS: dict[str, Callable[[], Figure]] = {
    "stargazer": stargazer,
    "dark_loopmother": dark_loopmother,
    "synced_entity": synced_entity,
}


def picture(name: str) -> bytes:
    """The finished reference picture as a PNG file: at least 768 px wide and taller than wide."""
    buffer = io.BytesIO()
    PERSONAS[name]().picture(SCALE).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def main() -> None:
    """Draw all three."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in PERSONAS:
        path = FOLDER / f"{name}.png"
        path.write_bytes(picture(name))
        print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
