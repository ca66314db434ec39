"""The sky: sun, moon, stars, clouds, and the weather."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFilter

from .canvas import Canvas, thing
from .ink import Colour, mix
from .shapes import Tones, ellipse, put

SUN: dict[str, Colour] = {"day": (255, 250, 214), "dawn": (255, 226, 170), "dusk": (255, 190, 110)}


def sky(scene: Canvas) -> None:
    """Draw the sky's colours, stars, moon or sun, and clouds."""
    top, middle, low = scene.colours.sky
    break_at = round(scene.horizon * 0.55)
    scene.fill(0, break_at, top, middle, 6)
    scene.fill(break_at, scene.horizon + 4, middle, low, 6)
    gloomy = scene.reading.weather in {"rain", "storm", "fog"}
    if scene.reading.hour == "night":
        stars(scene, 0.4 if gloomy else 1.0)
    if not gloomy:
        _moon(scene) if scene.reading.hour == "night" else _sun(scene)
    clouds(scene, 7 if gloomy else scene.dice.randrange(3, 6))


def stars(scene: Canvas, share: float = 1.0) -> None:
    """Draw small stars, a few of them as crosses."""
    shades: tuple[Colour, ...] = ((255, 255, 255), (176, 190, 244), (116, 126, 196), (250, 226, 190))
    for _ in range(round(scene.width * scene.horizon / 190 * share)):
        x, y = scene.dice.randrange(scene.width), scene.dice.randrange(max(1, scene.horizon))
        scene.pen.point((x, y), fill=scene.dice.choice(shades))
    for _ in range(round(6 * share)):
        x, y = scene.dice.randrange(scene.width), scene.dice.randrange(max(1, scene.horizon * 2 // 3))
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            scene.pen.point((x + dx, y + dy), fill=(112, 126, 200))
        scene.pen.point((x, y), fill=(255, 255, 255))


def _spot(scene: Canvas) -> tuple[int, int]:
    x = scene.dice.randrange(scene.width // 8, max(scene.width // 8 + 1, scene.width * 7 // 8))
    return x, scene.dice.randrange(scene.horizon // 5, max(scene.horizon // 5 + 1, scene.horizon // 2))


def _moon(scene: Canvas) -> None:
    (x, y), radius = _spot(scene), scene.dice.choice((8, 11, 15))
    scene.shape(ellipse((x, y), radius, radius), Tones((178, 182, 214), (230, 232, 228), (255, 255, 246)), 4)
    for dx, dy, r in ((-0.3, -0.2, 0.22), (0.25, 0.3, 0.3), (0.1, -0.45, 0.14)):
        scene.pen.ellipse(
            (x + (dx - r) * radius, y + (dy - r) * radius, x + (dx + r) * radius, y + (dy + r) * radius),
            fill=(200, 204, 218),
        )
    scene.light(x, y, radius * 4, (140, 156, 232))


def _sun(scene: Canvas) -> None:
    x, y = _spot(scene)
    low = scene.reading.hour in {"dawn", "dusk"}
    if low:
        y = scene.horizon - scene.dice.randrange(4, 14)
    radius = 15 if low else 9
    shine = SUN[scene.reading.hour]
    scene.pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=shine)
    scene.light(x, y, radius * (4.4 if low else 5), shine)


def clouds(scene: Canvas, count: int) -> None:
    """Draw clouds with a lit upper and a shaded lower side, smaller towards the horizon."""
    _, middle, low = scene.colours.sky
    pale = {"night": 0.16, "day": 0.82, "dawn": 0.6, "dusk": 0.42}[scene.reading.hour]
    if scene.reading.weather in {"rain", "storm"}:
        pale *= 0.22
    surface = Tones(mix(middle, low, 0.55), mix(low, (255, 255, 255), pale * 0.6), mix(low, (255, 255, 255), pale))
    for x in scene.spread(count, 0.6):
        depth = scene.dice.random()
        wide = round(16 + 34 * depth)
        scene.stamp(_cloud(scene, wide, surface), x, scene.horizon * (0.86 - 0.62 * depth))


def _cloud(scene: Canvas, wide: int, surface: Tones) -> Image.Image:
    middle = wide * 1.3
    image, _ = thing((round(middle * 2), wide))
    heaps = [
        (
            (middle + scene.dice.uniform(-0.75, 0.75) * wide, wide * scene.dice.uniform(0.42, 0.6)),
            wide * scene.dice.uniform(0.16, 0.34),
        )
        for _ in range(6)
    ]

    outline = ellipse((middle, wide * 0.64), wide * 0.86, wide * 0.14)
    for spot, r in heaps:
        outline += ellipse(spot, r * 1.3, r)
    put(image, outline, surface, 3)
    return image


def gulls(scene: Canvas) -> None:
    """Draw a few birds over the water, unless there is a storm."""
    for _ in range(0 if scene.reading.weather == "storm" else 5):
        x, y = scene.dice.randrange(scene.width), scene.dice.randrange(26, max(27, round(scene.horizon * 0.55)))
        scene.pen.line(
            [(x - 4, y - 1), (x - 2, y - 3), (x, y), (x + 2, y - 3), (x + 4, y - 1)],
            fill=mix(scene.colours.sky[1], (255, 255, 255), 0.8),
        )


# What falls


def weather(scene: Canvas) -> None:
    """Draw rain, snow or fog over everything."""
    kind = scene.reading.weather
    if kind in {"rain", "storm"}:
        _rain(scene, 300 if kind == "rain" else 170)
    elif kind == "snow":
        _snow(scene)
    elif kind == "fog":
        _fog(scene)


def lightning(scene: Canvas) -> None:
    """Draw a bolt from the clouds, and its light on everything."""
    x, y = float(scene.dice.randrange(scene.width // 5, scene.width * 4 // 5)), 0.0
    path = [(x, y)]
    while y < scene.horizon:
        x, y = x + scene.dice.uniform(-9, 9), y + scene.dice.uniform(6, 13)
        path.append((x, y))
    scene.pen.line(path, fill=(196, 206, 255), width=3)
    scene.pen.line(path, fill=(255, 255, 255), width=1)
    fork = path[len(path) // 2]
    scene.pen.line([fork, (fork[0] + 10, fork[1] + 9), (fork[0] + 13, fork[1] + 20)], fill=(220, 226, 255))
    scene.light(path[0][0], scene.horizon * 0.3, scene.width * 0.4, (130, 140, 220))


def _rain(scene: Canvas, sparse: int) -> None:
    lean = scene.dice.choice((-3, -2, 2, 3))
    near, away = scene.lit((206, 222, 246)), scene.lit((150, 172, 208))
    for _ in range(scene.width * scene.height // sparse):
        x, y = scene.dice.randrange(-8, scene.width + 8), scene.dice.randrange(scene.height)
        long = scene.dice.randrange(4, 9)
        scene.pen.line((x, y, x + lean * long / 6, y + long), fill=near if long > 6 else away)
    for _ in range(scene.width // 7):
        x, y = (
            scene.dice.randrange(scene.width),
            scene.dice.randrange(scene.horizon, max(scene.horizon + 1, scene.floor)),
        )
        scene.pen.line((x - 2, y, x + 2, y), fill=away)


def _snow(scene: Canvas) -> None:
    for _ in range(scene.width * scene.height // 260):
        x, y = scene.dice.randrange(scene.width), scene.dice.randrange(scene.height)
        size = scene.dice.random()
        scene.pen.rectangle(
            (x, y, x + (size > 0.7), y + (size > 0.7)), fill=(250, 252, 255) if size > 0.4 else (206, 218, 240)
        )


def _fog(scene: Canvas) -> None:
    banks = Image.new("L", scene.size)
    pen = ImageDraw.Draw(banks)
    for _ in range(9):
        x, y = scene.dice.randrange(scene.width), scene.dice.randrange(scene.horizon - 18, scene.height)
        wide, tall = scene.dice.randrange(60, 130), scene.dice.randrange(5, 13)
        pen.ellipse((x - wide, y - tall, x + wide, y + tall), fill=scene.dice.randrange(60, 130))
    soft = banks.filter(ImageFilter.GaussianBlur(6)).point([min(150, value // 34 * 34) for value in range(256)])
    scene.image.paste(mix(scene.colours.sky[2], (236, 240, 246), 0.5), mask=soft)
