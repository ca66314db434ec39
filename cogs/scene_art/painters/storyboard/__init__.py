"""The built-in painter: a 16-bit console's view of the scene, from Pillow alone.

`..words` and `vitals` read the story; `places` builds the place from the pieces of `sky`, `nature`, `built`, `houses`
and `furniture`; `props` adds what is named; `cast`, `figure` and `foes` make the people and creatures, `stage` places
them and `tags` their names; `effects` shows the action; `screen` lays the console's frame over it. All is drawn in dots
and scaled up.
"""

from __future__ import annotations

import io
import random

from PIL import Image

from ...domain.dialogue import named, speaker, telling_sentence
from ...domain.painting import DRAWN_BY_STORYBOARD, Painting, Prompt, Role
from ..words import Tables, tables
from . import effects, props
from .canvas import Canvas
from .ink import Size
from .places import backdrop
from .screen import box_height, glass, party, party_height, text_box
from .sky import weather
from .stage import Stage
from .vitals import blow, vitals

SCALE = 4
LONG_SIDE = 320  # dots
SHORT_SIDE = 90  # dots at least, for very narrow ratios
COLOURS = 192
"""Colours of a scene, including the people; the console's frame has further ones."""


def canvas_size(aspect_ratio: str) -> Size:
    """Return the canvas's size in dots: the long side 320, the short side at least 90; 16:9 when there is no ratio."""
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


def draw(prompt: Prompt, *, words: Tables | None = None) -> Painting:
    """Draw `prompt` as a PNG. Blocking, about half a second for 1280 x 720.

    The same prompt gives the same bytes; another seed gives another picture of the same moment. Odd input never
    fails: a broken picture is replaced by a figure drawn from the name. `words` replace our own word tables.
    """
    size = canvas_size(prompt.aspect_ratio)
    names = [member.name for member in prompt.cast if member.role in DRAWN_BY_STORYBOARD and member.name.strip()]
    heroes = [member.name for member in prompt.cast if member.role is Role.CHARACTER and member.name.strip()]
    sentence = telling_sentence(prompt.scene)
    speaking, acting = speaker(sentence, names, prompt.scene), named(sentence, heroes) or (heroes[0] if heroes else "")
    told = vitals(prompt.scene, heroes)
    dice = random.Random(f"{prompt.seed}")  # noqa: S311  # dice for a drawing, no secret
    floor = size[1] - box_height(size, sentence, speaking) - 4
    scene = Canvas(size, (words or tables()).read(prompt.scene, prompt.game_name, names), dice, floor=floor)
    backdrop(scene)
    stage = Stage(scene, prompt.cast, speaking=speaking, acting=acting, ceiling=party_height(size, told) + 2)
    _things(scene, stage)
    effects.behind(scene, stage, acting)
    stage.draw()
    effects.before(scene, stage, acting, blow(prompt.scene, heroes))
    for nearest in scene.nearest:
        nearest()
    weather(scene)
    effects.mood(scene)
    scene.limit(COLOURS)
    stage.label()
    party(scene.image, prompt.cast, told)
    text_box(scene.image, speaking, sentence)
    return _saved(glass(scene.image, SCALE))


def _things(scene: Canvas, stage: Stage) -> None:
    """Draw the things that the story names in the gaps between the people, the far ones first."""
    wanted = [kind for kind in scene.reading.things if props.belongs(kind, scene.reading)]
    places = stage.gaps(len(wanted))
    scene.shine()
    looked_at = [x for kind, x in zip(wanted, places, strict=True) if kind in props.SIGHTS]
    if (sight := next(iter(looked_at), scene.sight)) is not None:
        stage.look_at(sight)
    for kind, x in sorted(zip(wanted, places, strict=True), key=lambda pair: pair[0] not in props.BEHIND):
        props.place(scene, kind, x)
    scene.shine()


def _saved(image: Image.Image) -> Painting:
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=3)
    return Painting(
        data=file.getvalue(), mime="image/png", width=image.width, height=image.height, painter="storyboard"
    )
