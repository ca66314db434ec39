"""Draws the samples of the looks in `assets/styles` again: one lighthouse at dusk, three ways.

They show the kind of look, not what a model will make of it. The same program always draws the same pictures.
"""

from __future__ import annotations

import math
import random
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

SIZE = WIDTH, HEIGHT = 640, 360
FINE = 3  # drawn so much larger, for smooth edges
FOLDER = Path(__file__).parent.parent / "cogs" / "scene_art" / "assets" / "styles"

Colour = tuple[int, int, int]

SKY = ((52, 40, 92), (150, 76, 128), (246, 142, 108), (255, 206, 140))
SEA = ((60, 52, 110), (34, 34, 84))
CLIFF, GRASS, TOWER, ROOF, LAMP = (46, 36, 62), (66, 84, 74), (236, 226, 214), (188, 62, 66), (255, 236, 160)


def blended(colours: tuple[Colour, ...], share: float) -> Colour:
    """The colour at `share` (0 to 1) of the way through `colours`."""
    at = min(share, 0.9999) * (len(colours) - 1)
    low, part = int(at), at - int(at)
    mixed = [round(a + (b - a) * part) for a, b in zip(colours[low], colours[low + 1], strict=True)]
    return mixed[0], mixed[1], mixed[2]


def scene() -> Image.Image:
    """The lighthouse, smooth and without any manner."""
    width, height = WIDTH * FINE, HEIGHT * FINE
    picture = Image.new("RGB", (width, height))
    pen = ImageDraw.Draw(picture)
    horizon = round(height * 0.62)
    for row in range(height):
        above = row < horizon
        share = row / horizon if above else (row - horizon) / (height - horizon)
        pen.line((0, row, width, row), fill=blended(SKY if above else SEA, share))
    _sun(picture, (round(width * 0.3), horizon), round(height * 0.13))
    pen = ImageDraw.Draw(picture)
    _clouds(pen, width, height)
    _glints(pen, width, horizon, height)
    _beam(picture, (round(width * 0.76), round(height * 0.27)), width)
    _shore(ImageDraw.Draw(picture), width, height)
    return picture


def _sun(picture: Image.Image, centre: tuple[int, int], radius: int) -> None:
    glow = Image.new("L", picture.size)
    x, y = centre
    ImageDraw.Draw(glow).ellipse((x - 3 * radius, y - 3 * radius, x + 3 * radius, y + 3 * radius), fill=110)
    glow = glow.filter(ImageFilter.GaussianBlur(radius))
    picture.paste((255, 222, 160), mask=glow)
    disc = Image.new("L", picture.size)
    ImageDraw.Draw(disc).pieslice((x - radius, y - radius, x + radius, y + radius), 180, 360, fill=255)
    picture.paste((255, 244, 214), mask=disc)


def _clouds(pen: ImageDraw.ImageDraw, width: int, height: int) -> None:
    dice = random.Random(5)
    for _ in range(9):
        x, y = dice.uniform(-0.1, 0.9) * width, dice.uniform(0.08, 0.46) * height
        long = dice.uniform(0.1, 0.3) * width
        tone = blended(SKY, min(1.0, y / height + 0.34))
        for step in range(3):
            pen.rounded_rectangle(
                (x + step * 40, y + step * 11, x + long - step * 30, y + 15 + step * 11), radius=14, fill=tone
            )


def _glints(pen: ImageDraw.ImageDraw, width: int, horizon: int, height: int) -> None:
    dice = random.Random(9)
    for _ in range(120):
        depth = dice.random() ** 1.6
        y = horizon + 6 + depth * (height - horizon)
        spread = 0.05 + depth * 0.16
        x = width * (0.3 + dice.uniform(-spread, spread))
        long = 20 + depth * 90
        pen.rounded_rectangle((x - long / 2, y, x + long / 2, y + 3 + depth * 5), radius=4, fill=(240, 168, 136))


