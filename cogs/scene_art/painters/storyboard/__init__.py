"""The built-in painter: a 16-bit console's view of the scene, from Pillow alone.

`words` reads the story, `backdrop` builds the place, `cast` puts the people into it, `screen` lays the console's
frame over it. Everything is drawn in dots on a small canvas and scaled up at the end.
"""

from __future__ import annotations

import random
import uuid
from pathlib import Path

from .. import Brief, Painting, Role
from .backdrop import backdrop, weather
from .cast import Stage
from .effects import effects
from .ink import Size
from .screen import HUD_HEIGHT, box_height, glass, party, text_box
from .words import read, speaker, telling_sentence

SCALE = 4
LONG_SIDE = 320  # dots
SHORT_SIDE = 90  # dots at least, for very narrow ratios


def canvas_size(aspect_ratio: str) -> Size:
    """The canvas in dots: the long side 320, the short side at least 90; 16:9 for what is no ratio."""
    left, _, right = aspect_ratio.partition(":")
    try:
        share = float(left) / float(right)
    except (ValueError, ZeroDivisionError):
        share = 16 / 9
    if not 0.01 < share < 100:
        share = 16 / 9
    if share >= 1:
        return LONG_SIDE, max(SHORT_SIDE, round(LONG_SIDE / share))
    return max(SHORT_SIDE, round(LONG_SIDE * share)), LONG_SIDE


def draw(brief: Brief, *, folder: Path) -> Painting:
    """Draw `brief` into a new PNG in `folder`. Blocking, about half a second for 1280 x 720.

    The same brief gives the same bytes; another seed gives another picture of the same moment. Odd input never
    fails: a broken picture is replaced by a figure drawn from the name.
    """
    reading = read(brief.scene, brief.game_name)
    dice = random.Random(f"{brief.seed}")  # noqa: S311  # dice for a drawing, no secret
    scene = backdrop(canvas_size(brief.aspect_ratio), reading, dice)
    seen = {Role.GAME_MASTER, Role.CHARACTER}
    names = [member.name for member in brief.cast if member.role in seen and member.name.strip()]
    sentence = telling_sentence(brief.scene)
    speaking = speaker(sentence, names)
    floor = scene.height - box_height((scene.width, scene.height)) - 6
    stage = Stage(scene.image, horizon=min(scene.horizon, floor - 4), floor=floor, ceiling=HUD_HEIGHT, dice=dice)
    stage.place(brief.cast, speaking)
    effects(scene)
    stage.label()
    weather(scene)
    party(scene.image, brief.cast)
    text_box(scene.image, speaking, sentence)
    image = glass(scene.image, SCALE)
    path = folder / f"{brief.scene_id}-{uuid.uuid4().hex[:8]}.png"
    image.save(path, "PNG", compress_level=3)
    return Painting(path=path, mime="image/png", width=image.width, height=image.height, painter="storyboard")
