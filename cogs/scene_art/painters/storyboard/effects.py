"""The action as effects of light: blows, spells, discoveries; and the colours of the mood."""

from __future__ import annotations

import math

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from .canvas import Canvas
from .dots import stencil
from .ink import Colour, glow, mix
from .stage import Stage
from .standing import Standing
from .tags import TAG_HEIGHT
from .vitals import Blow

MAGIC: tuple[Colour, ...] = ((140, 236, 255), (255, 150, 246), (180, 255, 150), (255, 220, 120))
_TINTS: dict[str, tuple[Colour, float]] = {
    "eerie": ((120, 90, 190), 0.16), "sad": ((110, 122, 160), 0.17), "joyful": ((255, 214, 140), 0.12),
    "tense": ((190, 60, 60), 0.1),
}  # fmt: skip


def behind(scene: Canvas, stage: Stage, acting: str) -> None:
    """Draw the effects behind the people: a rune, rays, a dragon's breath."""
    action = scene.reading.action
    if "dragon" in scene.reading.foes and "campfire" in scene.reading.things:  # the story mentions fire
        _breath(scene, stage)
    if action == "magic":
        actor = _find(stage, acting)
        if actor:
            _rune(scene, actor)
    elif action == "discovery":
        _rays(scene)


def before(scene: Canvas, stage: Stage, acting: str, blow: Blow) -> None:
    """Draw the effects in front of the people, and the number of a blow above its victim."""
    action = scene.reading.action
    actor, target = _find(stage, acting), _target(stage, acting)
    befell = next((one for one in stage.standing if one.name and one.name == blow.whom), None)
    if action == "battle" and befell and blow.hurts:
        _strike(scene, _target(stage, blow.whom), befell)
    elif action == "battle" and target:
        _strike(scene, actor, target)
    elif action == "magic" and actor:
        _spell(scene, actor, target)
    if blow.number and (above := befell or target):
        _number(scene, stage, above, blow.number)


def mood(scene: Canvas) -> None:
    """Tint the whole picture by the scene's mood."""
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
    """Find the foe nearest to the acting one, else the nearest other person."""
    others = [one for one in stage.standing if one.is_foe] or [one for one in stage.standing[1:] if one.name != acting]
    actor = _find(stage, acting)
    return min(others, key=lambda one: abs(one.x - actor.x), default=None) if actor else next(iter(others), None)