def _beam(picture: Image.Image, lamp: tuple[int, int], width: int) -> None:
    light = Image.new("L", picture.size)
    x, y = lamp
    ImageDraw.Draw(light).polygon([(x, y), (0, y - width // 9), (0, y + width // 30)], fill=96)
    picture.paste((255, 240, 190), mask=light.filter(ImageFilter.GaussianBlur(18)))


def _shore(pen: ImageDraw.ImageDraw, width: int, height: int) -> None:
    def points(*shares: tuple[float, float]) -> list[tuple[float, float]]:
        return [(x * width, y * height) for x, y in shares]

    pen.polygon(points((0.56, 1), (0.6, 0.78), (0.66, 0.74), (0.69, 0.64), (0.84, 0.62), (1, 0.67), (1, 1)), fill=CLIFF)
    pen.polygon(points((0.66, 0.74), (0.69, 0.64), (0.84, 0.62), (1, 0.67), (1, 0.72), (0.8, 0.68)), fill=GRASS)
    pen.polygon(points((0.735, 0.64), (0.747, 0.32), (0.783, 0.32), (0.795, 0.64)), fill=TOWER)
    for top in (0.38, 0.5):
        pen.polygon(
            points((0.745 - top / 80, top), (0.785 + top / 80, top), (0.787 + top / 80, top + 0.06),
                   (0.743 - top / 80, top + 0.06)),
            fill=ROOF,
        )  # fmt: skip
    pen.rectangle([*points((0.742, 0.3))[0], *points((0.788, 0.325))[0]], fill=CLIFF)
    pen.rectangle([*points((0.75, 0.24))[0], *points((0.78, 0.3))[0]], fill=LAMP)
    pen.polygon(points((0.744, 0.24), (0.765, 0.18), (0.786, 0.24)), fill=ROOF)
    _traveller(pen, width * 0.87, height * 0.63, height * 0.1)


def _traveller(pen: ImageDraw.ImageDraw, x: float, y: float, tall: float) -> None:
    """Somebody grown, in a long coat, looking out to sea."""
    pen.polygon([(x - tall * 0.16, y), (x - tall * 0.1, y - tall * 0.78), (x + tall * 0.1, y - tall * 0.78),
                 (x + tall * 0.2, y)], fill=(70, 48, 92))  # fmt: skip
    head = tall * 0.09
    pen.ellipse((x - head, y - tall * 0.97, x + head, y - tall * 0.78), fill=(238, 198, 170))
    pen.polygon([(x - head * 1.4, y - tall * 0.9), (x, y - tall * 1.08), (x + head * 1.9, y - tall * 0.84)], fill=ROOF)


def console(fine: Image.Image) -> Image.Image:
    """Few dots, few colours, a status bar and scanlines."""
    small = fine.resize((160, 90), Image.Resampling.BOX)
    dots = ImageEnhance.Color(small).enhance(1.5).quantize(22, dither=Image.Dither.NONE).convert("RGB")
    pen = ImageDraw.Draw(dots)
    pen.rectangle((0, 0, 159, 8), fill=(18, 14, 40))
    for at, (colour, full) in enumerate((((236, 80, 96), 26), ((88, 196, 236), 18), ((250, 206, 92), 22))):
        pen.rectangle((6 + at * 38, 3, 6 + at * 38 + 28, 5), fill=(60, 52, 92))
        pen.rectangle((6 + at * 38, 3, 6 + at * 38 + full, 5), fill=colour)
    large = dots.resize(SIZE, Image.Resampling.NEAREST)
    lines = Image.new("RGB", SIZE, (255, 255, 255))
    pen = ImageDraw.Draw(lines)
    for row in range(0, HEIGHT, 4):
        pen.line((0, row, WIDTH, row), fill=(196, 196, 206))
    return ImageChops.multiply(large, lines)


def anime(fine: Image.Image) -> Image.Image:
    """Clean shapes, rich light, a soft bloom."""
    clean = ImageEnhance.Color(fine.resize(SIZE, Image.Resampling.LANCZOS)).enhance(1.25)
    bloom = clean.filter(ImageFilter.GaussianBlur(14))
    return ImageChops.screen(clean, ImageEnhance.Brightness(bloom).enhance(0.32))


def storybook(fine: Image.Image) -> Image.Image:
    """Washes of colour within ink lines on rough paper."""
    small = fine.resize(SIZE, Image.Resampling.LANCZOS)
    wash = small.filter(ImageFilter.ModeFilter(9)).filter(ImageFilter.GaussianBlur(1.2))
    wash = Image.blend(ImageEnhance.Color(wash).enhance(0.62), Image.new("RGB", SIZE, (250, 240, 220)), 0.3)
    edges = small.convert("L").filter(ImageFilter.GaussianBlur(1.4)).filter(ImageFilter.FIND_EDGES)
    ink = edges.point(lambda value: 255 - min(190, max(0, value - 7) * 9)).filter(ImageFilter.GaussianBlur(0.6))
    inked = ImageChops.multiply(wash, Image.merge("RGB", (ink, ink, ink)))
    grain = Image.frombytes("L", SIZE, bytes(random.Random(3).randrange(222, 256) for _ in range(WIDTH * HEIGHT)))
    grain = grain.filter(ImageFilter.GaussianBlur(0.7))
    paper = ImageChops.multiply(inked, Image.merge("RGB", (grain, grain, grain)))
    return _torn(paper)


def _torn(paper: Image.Image) -> Image.Image:
    """A wavering white edge, as of a painted sheet."""
    mask = Image.new("L", SIZE)
    points = []
    for turn in range(0, 360, 3):
        angle = math.radians(turn)
        wave = 6 * math.sin(turn * 0.31) + 4 * math.sin(turn * 0.83)
        x = max(-1.0, min(1.0, 1.42 * math.cos(angle))) * (WIDTH / 2 - 18 + wave)
        y = max(-1.0, min(1.0, 1.42 * math.sin(angle))) * (HEIGHT / 2 - 16 + wave)
        points.append((WIDTH / 2 + x, HEIGHT / 2 + y))
    ImageDraw.Draw(mask).polygon(points, fill=255)
    sheet = Image.new("RGB", SIZE, (250, 243, 228))
    sheet.paste(paper, mask=mask.filter(ImageFilter.GaussianBlur(2)))
    return sheet


def main() -> None:
    """Write every sample."""
    FOLDER.mkdir(exist_ok=True)
    fine = scene()
    for draw in (console, anime, storybook):
        draw(fine).save(FOLDER / f"{draw.__name__}.webp", "WEBP", quality=84, method=6)


if __name__ == "__main__":
    main()
