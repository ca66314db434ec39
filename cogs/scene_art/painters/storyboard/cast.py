"""The people as sprites: the subject of their picture, reduced to dots, or a figure drawn from their name."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from ...domain.painting import CastMember
from .figure import figure, look_of
from .heads import Look
from .ink import Size, outlined
from .shapes import OUTLINE

_WORK_SIDE = 192  # a picture is reduced to this before its subject is searched
MOST_DOTS = (224, 384)
"""Most dots of pixel art; a larger picture is treated like any other."""
_LARGEST_BLOCK = 16
"""Most pixels on the side of a dot in scaled-up pixel art."""
_TOLERANCE = 40
_KEY = (255, 0, 254)
"""Colour that marks the background, and that no clothes have."""
_COLOURS = 48
_SOLID = [0] * 110 + [255] * 146
UPRIGHT = 80
"""Approximate height of a drawn figure that stands, in dots."""
KEPT = 0.84
"""Least share of its height at which a figure keeps its own dots, since scaling them down makes them uneven."""
SHADE, RIM = (14, 12, 24), (84, 80, 110)
"""Colours of those who opted out of pictures. The rim makes them visible at night."""


class Sprite(NamedTuple):
    """A person as an outlined picture (RGBA), with the feet at its lower edge."""

    image: Image.Image
    is_drawn: bool
    """True: drawn from the name, looking to the right. The direction of a picture is not known."""
    carries: str = ""
    """The thing that a drawn figure holds."""


def sprite(member: CastMember, height: int, pose: str = "stand") -> Sprite:
    """Make the member's sprite, about `height` dots tall. Only a figure drawn from the name takes the pose."""
    if member.silhouette:
        return Sprite(_silhouette(height), is_drawn=True)
    subject = _subject(member.picture.path) if member.picture else None
    if subject is None:
        look = look_of(member.name)
        return Sprite(_fitted(figure(look, pose), height), is_drawn=True, carries=look.carries)
    return Sprite(_reduced(subject, height), is_drawn=False)


def leaning(image: Image.Image, share: float) -> Image.Image:
    """Shear `image`: its upper edge moves right by `share` of its height, or left if negative; its feet stay."""
    reach = round(abs(share) * image.height)
    sheared = (1, share, -reach - share * image.height, 0, 1, 0)
    size = image.width + 2 * reach, image.height
    return image.transform(size, Image.Transform.AFFINE, sheared, Image.Resampling.NEAREST)


def _reduced(subject: Image.Image, height: int) -> Image.Image:
    """Reduce a picture's subject to the console's dots and few colours."""
    if height * KEPT <= subject.height <= height * 1.12 and subject.width <= height:
        return outlined(subject, OUTLINE)
    small = _smaller(subject, height)
    # Restore the edges that averaging has blurred.
    crisp = small.convert("RGB").filter(ImageFilter.UnsharpMask(radius=1, percent=70, threshold=2))
    reduced = crisp.quantize(_COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).convert("RGBA")
    reduced.putalpha(small.getchannel("A").point(_SOLID))
    return outlined(reduced, OUTLINE)


def _smaller(subject: Image.Image, height: int) -> Image.Image:
    """Scale down to about `height` dots; by a whole factor where that comes near, so that all dots are equal."""
    factor = round(subject.height / height)
    if factor > 1 and abs(subject.height / factor - height) <= height * 0.14 and subject.width <= subject.height:
        return subject.reduce(factor)
    return subject.resize(_scaled(subject.size, height), Image.Resampling.BOX)


def _fitted(person: Image.Image, height: int) -> Image.Image:
    """Crop a figure to its dots, and scale it down only if `height` is much too small for it.

    `height` is that of a standing figure; a sitting one is smaller.
    """
    cropped = person.crop(person.getbbox())
    share = height / UPRIGHT
    if share >= KEPT:
        return cropped
    size = max(1, round(cropped.width * share)), max(1, round(cropped.height * share))
    return cropped.resize(size, Image.Resampling.NEAREST)


def _silhouette(height: int) -> Image.Image:
    """Make a plain dark shape, the same for everybody."""
    shape = figure(Look(SHADE, SHADE, SHADE, SHADE, SHADE, outfit="robe")).getchannel("A")
    flat = Image.new("RGBA", shape.size, SHADE)
    flat.putalpha(shape)
    return outlined(_fitted(flat, height), RIM)


