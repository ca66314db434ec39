"""What happens, told in light: blows, spells, finds; and what the mood does to the colours."""

from __future__ import annotations

import math

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .canvas import Canvas
from .ink import Colour, glow, mix
from .stage import Stage, Standing
from .type import width_of, write

MAGIC: tuple[Colour, ...] = ((140, 236, 255), (255, 150, 246), (180, 255, 150), (255, 220, 120))
_TINTS: dict[str, tuple[Colour, float]] = {
    "eerie": ((120, 90, 190), 0.16), "sad": ((96, 110, 150), 0.24), "joyful": ((255, 214, 140), 0.12),
    "tense": ((190, 60, 60), 0.1),
}  # fmt: skip


def behind(scene: Canvas, stage: Stage, acting: str) -> None:
    """What shines behind the people: a rune, rays, a dragon's breath."""
    action = scene.reading.action
    if "dragon" in scene.reading.foes and "campfire" in scene.reading.things:  # it is fire that the story tells of
        _breath(scene, stage)
    if action == "magic":
        actor = _find(stage, acting)
        if actor:
            _rune(scene, actor)
    elif action == "discovery":
        _rays(scene)


def before(scene: Canvas, stage: Stage, acting: str, number: str) -> None:
    """What flashes in front of them, and the number of a blow above whom it hit."""
    action = scene.reading.action
    target = _target(stage, acting)
    if action == "battle" and target:
        _slash(scene, target)
    elif action == "magic":
        actor = _find(stage, acting)
        if actor:
            _spell(scene, actor, target)
    if number and target:
        _number(scene, target, number)


def mood(scene: Canvas) -> None:
    """The colours of the whole picture as the moment feels."""
    if scene.reading.mood in _TINTS:
        colour, share = _TINTS[scene.reading.mood]
        image = scene.image
        if scene.reading.mood == "sad":
            image = Image.blend(image, image.convert("L").convert("RGB"), 0.35)
        scene.image.paste(
            Image.blend(image, ImageChops.multiply(image, Image.new("RGB", image.size, colour)), min(1, share * 2.2))
        )
    if scene.reading.action == "death":
        for _ in range(26):
            x, y = scene.dice.randrange(scene.width), scene.dice.randrange(scene.floor)
            scene.pen.point((x, y), fill=(250, 214, 224))
            scene.pen.point((x + 1, y + 1), fill=(226, 150, 176))


def _find(stage: Stage, name: str) -> Standing | None:
    named = [one for one in stage.standing if one.name and not one.is_foe]
    return next((one for one in named if one.name == name), named[-1] if named else None)


def _target(stage: Stage, acting: str) -> Standing | None:
    """The first foe, else somebody else than whoever acts."""
    others = [one for one in stage.standing if one.is_foe] or [one for one in stage.standing[1:] if one.name != acting]
    return others[0] if others else None


