"""The people in the scene: sprites from their pictures, or figures drawn from their names, placed side by side."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageOps

from .. import CastMember, Role
from .figure import OUTLINE, Look, figure, look_of
from .ink import Size, mix, outlined
from .type import LETTER_WIDTH, plain, short_name, write

MAX_ON_STAGE = 8
_WORK_SIDE = 192  # a picture is reduced to this before its subject is looked for
_TOLERANCE = 40
_COLOURS = 24
SHADE, RIM = (14, 12, 24), (84, 80, 110)
"""Of those who wish not to be depicted; the rim lets them stand out at night."""


def sprite(member: CastMember, height: int) -> Image.Image:
    """The member as an outlined RGBA picture about `height` dots tall, feet at its lower edge."""
    if member.silhouette:
        return _silhouette(height)
    subject = _subject(member.picture.path) if member.picture else None
    if subject is None:
        subject = figure(look_of(member.name))
        return outlined(subject.resize(_scaled(subject.size, height), Image.Resampling.NEAREST), OUTLINE)
    size = _scaled(subject.size, height)
    small = subject.resize(size, Image.Resampling.BOX)
    flat = small.convert("RGB").quantize(_COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    reduced = flat.convert("RGBA")
    reduced.putalpha(small.getchannel("A").point([0] * 110 + [255] * 146))
    return outlined(reduced, OUTLINE)


def _silhouette(height: int) -> Image.Image:
    """A plain dark shape, the same for everybody."""
    shape = figure(Look(SHADE, SHADE, SHADE, SHADE, SHADE, robe=True)).getchannel("A")
    flat = Image.new("RGBA", shape.size, SHADE)
    flat.putalpha(shape)
    return outlined(flat.resize(_scaled(flat.size, height), Image.Resampling.NEAREST), RIM)


def _scaled(size: Size, height: int) -> Size:
    """`size` brought to `height`; nobody is wider than tall."""
    width = max(1, round(size[0] * height / max(1, size[1])))
    if width > height:
        return height, max(1, round(size[1] * height / size[0]))
    return width, max(1, height)


def _subject(path: Path) -> Image.Image | None:
    """The picture's subject on nothing; a framed card where no plain background can be told apart; None if broken."""
    try:
        with Image.open(path) as opened:
            opened.draft("RGB", (_WORK_SIDE * 2, _WORK_SIDE * 2))
            image = opened.convert("RGBA")
    except Exception:  # noqa: BLE001  # whatever is wrong with the file, the person is drawn from the name
        return None
    image.thumbnail((_WORK_SIDE, _WORK_SIDE * 2), Image.Resampling.BOX)
    if min(image.size) < 8:
        return None
    alpha = image.getchannel("A")
    if alpha.histogram()[0] == 0:
        alpha = _without_background(image.convert("RGB"))
    box = alpha.getbbox()
    covered = alpha.histogram()[255] / (image.width * image.height)
    if box is None or covered < 0.04 or covered > 0.86:
        return _card(image)
    image.putalpha(alpha)
    return image.crop(box)


def _without_background(image: Image.Image) -> Image.Image:
    """A mask of what is not reached from the upper corners and edges through like colours."""
    marked = ImageOps.expand(image, 1, fill=image.getpixel((0, 0)))  # type: ignore[arg-type]
    key = (255, 0, 254)
    ImageDraw.floodfill(marked, (0, 0), key, thresh=_TOLERANCE)
    marked = marked.crop((1, 1, image.width + 1, image.height + 1))
    for corner in ((image.width - 1, 0), (0, image.height - 1), (image.width - 1, image.height - 1)):
        if marked.getpixel(corner) != key:
            ImageDraw.floodfill(marked, corner, key, thresh=_TOLERANCE)
    bands = [
        band.point([0 if value == wanted else 255 for value in range(256)])
        for band, wanted in zip(marked.split(), key, strict=True)
    ]
    return ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])


