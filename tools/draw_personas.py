"""Draws the three game masters' reference pictures in `assets/personas` again: `make personas`.

Pixel art of 128 x 192 dots, scaled up six times, on a plain ground, so that the storyboard painter can cut the figures
out. The same program always draws the same pictures.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from cogs.scene_art.painters.storyboard.ink import Colour
from tools.personas import loopmother, stargazer, synced
from tools.personas.easel import FOLDER, SCALE

COLOURS = 96
PERSONAS: dict[str, tuple[Callable[[], Image.Image], Colour]] = {
    "stargazer": (stargazer.draw, (206, 200, 232)),
    "dark_loopmother": (loopmother.draw, (196, 214, 222)),
    "synced_entity": (synced.draw, (214, 208, 190)),
}


def picture(name: str) -> Image.Image:
    """The finished reference picture in a palette of its own: 768 px wide and 1152 px tall."""
    draw, ground = PERSONAS[name]
    figure = draw()
    image = Image.new("RGB", figure.size, ground)
    image.paste(figure, mask=figure.getchannel("A"))
    few = image.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    return few.resize((image.width * SCALE, image.height * SCALE), Image.Resampling.NEAREST)


def main() -> None:
    """Draw all three."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in PERSONAS:
        path = FOLDER / f"{name}.png"
        picture(name).save(path, "PNG", optimize=True)
        print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