def _scaled(size: Size, height: int) -> Size:
    """Scale `size` to `height`, or less if it would be wider than that."""
    width = max(1, round(size[0] * height / max(1, size[1])))
    if width > height:
        return height, max(1, round(size[1] * height / size[0]))
    return width, max(1, height)


def _subject(path: Path) -> Image.Image | None:
    """Cut out the picture's subject; make a framed card where the background is not plain; None for a broken file."""
    try:
        with Image.open(path) as opened:
            opened.draft("RGB", (_WORK_SIDE * 2, _WORK_SIDE * 2))
            image = opened.convert("RGBA")
    except Exception:  # noqa: BLE001  # whatever is wrong with the file, the person is drawn from the name
        return None
    image = dots_of(image)
    alpha = image.getchannel("A").point(_SOLID)
    if min(image.size) < 8 or alpha.getbbox() is None:
        return None
    if alpha.histogram()[0] == 0:
        alpha = _without_background(image.convert("RGB"))
    if not _is_somebody(alpha):
        return _card(image)
    image.putalpha(alpha)
    person = image.crop(alpha.getbbox())
    return person if person.width <= person.height * 3 else _card(image)


def _is_somebody(mask: Image.Image) -> bool:
    """Tell whether the mask without its background is one free-standing subject, neither a landscape nor specks."""
    covered = _share(mask)
    if not 0.04 <= covered <= 0.86:
        return False
    sides = (mask.crop((x, 0, x + 1, mask.height)) for x in (0, mask.width - 1))
    if any(_share(side) > 0.3 for side in sides):
        return False
    return min(mask.size) < 96 or _share(mask.filter(ImageFilter.MinFilter(3))) > covered * 0.5


def _share(mask: Image.Image) -> float:
    return mask.histogram()[255] / (mask.width * mask.height)


def dots_of(image: Image.Image) -> Image.Image:
    """Reduce the picture to a workable size: pixel art to its own dots, everything else by averaging."""
    for block in range(_LARGEST_BLOCK, 1, -1):
        if image.width % block or image.height % block:
            continue
        small = image.resize((image.width // block, image.height // block), Image.Resampling.NEAREST)
        if small.width > MOST_DOTS[0] or small.height > MOST_DOTS[1]:
            break
        large = small.resize(image.size, Image.Resampling.NEAREST)
        if ImageChops.difference(image, large).getbbox(alpha_only=False) is None:
            return small
    image.thumbnail((_WORK_SIDE, _WORK_SIDE * 2), Image.Resampling.BOX)
    return image


def _without_background(image: Image.Image) -> Image.Image:
    """Make a mask of everything that is not connected to the corners by similar colours."""
    marked = ImageOps.expand(image, 1, fill=image.getpixel((0, 0)))  # type: ignore[arg-type]
    ImageDraw.floodfill(marked, (0, 0), _KEY, thresh=_TOLERANCE)
    marked = marked.crop((1, 1, image.width + 1, image.height + 1))
    for corner in ((image.width - 1, 0), (0, image.height - 1), (image.width - 1, image.height - 1)):
        if marked.getpixel(corner) != _KEY:
            ImageDraw.floodfill(marked, corner, _KEY, thresh=_TOLERANCE)
    kept = _unlike(marked, _KEY)
    ground: tuple[int, ...] = image.getpixel((0, 0))  # type: ignore[assignment]
    # White and black are colours of clothes, too; any other background colour within is a gap between limbs.
    return ImageChops.darker(kept, _unlike(image, ground)) if min(ground) > 5 and max(ground) < 250 else kept


def _unlike(image: Image.Image, colour: tuple[int, ...]) -> Image.Image:
    """Make a mask of everything that does not have exactly this colour."""
    red, green, blue = (
        band.point([0 if value == wanted else 255 for value in range(256)])
        for band, wanted in zip(image.split(), colour, strict=True)
    )
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)


def _card(image: Image.Image) -> Image.Image:
    """Make a framed card of the picture, for photographs and full scenes."""
    portrait = ImageOps.fit(image.convert("RGB"), (72, 96), Image.Resampling.BOX, centering=(0.5, 0.2))
    return ImageOps.expand(ImageOps.expand(portrait, 2, fill=(240, 226, 190)), 2, fill=(96, 70, 50)).convert("RGBA")
