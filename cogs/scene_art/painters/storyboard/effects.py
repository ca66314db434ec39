"""Sparks over the stage: what happens, told in light."""

from __future__ import annotations

from .ink import Colour, glow
from .terrain import Backdrop

_MAGIC: tuple[Colour, ...] = ((150, 240, 255), (255, 160, 250), (190, 255, 170))


def effects(scene: Backdrop) -> None:
    """Slashes in a battle, sparks for magic, a beam for a discovery; nothing for the rest."""
    action, dice, pen = scene.reading.action, scene.dice, scene.pen
    middle = (dice.randrange(scene.width // 3, scene.width * 2 // 3), scene.horizon)
    if action == "battle":
        for shift in (-6, 0, 6):
            pen.arc(
                (middle[0] - 30 + shift, middle[1] - 34, middle[0] + 30 + shift, middle[1] + 22),
                200,
                320,
                fill=(255, 250, 224),
                width=2,
            )
        glow(scene.image, middle, 34, (255, 170, 90), 0.7)
    elif action == "magic":
        shine = dice.choice(_MAGIC)
        for _ in range(60):
            x, y = round(dice.gauss(middle[0], scene.width / 6)), round(dice.gauss(middle[1], scene.height / 8))
            pen.line((x - 1, y, x + 1, y), fill=shine)
            pen.line((x, y - 1, x, y + 1), fill=shine)
        glow(scene.image, middle, 60, shine, 0.55)
    elif action == "discovery":
        glow(scene.image, middle, 54, (255, 236, 150), 0.7)