def _card(image: Image.Image) -> Image.Image:
    """The picture as a framed card, for photographs and full scenes."""
    portrait = ImageOps.fit(image.convert("RGB"), (72, 96), Image.Resampling.BOX, centering=(0.5, 0.2))
    return ImageOps.expand(ImageOps.expand(portrait, 2, fill=(240, 226, 190)), 2, fill=(96, 70, 50)).convert("RGBA")


class Stage:
    """Where everybody stands, in dots."""

    def __init__(self, canvas: Image.Image, *, horizon: int, floor: int, ceiling: int, dice: random.Random) -> None:
        """`floor` is the lowest line on which somebody may stand, `ceiling` the highest for heads and names."""
        self._canvas = canvas
        self._horizon = horizon
        self._floor = floor
        self._ceiling = ceiling
        self._tags: list[tuple[str, int, int]] = []
        self._dice = dice

    def place(self, cast: Sequence[CastMember], speaking: str) -> None:
        """Draw up to eight people; the game master apart and larger, the speaker nearer."""
        masters = [m for m in cast if m.role is Role.GAME_MASTER][:1]
        people = [m for m in cast if m.role is Role.CHARACTER][: MAX_ON_STAGE - len(masters)]
        self._dice.shuffle(people)
        left = bool(self._dice.randrange(2))
        room = self._canvas.width
        apart = round(room * (0.26 if people else 0.5)) if masters else 0
        if masters:
            middle = room // 2 if not people else apart // 2 + 4 if left else room - apart // 2 - 4
            self._stand(masters[0], middle, self._horizon + (self._floor - self._horizon) // 3, 1.25)
        start = apart if left else 0
        self._row(people, start, room - apart, speaking)

    def _row(self, people: Sequence[CastMember], start: int, room: int, speaking: str) -> None:
        for index, member in enumerate(people):
            middle = start + round(room * (index + 0.5) / len(people))
            near = member.name == speaking
            depth = 0.98 if near else 0.62 + 0.2 * (index % 2)
            feet = self._horizon + round((self._floor - self._horizon) * depth)
            # With many people everybody is a little smaller, so that no face is covered.
            size = (1.0 if near else 0.88) * min(1.0, 4.6 / max(1, len(people)) * room / 320 + 0.35)
            self._stand(member, middle, feet, size)

    def _stand(self, member: CastMember, middle: int, feet: int, size: float) -> None:
        height = max(12, round(min(self._canvas.height * 0.42, self._canvas.width * 0.4) * size))
        image = sprite(member, max(10, min(height, feet - self._ceiling - 12)))
        if self._dice.randrange(2) and member.role is not Role.GAME_MASTER:
            image = ImageOps.mirror(image)
        x, y = middle - image.width // 2, feet - image.height
        self._shadow(middle, feet, image.width)
        self._canvas.paste(image, (x, y), image)
        self._tags.append((member.name, middle, y))

    def _shadow(self, middle: int, feet: int, width: int) -> None:
        half = max(4, width // 2 - 1)
        box = (middle - half, feet - 3, middle + half, feet + 3)
        mask = Image.new("L", self._canvas.size)
        ImageDraw.Draw(mask).ellipse(box, fill=120)
        self._canvas.paste((10, 8, 24), mask=mask)

    def label(self) -> None:
        """Write the names above the heads; those that would cover each other go a line higher."""
        taken: list[tuple[int, int, int]] = []
        crowded = len(self._tags) > 4
        for name, middle, head in sorted(self._tags, key=lambda tag: tag[1]):
            text = plain(short_name(name, 9 if crowded else 14))
            half = max(1, len(text)) * LETTER_WIDTH // 2 + 2
            x = min(max(middle, half), self._canvas.width - half - 1)
            y = max(self._ceiling + 6, head - 4)
            while any(abs(y - other) < 12 and x - half <= end and x + half >= start for start, end, other in taken):
                y -= 12
            taken.append((x - half, x + half, y))
            pen = ImageDraw.Draw(self._canvas)
            pen.rectangle((x - half, y - 6, x + half, y + 5), fill=mix((20, 18, 44), (90, 90, 140), 0.2))
            write(self._canvas, (x - half + 2, y - 6), text, (250, 244, 214))
