"""Creatures that the story names, drawn without pictures. They face the heroes, to the left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from PIL import Image, ImageDraw, ImageOps

from .body import blank, joints
from .carried import draw as carry
from .figure import figure, look_of
from .ink import Colour, mix
from .shapes import OUTLINE, ellipse, limb, polygon, put_outlined, tones

Size = tuple[int, int]


def creature(kind: str, number: int) -> Image.Image:
    """Draw a creature (RGBA) without background, its feet at the lower edge. `number` varies several of a kind.

    Raises:
        KeyError: the kind is not in `KNOWN`.
    """
    image = _DRAWN[kind](number)
    box = image.getbbox()
    return image.crop(box) if box else image


def _eyes(image: Image.Image, *at: tuple[float, float], colour: Colour = (255, 226, 90)) -> None:
    pen = ImageDraw.Draw(image)
    for x, y in at:
        pen.rectangle((x, y, x + 1, y + 1), fill=(*colour, 255))


def _skeleton(number: int) -> Image.Image:
    image, at = blank(), joints("fight", 0.9)
    bone = tones((226, 220, 198))
    for leg in (at.back_leg, at.front_leg):
        put_outlined(image, limb(leg, [3, 3, 3]), bone, 1)
        put_outlined(image, limb([leg[2], (leg[2][0] + 6, leg[2][1] + 1)], [3, 2.4]), bone, 1)
    put_outlined(image, limb(at.back_arm, [3, 2.6, 2.6]), bone, 1)
    (nx, ny), (hx, hy) = at.neck, at.hip
    put_outlined(image, limb([(nx, ny), (hx, hy)], [3, 3]), bone, 1)
    for rib in range(4):
        y, half = ny + 5 + rib * 4, 7.5 - rib * 0.9
        put_outlined(image, limb([(nx - half, y + 1), (nx, y), (nx + half, y + 1)], [2, 2.2, 2]), bone, 1)
    put_outlined(image, polygon([(hx - 6, hy - 4), (hx + 6, hy - 4), (hx + 3, hy + 3), (hx - 3, hy + 3)]), bone, 1)
    carry(image, "sword", at, tones((200, 150, 70)))
    put_outlined(image, limb(at.front_arm, [3, 2.6, 2.6]), bone, 1)
    x, y = at.head
    put_outlined(
        image,
        ellipse((x, y - 0.5), 5.6, 5.6) + polygon([(x - 2, y + 3), (x + 5, y + 3), (x + 4, y + 8), (x - 1, y + 8)]),
        bone,
        2,
    )
    pen = ImageDraw.Draw(image)
    for ex in (x, x + 3.4):
        pen.rectangle((ex - 0.5, y - 1, ex + 1, y + 1), fill=(*OUTLINE, 255))
        pen.point((ex, y), fill=(255, 90, 70, 255))
    pen.line((x, y + 6, x + 4, y + 6), fill=(*bone.shadow, 255))
    return ImageOps.mirror(image)


def _wolf(number: int) -> Image.Image:
    image = Image.new("RGBA", (86, 54))
    fur = tones(((112, 116, 136), (86, 84, 100), (140, 128, 120))[number % 3])
    behind = tones(fur.shadow)
    put_outlined(image, limb([(36, 30), (40, 42), (37, 52)], [8, 5, 4]), behind)
    put_outlined(image, limb([(62, 30), (69, 38), (64, 45), (65, 52)], [10, 6, 4, 4]), behind)
    put_outlined(image, limb([(70, 24), (79, 27), (84, 37), (82, 44)], [5, 9, 8, 1.5]), fur, 3)
    put_outlined(image, limb([(30, 26), (46, 24), (68, 27)], [22, 15, 15]), fur, 5)
    put_outlined(image, limb([(68, 29), (75, 38), (70, 45), (70, 52), (67, 53)], [12, 6, 4, 4, 3]), fur)
    put_outlined(image, limb([(27, 30), (28, 42), (25, 52), (22, 53)], [9, 5, 4, 3]), fur)
    mane = [(36, 12), (41, 18), (39, 22), (42, 27), (37, 30), (36, 36), (29, 35), (21, 30), (20, 20), (26, 12)]
    put_outlined(image, polygon(mane), fur, 5)
    put_outlined(image, polygon([(5, 24), (14, 23), (20, 24), (18, 29), (8, 29)]), tones((150, 60, 66)), 1)
    put_outlined(image, polygon([(28, 10), (17, 12), (2, 19), (3, 24), (15, 25), (27, 24)]), fur, 3)
    for x in (20, 27):
        put_outlined(image, polygon([(x - 3, 13), (x, 2), (x + 4, 12)]), fur, 1)
    pen = ImageDraw.Draw(image)
    for x in (6, 10, 14):
        pen.polygon([(x, 24), (x + 1, 27), (x + 2, 24)], fill=(250, 250, 240, 255))
    pen.rectangle((1, 18, 3, 20), fill=(*OUTLINE, 255))
    _eyes(image, (16, 16))
    return image


def _dragon(number: int) -> Image.Image:
    image = Image.new("RGBA", (150, 112))
    hide = tones(((184, 62, 62), (62, 132, 92), (92, 84, 168))[number % 3])
    belly, skin = tones((236, 200, 130)), tones(mix(hide.base, (60, 30, 60), 0.3))
    put_outlined(image, limb([(104, 92), (128, 98), (142, 84), (146, 66)], [18, 11, 6, 2]), hide)
    wing = [(84, 56), (96, 14), (116, 2), (112, 22), (132, 18), (122, 36), (142, 40), (118, 56), (104, 66)]
    put_outlined(image, polygon(wing), skin, 4)
    for tip in ((116, 2), (132, 18), (142, 40)):
        ImageDraw.Draw(image).line((88, 56, tip[0], tip[1]), fill=(*hide.light, 255))
    put_outlined(image, limb([(98, 86), (104, 100), (98, 109)], [16, 9, 7]), tones(hide.shadow))
    put_outlined(image, limb([(62, 70), (82, 72), (104, 82)], [26, 32, 26]), hide, 8)
    put_outlined(image, limb([(56, 74), (70, 84), (92, 94)], [9, 10, 7]), belly)
    put_outlined(image, limb([(70, 84), (66, 98), (60, 109)], [16, 10, 8]), hide)
    put_outlined(image, limb([(64, 66), (48, 46), (38, 28)], [24, 16, 12]), hide, 5)
    put_outlined(image, polygon([(46, 12), (30, 10), (8, 24), (6, 31), (22, 36), (40, 36), (50, 26)]), hide, 5)
    put_outlined(image, polygon([(8, 32), (22, 36), (38, 36), (30, 43), (14, 40)]), tones(hide.shadow))
    for x in (38, 45):
        put_outlined(image, polygon([(x - 3, 13), (x + 8, 0), (x + 3, 14)]), tones((230, 220, 190)), 1)
    pen = ImageDraw.Draw(image)
    for x in range(10, 34, 5):
        pen.polygon([(x, 33), (x + 2, 37), (x + 4, 34)], fill=(250, 246, 230, 255))
    for step in range(6):
        x, y = 52 + step * 7, 40 + step * 6
        pen.polygon([(x, y), (x + 6, y - 7), (x + 7, y + 3)], fill=(*hide.light, 255))
    _eyes(image, (29, 19), (31, 19))
    pen.point((10, 25), fill=(*OUTLINE, 255))
    return image


def _slime(number: int) -> Image.Image:
    image = Image.new("RGBA", (46, 36))
    jelly = tones(((96, 200, 110), (90, 160, 230), (220, 120, 190))[number % 3])
    put_outlined(image, ellipse((23, 24), 20, 11) + polygon([(10, 20), (18, 6), (23, 2), (28, 6), (36, 20)]), jelly, 5)
    pen = ImageDraw.Draw(image)
    pen.ellipse((13, 12, 18, 18), fill=(*mix(jelly.light, (255, 255, 255), 0.6), 255))
    for x in (17, 26):
        pen.rectangle((x, 20, x + 2, 24), fill=(*OUTLINE, 255))
        pen.point((x, 20), fill=(255, 255, 255, 255))
    pen.arc((17, 22, 28, 30), 20, 160, fill=(*OUTLINE, 255))
    return image


def _ghost(number: int) -> Image.Image:
    image = Image.new("RGBA", (52, 76))
    veil = tones((214, 226, 250), 0.5)
    hem = [(6, 70), (14, 62), (20, 72), (27, 62), (34, 73), (40, 62), (48, 68), (42, 26), (10, 26)]
    put_outlined(image, ellipse((26, 20), 15, 17) + polygon(hem), veil, 6)
    for side in (-1, 1):
        put_outlined(image, limb([(26 + side * 14, 32), (26 + side * 22, 38), (26 + side * 21, 46)], [8, 6, 3]), veil)
    pen = ImageDraw.Draw(image)
    for x in (17, 27):
        pen.ellipse((x, 16, x + 5, 24), fill=(*mix(OUTLINE, (60, 60, 130), 0.4), 255))
    pen.ellipse((21, 28, 27, 36), fill=(*mix(OUTLINE, (60, 60, 130), 0.4), 255))
    image.putalpha(image.getchannel("A").point([round(v * 0.82) for v in range(256)]))
    return image


def _spider(number: int) -> Image.Image:
    image = Image.new("RGBA", (84, 56))
    body = tones(((74, 62, 92), (110, 60, 58))[number % 2])
    for side in (-1, 1):
        for leg in range(4):
            knee = (40 + side * (14 + leg * 7), 12 + leg * 5)
            foot = (40 + side * (18 + leg * 7), 54)
            put_outlined(image, limb([(40, 34), knee, foot], [4, 3.4, 1.6]), body, 1)
    put_outlined(image, ellipse((52, 30), 18, 15), body, 6)
    put_outlined(image, ellipse((30, 36), 11, 9), body, 3)
    ImageDraw.Draw(image).polygon([(50, 22), (56, 30), (50, 38), (46, 30)], fill=(210, 70, 80, 255))
    _eyes(image, (23, 33), (27, 31), (27, 36), (23, 37), colour=(255, 90, 80))
    return image


def _person(number: int, colour: Colour, hat: str, carries: str) -> Image.Image:
    look = replace(look_of(f"somebody {number}"), coat=colour, hat=hat, outfit="tunic", carries=carries, cape=False)
    return ImageOps.mirror(figure(look, "fight"))


def _bandit(number: int) -> Image.Image:
    return _person(
        number, ((92, 54, 60), (70, 72, 60), (66, 60, 92))[number % 3], ("hood", "brimmed", "band")[number % 3], "sword"
    )


def _robot(number: int) -> Image.Image:
    image, at = blank(), joints("fight", 1.2)
    steel, glow = tones((146, 158, 178)), (120, 244, 255)
    for leg in (at.back_leg, at.front_leg):
        put_outlined(image, limb(leg, [8, 7, 9]), steel, 2)
        put_outlined(image, ellipse(leg[1], 4.6, 4.6), tones((96, 104, 128)), 1)
    put_outlined(image, limb(at.back_arm, [8, 7, 8]), tones((96, 104, 128)), 2)
    (nx, ny), (hx, hy) = at.neck, at.hip
    put_outlined(image, polygon([(nx - 12, ny), (nx + 12, ny), (hx + 8, hy + 2), (hx - 8, hy + 2)]), steel, 5)
    put_outlined(image, limb(at.front_arm, [8, 7, 9]), steel, 2)
    x, y = at.head
    put_outlined(image, polygon([(x - 7, y - 7), (x + 6, y - 7), (x + 7, y + 5), (x - 6, y + 5)]), steel, 2)
    pen = ImageDraw.Draw(image)
    pen.rectangle((x - 1, y - 3, x + 6, y - 1), fill=(*glow, 255))
    pen.ellipse((nx - 3, ny + 7, nx + 3, ny + 13), fill=(*glow, 255))
    pen.line((x, y - 8, x, y - 13), fill=(*steel.shadow, 255))
    pen.point((x, y - 14), fill=(255, 90, 90, 255))
    return ImageOps.mirror(image)


def _goblin(number: int) -> Image.Image:
    image = Image.new("RGBA", (56, 60))
    skin, rag = tones(((108, 160, 74), (88, 138, 104))[number % 2]), tones((120, 84, 58))
    for x in (22, 32):
        put_outlined(image, limb([(x, 42), (x - 2, 50), (x - 3, 58)], [8, 6, 5]), skin)
    put_outlined(image, limb([(36, 32), (44, 38), (42, 46)], [7, 6, 4]), skin)
    put_outlined(image, polygon([(18, 28), (37, 28), (39, 46), (16, 46)]), rag, 4)
    put_outlined(image, limb([(4, 44), (10, 18)], [2.4, 6]), tones((134, 96, 62)), 2)
    put_outlined(image, limb([(20, 32), (10, 36), (7, 34)], [7, 6, 4]), skin)
    for side in (-1, 1):
        put_outlined(image, polygon([(26 + side * 9, 16), (26 + side * 22, 9), (26 + side * 10, 23)]), skin, 2)
    put_outlined(image, ellipse((26, 18), 12, 11), skin, 4)
    put_outlined(image, polygon([(18, 18), (9, 22), (18, 23)]), skin, 1)
    _eyes(image, (19, 14), (26, 14))
    ImageDraw.Draw(image).line([(16, 25), (22, 27), (29, 25)], fill=(*OUTLINE, 255))
    return image


def _serpent(number: int) -> Image.Image:
    image = Image.new("RGBA", (96, 96))
    scales = tones(((64, 146, 120), (150, 90, 150))[number % 2])
    for points, widths in (
        ([(86, 94), (92, 76), (78, 70), (66, 80)], [16, 16, 15, 15]),
        ([(66, 80), (52, 92), (38, 84), (40, 62), (50, 44), (42, 26)], [15, 16, 17, 16, 14, 13]),
    ):
        put_outlined(image, limb(points, widths), scales, 6)
    put_outlined(image, polygon([(54, 14), (40, 10), (14, 20), (12, 27), (30, 33), (50, 32)]), scales, 5)
    for fin in ((52, 12, 64, 2, 58, 20), (58, 44, 70, 40, 58, 54)):
        put_outlined(image, polygon([(fin[0], fin[1]), (fin[2], fin[3]), (fin[4], fin[5])]), tones((236, 170, 90)), 1)
    pen = ImageDraw.Draw(image)
    pen.line([(13, 27), (2, 30), (6, 27)], fill=(230, 60, 80, 255))
    for x in (17, 24, 31):
        pen.polygon([(x, 28), (x + 2, 33), (x + 4, 29)], fill=(250, 250, 240, 255))
    _eyes(image, (34, 17))
    return image


def _whale(number: int) -> Image.Image:
    image = Image.new("RGBA", (120, 62))
    back, belly = tones((74, 104, 158)), tones((206, 220, 236))
    put_outlined(image, limb([(88, 44), (104, 34), (112, 24)], [18, 9, 6]), back)
    put_outlined(image, polygon([(108, 28), (102, 12), (112, 18), (120, 10), (117, 26)]), back)
    put_outlined(image, ellipse((50, 42), 46, 21), back, 7)
    put_outlined(image, polygon([(6, 48), (60, 56), (78, 58), (40, 62), (14, 58)]), belly, 2)
    pen = ImageDraw.Draw(image)
    pen.rectangle((22, 39, 24, 41), fill=(*OUTLINE, 255))
    pen.arc((6, 34, 40, 54), 20, 90, fill=(*back.shadow, 255))
    for x, y in ((40, 18), (36, 10), (30, 6), (44, 10), (50, 6)):
        pen.line((x, y, x, y + 5), fill=(214, 236, 250, 255), width=2)
    return image


_DRAWN: Mapping[str, Callable[[int], Image.Image]] = {
    "skeleton": _skeleton, "wolf": _wolf, "dragon": _dragon, "slime": _slime, "ghost": _ghost, "spider": _spider,
    "bandit": _bandit, "robot": _robot, "goblin": _goblin, "serpent": _serpent, "whale": _whale,
}  # fmt: skip
ALONE = frozenset({"dragon", "serpent", "whale", "ghost"})
"""Kinds that appear alone; of others a few appear."""
SWIMMERS = frozenset({"serpent", "whale"})
"""Kinds that are in the water, where there is some."""
KNOWN = frozenset(_DRAWN)
