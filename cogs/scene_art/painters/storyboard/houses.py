"""Houses, towers, high-rises, signs."""

from __future__ import annotations

from PIL import Image

from .canvas import Canvas, thing
from .ink import Colour, Size, dark, mix
from .shapes import Tones, polygon, put


def house(scene: Canvas, size: Size, plaster: Colour, roof: Colour, chimney_at: float = 0.72) -> Image.Image:
    """Draw a timber-framed house with lit windows after dark, and its chimney at this share of its width."""
    wide, tall = size
    image, pen = thing((wide + 12, tall + wide // 2 + 10))
    left, right, base = 6, wide + 6, image.height
    eaves = base - tall
    wall, tiles, wood = scene.tones(plaster), scene.tones(roof), scene.tones((98, 66, 46))
    chimney = left + wide * chimney_at
    put(
        image,
        polygon(
            [(chimney, eaves - wide * 0.5), (chimney + 6, eaves - wide * 0.5), (chimney + 6, eaves), (chimney, eaves)]
        ),
        scene.tones((140, 104, 96)),
    )
    put(image, polygon([(left, eaves), (right, eaves), (right, base), (left, base)]), wall, 5)
    for share in (0.0, 0.34, 0.66, 0.97):
        pen.line((left + wide * share, eaves, left + wide * share, base), fill=(*wood.base, 255), width=2)
    pen.line((left, eaves + tall * 0.5, right, eaves + tall * 0.5), fill=(*wood.base, 255), width=2)
    pen.line((left, base - 2, left + wide * 0.34, eaves + tall * 0.5), fill=(*wood.base, 255), width=2)
    peak = left + wide / 2
    put(
        image,
        polygon(
            [
                (left - 5, eaves + 2),
                (peak - wide * 0.18, eaves - wide * 0.42),
                (peak + wide * 0.18, eaves - wide * 0.42),
                (right + 5, eaves + 2),
            ]
        ),
        tiles,
        5,
    )
    for y in range(round(eaves - wide * 0.36), round(eaves), 4):
        inset = (eaves + 2 - y) / (wide * 0.42 + 2) * (wide * 0.32 + 5) - 3
        pen.line((left + inset, y, right - inset, y), fill=(*mix(tiles.base, tiles.shadow, 0.5), 255))
    glass = (
        (*scene.colours.light, 255) if scene.reading.hour in {"night", "dusk"} else (*scene.lit((150, 196, 220)), 255)
    )
    for share in (0.1, 0.74):
        wx, wy = left + wide * share, eaves + tall * 0.16
        pen.rectangle((wx, wy, wx + wide * 0.15, wy + tall * 0.24), fill=glass, outline=(*wood.shadow, 255))
    door = left + wide * 0.42
    pen.rectangle(
        (door, base - tall * 0.42, door + wide * 0.2, base), fill=(*wood.shadow, 255), outline=(*wood.base, 255)
    )
    return image


def tower(scene: Canvas, wide: int, tall: int, stone: Colour, roof: Colour | None) -> Image.Image:
    """Draw a round tower with a roof and a flag, or with battlements if `roof` is None."""
    cap = round(wide * 0.9) if roof else 6
    image, pen = thing((wide + 12, tall + cap + 12))
    left, right, top, base = 6, wide + 6, image.height - tall, image.height
    surface = scene.tones(stone)
    put(image, polygon([(left, top), (right, top), (right, base), (left, base)]), surface, max(3, wide // 3))
    for row, y in enumerate(range(top + 4, base, 7)):
        for x in range(left + 2 + (row % 2) * 6, right - 4, 12):
            pen.line((x, y, x + 4, y), fill=(*mix(surface.shadow, surface.base, 0.4), 255))
    beam_box = [(left - 3, top - 3), (right + 3, top - 3), (right + 3, top + 4), (left - 3, top + 4)]
    put(image, polygon(beam_box), surface, 2)
    if roof:
        middle = (left + right) / 2
        put(
            image,
            polygon([(left - 5, top - 2), (middle, top - cap), (right + 5, top - 2)]),
            scene.tones(roof),
            max(4, wide // 3),
        )
        pen.line((middle, top - cap, middle, top - cap - 9), fill=(*surface.shadow, 255))
        pen.polygon(
            [(middle + 1, top - cap - 9), (middle + 9, top - cap - 6), (middle + 1, top - cap - 3)],
            fill=(*scene.lit((236, 70, 80)), 255),
        )
    else:
        for x in range(left - 3, right + 2, 7):
            pen.rectangle((x, top - 8, x + 3, top - 2), fill=(*surface.base, 255))
    glass = (*scene.colours.light, 255) if scene.reading.hour != "day" else (*dark(surface.shadow, 0.5), 255)
    for y in range(top + 12, base - 8, 24):
        pen.rectangle((left + wide * 0.44, y, left + wide * 0.44 + 3, y + 8), fill=glass)
        pen.point((left + wide * 0.44 + 1, y - 1), fill=glass)
    return image


def block(scene: Canvas, size: tuple[int, int], colour: Colour, lamps: tuple[Colour, ...], share: float) -> Image.Image:
    """Draw a high-rise with this `share` of its windows lit."""
    wide, tall = size
    image, pen = thing((wide, tall))
    surface = Tones(dark(colour, 0.3), colour, mix(colour, (150, 140, 255), 0.2))
    put(image, polygon([(0, 0), (wide, 0), (wide, tall), (0, tall)]), surface, max(2, wide // 5))
    for y in range(5, tall - 3, 6):
        for x in range(3, wide - 4, 5):
            if scene.dice.random() < share:
                pen.rectangle((x, y, x + 1, y + 2), fill=(*scene.dice.choice(lamps), 255))
    if scene.dice.random() < 0.5:
        pen.line((wide / 2, 0, wide / 2, 4), fill=(*surface.light, 255))
    return image


def sign(scene: Canvas, at: tuple[float, float], size: tuple[int, int], colour: Colour) -> None:
    """Draw a neon sign with strokes that are no letters."""
    (x, y), (wide, tall) = at, size
    scene.pen.rectangle((x, y, x + wide, y + tall), fill=dark(colour, 0.86), outline=colour)
    upright, bright = tall > wide, mix(colour, (255, 255, 255), 0.5)
    long = (wide if upright else tall) - 6
    for step in range(3, (tall if upright else wide) - 3, 5):
        ax, ay = (x + 3, y + step) if upright else (x + step, y + 3)
        stroke = scene.dice.randrange(3)
        if stroke == 0:
            scene.pen.line((ax, ay, ax + (long if upright else 0), ay + (0 if upright else long)), fill=bright)
        elif stroke == 1:
            box = (ax, ay, ax + (long if upright else 3), ay + (3 if upright else long))
            scene.pen.rectangle(box, outline=bright)
        else:
            scene.pen.line((ax, ay, ax + 3, ay + 3), fill=bright)
    scene.light(x + wide / 2, y + tall / 2, max(wide, tall) * 1.1, colour)
