"""A person drawn from a look alone, for members without a picture. Always of an adult's proportions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping

from PIL import Image, ImageDraw

from . import carried, heads
from .body import GROUND, Joints, blank, joints
from .heads import STEEL, Look, Surfaces
from .ink import Colour, mix
from .shapes import OUTLINE, Tones, ellipse, limb, polygon, put, put_outlined, tones

CARRIED = ("nothing", "lantern", "sword", "hammer", "staff", "book", "bow", "flask")
OUTFITS = ("tunic", "coat", "robe", "plate")
HAIRS = ("short", "long", "tied", "curly", "bob", "bald")
_PEACEFUL = frozenset({"talk", "rest", "sit", "mourn", "kneel", "walk"})
"""Poses in which nobody holds a weapon."""
HATS = ("", "", "", "hood", "pointed", "brimmed", "band")

_SKINS: tuple[Colour, ...] = ((246, 208, 172), (232, 180, 136), (196, 140, 98), (156, 108, 78), (112, 76, 60))
_HAIRS: tuple[Colour, ...] = (
    (74, 48, 40), (186, 62, 44), (232, 200, 120), (44, 40, 60), (222, 222, 232), (150, 90, 50), (84, 116, 172),
    (128, 60, 110),
)  # fmt: skip
_CLOTHES: tuple[Colour, ...] = (
    (34, 106, 126), (124, 132, 156), (110, 52, 120), (62, 124, 72), (184, 62, 52), (58, 74, 164), (204, 150, 58),
    (110, 88, 72), (188, 90, 132), (52, 134, 110),
)  # fmt: skip
_TRIMS: tuple[Colour, ...] = ((254, 226, 110), (214, 222, 236), (250, 140, 62), (140, 232, 200), (244, 170, 204))
_BARK = tones((124, 88, 62))
# Words in a name or title take precedence over the name's hash.
_HINTS: tuple[tuple[str, dict[str, object]], ...] = (
    (r"captain|admiral|pirate", {"hat": "captain", "outfit": "coat", "carries": "sword"}),
    (r"doctor|dr|professor", {"outfit": "coat", "coat": (226, 230, 236), "carries": "flask", "hat": ""}),
    (r"king|queen|prince|princess|emperor|empress", {"hat": "crown", "outfit": "robe", "cape": True}),
    (r"dwarf|king|wizard|brother|father|emperor|sir", {"beard": True}),
    (r"wizard|witch|mage|sorcerer|sorceress", {"hat": "pointed", "outfit": "robe", "carries": "staff"}),
    (r"sir|knight|paladin|guard", {"outfit": "plate", "carries": "sword", "hat": ""}),
    (r"priest|priestess|monk|brother|sister|father|mother", {"outfit": "robe", "hat": "hood", "carries": "book"}),
    (r"ranger|hunter|archer|elf", {"hat": "hood", "carries": "bow"}),
    (r"\w*[0-9]+\w*|android|robot|unit", {"hat": "visor", "outfit": "plate", "carries": "nothing"}),
)


def look_of(name: str) -> Look:
    """Make the look that belongs to `name`: the same name always looks the same."""
    dice = hashlib.sha256(name.casefold().encode("utf-8", "replace")).digest()
    look: dict[str, object] = {
        "skin": _SKINS[dice[0] % len(_SKINS)],
        "hair": _HAIRS[dice[1] % len(_HAIRS)],
        "coat": _CLOTHES[dice[2] % len(_CLOTHES)],
        "trim": _TRIMS[dice[3] % len(_TRIMS)],
        "trousers": mix(_CLOTHES[dice[4] % len(_CLOTHES)], OUTLINE, 0.55),
        "hair_style": HAIRS[dice[5] % len(HAIRS)],
        "hat": HATS[dice[6] % len(HATS)],
        "outfit": OUTFITS[dice[7] % len(OUTFITS)],
        "carries": CARRIED[dice[8] % len(CARRIED)],
        "cape": dice[10] % 3 == 0,
        "build": 0.9 + dice[11] % 5 * 0.06,
    }
    words = re.findall(r"\w+", name.casefold())
    for pattern, hint in _HINTS:
        if any(re.fullmatch(pattern, word) for word in words):
            look |= hint
    return Look(**look)  # type: ignore[arg-type]  # the tables above hold what the fields take


def figure(look: Look, pose: str = "stand") -> Image.Image:
    """Draw the person as an RGBA picture of 88 x 104 dots without background, looking to the right."""
    image, at = blank(), joints(pose, look.build)
    surfaces = {name: tones(getattr(look, name)) for name in ("skin", "hair", "coat", "trim", "trousers")}
    if look.cape:
        _cape(image, at, tones(mix(look.trim, look.coat, 0.55)))
    if look.hair_style in {"long", "tied"}:
        _back_hair(image, at, surfaces["hair"], look.hair_style)
    _arm(image, at.back_arm, look, surfaces, back=True)
    if at.seated:
        _stump(image, at)
    _legs(image, at, look, surfaces)
    _TORSOS[look.outfit](image, at, look, surfaces)
    heads.draw(image, at, look, surfaces)
    if not (pose in _PEACEFUL and look.carries in carried.WEAPONS):
        carried.draw(image, look.carries, at, surfaces["trim"])
    _arm(image, at.front_arm, look, surfaces, back=False)
    return image


def _cape(image: Image.Image, at: Joints, surface: Tones) -> None:
    (nx, ny), (hx, hy) = at.neck, at.hip
    low = min(hy + 22, GROUND - 2)
    outline = [(nx - 6, ny + 2), (nx + 5, ny + 2), (hx + 7, low), (hx - 4, low + 3), (hx - 15, low + 2)]
    put_outlined(image, polygon(outline), surface, 5)


def _back_hair(image: Image.Image, at: Joints, surface: Tones, style: str) -> None:
    x, y = at.head
    if style == "tied":
        put_outlined(image, limb([(x - 4, y - 2), (x - 9, y + 3), (x - 8, y + 14)], [4, 5, 1.5]), surface)
        return
    outline = [(x - 5, y - 4), (x + 3, y - 4), (x + 4, y + 12), (x - 1, y + 20), (x - 9, y + 18)]
    put_outlined(image, polygon(outline), surface, 3)


def _stump(image: Image.Image, at: Joints) -> None:
    """Draw the stump that somebody sits on, in a forest as in a tavern."""
    x, y = at.hip[0] - 2, at.hip[1] + 4
    put_outlined(image, polygon([(x - 9, y), (x + 9, y), (x + 10, GROUND), (x - 10, GROUND)]), _BARK, 4)
    pen = ImageDraw.Draw(image)
    for dx in (-6, -1, 5):
        pen.line((x + dx, y + 3, x + dx, GROUND - 3), fill=(*_BARK.shadow, 255))


def _legs(image: Image.Image, at: Joints, look: Look, surfaces: Surfaces) -> None:
    steel = tones(STEEL) if look.outfit == "plate" else None
    for leg in (at.back_leg, at.front_leg):
        put_outlined(image, limb(leg, [8.4, 6.6, 5.4]), steel or surfaces["trousers"])
        _, knee, ankle = leg
        top = (knee[0] + (ankle[0] - knee[0]) * 0.35, knee[1] + (ankle[1] - knee[1]) * 0.35)
        boot = limb([top, ankle], [7, 6.4]) + polygon(
            [
                (ankle[0] - 3, ankle[1]),
                (ankle[0] + 3, ankle[1] - 1),
                (ankle[0] + 6.5, ankle[1] + 2.6),
                (ankle[0] - 3.4, ankle[1] + 2.6),
            ]
        )
        put_outlined(image, boot, tones(mix(look.trousers, (60, 40, 34), 0.6)))


def _torso_outline(at: Joints, hem: float, flare: float, waist: float = 5.4) -> list[tuple[float, float]]:
    (nx, ny), (hx, hy), wide = at.neck, at.hip, at.shoulders
    if at.seated:  # the rest covers the thighs
        hem, flare = min(hem, 8.0), min(flare, 2.0)
    spare = max(0.0, hy + hem - GROUND)  # on the ground around somebody who sits
    hem, flare = hem - spare, flare + spare * 0.4
    return [
        (nx - wide - 1, ny + 3.4), (nx - 2.4, ny), (nx + 2.8, ny), (nx + wide + 1, ny + 3.4),
        (nx + wide, ny + 11), (hx + waist + 0.6, hy - 6), (hx + waist + 1 + flare, hy + hem),
        (hx - waist - 1 - flare, hy + hem), (hx - waist - 0.6, hy - 6), (nx - wide, ny + 11),
    ]  # fmt: skip


def _lap(image: Image.Image, at: Joints, surface: Tones, reach: float) -> None:
    """Draw the skirt of somebody who sits, over the thighs and a share of the shins."""
    (hx, hy), (kx, ky), (ax, ay) = at.hip, at.front_leg[1], at.front_leg[2]
    low = ky + (ay - ky) * reach
    lower = (ax - kx) * reach
    outline = [
        (hx - 6, hy - 4), (hx + 5, hy - 6), (kx + 2, ky - 4.6), (kx + 5, ky - 1),
        (kx + lower + 5, low), (kx + lower - 9, low + 1), (kx - 8, ky + 7), (hx - 7, hy + 8),
    ]  # fmt: skip
    put_outlined(image, polygon(outline), surface, 4)


def _belt(image: Image.Image, at: Joints, surface: Tones, waist: float = 6.0) -> None:
    x, y = at.hip
    strap = polygon([(x - waist, y - 6), (x + waist, y - 6), (x + waist, y - 3.4), (x - waist, y - 3.4)])
    put(image, strap, mix(surface.shadow, (70, 44, 36), 0.6))
    ImageDraw.Draw(image).rectangle((x, y - 6, x + 2, y - 4), fill=(*surface.light, 255))


def _tunic(image: Image.Image, at: Joints, look: Look, surfaces: Surfaces) -> None:
    put_outlined(image, polygon(_torso_outline(at, 9, 1.6)), surfaces["coat"], 4)
    (nx, ny), (hx, hy) = at.neck, at.hip
    pen = ImageDraw.Draw(image)
    pen.line([(nx - 2, ny + 1), (nx + 1, ny + 6), (nx + 3, ny + 1)], fill=(*surfaces["trim"].base, 255))
    pen.line((hx - 7, hy + 8, hx + 8, hy + 8), fill=(*surfaces["trim"].base, 255))
    _belt(image, at, surfaces["trim"])


def _coat(image: Image.Image, at: Joints, look: Look, surfaces: Surfaces) -> None:
    put_outlined(image, polygon(_torso_outline(at, 24, 4.2)), surfaces["coat"], 4)
    (nx, ny), (hx, hy) = at.neck, at.hip
    shirt = [(nx - 1, ny + 0.5), (nx + 4, ny + 0.5), (hx + 4.4, hy - 5), (hx + 0.6, hy - 5)]
    put(image, polygon(shirt), mix(surfaces["trim"].light, (255, 255, 255), 0.3))
    pen = ImageDraw.Draw(image)
    if at.seated:
        _lap(image, at, surfaces["coat"], 0.3)
    else:
        seam = (*mix(surfaces["coat"].shadow, OUTLINE, 0.5), 255)
        pen.line((hx + 2, hy - 4, hx + 3, min(hy + 23, GROUND - 2)), fill=seam)
    for y in range(round(ny) + 8, round(hy) - 6, 4):
        pen.point((round(nx) - 3, y), fill=(*surfaces["trim"].light, 255))
    _belt(image, at, surfaces["trim"])


def _robe(image: Image.Image, at: Joints, look: Look, surfaces: Surfaces) -> None:
    put_outlined(image, polygon(_torso_outline(at, 33, 6.4)), surfaces["coat"], 5)
    (nx, ny), (_, hy) = at.neck, at.hip
    pen = ImageDraw.Draw(image)
    if at.seated:
        _lap(image, at, surfaces["coat"], 0.74)
    else:
        _folds(pen, at, surfaces)
    pen.line((nx + 2, ny + 1, nx + 1, hy - 7), fill=(*surfaces["trim"].base, 255), width=2)
    _belt(image, at, surfaces["trim"])


def _folds(pen: ImageDraw.ImageDraw, at: Joints, surfaces: Surfaces) -> None:
    hx, hy = at.hip
    hem = min(hy + 31, GROUND - 2)
    for x, lean in ((-4, -3), (1, 0), (5, 3)):
        pen.line((hx + x, hy + 6, hx + x + lean, hem), fill=(*surfaces["coat"].shadow, 255))
    pen.line((hx - 12, hem, hx + 13, hem), fill=(*surfaces["trim"].base, 255), width=2)


def _plate(image: Image.Image, at: Joints, look: Look, surfaces: Surfaces) -> None:
    put_outlined(image, polygon(_torso_outline(at, 10, 2.4)), surfaces["coat"], 4)
    (nx, ny), (hx, hy) = at.neck, at.hip
    breast = [
        (nx - at.shoulders, ny + 3), (nx + at.shoulders, ny + 3), (nx + at.shoulders - 0.5, ny + 11),
        (hx + 5, hy - 7), (hx - 5, hy - 7), (nx - at.shoulders + 0.5, ny + 11),
    ]  # fmt: skip
    put_outlined(image, polygon(breast), tones(STEEL), 4)
    ImageDraw.Draw(image).line((nx + 2, ny + 5, hx + 1, hy - 8), fill=(*tones(STEEL).shadow, 255))
    _belt(image, at, surfaces["trim"])


_TORSOS: Mapping[str, Callable[[Image.Image, Joints, Look, Surfaces], None]] = {
    "tunic": _tunic, "coat": _coat, "robe": _robe, "plate": _plate,
}  # fmt: skip


def _arm(
    image: Image.Image, arm: tuple[tuple[float, float], ...], look: Look, surfaces: Surfaces, *, back: bool
) -> None:
    shoulder, elbow, hand = arm
    sleeve = tones(mix(look.coat, OUTLINE, 0.22)) if back else surfaces["coat"]
    wide = 8.0 if look.outfit == "robe" else 5.6
    put_outlined(image, ellipse(hand, 2.4, 2.4), tones(look.skin), 1)
    put_outlined(image, limb([shoulder, elbow, _before(elbow, hand)], [6.4, 5.4, wide]), sleeve)
    if look.outfit == "plate":
        put_outlined(image, ellipse((shoulder[0], shoulder[1] - 0.5), 4.4, 3.8), tones(STEEL))


def _before(start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
    return start[0] + (end[0] - start[0]) * 0.76, start[1] + (end[1] - start[1]) * 0.76
