"""Draws the three game masters' reference pictures in `assets/personas` again: `make personas`.

Pixel art 96 dots wide, scaled up eight times, on a plain ground, so that the storyboard painter can cut the
figures out. The same program always draws the same pictures.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH, HEIGHT, SCALE = 96, 128, 8
NECK = 32  # the row below which bodies are stretched
MIDDLE = WIDTH // 2
FOLDER = Path(__file__).parent.parent / "cogs" / "scene_art" / "assets" / "personas"

Colour = tuple[int, int, int]
Point = tuple[float, float]

OUTLINE: Colour = (20, 14, 34)
SKIN: Colour = (244, 206, 178)
SKIN_SHADE: Colour = (206, 156, 142)


def mirrored(points: list[Point]) -> list[Point]:
    """A symmetric outline from its right half, given from top to bottom as distances from the middle."""
    right = [(MIDDLE + x, y) for x, y in points]
    left = [(MIDDLE - 1 - x, y) for x, y in reversed(points)]
    return [*right, *left]


class Figure:
    """A person on nothing, drawn part by part from the back to the front."""

    def __init__(self, seed: int) -> None:
        self.image = Image.new("RGBA", (WIDTH, HEIGHT))
        self.pen = ImageDraw.Draw(self.image)
        self.dice = random.Random(seed)

    def shape(self, points: list[Point], colour: Colour, shade: Colour | None = None) -> Image.Image:
        """Fill an outline; its right third lies in shade. Returns the shape's mask."""
        mask = Image.new("L", self.image.size)
        ImageDraw.Draw(mask).polygon(points, fill=255)
        self.image.paste((*colour, 255), mask=mask)
        if shade:
            # Where the shape is, and is not any more three dots further left: its right edge.
            edge = ImageChops.subtract(mask, ImageChops.offset(mask, -3, 0))
            self.image.paste((*shade, 255), mask=ImageChops.multiply(edge, mask))
        rim = ImageChops.subtract(mask.filter(ImageFilter.MaxFilter(3)), mask)
        self.image.paste((*OUTLINE, 255), mask=rim)
        return mask

    def both(self, points: list[Point], colour: Colour, shade: Colour | None = None) -> Image.Image:
        """`shape` of a symmetric outline."""
        return self.shape(mirrored(points), colour, shade)

    def pair(self, points: list[Point], colour: Colour, shade: Colour | None = None) -> None:
        """The same outline on both sides of the middle."""
        self.shape([(MIDDLE + x, y) for x, y in points], colour, shade)
        self.shape([(MIDDLE - 1 - x, y) for x, y in points], colour, shade)

    def stars(self, mask: Image.Image, colours: tuple[Colour, ...], every: int) -> None:
        """Dots of light wherever the mask is on."""
        box = mask.getbbox()
        if box is None:
            return
        for _ in range((box[2] - box[0]) * (box[3] - box[1]) // every):
            at = (self.dice.randrange(box[0], box[2]), self.dice.randrange(box[1], box[3]))
            if mask.getpixel(at):
                self.pen.point(at, fill=self.dice.choice(colours))

    def constellation(self, points: list[Point], line: Colour, star: Colour) -> None:
        """Stars joined by a fine line."""
        self.pen.line(points, fill=line)
        for x, y in points:
            self.pen.point([(x, y), (x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)], fill=star)
            self.pen.point((x, y), fill=(255, 255, 255))

    def face(self, y: int) -> None:
        """A grown woman's face with its chin at `y` + 17, without eyes."""
        self.both([(0, y), (6, y), (8, y + 4), (8, y + 9), (5, y + 14), (1, y + 17)], SKIN, SKIN_SHADE)
        self.pen.line((MIDDLE - 2, y + 14, MIDDLE + 1, y + 14), fill=(190, 84, 96))
        self.pen.point((MIDDLE, y + 11), fill=SKIN_SHADE)

    def eye(self, x: int, y: int, colour: Colour, *, spiral: bool = False) -> None:
        """An eye of 4 x 3 dots, with a lash above."""
        self.pen.line((x - 2, y - 2, x + 2, y - 2), fill=OUTLINE)
        self.pen.rectangle((x - 2, y - 1, x + 1, y + 1), fill=(255, 255, 255))
        self.pen.rectangle((x - 1, y - 1, x + 1, y + 1), fill=colour)
        if spiral:
            self.pen.point([(x - 1, y), (x, y - 1), (x + 1, y), (x, y + 1)], fill=(255, 210, 240))
            self.pen.point((x, y), fill=(150, 20, 100))
        else:
            self.pen.point((x, y), fill=(255, 240, 240))


def stargazer() -> Image.Image:
    """Galaxy hair, pink spiral eyes, a dark indigo armoured bodysuit with glowing constellations, heeled boots."""
    her = Figure(1)
    hair: Colour = (52, 26, 84)
    suit: Colour = (42, 40, 112)
    mane = her.both([(0, 6), (11, 8), (15, 20), (17, 44), (21, 68), (14, 78), (8, 60), (0, 52)], hair, (34, 16, 60))
    her.stars(mane, ((255, 255, 255), (240, 150, 255), (130, 200, 255), (255, 210, 250)), 14)
    _legs(her, suit, (28, 26, 82), boots=(126, 58, 176))
    body = her.both(
        [(0, 30), (5, 31), (13, 35), (12, 44), (9, 54), (8, 60), (12, 70), (13, 78), (0, 82)], suit, (28, 26, 82)
    )
    her.stars(body, ((150, 190, 255),), 60)
    her.pair([(11, 35), (17, 38), (19, 52), (20, 66), (16, 67), (14, 53), (11, 46)], suit, (28, 26, 82))
    her.pair([(16, 66), (20, 66), (20, 72), (16, 72)], SKIN)
    # Plates over shoulders, breast and hips
    for plate in ([(9, 33), (18, 34), (20, 41), (12, 41)], [(8, 68), (14, 70), (15, 78), (9, 76)]):
        her.pair([(float(x), float(y)) for x, y in plate], (84, 78, 176), (58, 52, 140))
    her.both([(0, 38), (8, 37), (9, 44), (0, 48)], (84, 78, 176), (58, 52, 140))
    her.constellation([(41, 58), (45, 64), (52, 61), (55, 69), (49, 75)], (120, 170, 255), (190, 230, 255))
    her.constellation([(41, 88), (43, 96), (40, 103)], (120, 170, 255), (190, 230, 255))
    her.constellation([(55, 90), (53, 98), (56, 104)], (120, 170, 255), (190, 230, 255))
    her.constellation([(44, 42), (48, 40), (52, 43)], (120, 170, 255), (255, 190, 250))
    her.both([(0, 26), (3, 26), (3, 32), (0, 33)], SKIN_SHADE)
    her.face(11)
    for x in (43, 52):
        her.eye(x, 20, (255, 88, 180), spiral=True)
    fringe = her.both([(0, 5), (9, 7), (11, 14), (10, 22), (8, 16), (4, 14), (0, 17)], hair, (34, 16, 60))
    her.stars(fringe, ((255, 255, 255), (240, 150, 255), (130, 200, 255)), 10)
    return _grown(her.image)


def _legs(her: Figure, colour: Colour, shade: Colour, boots: Colour) -> None:
    """Two long legs in heeled boots; the feet at the lower edge."""
    her.pair([(0, 76), (12, 76), (10, 96), (8, 106), (2, 106), (1, 94)], colour, shade)
    her.pair([(1, 98), (10, 98), (9, 112), (10, 119), (14, 123), (3, 123), (2, 112)], boots, (86, 34, 130))
    her.pair([(3, 121), (5, 121), (5, 126), (4, 126)], OUTLINE)


def _striped_hat(her: Figure, dark: Colour, light: Colour) -> None:
    """A tall pointed hat with stripes across and a bent tip."""
    outline: list[Point] = [(48, 13), (61, 13), (57, 7), (62, 2), (52, 2), (46, 4), (40, 8), (34, 13)]
    mask = her.shape(outline, light)
    for row in range(0, 14, 4):
        stripe = Image.new("L", her.image.size)
        ImageDraw.Draw(stripe).rectangle((0, row, WIDTH, row + 1), fill=255)
        her.image.paste((*dark, 255), mask=ImageChops.multiply(stripe, mask))
    her.shape([(24, 13), (71, 13), (74, 16), (68, 18), (27, 18), (21, 16)], dark, light)


def _portal(her: Figure, centre: Point, radius: int) -> None:
    rainbow: tuple[Colour, ...] = (
        (255, 64, 96), (255, 168, 56), (250, 236, 90), (110, 232, 120), (84, 176, 255), (178, 96, 255),
    )  # fmt: skip
    x, y = centre
    for ring, colour in enumerate(rainbow):
        r = radius - ring * 1.6
        start = ring * 50
        her.pen.arc((x - r, y - r, x + r, y + r), start, start + 310, fill=colour, width=2)


def dark_loopmother() -> Image.Image:
    """A witch in a black-and-white striped hat, one glowing red eye, a body of starfield, a cosmic dress, portals."""
    her = Figure(2)
    night: Colour = (24, 20, 56)
    for centre, radius in (((16, 44), 14), ((80, 58), 15), ((14, 98), 12), ((83, 104), 11)):
        _portal(her, centre, radius)
    her.both([(0, 16), (11, 18), (15, 34), (14, 58), (8, 64), (0, 50)], (40, 30, 70), (26, 18, 50))
    dress = her.both(
        [(0, 36), (12, 38), (10, 50), (9, 60), (16, 78), (24, 98), (33, 120), (24, 125), (12, 121), (0, 126)],
        night,
        (16, 12, 40),
    )
    her.stars(dress, ((255, 255, 255), (160, 190, 255), (255, 160, 240), (140, 255, 220)), 12)
    for start, colour in ((64, (92, 40, 140)), (84, (44, 92, 150)), (104, (140, 44, 128))):
        wave = [(MIDDLE - 30 + x, start + (x % 12) // 3 + x // 6) for x in range(0, 60, 3)]
        inside = [point for point in wave if dress.getpixel((point[0], min(HEIGHT - 1, point[1])))]
        if len(inside) > 1:
            her.pen.line(inside, fill=colour, width=2)
    arms = [(11, 38), (18, 42), (25, 54), (33, 58), (32, 62), (22, 60), (13, 50)]
    her.pair([(float(x), float(y)) for x, y in arms], night, (16, 12, 40))
    her.pair([(32, 57), (37, 55), (36, 58), (38, 60), (34, 63), (31, 62)], (70, 60, 120))
    her.both([(0, 30), (3, 30), (3, 38), (0, 39)], night)
    head = her.both([(0, 16), (8, 17), (9, 26), (5, 32), (1, 35)], night, (16, 12, 40))
    her.stars(head, ((160, 190, 255), (255, 255, 255)), 22)
    her.pen.ellipse((48, 21, 55, 27), fill=(255, 40, 50), outline=(140, 0, 30))
    her.pen.rectangle((51, 23, 52, 25), fill=(255, 230, 200))
    her.pen.line((44, 31, 52, 30), fill=(210, 60, 110))
    _striped_hat(her, (24, 22, 32), (236, 236, 244))
    return her.image


def synced_entity() -> Image.Image:
    """Both as one: striped hat, one pink and one red eye, white coat with golden runes, pipe, striped pistol."""
    her = Figure(3)
    gold: Colour = (244, 196, 72)
    coat: Colour = (240, 238, 246)
    mane = her.both(
        [(0, 16), (12, 18), (17, 34), (20, 58), (24, 84), (17, 92), (11, 70), (0, 60)], (88, 48, 140), (44, 110, 130)
    )
    her.stars(mane, ((80, 210, 210), (120, 230, 220), (190, 130, 255)), 9)
    _legs(her, (34, 28, 82), (24, 18, 60), boots=(70, 40, 120))
    suit = her.both([(0, 36), (9, 38), (8, 60), (11, 78), (0, 82)], (34, 28, 82), (24, 18, 60))
    her.stars(suit, ((255, 255, 255), (255, 160, 240), (140, 200, 255)), 12)
    her.pair([(4, 37), (13, 39), (13, 56), (20, 86), (25, 112), (16, 114), (9, 82), (6, 60)], coat, (196, 192, 216))
    her.pair([(12, 39), (19, 43), (22, 56), (21, 70), (16, 70), (14, 54)], coat, (196, 192, 216))
    for x, y in ((10, 46), (13, 70), (16, 84), (18, 98), (18, 52), (19, 62)):
        for side in (MIDDLE + x, MIDDLE - 1 - x):
            her.pen.line([(side - 1, y), (side + 1, y + 2), (side - 1, y + 4)], fill=gold)
            her.pen.point((side + 1, y - 1), fill=gold)
    her.pair([(16, 69), (21, 69), (21, 75), (16, 75)], SKIN)
    _pistol(her, gold)
    _pipe(her, gold)
    her.both([(0, 30), (3, 30), (3, 37), (0, 38)], SKIN_SHADE)
    her.face(16)
    her.eye(43, 25, (255, 88, 180))
    her.eye(52, 25, (230, 30, 44))
    her.both([(0, 16), (9, 17), (10, 26), (7, 21), (0, 21)], (88, 48, 140), (44, 110, 130))
    _striped_hat(her, (122, 52, 168), (255, 140, 200))
    return _grown(her.image)


def _pistol(her: Figure, gold: Colour) -> None:
    """In the hand on the right: golden, with a tiger's stripes."""
    her.shape([(66, 70), (84, 68), (85, 73), (72, 74), (71, 80), (67, 80)], gold, (190, 130, 40))
    for x in (74, 78, 82):
        her.pen.line((x, 69, x - 1, 73), fill=OUTLINE)


def _pipe(her: Figure, gold: Colour) -> None:
    """In the hand on the left: a long golden stem, and a glass orb that holds a green crystal."""
    her.pen.line((28, 74, 14, 52), fill=OUTLINE, width=4)
    her.pen.line((28, 74, 14, 52), fill=gold, width=2)
    her.pen.ellipse((5, 40, 19, 54), fill=(196, 236, 240), outline=OUTLINE)
    her.pen.polygon([(12, 42), (15, 47), (12, 52), (9, 47)], fill=(60, 210, 110), outline=(20, 130, 70))
    her.pen.point((9, 43), fill=(255, 255, 255))


def _grown(figure: Image.Image) -> Image.Image:
    """`figure` with body and legs a third longer under the same head: an adult of six and a half heads."""
    body = figure.crop((0, NECK, WIDTH, HEIGHT))
    longer = body.resize((WIDTH, round(body.height * 1.32)), Image.Resampling.NEAREST)
    taller = Image.new("RGBA", (WIDTH, NECK + longer.height))
    taller.paste(figure.crop((0, 0, WIDTH, NECK)), (0, 0))
    taller.paste(longer, (0, NECK))
    return taller


PERSONAS: dict[str, tuple[Callable[[], Image.Image], Colour]] = {
    "stargazer": (stargazer, (214, 206, 236)),
    "dark_loopmother": (dark_loopmother, (206, 226, 220)),
    "synced_entity": (synced_entity, (222, 214, 196)),
}


def picture(name: str) -> Image.Image:
    """The finished reference picture in a palette of its own: 768 px wide and 1024 px tall or taller."""
    draw, ground = PERSONAS[name]
    figure = draw()
    image = Image.new("RGB", figure.size, ground)
    image.paste(figure, mask=figure.getchannel("A"))
    large = image.resize((image.width * SCALE, image.height * SCALE), Image.Resampling.NEAREST)
    return large.quantize(64, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)


def main() -> None:
    """Draw all three."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in PERSONAS:
        path = FOLDER / f"{name}.png"
        picture(name).save(path, "PNG", optimize=True)
        print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
