"""Places that people have made, under the sky."""

from __future__ import annotations

from ..built import planks, slabs
from ..canvas import Canvas, thing
from ..furniture import barrel
from ..houses import block, house, sign, tower
from ..ink import Colour, dark, mix
from ..nature import flowers, ground, path, range_of_hills, tree, treeline, water
from ..shapes import ellipse, limb, polygon, put, tones
from ..sky import gulls

NEON: tuple[Colour, ...] = ((255, 80, 196), (80, 236, 255), (190, 255, 96), (255, 190, 80), (150, 120, 255))


def village(scene: Canvas) -> None:
    """Draw timbered houses, smoke and a fence."""
    range_of_hills(scene, mix(scene.colours.far, scene.colours.sky[2], 0.3), 34)
    treeline(scene, scene.colours.far, 18, conifers=False)
    ground(scene)
    path(scene, scene.lit((196, 166, 116)))
    roofs: tuple[Colour, ...] = ((178, 78, 62), (150, 100, 62), (122, 86, 120), (96, 110, 130))
    for x in sorted(scene.spread(4, 0.35), key=lambda _: scene.dice.random()):
        wide, tall = scene.dice.randrange(40, 58), scene.dice.randrange(28, 38)
        chimney = scene.dice.choice((0.22, 0.72))
        made = house(scene, (wide, tall), (226, 204, 166), scene.dice.choice(roofs), chimney)
        base = scene.horizon + scene.dice.randrange(2, 12)
        _smoke(scene, x + (chimney - 0.5) * wide + 3, base - tall - wide * 0.5)
        scene.stamp(made, x, base, mirror=False)
        if scene.reading.hour in {"night", "dusk"}:
            scene.light(x, base - tall * 0.6, 30)
    for x in scene.spread(3, 0.6):
        scene.stamp(
            tree(scene, scene.dice.randrange(44, 60), (98, 164, 76)), x, scene.horizon + scene.dice.randrange(8, 18)
        )
    _fence(scene)
    flowers(scene, 50)


def _smoke(scene: Canvas, x: float, y: float) -> None:
    pale = mix(scene.colours.sky[1], (255, 255, 255), 0.3)
    for puff in reversed(range(8)):
        r, lean = 1.6 + puff * 0.5, puff**1.4 * 1.3 + scene.dice.uniform(-1, 1)
        colour = mix(pale, scene.colours.sky[1], puff / 9)
        scene.pen.ellipse((x + lean - r * 1.3, y - puff * 4 - r, x + lean + r * 1.3, y - puff * 4 + r), fill=colour)