def _strike(scene: Canvas, actor: Standing | None, target: Standing) -> None:
    """Draw a blow or an arrow that comes from the actor's side and meets the target's edge."""
    way = -1 if actor and actor.x > target.x else 1
    size = max(14, min(26, target.image.height // 3))
    edge = target.x - way * min(target.image.width // 2, 40)
    if actor and actor.carries == "bow":
        hit = (edge + way * 8.0, target.breast[1])
        _arrow(scene, actor, hit, way)
    else:
        hit = (edge + way * size * 0.6, target.breast[1])
        _slash(scene, (edge - way * size * 0.4, hit[1]), size, way)
    for _ in range(10):
        angle, far = scene.dice.uniform(0, math.tau), scene.dice.uniform(4, size * 0.5)
        sx, sy = hit[0] + math.cos(angle) * far, hit[1] + math.sin(angle) * far
        scene.pen.line((sx, sy, sx + math.cos(angle) * 4, sy + math.sin(angle) * 4), fill=(255, 244, 190))
    glow(scene.image, hit, size * 0.8, (255, 150, 70), 0.25)


def _slash(scene: Canvas, middle: tuple[float, float], size: int, way: int) -> None:
    (x, y), start = middle, -58 if way > 0 else 122
    for reach, colour, wide in ((0, (255, 150, 60), 5), (1, (255, 226, 130), 3), (2, (255, 255, 246), 1)):
        box = (x - size - way * reach, y - size, x + size - way * reach, y + size)
        scene.pen.arc(box, start, start + 116, fill=colour, width=wide)


def _arrow(scene: Canvas, actor: Standing, hit: tuple[float, float], way: int) -> None:
    """Draw an arrow shortly before its target, with a streak behind it."""
    x, y = hit
    start = (actor.x + way * 6, actor.head + actor.image.height * 0.38)
    scene.pen.line((*start, x, y), fill=(255, 250, 226))
    tail = (x - way * 18, y - (y - start[1]) * 18 / max(18.0, abs(x - start[0])))
    scene.pen.line((*tail, x, y), fill=(120, 78, 48), width=2)
    for feather in (-2, 2):
        scene.pen.line((tail[0], tail[1], tail[0] - way * 3, tail[1] + feather), fill=(214, 72, 66))
    scene.pen.polygon([(x + way * 3, y), (x - way * 2, y - 3), (x - way * 2, y + 3)], fill=(226, 232, 244))


def _breath(scene: Canvas, stage: Stage) -> None:
    """Draw fire from the first creature's mouth towards the people."""
    dragon = next((one for one in stage.standing if one.is_foe), None)
    people = [one for one in stage.standing if one.name]
    if dragon is None or not people:
        return
    way = 1 if people[-1].x > dragon.x else -1
    x, y = dragon.x + way * dragon.image.width * 0.46, dragon.head + dragon.image.height * 0.34
    for share in range(26):
        far = share / 25
        px, py = x + way * far * scene.width * 0.34, y + far * 10 + scene.dice.uniform(-1, 1) * far * 9
        r = 2 + far * 9 * scene.dice.uniform(0.6, 1.0)
        colour = mix((255, 250, 190), (255, 96, 40), far)
        scene.pen.ellipse((px - r, py - r, px + r, py + r), fill=colour)
    glow(scene.image, (x + way * scene.width * 0.2, y + 6), 50, (255, 130, 60), 0.6)


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
    x, y = actor.crown
    if target:
        way = 1 if target.x > x else -1
        tx, ty = target.x - way * target.image.width * 0.24, target.breast[1]
        for step in range(1, 15):
            share = step / 15
            px, py = x + (tx - x) * share, y + (ty - y) * share - math.sin(share * math.pi) * 16
            r = 1 + 2.4 * share
            scene.pen.ellipse((px - r, py - r, px + r, py + r), fill=mix(colour, (255, 255, 255), 1 - share))
        _burst(scene, (tx, ty), colour)
    glow(scene.image, (x, y), 30, colour, 0.6)
    for _ in range(26):
        sx, sy = round(scene.dice.gauss(x, scene.width / 18)), round(scene.dice.gauss(y + 12, 18))
        if scene.dice.random() < 0.5:
            scene.pen.line((sx - 2, sy, sx + 2, sy), fill=colour)
            scene.pen.line((sx, sy - 2, sx, sy + 2), fill=colour)
        scene.pen.point((sx, sy), fill=(255, 255, 255))


def _burst(scene: Canvas, at: tuple[float, float], colour: Colour) -> None:
    """Draw the burst of a spell at its target."""
    x, y = at
    glow(scene.image, at, 34, colour, 0.7)
    for part in range(10):
        angle, far = part / 10 * math.tau, scene.dice.uniform(9, 16)
        dx, dy = math.cos(angle), math.sin(angle)
        scene.pen.line((x + dx * 5, y + dy * 5, x + dx * far, y + dy * far), fill=mix(colour, (255, 255, 255), 0.5))
    scene.pen.ellipse((x - 4, y - 4, x + 4, y + 4), fill=(255, 255, 255))


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


def _number(scene: Canvas, stage: Stage, target: Standing, number: str) -> None:
    """Write a number above the target, twice as large as letters, with a dark rim."""
    small = stencil(number[:7])
    sign = ImageOps.expand(small.resize((small.width * 2, small.height * 2), Image.Resampling.NEAREST), 2)
    x, top = (target.x, target.head + 2) if target.is_foe else (target.crown[0], target.crown[1] + 4 - TAG_HEIGHT)
    x = min(max(2, x - sign.width // 2), scene.width - sign.width - 2)
    y = max(top - sign.height, stage.ceiling - 1)
    stage.kept_free.append((x, y, x + sign.width, y + sign.height - 6))  # the last rows are for letters with tails
    scene.image.paste((60, 14, 24), (x, y), sign.filter(ImageFilter.MaxFilter(3)))
    scene.image.paste((150, 255, 150) if number.startswith("+") else (255, 232, 120), (x, y), sign)
