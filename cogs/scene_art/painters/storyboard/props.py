"""Things that the story names, drawn behind the people or between them.

Some glowing things are drawn after their own light, which would bleach them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PIL import Image

from ..words import INDOORS, Reading
from .built import beam, flame
from .canvas import Canvas, thing
from .figure import figure, look_of
from .ink import dark, glow, mix
from .nature import foam, stream
from .shapes import Tones, ellipse, limb, polygon, put


def place(scene: Canvas, kind: str, x: float) -> None:
    """Draw a thing on the ground around `x`. Does nothing for an unknown kind."""
    if kind in _PUT:
        _PUT[kind](scene, x)


def belongs(kind: str, reading: Reading) -> bool:
    """Tell whether to draw a thing that the story names: a fire in a battle, say, is no camp."""
    if kind == "campfire":
        return reading.action not in {"battle", "magic"} and reading.place not in INDOORS - {"cave", "dungeon"}
    if kind == "portal":
        return reading.place != "void"
    if kind == "bridge":  # a ship's bridge is where its captain stands
        return reading.place not in INDOORS - {"cave", "dungeon"} | {"ship"}
    return kind in KNOWN and not (kind == "boat" and reading.place not in {"sea", "swamp", "cave", "city"})


def _base(scene: Canvas, depth: float = 0.34) -> int:
    return scene.horizon + round((scene.floor - scene.horizon) * depth)


def _campfire(scene: Canvas, x: float) -> None:
    y = _base(scene, 0.66)
    for dx, lean in ((-7, 5), (7, -5), (0, 0)):
        scene.shape(
            limb([(x + dx, y + 2), (x + dx + lean, y - 4)], [3.4, 3]),
            scene.tones((120, 80, 54)),
            1,
        )
    for dx in range(-12, 13, 6):
        scene.pen.ellipse((x + dx - 2, y + 1, x + dx + 2, y + 4), fill=scene.lit((140, 136, 144)))
    for dx, tall in ((-4, 13), (4, 14), (0, 21)):
        flame(scene, x + dx, y, tall)
    scene.light(x, y - 8, 78, (255, 160, 76))


def _chest(scene: Canvas, x: float) -> None:
    image, pen = thing((34, 30))
    wood, gold = scene.tones((150, 94, 54)), (255, 214, 96)
    put(image, polygon([(2, 15), (32, 15), (32, 29), (2, 29)]), wood, 4)
    put(image, polygon([(2, 12), (5, 3), (29, 3), (32, 12)]), wood, 4)
    pen.rectangle((3, 12, 31, 15), fill=(*gold, 255))
    for dx in range(5, 30, 4):
        pen.ellipse((dx, 10, dx + 4, 14), fill=(*mix(gold, (255, 255, 255), 0.4), 255), outline=(*dark(gold, 0.3), 255))
    for dx in (2, 15, 29):
        pen.line((dx + 1, 16, dx + 1, 29), fill=(*dark(gold, 0.25), 255), width=3)
    y = _base(scene, 0.6)
    glow(scene.image, (x, y - 18), 44, gold)
    scene.stamp(image, x, y)


def _boat(scene: Canvas, x: float) -> None:
    image, pen = thing((78, 58))
    wood = scene.tones((154, 102, 64))
    put(image, limb([(40, 40), (40, 2)], [3, 2]), wood, 1)
    put(image, polygon([(42, 4), (64, 34), (42, 36)]), scene.tones((244, 236, 214)), 5)
    put(image, polygon([(4, 38), (74, 38), (62, 55), (14, 55)]), wood, 5)
    pen.line((6, 42, 71, 42), fill=(*wood.light, 255))
    afloat = scene.waterline or scene.horizon + 4
    scene.stamp(image.crop((0, 0, image.width, 52)), x, afloat)
    foam(scene, x - 36, x + 36, afloat)


def _grave(scene: Canvas, x: float) -> None:
    y = _base(scene, 0.42)
    stone = scene.tones((150, 150, 164))
    scene.shape(ellipse((x, y + 1), 24, 5), scene.tones((104, 80, 62)), 2)
    scene.shape(
        ellipse((x, y - 18), 10, 9) + polygon([(x - 10, y - 18), (x + 10, y - 18), (x + 11, y), (x - 11, y)]),
        stone,
        4,
    )
    scene.pen.line((x, y - 20, x, y - 9), fill=stone.shadow, width=2)
    scene.pen.line((x - 4, y - 16, x + 4, y - 16), fill=stone.shadow, width=2)
    for dx in (-16, -12, 14, 17):
        scene.pen.line((x + dx, y + 1, x + dx, y - 4), fill=scene.lit((80, 140, 80)))
        scene.pen.rectangle((x + dx - 1, y - 6, x + dx + 1, y - 4), fill=scene.lit((244, 150, 170)))


def _portal(scene: Canvas, x: float) -> None:
    y = _base(scene, 0.2)
    glow(scene.image, (x, y - 34), 64, (200, 130, 255))
    for ring, colour in enumerate(
        ((255, 130, 220), (190, 120, 255), (110, 160, 255), (150, 240, 255), (255, 255, 255))
    ):
        w, h = 24 - ring * 4.6, 36 - ring * 7
        scene.shape(ellipse((x, y - 34), w, h), colour)


def _book(scene: Canvas, x: float) -> None:
    y = _base(scene, 0.2)
    glow(scene.image, (x, y - 38), 46, (255, 240, 170))
    stone, page = scene.lit((116, 106, 128)), Tones((204, 180, 140), (244, 232, 204), (255, 250, 236))
    beam(scene, (x - 7, y - 22, x + 7, y), stone)
    beam(scene, (x - 13, y - 26, x + 13, y - 21), stone)
    for side in (-1, 1):
        cover = [(x, y - 26), (x + side * 17, y - 31), (x + side * 17, y - 41), (x, y - 36)]
        scene.shape(polygon(cover), Tones((70, 20, 50), (130, 34, 66), (180, 60, 90)), 1)
        leaf = [(x, y - 28), (x + side * 15, y - 33), (x + side * 15, y - 43), (x, y - 38)]
        scene.shape(polygon(leaf), page, 2)
        for row in (0, 3):
            scene.pen.line((x + side * 4, y - 36 + row, x + side * 12, y - 39 + row), fill=(150, 110, 100))


def _door(scene: Canvas, x: float) -> None:
    y = scene.horizon + 3
    scene.shape(
        ellipse((x, y - 34), 18, 16) + polygon([(x - 18, y - 34), (x + 18, y - 34), (x + 18, y), (x - 18, y)]),
        scene.tones((140, 134, 150)),
        3,
    )
    wood = scene.tones((130, 84, 54))
    scene.shape(
        ellipse((x, y - 33), 14, 13) + polygon([(x - 14, y - 33), (x + 14, y - 33), (x + 14, y), (x - 14, y)]),
        wood,
        3,
    )
    for dx in (-7, 0, 7):
        scene.pen.line((x + dx, y - 44, x + dx, y - 1), fill=wood.shadow)
    for dy in (-30, -10):
        scene.pen.line((x - 13, y + dy, x + 13, y + dy), fill=scene.lit((96, 98, 112)), width=2)
    scene.pen.ellipse((x + 6, y - 22, x + 10, y - 18), fill=scene.lit((240, 200, 90)))


def _throne(scene: Canvas, x: float) -> None:
    y = _base(scene, 0.1)
    gold, cloth = scene.tones((222, 172, 78)), scene.tones((164, 44, 62))
    scene.shape(polygon([(x - 17, y), (x - 17, y - 52), (x, y - 64), (x + 17, y - 52), (x + 17, y)]), gold, 4)
    scene.shape(
        polygon([(x - 12, y - 22), (x - 12, y - 49), (x, y - 57), (x + 12, y - 49), (x + 12, y - 22)]),
        cloth,
        4,
    )
    scene.shape(polygon([(x - 21, y), (x - 21, y - 22), (x + 21, y - 22), (x + 21, y)]), gold, 4)
    scene.shape(polygon([(x - 14, y - 18), (x + 14, y - 18), (x + 14, y - 3), (x - 14, y - 3)]), cloth, 3)


def _statue(scene: Canvas, x: float) -> None:
    y = _base(scene, 0.12)
    person = figure(look_of("the statue"), "stand")
    grey = person.convert("L").convert("RGB")
    stone = Image.merge("RGBA", (*grey.split(), person.getchannel("A")))
    beam(scene, (x - 17, y - 12, x + 17, y), scene.lit((150, 150, 166)))
    scene.stamp(stone, x, y - 10)


def _bridge(scene: Canvas, x: float) -> None:
    """Draw a bridge over a bend of water."""
    y, wood = scene.horizon + 6, scene.tones((150, 102, 66))
    left, right = x - 62, x + 62
    stream(scene, x, y + 5)

    def arch(at: float) -> float:
        return y - 13 * (1 - ((at - x) / 62) ** 2)

    for at in range(round(left), round(right), 5):
        scene.pen.rectangle((at, arch(at), at + 3, arch(at) + 5), fill=wood.base)
        scene.pen.line((at, arch(at), at + 3, arch(at)), fill=wood.light)
    for up in (9, 15):
        scene.pen.line([(at, arch(at) - up) for at in range(round(left), round(right) + 1, 7)], fill=wood.shadow)
    for post in (left, left + 31, x, right - 31, right):
        scene.shape(limb([(post, arch(post) + 6), (post, arch(post) - 17)], [4, 3.4]), wood, 1)


def _tent(scene: Canvas, x: float) -> None:
    y, cloth = _base(scene, 0.2), scene.tones((206, 150, 96))
    scene.shape(polygon([(x - 34, y), (x - 4, y - 38), (x + 30, y)]), cloth, 8)
    scene.shape(polygon([(x - 12, y), (x - 4, y - 30), (x + 6, y)]), dark(cloth.shadow, 0.5))
    scene.pen.line((x - 4, y - 38, x - 2, y - 45), fill=scene.lit((110, 76, 54)), width=2)


def _wagon(scene: Canvas, x: float) -> None:
    image, pen = thing((80, 58))
    wood = scene.tones((150, 100, 62))
    put(
        image,
        ellipse((38, 24), 31, 20) + polygon([(7, 24), (69, 24), (69, 36), (7, 36)]),
        scene.tones((238, 228, 204)),
        6,
    )
    put(image, polygon([(4, 34), (74, 34), (70, 46), (8, 46)]), wood, 3)
    for at in (18, 58):
        put(image, ellipse((at, 46), 11, 11), wood, 2)
        put(image, ellipse((at, 46), 7.6, 7.6), dark(wood.shadow, 0.4))
        for dx, dy in ((7, 0), (5, 5), (0, 7), (-5, 5)):
            pen.line((at - dx, 46 - dy, at + dx, 46 + dy), fill=(*wood.light, 255))
    scene.stamp(image, x, _base(scene, 0.22))


def _cauldron(scene: Canvas, x: float) -> None:
    y, iron, brew = _base(scene, 0.5), scene.tones((74, 76, 96)), (130, 255, 150)
    glow(scene.image, (x, y - 24), 40, brew)
    for dx in (-6, 0, 6):
        flame(scene, x + dx, y + 2, 9)
    scene.shape(ellipse((x, y - 13), 17, 13), iron, 5)
    scene.shape(ellipse((x, y - 22), 15, 4), brew)
    for dx, up in ((-8, 30), (2, 36), (8, 28)):
        scene.pen.ellipse((x + dx - 2, y - up - 2, x + dx + 2, y - up + 2), outline=brew)


def _crystal(scene: Canvas, x: float) -> None:
    y, colour = _base(scene, 0.24), (150, 220, 255)
    glow(scene.image, (x, y - 34), 56, colour)
    tall = [(x - 10, y - 22), (x, y - 58), (x + 10, y - 22), (x, y - 10)]
    scene.shape(polygon(tall), Tones((70, 90, 190), (130, 190, 250), (236, 250, 255)), 6)
    scene.pen.line((x, y - 58, x + 1, y - 11), fill=(236, 250, 255))


_PUT: Mapping[str, Callable[[Canvas, float], None]] = {
    "campfire": _campfire, "chest": _chest, "boat": _boat, "grave": _grave, "portal": _portal, "book": _book,
    "door": _door, "throne": _throne, "statue": _statue, "bridge": _bridge, "tent": _tent, "wagon": _wagon,
    "cauldron": _cauldron, "crystal": _crystal,
}  # fmt: skip
KNOWN = frozenset(_PUT)
SIGHTS = frozenset({"campfire", "chest", "grave", "portal", "book", "statue", "cauldron", "crystal"})
"""Kinds that people look at."""
BEHIND = frozenset({"boat", "portal", "book", "door", "throne", "statue", "bridge", "tent", "wagon", "crystal"})
"""Kinds that are drawn far back; others are between the people."""