def _fence(scene: Canvas) -> None:
    y, wood = scene.horizon + 15, scene.tones((150, 108, 72))
    start = scene.dice.randrange(0, scene.width // 2)
    for x in range(start, start + scene.width // 3, 9):
        scene.pen.rectangle((x, y - 9, x + 2, y + 2), fill=wood.base)
        scene.pen.line((x, y - 9, x, y + 2), fill=wood.light)
    for dy in (-6, -2):
        scene.pen.line((start - 4, y + dy, start + scene.width // 3 + 3, y + dy), fill=wood.base)


def city(scene: Canvas) -> None:
    """Draw rows of houses, awnings of a market, and paving."""
    towers = mix(scene.colours.far, scene.colours.sky[2], 0.45)
    for x in scene.spread(5, 0.4):
        scene.stamp(
            tower(
                scene,
                scene.dice.randrange(14, 22),
                scene.dice.randrange(60, 84),
                towers,
                mix(towers, (120, 90, 140), 0.5),
            ),
            x,
            scene.horizon,
        )
    scene.haze(0.25)
    plasters: tuple[Colour, ...] = ((222, 186, 150), (206, 160, 140), (190, 196, 206), (226, 208, 170))
    roofs: tuple[Colour, ...] = ((170, 84, 66), (112, 92, 124), (140, 108, 70))
    x = -10
    while x < scene.width + 20:
        wide, tall = scene.dice.randrange(38, 54), scene.dice.randrange(42, 60)
        scene.stamp(
            house(scene, (wide, tall), scene.dice.choice(plasters), scene.dice.choice(roofs)),
            x + wide / 2,
            scene.horizon + 3,
        )
        if scene.reading.hour in {"night", "dusk"}:
            scene.light(x + wide / 2, scene.horizon - tall * 0.6, 30)
        x += wide + 2
    slabs(scene, scene.colours.ground)
    for x in scene.spread(4, 0.3):
        _stall(scene, x, scene.horizon + scene.dice.randrange(3, 10))


def _stall(scene: Canvas, x: int, base: int) -> None:
    wide, colour = 44, scene.dice.choice([(222, 74, 66), (66, 140, 196), (236, 178, 70), (104, 168, 96)])
    image, pen = thing((wide, 40))
    wood = scene.tones((130, 88, 58))
    for post in (3, wide - 6):
        put(image, polygon([(post, 10), (post + 3, 10), (post + 3, 40), (post, 40)]), wood, 1)
    put(image, polygon([(2, 26), (wide - 2, 26), (wide - 2, 38), (2, 38)]), wood, 2)
    for stripe in range(6):
        pick = scene.lit(colour if stripe % 2 else (246, 240, 224))
        x0 = stripe * wide / 6
        put(
            image,
            polygon([(x0 + 2, 1), (x0 + wide / 6 + 2, 1), (x0 + wide / 6, 12), (x0 + wide / 12, 15), (x0, 12)]),
            tones(pick),
            1,
        )
    for at in range(6, wide - 8, 5):
        pick = scene.lit(scene.dice.choice([(236, 90, 70), (250, 190, 70), (150, 200, 90), (200, 120, 190)]))
        pen.ellipse((at, 21, at + 4, 25), fill=(*pick, 255))
    scene.stamp(image, x, base)


def neon_city(scene: Canvas) -> None:
    """Draw walls of lit windows, signs, and their reflections on the wet street."""
    for depth, count in ((0.55, 12), (0.3, 9), (0.0, 6)):
        colour = mix(scene.colours.near, scene.colours.sky[1], depth)
        for x in scene.spread(count, 0.4):
            wide = scene.dice.randrange(18, 34)
            tall = round(scene.horizon * scene.dice.uniform(0.55, 1.0) * (1.12 - depth * 0.35))
            scene.stamp(
                block(scene, (wide, tall), colour, NEON, 0.2 + 0.22 * (1 - depth)), x, scene.horizon + 2, mirror=False
            )
        scene.haze(0.12 * (depth > 0), scene.colours.sky[2])
    slabs(scene, scene.colours.ground)
    for x in scene.spread(7, 0.4):
        colour, upright = scene.dice.choice(NEON), scene.dice.random() < 0.6
        wide, tall = (9, scene.dice.randrange(22, 34)) if upright else (scene.dice.randrange(22, 34), 9)
        y = scene.dice.randrange(scene.horizon // 4, max(scene.horizon // 4 + 1, scene.horizon - tall - 6))
        sign(scene, (x - wide / 2, y), (wide, tall), colour)
        for step in range(scene.horizon + 2, scene.height, 3):
            half = scene.dice.uniform(1, wide / 2 + 3)
            scene.pen.line((x - half, step, x + half, step), fill=mix(scene.colours.ground, colour, 0.42))


def ship(scene: Canvas) -> None:
    """Draw the deck of a sailing ship on the open sea."""
    water(scene, round(scene.horizon * 0.5), scene.horizon + 4, scene.colours.near)
    gulls(scene)
    wood = scene.tones((120, 80, 54))
    for x in (scene.width * scene.dice.uniform(0.2, 0.36), scene.width * scene.dice.uniform(0.66, 0.84)):
        _mast(scene, x)
    planks(scene, scene.colours.ground)
    rail = scene.horizon - 15
    scene.waterline = rail - 3
    for x in range(2, scene.width, 13):
        scene.shape(limb([(x, rail), (x, scene.horizon + 2)], [3, 3.4]), wood, 1)
    scene.shape(polygon([(0, rail - 3), (scene.width, rail - 3), (scene.width, rail + 1), (0, rail + 1)]), wood, 2)
    for x in scene.spread(3, 0.5):
        scene.stamp(barrel(scene, scene.dice.randrange(14, 18)), x, scene.horizon + scene.dice.randrange(8, 14))


def _mast(scene: Canvas, x: float) -> None:
    wood, cloth = scene.tones((112, 74, 50)), scene.tones((240, 230, 206))
    scene.shape(polygon([(x - 3, 0), (x + 3, 0), (x + 4, scene.horizon + 2), (x - 4, scene.horizon + 2)]), wood, 3)
    for y, half, tall in ((6, 40, 24), (36, 50, 30)):
        belly = [
            (x - half, y),
            (x + half, y),
            (x + half - 3, y + tall * 0.5),
            (x + half - 8, y + tall),
            (x, y + tall * 0.84),
            (x - half + 8, y + tall),
            (x - half + 3, y + tall * 0.5),
        ]
        scene.shape(polygon(belly), cloth, 7)
        for seam in (-0.5, 0, 0.5):
            scene.pen.line(
                (x + seam * half, y + 2, x + seam * half * 0.9, y + tall * 0.82),
                fill=mix(cloth.base, cloth.shadow, 0.5),
            )
        scene.shape(limb([(x - half - 3, y), (x + half + 3, y)], [2.6, 2.6]), wood, 1)
    for side in (-1, 1):
        scene.pen.line((x, 4, x + side * 56, scene.horizon - 12), fill=wood.shadow)


def castle(scene: Canvas) -> None:
    """Draw walls and towers over a courtyard."""
    range_of_hills(scene, mix(scene.colours.far, scene.colours.sky[2], 0.5), 30)
    stone = (150, 148, 172)
    roofs: tuple[Colour, ...] = ((176, 66, 76), (74, 92, 160), (120, 76, 140))
    roof = scene.dice.choice(roofs)
    for x in scene.spread(4, 0.3):
        scene.stamp(
            tower(
                scene,
                scene.dice.randrange(20, 28),
                scene.dice.randrange(50, 74),
                mix(stone, scene.colours.sky[1], 0.25),
                roof if scene.dice.random() < 0.8 else None,
            ),
            x,
            scene.horizon - 2,
        )
    scene.haze(0.1)
    wall = scene.horizon - 30
    surface = scene.tones(stone)
    scene.shape(
        polygon([(0, wall), (scene.width, wall), (scene.width, scene.horizon + 2), (0, scene.horizon + 2)]),
        surface,
        3,
    )
    for x in range(0, scene.width, 12):
        scene.shape(polygon([(x, wall - 6), (x + 6, wall - 6), (x + 6, wall + 1), (x, wall + 1)]), surface, 1)
    for row, y in enumerate(range(wall + 4, scene.horizon, 7)):
        for x in range((row % 2) * 9, scene.width, 18):
            scene.pen.line((x, y, x + 9, y), fill=mix(surface.base, surface.shadow, 0.5))
    gate = scene.width * scene.dice.uniform(0.35, 0.65)
    scene.shape(
        ellipse((gate, scene.horizon - 14), 14, 12)
        + polygon(
            [
                (gate - 14, scene.horizon - 14),
                (gate + 14, scene.horizon - 14),
                (gate + 14, scene.horizon + 2),
                (gate - 14, scene.horizon + 2),
            ]
        ),
        dark(surface.shadow, 0.6),
    )
    for bar in range(-10, 11, 5):
        scene.pen.line((gate + bar, scene.horizon - 24, gate + bar, scene.horizon), fill=scene.lit((110, 108, 120)))
    for side in (-1, 1):
        _banner(scene, gate + side * 34, wall + 4, roof)
    slabs(scene, scene.colours.ground)


def _banner(scene: Canvas, x: float, y: float, colour: Colour) -> None:
    scene.shape(
        polygon([(x - 6, y), (x + 6, y), (x + 6, y + 20), (x, y + 15), (x - 6, y + 20)]),
        scene.tones(colour),
        3,
    )
    scene.pen.ellipse((x - 2, y + 5, x + 2, y + 9), fill=scene.lit((250, 214, 110)))