def _slash(scene: Canvas, target: Standing) -> None:
    x, y = target.breast
    size = max(16, min(34, target.image.height // 2))
    for reach, colour, wide in ((0, (255, 150, 60), 5), (2, (255, 226, 130), 3), (4, (255, 255, 246), 2)):
        scene.pen.arc((x - size + reach, y - size, x + size + reach, y + size), 110, 230, fill=colour, width=wide)
    for _ in range(12):
        angle, far = scene.dice.uniform(0, math.tau), scene.dice.uniform(size * 0.4, size * 1.1)
        sx, sy = x + math.cos(angle) * far, y + math.sin(angle) * far
        scene.pen.line((sx, sy, sx + math.cos(angle) * 4, sy + math.sin(angle) * 4), fill=(255, 240, 170))
    glow(scene.image, (x, y), size * 1.5, (255, 150, 70), 0.5)


def _breath(scene: Canvas, stage: Stage) -> None:
    """Fire from the first creature's mouth towards the people."""
    dragon = next((one for one in stage.standing if one.is_foe), None)
    people = [one for one in stage.standing if one.name]
    if dragon is None or not people:
        return
    way = 1 if people[-1].x > dragon.x else -1
    x, y = dragon.x + way * dragon.image.width * 0.46, dragon.head + dragon.image.height * 0.34
    for share in range(26):
        far = share / 25
        px, py = x + way * far * scene.width * 0.2, y + far * 26 + scene.dice.uniform(-1, 1) * far * 9
        r = 2 + far * 7 * scene.dice.uniform(0.6, 1.0)
        colour = mix((255, 250, 190), (255, 96, 40), far)
        scene.pen.ellipse((px - r, py - r, px + r, py + r), fill=colour)
    glow(scene.image, (x + way * scene.width * 0.12, y + 14), 44, (255, 130, 60), 0.6)


def _rune(scene: Canvas, actor: Standing) -> None:
    x, y = actor.x, actor.feet
    colour = scene.dice.choice(MAGIC)
    for wide, tall in ((34, 9), (27, 7)):
        scene.pen.ellipse((x - wide, y - tall, x + wide, y + tall), outline=colour)
    for part in range(8):
        angle = part / 8 * math.tau
        scene.pen.line(
            (x + math.cos(angle) * 27, y + math.sin(angle) * 7, x + math.cos(angle) * 34, y + math.sin(angle) * 9),
            fill=colour,
        )
    scene.light(x, y, 46, colour)
    scene.light(x, actor.head + 10, 60, colour)
    scene.shine()


def _spell(scene: Canvas, actor: Standing, target: Standing | None) -> None:
    colour = scene.dice.choice(MAGIC)
    x, y = actor.x, actor.head + 4
    if target:
        tx, ty = target.breast
        for step in range(1, 15):
            share = step / 15
            px, py = x + (tx - x) * share, y + (ty - y) * share - math.sin(share * math.pi) * 16
            r = 1 + 2.4 * share
            scene.pen.ellipse((px - r, py - r, px + r, py + r), fill=mix(colour, (255, 255, 255), 1 - share))
        glow(scene.image, (tx, ty), 34, colour, 0.7)
    glow(scene.image, (x, y), 30, colour, 0.6)
    for _ in range(34):
        sx, sy = round(scene.dice.gauss(x, scene.width / 9)), round(scene.dice.gauss(y + 16, 20))
        if scene.dice.random() < 0.5:
            scene.pen.line((sx - 2, sy, sx + 2, sy), fill=colour)
            scene.pen.line((sx, sy - 2, sx, sy + 2), fill=colour)
        scene.pen.point((sx, sy), fill=(255, 255, 255))


def _rays(scene: Canvas) -> None:
    x, y = scene.width / 2 + scene.dice.uniform(-30, 30), scene.horizon
    mask = Image.new("L", scene.size)
    pen = ImageDraw.Draw(mask)
    for part in range(9):
        angle = math.pi + part / 8 * math.pi + scene.dice.uniform(-0.05, 0.05)
        far = scene.width * 0.6
        pen.polygon(
            [(x, y), (x + math.cos(angle - 0.07) * far, y + math.sin(angle - 0.07) * far),
             (x + math.cos(angle + 0.07) * far, y + math.sin(angle + 0.07) * far)], fill=46
        )  # fmt: skip
    scene.veil(mask.filter(ImageFilter.GaussianBlur(2)), (255, 214, 130))
    scene.light(x, y - 6, 60, (255, 226, 140))
    scene.shine()


def _number(scene: Canvas, target: Standing, number: str) -> None:
    text = number[:7]
    x = min(max(2, target.x - width_of(text) // 2), scene.width - width_of(text) - 2)
    y = max(target.head - 6, 26)
    colour = (150, 255, 150) if text.startswith("+") else (255, 232, 120)
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        write(scene.image, (x + dx, y + dy), text, (60, 14, 24))
    write(scene.image, (x, y), text, colour)
